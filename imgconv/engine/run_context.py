"""What one image's run is told and tells: the run's options, warnings, clipped samples, progress."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.engine.run_options import Run
    from imgconv.engine.run_report import Report


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
