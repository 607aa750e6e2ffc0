"""Join: the stages of a chain put together for one worker, with the rows that marks keep for later."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.stage import Stage
from imgconv.engine.stage_rows import ImageRows, Rows, StageRows
from imgconv.engine.step import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image
    from imgconv.engine.run_options import Run


def build_chain(chain: Sequence[Stage], image: Image, run: Run, clipped: Vector) -> Rows:
    """The rows that come out of a chain."""
    last: Rows = ImageRows(image)
    marks: dict[str, Rows] = {name: ImageRows(kept) for name, kept in image.marks.items()}
    for stage in chain:
        step = stage.step
        if isinstance(step, Tap):
            last = marks[step.point] = last if isinstance(last, ImageRows) else TapRows(last, stage)
        elif isinstance(step, TwoInputStep):
            last = TwoInputRows(stage, last, marks[step.point], run, clipped)
        else:
            last = StageRows(stage, last, stage.out, run, clipped)
    return last


class TapRows(Rows):
    """Rows for two: the next stage, and the one that meets the mark. They are kept until the latter has had them."""

    def __init__(self, before: Rows, stage: Stage) -> None:
        self.before, self.spec = before, stage.out
        self.buffer = RowBuffer(self.spec.width, self.spec.channels, self.spec.dtype, slack=2)
        self.least = 0  # the first row that will be asked for again

    def view(self, start: int, stop: int) -> Pixels:
        return self.held(start, stop)

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        copied(out, self.held(start, stop))

    def held(self, start: int, stop: int) -> Pixels:
        """Rows start to stop, computed where they are not there yet."""
        buffer = self.buffer
        if start > max(self.least, buffer.stop):  # a border looks far away: the buffer must not follow it
            alone = Pixels.unset(stop - start, self.spec.width, self.spec.channels, self.spec.dtype)
            self.before.compute(alone, start, stop)
            return alone
        goes_on = buffer.first <= start <= buffer.stop and buffer.stop > buffer.first
        begin = max(buffer.first, min(self.least, start)) if goes_on else start
        room, have = buffer.move(begin, max(stop, buffer.stop) if goes_on else stop)
        if have < stop:
            self.before.compute(room.band(have - begin, stop - begin), have, stop)
        return room.band(start - begin, stop - begin)


class TwoInputRows(Rows):
    """What a step makes of the rows at hand and the rows at a mark."""

    def __init__(self, stage: Stage, before: Rows, mark: Rows, run: Run, clipped: Vector) -> None:
        assert isinstance(stage.step, TwoInputStep)
        self.stage, self.before, self.mark = stage, before, mark
        self.join = stage.step.join(Context(stage.spec, stage.out, run, clipped))
        self.rooms: list[Pixels] = []

    def compute(self, out: Pixels, start: int, stop: int) -> None:
        spec, rows = self.stage.spec, stop - start
        if not self.rooms or self.rooms[0].height < rows:
            self.rooms = [Pixels.unset(rows, spec.width, spec.channels, spec.dtype) for _ in range(2)]
        here, there = (room.band(0, rows) for room in self.rooms)
        if isinstance(self.mark, TapRows):
            self.mark.least = start
        self.before.compute(here, start, stop)
        marked = self.mark.view(start, stop)
        if marked is None or marked.dtype != spec.dtype:
            self.mark.compute(there, start, stop)
            marked = there
        self.join(out, here, marked)
