"""Split: the first stage over an image in memory, without a copy of the image to pad it.

The columns whose windows lie inside the image are computed straight from its rows; the few at its left and right
border by flows of their own, over narrow pictures of them. Copying 12 MP of RGB to pad it took 6 of 23 ms (conv 3x3).
"""

from __future__ import annotations

from imgconv.flow import Flow, Origin, Rows, Stage
from imgconv.image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.pixels import Pixels, Vector
    from imgconv.run import Run

NARROWEST = 8  # times the window that an image must be wide, for the borders to be narrow


def first(stage: Stage, image: Image, out: Spec, run: Run, clipped: Vector) -> Rows:
    """The flow of the first stage: split where that gives the same."""
    if splits(stage, image):
        return Split(stage, image, out, run, clipped)
    return Flow(stage, Origin(image), out, run, clipped)


def splits(stage: Stage, image: Image) -> bool:
    """Whether each border's pixels can be told from a narrow picture: no stride, no wrap, and the step allows it."""
    columns = stage.window.columns
    padded = columns.before > 0 or columns.after > 0
    plain = columns.stride == 1 and min(columns.before, columns.after) >= 0 and stage.edge.mode != "wrap"
    same = image.spec.dtype == stage.spec.dtype and stage.out.width == stage.spec.width
    return (
        padded and plain and same and stage.step.by_columns and stage.spec.width >= NARROWEST * columns.extent
    )


class Split(Rows):
    """Three flows side by side: the left border, the middle, the right border."""

    def __init__(self, stage: Stage, image: Image, out: Spec, run: Run, clipped: Vector) -> None:
        width, columns = stage.spec.width, stage.window.columns
        before, after = columns.before, columns.after
        left, right = before + 1 if before else 0, after + 1 if after else 0
        self.height, self.rows = stage.spec.height, stage.window.rows
        self.parts: list[tuple[int, int, Flow]] = []
        for start, stop in ((left, width - right), (0, left), (width - right, width)):
            if start < stop:
                source = max(start - before, 0), min(stop + after, width)
                part = _part(stage, source, (start == 0, stop == width))
                picture = Image(image.pixels.columns(*source), part.spec, ready=image.ready)
                flow = Flow(part, Origin(picture), out.but(width=stop - start), run, clipped)
                self.parts.append((start, stop, flow))

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        """Output rows start to stop; the middle first, so that the borders find their rows in the cache."""
        for top, bottom in self._runs(start, stop):
            band = out.band(top - start, bottom - start)
            for first, last, flow in self.parts:
                flow.compute(band.columns(first, last), top, bottom)

    def _runs(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The rows in up to three runs: those that look above the image, those inside, those that look below."""
        rows = self.rows
        top = min(max(-(-rows.before // rows.stride), start), stop)
        inside = (self.height + rows.before - rows.extent) // rows.stride + 1
        bottom = min(max(inside, top), stop)
        return [(a, b) for a, b in ((start, top), (top, bottom), (bottom, stop)) if a < b]


def _part(stage: Stage, source: tuple[int, int], padded: tuple[bool, bool]) -> Stage:
    """The stage over some columns of its input, padded at the left or the right only where the image ends."""
    columns = stage.window.columns
    before, after = (
        side * is_padded for side, is_padded in zip((columns.before, columns.after), padded, strict=True)
    )
    window = stage.window.but(columns=columns.but(before=before, after=after))
    return stage.over(stage.spec.but(width=source[1] - source[0]), window)
