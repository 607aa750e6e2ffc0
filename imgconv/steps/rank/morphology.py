"""Morphology: erosion and dilation, and the operations made of the two."""

from __future__ import annotations

from imgconv.core.dtypes import SIZES
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.scratch import Scratch
from imgconv.engine.step import Context, Step
from imgconv.loops.rank import min_max
from imgconv.steps.rank.footprint import Footprint, Shaped, runs_of
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.marks import Join
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BLOCK = 4096  # bytes of a row worked on at a time
SCRATCH = 96 << 10  # bytes of scratch rows, which stay in the second-level cache
INPUT = "\0input of a top-hat"  # a mark that nobody can type


class Extreme(Footprint):
    """The minimum or the maximum over a footprint."""

    largest: ClassVar[bool] = False

    def bind(self, context: Context) -> Compute:
        return bind_extreme(self, context, self.largest)

    def explain(self, spec: Spec, run: Run) -> str:
        return operations(self)


@register("erode", "Morphological erosion: the minimum over the neighborhood")
class Erode(Extreme):
    """out(x, y) = the smallest in(x + i, y + j) over the neighborhood; each channel by itself, alpha too.

    Any channels; the dtype is kept, and the result is exact. A square costs three operations down and log2(size)
    across, whatever its size; a disc or a mask two for each of its runs of pixels in a row. A NaN in the
    neighborhood gives NaN. `--edge` says what lies beyond the border. Errors: an anchor outside of the neighborhood,
    an empty mask.
    Source: M. van Herk, 1992 (squares); J. Serra, Image analysis and mathematical morphology, 1982.
    """

    example = "imgconv open sample_images/camera.png erode --size 5 save thin.png"


@register("dilate", "Morphological dilation: the maximum over the neighborhood")
class Dilate(Extreme):
    """out(x, y) = the largest in(x + i, y + j) over the neighborhood; each channel by itself, alpha too.

    The neighborhood is not reflected (OpenCV, scikit-image). Dtype, cost, NaN, border and errors as for `erode`.
    """

    example = "imgconv open sample_images/camera.png dilate --size 9 --shape disc save thick.png"
    largest = True


@register("morph-gradient", "Morphological gradient: dilation minus erosion")
class MorphGradient(Footprint):
    """out = dilate(in) - erode(in) over the same neighborhood: outlines whose thickness the size sets.

    Dtype, NaN, border and errors as for `erode`.
    """

    example = "imgconv open sample_images/camera.png morph-gradient save outlines.png"

    def bind(self, context: Context) -> Compute:
        dilate, erode = bind_extreme(self, context, True), bind_extreme(self, context, False)
        spec = context.out
        scratch, n = Scratch(spec.width, spec.channels, spec.dtype), spec.width * spec.channels

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            low = scratch.rows(out.height)
            dilate(out, source, row)
            erode(low, source, row)
            min_max.difference(out, out, low, n, context.clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        return operations(self)


class Compound(Shaped):
    """An erosion and a dilation in either order, the second one over the reflected footprint.

    They are two steps in a row: each sees `--edge` beyond the border of its own input.
    """

    closes: ClassVar[bool] = False  # the dilation comes first

    def window(self, spec: Spec) -> Window:
        rows, columns = (Axis(2 * size - 1, before=size - 1, after=size - 1) for size in self.extent)
        return Window(rows, columns)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        options = {name: self.__dict__[name] for name in Shaped.fields}
        first, second = (Dilate, Erode) if self.closes else (Erode, Dilate)
        return first(**options), second(**options).reflected()

    def explain(self, spec: Spec, run: Run) -> str:
        order = "dilate, then erode" if self.closes else "erode, then dilate"
        return f"{order}, each {operations(self)}"


@register("opening", "Morphological opening: erosion, then dilation; removes smaller bright spots")
class Opening(Compound):
    """out = dilate(erode(in)), the dilation over the reflected neighborhood.

    No pixel gets brighter, and a second opening changes nothing more (away from the border). Each of the two pads
    its own input with `--edge`. Dtype, NaN and errors as for `erode`.
    """

    example = "imgconv open sample_images/camera.png opening --size 7 --shape disc save opened.png"


@register("closing", "Morphological closing: dilation, then erosion; removes smaller dark spots")
class Closing(Compound):
    """out = erode(dilate(in)), the erosion over the reflected neighborhood.

    No pixel gets darker, and a second closing changes nothing more (away from the border). Each of the two pads its
    own input with `--edge`. Dtype, NaN and errors as for `erode`.
    """

    example = "imgconv open sample_images/camera.png closing --size 7 --shape disc save closed.png"
    closes = True


class Residual(TwoInputStep):
    """Internal step: the difference from the input of a top-hat, below 0 in whole numbers clipped and counted."""

    name = "residual"
    is_linear = False

    subtrahend: bool = True  # the input is subtracted from the image at hand; else the other way round

    def input_spec(self, spec: Spec) -> Spec:
        return spec

    def infer(self, spec: Spec) -> Spec:
        """The mark ends here."""
        return spec.replace(marks=tuple(pair for pair in spec.marks if pair[0] != self.point))

    def join(self, context: Context) -> Join:
        n = context.out.width * context.out.channels

        def join(out: Pixels, source: Pixels, marked: Pixels) -> None:
            high, low = (source, marked) if self.subtrahend else (marked, source)
            min_max.difference(out, high, low, n, context.clipped)

        return join


class TopHat(Compound):
    """What an opening or a closing changes."""

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        residual = Residual(point=INPUT, subtrahend=self.closes)
        return Tap(point=INPUT), *super().expand(spec, run), residual


@register("tophat", "White top-hat: the image minus its opening; small bright spots")
class WhiteTopHat(TopHat):
    """out = in - opening(in). With `--edge constant` it may be negative: whole numbers are clipped to 0 and counted.

    Dtype, NaN and errors as for `erode`, border as for `opening`.
    """

    example = "imgconv open sample_images/camera.png tophat --size 15 save spots.png"


@register("blackhat", "Black top-hat: the closing minus the image; small dark spots")
class BlackHat(TopHat):
    """out = closing(in) - in. With `--edge constant` it may be negative: whole numbers are clipped to 0 and counted.

    Dtype, NaN and errors as for `erode`, border as for `closing`.
    """

    example = "imgconv open sample_images/camera.png blackhat --size 15 save holes.png"
    closes = True


def operations(step: Shaped) -> str:
    """How many operations an extreme over a footprint takes."""
    height, width = step.extent
    if step.is_full:
        return f"separable: {min(height, 4) - 1} operations down, {max(width - 1, 0).bit_length()} across"
    runs = sum(len(runs_of(row)) for row in step.footprint)
    return f"{runs} runs of pixels, two operations each"


def bind_extreme(step: Footprint, context: Context, largest: bool) -> Compute:
    """`compute` for the minimum or the maximum over a footprint."""
    return (bind_rectangle if step.is_full else bind_runs)(step, context, largest)


def bind_rectangle(step: Footprint, context: Context, largest: bool) -> Compute:
    """`compute` over a full rectangle, separably."""
    height, width = step.extent
    channels, dtype = context.spec.channels, context.spec.dtype
    n, halo = context.out.width * channels, (width - 1) * channels
    block = block_items(n, halo, dtype)
    across = Pixels.empty(3, block + halo, 1, dtype)
    if height <= 3:

        def compute_low(out: Pixels, source: Pixels, row: int) -> None:
            min_max.low_rectangle(out, source, height, width, channels, n, block, largest, across)

        return compute_low
    group = max(1, min(height, SCRATCH // across.row_bytes))
    tails = Pixels.empty(group, block + halo, 1, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        min_max.rectangle(out, source, height, width, channels, n, block, largest, tails, across)

    return compute


def bind_runs(step: Footprint, context: Context, largest: bool) -> Compute:
    """`compute` over the runs of a disc or a mask; a run is covered by two stretches of 2**level pixels."""
    channels, dtype, (_, width) = context.spec.channels, context.spec.dtype, step.extent
    n, halo = context.out.width * channels, (width - 1) * channels
    block = block_items(n, halo, dtype)
    rows = [runs_of(row) for row in step.footprint]
    runs = [run for row in rows for run in row]
    levels = [length.bit_length() - 1 for _, length in runs]
    lefts = [start for start, _ in runs]
    rights = [start + length - (1 << level) for (start, length), level in zip(runs, levels, strict=True)]
    begins = Vector([sum(map(len, rows[:i])) for i in range(len(rows) + 1)], "i8")
    firsts, seconds = (Vector([x * channels for x in starts], "i8") for starts in (lefts, rights))
    tables, powers = Pixels.empty(max(levels) + 1, block + halo, 1, dtype), Vector(levels, "i8")

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        min_max.runs(out, source, begins, powers, firsts, seconds, width, channels, n, block, largest, tables)

    return compute


def block_items(n: int, halo: int, dtype: str) -> int:
    """Items worked on at a time: more where the halo, which each block computes again, is wide."""
    return min(n, max(BLOCK // SIZES[dtype], 8 * halo))
