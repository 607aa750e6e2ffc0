"""Progress of one large image: a percentage on a terminal, written over, once it has taken a second."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 1.0  # seconds before anything is shown
PAUSE = 0.1  # seconds between two percentages


class Progress:
    """Counts the rows that are done, and shows them by `write`."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self.done = 0
        self.shown = ""
        self.due = monotonic() + PATIENCE

    def advance(self, rows: int, height: int) -> None:
        """So many rows of an image of that height are done; the last ones end the count."""
        self.done += rows
        if self.done >= height:
            self.done = 0
            self.erase()
            self.due = monotonic() + PATIENCE
        elif monotonic() >= self.due:
            self.due = monotonic() + PAUSE
            self.shown = f"{100 * self.done // height} %"
            self.write(f"\r{self.shown}")

    def erase(self) -> None:
        """Clear the line for what is written next."""
        if self.shown:
            self.write("\r" + " " * len(self.shown) + "\r")
            self.shown = ""
