"""Flow: one worker's rows on their way through the chain.

Each stage keeps the rows that its window looks at in a buffer that slides down with the strips: rows that two strips
share are computed once, and a strip stays in the cache from the first step to the last. The border is laid
around the rows here, so that no step and no loop knows of it.
"""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.stage import Stage
from imgconv.engine.step import Context
from imgconv.loops.geometry.copy import flank, lay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image, Spec
    from imgconv.engine.run_options import Run

# Windows between these heights get room for twice their rows, which are then seldom moved: sharpen and Gaussian 50 take
# 38 ms, not 50.
SHORT, TALL = 128, 1024


class Rows:
    """Rows of an image, computed when they are asked for."""

    def view(self, start: int, stop: int) -> Pixels | None:
        """The rows themselves, where they lie in memory."""
        return None

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        """Put rows start to stop into out."""
        raise NotImplementedError


class ImageRows(Rows):
    """The rows of an image in memory."""

    def __init__(self, image: Image) -> None:
        self.image = image

    def view(self, start: int, stop: int) -> Pixels | None:
        """The rows themselves, without a copy."""
        self.image.ready(stop)
        return self.image.pixels.band(start, stop)

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        """Copy rows, to the dtype of out."""
        self.image.ready(stop)
        copied(out, self.image.pixels.band(start, stop))


class StageRows(Rows):
    """One stage's input rows for one worker, and the stage's computation over them."""

    def __init__(self, stage: Stage, before: Rows, out: Spec, run: Run, clipped: Vector) -> None:
        self.stage = stage
        self.before = before
        self.run = stage.step.bind(Context(stage.spec, out, run, clipped))
        columns = stage.window.columns
        self.left, self.right = columns.before, max(columns.after, 0)
        self.flanks = _flanks(stage)
        spec = stage.spec
        slack = 2 if SHORT < stage.window.rows.extent < TALL else 1
        self.buffer = RowBuffer(self.left + spec.width + self.right, spec.channels, spec.dtype, slack)

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        """Output rows start to stop of this stage."""
        self.run(out, self.rows(*self.stage.window.rows.input_range(start, stop)), start)

    def rows(self, start: int, stop: int) -> Pixels:
        """Input rows start to stop, with the padding around them."""
        spec = self.stage.spec
        if not self.left and not self.right and start >= 0 and stop <= spec.height:
            view = self.before.view(start, stop)
            if view is not None and view.dtype == spec.dtype:
                return view
        buffer, kept = self.buffer.move(start, stop)
        if kept < stop:
            self._fill(buffer, start, kept, stop)
        return buffer.band(0, stop - start)

    def _fill(self, buffer: Pixels, top: int, start: int, stop: int) -> None:
        """Compute rows start to stop into the buffer, whose first row is `top`."""
        height = self.stage.spec.height
        first, last = max(start, 0), min(stop, height)
        if first < last:
            self._compute(buffer, top, first, last)
        for rows in (range(start, min(first, stop)), range(max(last, start), stop)):
            if rows:
                self._beyond(buffer, top, rows, last)

    def _compute(self, buffer: Pixels, top: int, start: int, stop: int, at: int | None = None) -> None:
        """Rows start to stop of the stage before, with their flanks; they go to row `at` of the image's rows."""
        place = (start if at is None else at) - top
        band = buffer.band(place, place + stop - start)
        self.before.compute(band.columns(self.left, self.left + self.stage.spec.width), start, stop)
        if len(self.flanks[0]):
            flank(band, *self.flanks, self.stage.edge.value)

    def _beyond(self, buffer: Pixels, top: int, rows: range, last: int) -> None:
        """Rows of the padding: copies of rows that the buffer holds, up to `last`; others are computed again."""
        edge, places = self.stage.edge, []
        for row in rows:
            source = edge.map_index(row, self.stage.spec.height)
            if source < 0:
                places.append(-1)
            elif top <= source < last:
                places.append(source - top)
            else:
                self._compute(buffer, top, source, source + 1, at=row)
                places.append(row - top)
        band = buffer.band(rows.start - top, rows.stop - top)
        lay(band, buffer, Vector(places, "i8"), 0, buffer.samples, edge.value)


def _flanks(stage: Stage) -> tuple[Vector, Vector]:
    """The items of a buffer's row that lie beyond the image's, and which item fills each."""
    spec, edge = stage.spec, stage.edge
    left, right = stage.window.columns.before, max(stage.window.columns.after, 0)
    beyond = [*range(-left, 0), *range(spec.width, spec.width + right)]
    items = [(x, edge.map_index(x, spec.width), c) for x in beyond for c in range(spec.channels)]
    places = [(left + x) * spec.channels + c for x, _, c in items]
    sources = [(left + source) * spec.channels + c if source >= 0 else -1 for _, source, c in items]
    return Vector(places, "i8"), Vector(sources, "i8")
