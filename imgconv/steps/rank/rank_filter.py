"""Rank filters: the median and other percentiles of a neighborhood."""

from __future__ import annotations

from math import floor

from imgconv.core.dtypes import SIZES
from imgconv.core.option_types import Number
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.scratch import Scratch
from imgconv.engine.step import Context
from imgconv.loops.rank import sorting_network
from imgconv.steps.rank.footprint import Footprint
from imgconv.steps.rank.sliding_histogram import ORDERED, band_rows, bind_sliding, bind_tiles
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

# Up to so many pixels a sorting network is faster than histograms, measured on 12 MP RGB.
NETWORK = {"u1": 49, "u2": 81, "i4": 64, "i8": 64}
NETWORK_BESIDE_SLIDING = 36  # the same where histograms of bytes slide
MOST_ROWS = 512  # of a strip: channels are split again in the rows that the next strip looks at too
BLOCK = 2048  # bytes of a row that a network works on at a time


class RankFilter(Footprint):
    """One of the sorted values of the neighborhood, or the mean of two; NaN comes last."""

    def ranks(self) -> list[int]:
        """The positions in the order, from 0, whose mean is the result: one or two."""
        raise NotImplementedError

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if len(self.ranks()) == 1 else spec.working

    def strip_rows(self, spec: Spec) -> int:
        height = self.extent[0]
        rows = {"tiles": band_rows(height), "columns": min(4 * height, MOST_ROWS)}
        return rows.get(method(self, ORDERED[spec.dtype]), 0)

    def bind(self, context: Context) -> Compute:
        computes = [bind_rank(self, context, rank) for rank in self.ranks()]
        return computes[0] if len(computes) == 1 else bind_mean(computes, context)

    def explain(self, spec: Spec, run: Run) -> str:
        ranks = " and ".join(str(rank + 1) for rank in self.ranks())
        return f"{self.area} pixels, rank {ranks}: {method(self, ORDERED[spec.dtype])}"


@register("median", "Median filter: the middle value of the neighborhood; removes specks, keeps edges")
class Median(RankFilter):
    """out(x, y) = the median of in(x + i, y + j) over the neighborhood; each channel by itself, alpha too; exact.

    Any channels; the dtype is kept. Of an even number of values the lower middle one, or with `--mean` the mean of
    the two, in the working float. NaN sorts behind every number. `--edge` says what lies beyond the border. Small
    neighborhoods use sorting networks; larger rectangles sliding histograms, at a cost that does not grow with the
    size. Errors: an anchor outside of the neighborhood, an empty mask.
    Source: S. Perreault and P. Hebert, Median filtering in constant time, 2007.
    """

    example = "imgconv open sample_images/camera.png median --size 5 save clean.png"

    mean: bool = option(False, "with an even number of pixels, the mean of the two middle values, as a float")

    def ranks(self) -> list[int]:
        area = self.area
        both = self.mean and area % 2 == 0
        return [(area - 1) // 2, area // 2] if both else [(area - 1) // 2]


@register("percentile", "Percentile filter: the value below which a share of the neighborhood lies")
class Percentile(RankFilter):
    """out(x, y) = value number floor(P / 100 (n - 1) + 0.5), from 0, of the n sorted values of the neighborhood.

    P = 0 is the minimum, 100 the maximum, 50 the median of an odd number of values. SciPy's percentile_filter
    takes number floor(P / 100 n), which differs by one at most. Channels, dtype, NaN, border and errors as for
    `median`.
    """

    example = "imgconv open sample_images/camera.png percentile 90 --size 7 save light.png"

    percent: float = argument(Number(0, 100), "the share", unit="percent")

    def ranks(self) -> list[int]:
        return [floor(self.percent / 100 * (self.area - 1) + 0.5)]


def method(step: RankFilter, dtype: str) -> str:
    """`three`, `five`, `network`, `columns` or `tiles`; `dtype` is that of the integers that are sorted."""
    height, width = step.extent
    middle = step.is_full and step.ranks() == [height * width // 2]
    if middle and height == width and height in (3, 5):
        return "three" if height == 3 else "five"
    slides = dtype == "u1" and step.is_full
    if step.area <= (NETWORK_BESIDE_SLIDING if slides else NETWORK[dtype]):
        return "network"
    return "columns" if slides else "tiles"


def bind_rank(step: RankFilter, context: Context, rank: int) -> Compute:
    """`compute` for the value that `rank` others do not exceed."""
    dtype = ORDERED[context.spec.dtype]
    compute = METHODS[method(step, dtype)](step, context, rank)
    return compute if dtype == context.spec.dtype else bind_ordered(compute, step, context)


def bind_ordered(inner: Compute, step: RankFilter, context: Context) -> Compute:
    """`compute` over floats as integers in the same order, and back."""
    dtype, channels, width = ORDERED[context.spec.dtype], context.spec.channels, context.out.width
    scratch, n = Scratch(width + step.extent[1] - 1, channels, dtype), width * channels

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        keys, result = scratch.rows(source.height), out.reinterpret(dtype)
        sorting_network.ordered(keys, source.reinterpret(dtype), source.samples)
        inner(result, keys, row)
        sorting_network.restored(result, n)

    return compute


def bind_mean(computes: list[Compute], context: Context) -> Compute:
    """`compute` for the mean of two values."""
    spec, width = context.spec, context.out.width
    compute_lower, compute_upper = computes
    lower, upper = (Scratch(width, spec.channels, spec.dtype) for _ in range(2))

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        low, high = lower.rows(out.height), upper.rows(out.height)
        compute_lower(low, source, row)
        compute_upper(high, source, row)
        sorting_network.mean(out, low, high, width * spec.channels)

    return compute


def bind_network(step: RankFilter, context: Context, rank: int) -> Compute:
    """`compute` by a sorting network that is made for the footprint and the rank."""
    from imgconv.steps.rank.sorting_network import rank_program

    operations, scratch_rows = rank_program(step.footprint, rank)
    dtype, channels = ORDERED[context.spec.dtype], context.spec.channels
    n, halo = context.out.width * channels, (step.extent[1] - 1) * channels
    block = min(n, max(BLOCK // SIZES[dtype], 4 * halo))
    program = Pixels.of_numbers(operations, 1, "i8")
    scratch = Pixels.empty(max(scratch_rows, 1), block + halo, 1, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.network(out, source, program, channels, n, block, scratch)

    return compute


def bind_three(step: RankFilter, context: Context, rank: int) -> Compute:
    """`compute` for the median of 3 x 3."""
    channels, dtype = context.spec.channels, ORDERED[context.spec.dtype]
    n, columns = context.out.width * channels, Vector.zeros(3 * sorting_network.ROW, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.three(out, source, channels, n, columns)

    return compute


def bind_five(step: RankFilter, context: Context, rank: int) -> Compute:
    """`compute` for the median of 5 x 5."""
    channels, dtype = context.spec.channels, ORDERED[context.spec.dtype]
    n, columns = context.out.width * channels, Vector.zeros(5 * sorting_network.ROW, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.five(out, source, channels, n, columns)

    return compute


METHODS: dict[str, Any] = {
    "three": bind_three,
    "five": bind_five,
    "network": bind_network,
    "columns": bind_sliding,
    "tiles": bind_tiles,
}
