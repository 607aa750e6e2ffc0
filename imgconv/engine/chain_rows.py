"""The stages of a chain put together for one worker, with the rows that marks keep for later."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.core.rows import RowSource
from imgconv.engine.convert import copied
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.scratch import Scratch
from imgconv.engine.stage import Stage
from imgconv.engine.stage_rows import SourceRows, StageRows
from imgconv.engine.step import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgconv.engine.run_options import Run


def build_chain(
    chain: Sequence[Stage], source: RowSource, marks: Mapping[str, RowSource], run: Run, clipped: Vector
) -> RowSource:
    """The rows that come out of a chain; `marks`: those of the images at marks before it."""
    last: RowSource = SourceRows(source)
    marked: dict[str, RowSource] = {name: SourceRows(rows) for name, rows in marks.items()}
    for stage in chain:
        step = stage.step
        if isinstance(step, Tap):
            last = marked[step.point] = last if isinstance(last, SourceRows) else TapRows(last, stage)
        elif isinstance(step, TwoInputStep):
            last = TwoInputRows(stage, last, marked[step.point], run, clipped)
        else:
            last = StageRows(stage, last, run, clipped)
    return last


class TapRows(RowSource):
    """Rows for two readers: the next stage, and the one that meets the mark. They are kept until both have had them."""

    def __init__(self, before: RowSource, stage: Stage) -> None:
        self.before, self.spec = before, stage.out
        self.buffer = RowBuffer(self.spec.width, self.spec.channels, self.spec.dtype, slack=2)
        self.oldest = 0  # the first row that will be asked for again

    def view(self, start: int, stop: int) -> Pixels:
        return self._rows(start, stop)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        copied(out, self._rows(start, stop))

    def _rows(self, start: int, stop: int) -> Pixels:
        """Rows start to stop, computed where they are not there yet."""
        buffer = self.buffer
        if start > max(self.oldest, buffer.stop):  # a border looks far away: the buffer must not follow it
            apart = Pixels.unset(stop - start, self.spec.width, self.spec.channels, self.spec.dtype)
            self.before.read(apart, start, stop)
            return apart
        continues = buffer.first <= start <= buffer.stop and buffer.stop > buffer.first
        first = max(buffer.first, min(self.oldest, start)) if continues else start
        rows, ready = buffer.move(first, max(stop, buffer.stop) if continues else stop)
        if ready < stop:
            self.before.read(rows.band(ready - first, stop - first), ready, stop)
        return rows.band(start - first, stop - first)


class TwoInputRows(RowSource):
    """What a step makes of the rows at hand and the rows at a mark."""

    def __init__(self, stage: Stage, before: RowSource, mark: RowSource, run: Run, clipped: Vector) -> None:
        assert isinstance(stage.step, TwoInputStep)
        spec = stage.spec
        self.spec, self.before, self.mark = stage.out, before, mark
        self.join = stage.step.join(Context(spec, stage.out, run, clipped))
        self.scratch = [Scratch(spec.width, spec.channels, spec.dtype) for _ in range(2)]

    def read(self, out: Pixels, start: int, stop: int) -> None:
        here, there = (scratch.rows(stop - start) for scratch in self.scratch)
        if isinstance(self.mark, TapRows):
            self.mark.oldest = start
        self.before.read(here, start, stop)
        marked = self.mark.view(start, stop)
        if marked is None or marked.dtype != there.dtype:
            self.mark.read(there, start, stop)
            marked = there
        self.join(out, here, marked)
