"""Slabs: how rows are worked on that can be read only once, from the first to the last.

The rows that a slab of the result needs are read into memory, and those shared with the slab before are kept. While a
slab is computed on all threads, the rows of the next one are read by a thread of its own. Memory is two slabs, however
tall the image.
"""

from __future__ import annotations

from imgconv.core.dtypes import SIZES
from imgconv.core.pixels import Pixels
from imgconv.core.rows import MemoryRows, copy_rows
from imgconv.engine.scheduler import bands, round_up
from imgconv.engine.stage import source_rows
from imgconv.engine.thread_pool import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgconv.core.rows import RowSource
    from imgconv.core.spec import Spec
    from imgconv.engine.stage import Stage

SLAB = 32 << 20  # bytes of a slab's rows, of the source and of the result together
REPEATED = 8  # a slab is at least so many times as tall as what neighbors compute twice


def slabs(source: RowSource, chain: Sequence[Stage], unit: int) -> Iterator[tuple[MemoryRows, int, int]]:
    """The source's rows for each slab of the result, and the slab's first and last row; slabs begin at multiples of
    `unit`.
    """
    height = slab_height(chain, source.spec, unit)
    cuts = list(bands(0, chain[-1].out.height, height))
    needs = [source_rows(chain, *cut) for cut in cuts]
    for index in range(len(needs) - 1, 0, -1):  # a row stays until the last slab that needs it
        first, stop = needs[index - 1]
        needs[index - 1] = min(first, needs[index][0]), stop
    reader = SlabReader(source)
    rows = reader.read(*needs[0])
    for cut, need in zip(cuts, [*needs[1:], None], strict=True):
        ahead = Task(lambda need=need: reader.read(*need)) if need else None  # type: ignore[misc]
        try:
            yield rows, *cut
        finally:
            if ahead:
                ahead.wait()
        if ahead:
            rows = ahead.result()


def slab_height(chain: Sequence[Stage], source: Spec, unit: int) -> int:
    """Rows of the result in a slab."""
    out, jump, tile = chain[-1].out, 1.0, 0
    for stage in chain:
        jump *= stage.window.rows.jump  # rows of the source for one of the result
        tile = max(tile, stage.step.tile_rows(stage.spec))
    middle = out.height // 2
    first, stop = source_rows(chain, middle, min(middle + 1, out.height))
    rows = int(SLAB / (_row_bytes(source) * jump + _row_bytes(out)))
    return round_up(max(rows, int(REPEATED * (stop - first) / jump), 1), unit or tile)


def _row_bytes(spec: Spec) -> int:
    return spec.width * spec.channels * SIZES[spec.dtype]


class SlabReader:
    """Reads an in-order source by overlapping runs of rows, each of which begins no earlier than the one before."""

    def __init__(self, source: RowSource) -> None:
        self.source = source
        self.spec = source.spec
        self.last = MemoryRows(self._memory(0), source.spec)

    def _memory(self, rows: int) -> Pixels:
        return Pixels.unset(rows, self.spec.width, self.spec.channels, self.spec.dtype)

    def read(self, start: int, stop: int) -> MemoryRows:
        """Rows start to stop: those that the last run has are copied, the others read."""
        last, ready = self.last, self.last.first + self.last.pixels.height
        stop = max(stop, ready)
        pixels = self._memory(stop - start)
        if start < ready:
            copy_rows(pixels.band(0, ready - start), last.view(start, ready))
        else:
            self._skip(ready, start)
            ready = start
        if ready < stop:
            self.source.read(pixels.band(ready - start, stop - start), ready, stop)
        self.last = MemoryRows(pixels, self.spec, first=start)
        return self.last

    def _skip(self, start: int, stop: int) -> None:
        """Read rows that nobody needs."""
        rows = max(1, SLAB // _row_bytes(self.spec))
        for first, end in bands(start, stop, rows) if start < stop else ():
            self.source.read(self._memory(end - first), first, end)
