"""Morphology: the smallest and the largest of a neighborhood, and what is made of the two."""

from __future__ import annotations

from imgconv.core.dtypes import SIZES
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.rows import RowSource
from imgconv.core.window import Axis, Window
from imgconv.engine.chain import Chain
from imgconv.engine.convert import copied
from imgconv.engine.stage import stages
from imgconv.engine.stage_rows import StageRows
from imgconv.engine.step import Context
from imgconv.loops.rank import min_max
from imgconv.steps.rank.footprint import Footprint, runs_of
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BLOCK = 4096  # bytes of a row worked on at a time
ROOM = 96 << 10  # bytes of scratch rows, which stay in the second-level cache


class Extreme(Footprint):
    """The smallest or the largest."""

    largest: ClassVar[bool] = False

    def bind(self, context: Context) -> Compute:
        return extreme(self, context, self.largest)

    def explain(self, spec: Spec, run: Run) -> str:
        return told(self)


@register("erode", "the smallest value around each pixel")
class Erode(Extreme):
    """out(x, y) = the smallest in(x + i, y + j) of the neighborhood; each channel by itself.

    A square costs three operations down and log2(size) across, whatever its size; a disc or a mask two for each
    of its runs of pixels in a row. NaN goes through.
    """

    example = "imgconv open sample_images/camera.png erode --size 5 save thin.png"


@register("dilate", "the largest value around each pixel")
class Dilate(Extreme):
    """out(x, y) = the largest in(x + i, y + j) of the neighborhood; each channel by itself.

    A square costs three operations down and log2(size) across, whatever its size; a disc or a mask two for each
    of its runs of pixels in a row. NaN goes through.
    """

    example = "imgconv open sample_images/camera.png dilate --size 9 --shape disc save thick.png"
    largest = True


@register("morph-gradient", "the largest value around each pixel less the smallest")
class MorphGradient(Footprint):
    """out = dilate - erode, over the same neighborhood: outlines of a thickness that the size gives."""

    example = "imgconv open sample_images/camera.png morph-gradient save outlines.png"

    def bind(self, context: Context) -> Compute:
        dilate, erode = extreme(self, context, True), extreme(self, context, False)
        room, n = Room(context.out), context.out.width * context.out.channels

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            low = room.of(out.height)
            dilate(out, source, row)
            erode(low, source, row)
            min_max.difference(out, out, low, n, context.clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        return told(self)


class Compound(Footprint):
    """An erosion and a dilation, one after the other; the second neighborhood is the first one's mirror image.

    Each sees beyond its own border what `--edge` says, just as two steps in a row would. The two run as stages of
    an inner flow over the rows that this step is handed: the image itself is needed beside their result, and what
    lies beyond the border of the middle image does not follow from a wider border of the first.
    """

    fields = {name: field for name, field in Footprint.fields.items() if name not in ("padding", "anchor")}
    closes: ClassVar[bool] = False  # the dilation comes first

    def inner(self) -> list[Extreme]:
        options = {name: self.__dict__[name] for name in self.fields}
        kinds: tuple[type[Extreme], type[Extreme]] = (Dilate, Erode) if self.closes else (Erode, Dilate)
        x, y = self.center
        return [kinds[0](**options), kinds[1](**options).reflected(x, y)]

    def reach(self) -> tuple[int, int]:
        """Rows and columns that the result may look at on each side: as many on both, for edges that mirror."""
        height, width = self.extent
        return 2 * (height // 2), 2 * (width // 2)

    def window(self, spec: Spec) -> Window:
        rows, columns = (Axis(2 * reach + 1, before=reach, after=reach) for reach in self.reach())
        return Window(rows, columns)

    def middle(self, source: Pixels, rows: int) -> Pixels:
        """The pixels themselves, without what lies around them."""
        down, across = self.reach()
        return source.band(down, down + rows).columns(across, source.width - across)

    def both(self, context: Context) -> Compute:
        """`compute` of the two steps."""
        feed = Feed(context.spec, self.edge)
        last: RowSource = feed
        for stage in stages(Chain(context.spec, self.inner())):
            last = StageRows(stage, last, context.run, context.clipped)
        flow, (down, across) = last, self.reach()

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            feed.rows, feed.first = source.columns(across, source.width - across), row - down
            flow.read(out, row, row + out.height)

        return compute

    def bind(self, context: Context) -> Compute:
        return self.both(context)

    def explain(self, spec: Spec, run: Run) -> str:
        order = "dilate, then erode" if self.closes else "erode, then dilate"
        return f"{order}, each {told(self)}"


@register("opening", "erode, then dilate: bright spots that are smaller go away")
class Opening(Compound):
    """out = dilate(erode(in)): no pixel gets brighter, and a second opening changes nothing more."""

    example = "imgconv open sample_images/camera.png opening --size 7 --shape disc save opened.png"


@register("closing", "dilate, then erode: dark spots that are smaller go away")
class Closing(Compound):
    """out = erode(dilate(in)): no pixel gets darker, and a second closing changes nothing more."""

    example = "imgconv open sample_images/camera.png closing --size 7 --shape disc save closed.png"
    closes = True


@register("tophat", "what an opening takes away: small bright spots")
class TopHat(Compound):
    """out = in - opening(in); where an edge of its own makes that negative, whole numbers stop at 0 and are counted."""

    example = "imgconv open sample_images/camera.png tophat --size 15 save spots.png"

    def bind(self, context: Context) -> Compute:
        both, room = self.both(context), Room(context.out)
        n = context.out.width * context.out.channels

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            changed, same = room.of(out.height), self.middle(source, out.height)
            both(changed, source, row)
            high, low = (changed, same) if self.closes else (same, changed)
            min_max.difference(out, high, low, n, context.clipped)

        return compute


@register("blackhat", "what a closing takes away: small dark spots")
class BlackHat(TopHat):
    """out = closing(in) - in; where an edge of its own makes that negative, whole numbers stop at 0 and are counted."""

    example = "imgconv open sample_images/camera.png blackhat --size 15 save holes.png"
    closes = True


class Room:
    """Scratch rows like an output's, as many as are asked for."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.pixels = Pixels.empty(0, spec.width, spec.channels, spec.dtype)

    def of(self, rows: int) -> Pixels:
        if self.pixels.height < rows:
            self.pixels = Pixels.empty(rows, self.spec.width, self.spec.channels, self.spec.dtype)
        return self.pixels.band(0, rows)


class Feed(RowSource):
    """Rows that a step was handed, as the origin of an inner flow; `first` is the number of the first one."""

    def __init__(self, spec: Spec, border: Border) -> None:
        self.spec, self.border = spec, border
        self.rows = Pixels.empty(0, 1, 1, "u1")
        self.first = 0

    def view(self, start: int, stop: int) -> Pixels:
        held = range(self.first, self.first + self.rows.height)
        row = self.border.find(start, stop - start, held, self.spec.height) - self.first
        return self.rows.band(row, row + stop - start)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        copied(out, self.view(start, stop))


def told(step: Footprint) -> str:
    """How an extreme is found."""
    height, width = step.extent
    if step.is_full:
        return f"separable: {min(height, 4) - 1} operations down, {max(width - 1, 0).bit_length()} across"
    runs = sum(len(runs_of(row)) for row in step.cells)
    return f"{runs} runs of pixels, two operations each"


def extreme(nearby: Footprint, context: Context, largest: bool) -> Compute:
    """`compute` for the smallest or largest of a neighborhood."""
    if nearby.is_full:
        return by_rectangle(nearby, context, largest)
    return by_runs(nearby, context, largest)


def by_rectangle(nearby: Footprint, context: Context, largest: bool) -> Compute:
    height, width = nearby.extent
    step, kind = context.spec.channels, context.spec.dtype
    n, halo = context.out.width * step, (width - 1) * step
    block = span(n, halo, kind)
    wide = block + halo
    rows = max(1, min(height, ROOM // (wide * SIZES[kind])))
    rooms = Pixels.empty(3, wide, 1, kind)
    if height <= 3:

        def low(out: Pixels, source: Pixels, row: int) -> None:
            min_max.low_rectangle(out, source, height, width, step, n, block, largest, rooms)

        return low
    tails = Pixels.empty(rows, wide, 1, kind)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        min_max.rectangle(out, source, height, width, step, n, block, largest, tails, rooms)

    return compute


def by_runs(nearby: Footprint, context: Context, largest: bool) -> Compute:
    step, kind, (_, width) = context.spec.channels, context.spec.dtype, nearby.extent
    n, halo = context.out.width * step, (width - 1) * step
    rows = [runs_of(row) for row in nearby.cells]
    runs = [run for row in rows for run in row]
    levels = [length.bit_length() - 1 for _, length in runs]
    lasts = [start + length - (1 << level) for (start, length), level in zip(runs, levels, strict=True)]
    begins = Vector([sum(map(len, rows[:i])) for i in range(len(rows) + 1)], "i8")
    firsts, seconds = (
        Vector([start * step for start, _ in runs], "i8"),
        Vector([at * step for at in lasts], "i8"),
    )
    block = span(n, halo, kind)
    tables, powers = Pixels.empty(max(levels) + 1, block + halo, 1, kind), Vector(levels, "i8")

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        min_max.runs(out, source, begins, powers, firsts, seconds, width, step, n, block, largest, tables)

    return compute


def span(n: int, halo: int, kind: str) -> int:
    """Items worked on at a time: more where the flanks, which each block computes again, are wide."""
    return min(n, max(BLOCK // SIZES[kind], 8 * halo))
