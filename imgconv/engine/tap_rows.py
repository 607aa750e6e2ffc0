"""Rows at a mark, kept for two readers; and what a step makes of the rows at hand and those at a mark."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.core.rows import RowSource
from imgconv.engine.convert import copied
from imgconv.engine.marks import TwoInputStep
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.scratch import Scratch
from imgconv.engine.stage import Stage
from imgconv.engine.step import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.engine.run_options import Run


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
