"""One worker's rows on their way through a chain: a stage asks the one before it for the rows that its window needs.

Each stage keeps the rows that its window looks at in a buffer that slides down with the strips: rows that two strips
share are computed once, and a strip stays in the cache from the first step to the last. The border is laid
around the rows here, so that no step and no loop knows of it.
"""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.core.rows import RowSource
from imgconv.engine.convert import copied
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.stage import Stage
from imgconv.engine.step import Context
from imgconv.loops.geometry.copy import flank, lay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgconv.engine.run_options import Run

# Windows between these heights get room for twice their rows, which are then seldom moved: sharpen and Gaussian 50 take
# 38 ms, not 50.
SHORT, TALL = 128, 1024


class SourceRows(RowSource):
    """The rows of an image, in the dtype that is asked for."""

    def __init__(self, source: RowSource) -> None:
        self.source, self.spec = source, source.spec

    def view(self, start: int, stop: int) -> Pixels | None:
        return self.source.view(start, stop)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        """Rows start to stop, converted to the dtype of out."""
        rows = self.source.view(start, stop)
        if rows is None and out.dtype == self.spec.dtype:
            self.source.read(out, start, stop)
        else:
            copied(out, rows or rows_of(self.source, start, stop))


def rows_of(source: RowSource, start: int, stop: int) -> Pixels:
    """Rows of a source: where they lie in memory, or read into memory of their own."""
    rows = source.view(start, stop)
    if rows is None:
        spec = source.spec
        rows = Pixels.unset(stop - start, spec.width, spec.channels, spec.dtype)
        source.read(rows, start, stop)
    return rows


class StageRows(RowSource):
    """One stage's input rows for one worker, and the stage's computation over them."""

    def __init__(self, stage: Stage, before: RowSource, run: Run, clipped: Vector) -> None:
        self.stage = stage
        self.before = before
        self.spec = stage.out
        self.compute = stage.step.bind(Context(stage.spec, stage.out, run, clipped))
        columns = stage.window.columns
        self.left, self.right = columns.before, max(columns.after, 0)
        self.flanks = _flanks(stage)
        spec = stage.spec
        slack = 2 if SHORT < stage.window.rows.extent < TALL else 1
        self.buffer = RowBuffer(self.left + spec.width + self.right, spec.channels, spec.dtype, slack)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        """Compute rows start to stop of the stage's output."""
        self.compute(out, self.input_rows(*self.stage.window.rows.input_range(start, stop)), start)

    def input_rows(self, start: int, stop: int) -> Pixels:
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
            self._read(buffer, top, first, last)
        for rows in (range(start, min(first, stop)), range(max(last, start), stop)):
            if rows:
                self._beyond(buffer, top, rows, last)

    def _read(self, buffer: Pixels, top: int, start: int, stop: int, row: int | None = None) -> None:
        """Rows start to stop of the stage before, with their flanks; they go where row `row` of the image belongs."""
        offset = (start if row is None else row) - top
        band = buffer.band(offset, offset + stop - start)
        self.before.read(band.columns(self.left, self.left + self.stage.spec.width), start, stop)
        if len(self.flanks[0]):
            flank(band, *self.flanks, self.stage.border.value)

    def _beyond(self, buffer: Pixels, top: int, rows: range, last: int) -> None:
        """Rows of the padding: copies of rows that the buffer holds, up to `last`; others are computed again."""
        border, sources = self.stage.border, []  # a row of the buffer for each; -1: the constant
        for row in rows:
            source = border.map_index(row, self.stage.spec.height)
            if source < 0:
                sources.append(-1)
            elif top <= source < last:
                sources.append(source - top)
            else:
                self._read(buffer, top, source, source + 1, row)
                sources.append(row - top)
        band = buffer.band(rows.start - top, rows.stop - top)
        lay(band, buffer, Vector(sources, "i8"), 0, buffer.samples, border.value)


def _flanks(stage: Stage) -> tuple[Vector, Vector]:
    """The items of a buffer's row that lie beyond the image's, and which item fills each."""
    spec, border = stage.spec, stage.border
    left, right = stage.window.columns.before, max(stage.window.columns.after, 0)
    beyond = [*range(-left, 0), *range(spec.width, spec.width + right)]
    items = [(x, border.map_index(x, spec.width), c) for x in beyond for c in range(spec.channels)]
    targets = [(left + x) * spec.channels + c for x, _, c in items]
    sources = [(left + source) * spec.channels + c if source >= 0 else -1 for _, source, c in items]
    return Vector(targets, "i8"), Vector(sources, "i8")


def build_chain(
    chain: Sequence[Stage], source: RowSource, marks: Mapping[str, RowSource], run: Run, clipped: Vector
) -> RowSource:
    """The rows that come out of a chain; `marks`: those of the images at marks before it."""
    last: RowSource = SourceRows(source)
    marked: dict[str, RowSource] = {name: SourceRows(rows) for name, rows in marks.items()}
    for stage in chain:
        step = stage.step
        if isinstance(step, Tap):
            last = marked[step.point] = last if isinstance(last, SourceRows) else _tapped(last, stage)
        elif isinstance(step, TwoInputStep):
            from imgconv.engine.tap_rows import TwoInputRows

            last = TwoInputRows(stage, last, marked[step.point], run, clipped)
        else:
            last = StageRows(stage, last, run, clipped)
    return last


def _tapped(rows: RowSource, stage: Stage) -> RowSource:
    from imgconv.engine.tap_rows import TapRows

    return TapRows(rows, stage)
