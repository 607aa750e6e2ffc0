"""What one output pixel looks at: output sizes, rows needed, receptive fields. Pure integers."""

from __future__ import annotations

from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


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
        """How far neighboring outputs look apart; an axis that resizes may have a fraction."""
        return self.stride

    @property
    def start(self) -> int:
        """Where the first output's first tap lies; negative in the padding."""
        return -self.before

    def output(self, length: int) -> int:
        """floor((W + P - D (K - 1) - 1) / S) + 1, P being the padding of both sides; below 1 there is no output."""
        return (length + self.before + self.after - self.extent) // self.stride + 1

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        """Input positions that output positions start to stop look at; outside the image where the padding is."""
        first = start * self.stride - self.before
        return first, first + (stop - 1 - start) * self.stride + self.extent


class Window(Record):
    """What an output pixel looks at, down (`rows`) and across (`columns`)."""

    rows: Axis = Axis()
    columns: Axis = Axis()

    def output(self, height: int, width: int) -> tuple[int, int]:
        return self.rows.output(height), self.columns.output(width)

    @property
    def is_point(self) -> bool:
        return self == POINT


POINT = Window()


class ReceptiveField(Record):
    """The receptive field along one axis after some windows.

    `size` input pixels are seen by one output pixel, neighbors lie `jump` apart, and the first output pixel's
    field starts at `submit` (negative: in the padding).
    """

    size: float = 1
    jump: float = 1
    start: float = 0

    def through(self, axis: Axis) -> ReceptiveField:
        """r + (K - 1) D j, then j S; the start moves by the padding, in steps of j."""
        return ReceptiveField(
            size=self.size + (axis.size - 1) * axis.dilation * self.jump,
            jump=self.jump * axis.jump,
            start=self.start + axis.start * self.jump,
        )


def receptive_field(axes: Iterable[Axis]) -> ReceptiveField:
    """The field of a chain, first window first."""
    field = ReceptiveField()
    for axis in axes:
        field = field.through(axis)
    return field
