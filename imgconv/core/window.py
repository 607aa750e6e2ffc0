"""The window of input pixels behind each output pixel: output sizes, input rows, receptive fields."""

from __future__ import annotations

from imgconv.core.record import Record


class Axis(Record):
    """A window along one axis: `size` taps, `dilation` apart, moved by `stride`, with `before` and `after` padding."""

    size: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def extent(self) -> int:
        """Input positions from the first tap to the last, both counted: D (K - 1) + 1."""
        return self.dilation * (self.size - 1) + 1

    @property
    def jump(self) -> float:
        """Input positions from one output's window to the next; a fraction for an axis that resizes."""
        return self.stride

    @property
    def start(self) -> int:
        """The input position of the first output's first tap; negative in the padding."""
        return -self.before

    def output(self, length: int) -> int:
        """Output size floor((W + P - D (K - 1) - 1) / S) + 1, P the padding of both sides; below 1: no output."""
        return (length + self.before + self.after - self.extent) // self.stride + 1

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        """The input positions, first and last + 1, that outputs start to stop - 1 need; some may lie in the padding."""
        first = start * self.stride - self.before
        return first, first + (stop - 1 - start) * self.stride + self.extent


class Window(Record):
    """The window of an output pixel, down (`rows`) and across (`columns`)."""

    rows: Axis = Axis()
    columns: Axis = Axis()

    def output(self, height: int, width: int) -> tuple[int, int]:
        """The output's height and width."""
        return self.rows.output(height), self.columns.output(width)


POINT = Window()


class ReceptiveField(Record):
    """The receptive field along one axis after a chain of windows.

    One output pixel depends on `size` input pixels; the fields of neighboring output pixels lie `jump` input pixels
    apart; that of the first one starts at input position `start` (negative: in the padding).
    """

    size: float = 1
    jump: float = 1
    start: float = 0

    def through(self, axis: Axis) -> ReceptiveField:
        """The field after one more window: size + (K - 1) D jump, jump S, start - padding jump."""
        return ReceptiveField(
            size=self.size + (axis.size - 1) * axis.dilation * self.jump,
            jump=self.jump * axis.jump,
            start=self.start + axis.start * self.jump,
        )
