"""What a run tells on stderr, and what it must not forget until its exit code."""

from __future__ import annotations

from imgconv.core.errors import Exit
from imgconv.core.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.engine.progress import Progress


class Report:
    """Warnings, failed inputs and clipped samples of one run."""

    def __init__(self, quiet: bool = False, strict: bool = False) -> None:
        self.quiet = quiet
        self.strict = strict
        self.failures: list[str] = []
        self.clipped = 0
        self.said: set[str] = set()
        self.progress: Progress | None = None

    def warn(self, text: str) -> None:
        """A line for the user, once: each frame of a file may have the same to tell."""
        if not self.quiet and text not in self.said:
            self._say(text)
        self.said.add(text)

    def fail(self, text: str) -> None:
        self.failures.append(text)
        self._say(text)

    def _say(self, text: str) -> None:
        if self.progress:
            self.progress.erase()
        say(text)

    def clip(self, count: int, where: str) -> None:
        """Count samples that a file could not hold."""
        if count:
            self.clipped += count
            self.warn(
                f"{where}: {count} samples were clipped; --range offset, abs or fit keeps them, -q says nothing"
            )

    @property
    def code(self) -> int:
        if self.failures or (self.strict and self.clipped):
            return Exit.SOME_FAILED
        return Exit.DONE
