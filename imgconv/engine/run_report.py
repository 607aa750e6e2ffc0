"""What a run tells on stderr and must not forget until its exit code; and what each of its images is told and tells."""

from __future__ import annotations

from imgconv.core.errors import Exit
from imgconv.core.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.engine.progress import Progress
    from imgconv.engine.run_options import Run


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


class RunContext:
    """One for each image on its way; the report is that of the whole run.

    `claim(output, input)` refuses an output that is written already, or that is another input.
    """

    __slots__ = ("_clipped", "claim", "report", "run")

    def __init__(self, run: Run, report: Report, claim: Callable[[str, str], None] | None = None) -> None:
        self.run = run
        self.report = report
        self.claim = claim or _unclaimed
        self._clipped = 0

    def count_clipped(self, samples: int) -> None:
        """Samples that some rows' dtype could not hold, or that no screen shows."""
        self._clipped += samples

    def take_clipped(self) -> int:
        """How many were counted since this was asked last."""
        samples, self._clipped = self._clipped, 0
        return samples

    def advance(self, rows: int, height: int) -> None:
        """So many rows of an image of that height are done."""
        if self.report.progress is not None:
            self.report.progress.advance(rows, height)

    def warn(self, text: str) -> None:
        self.report.warn(text)


def _unclaimed(output: str, name: str) -> None:
    """Outside of a run nobody keeps a list of outputs."""
