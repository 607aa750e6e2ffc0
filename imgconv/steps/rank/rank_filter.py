"""Ranks: the median and other percentiles of a neighborhood."""

from __future__ import annotations

from math import floor

from imgconv.core.dtypes import SIZES
from imgconv.core.option_types import Number
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context
from imgconv.loops.rank import sorting_network
from imgconv.steps.rank.footprint import Footprint
from imgconv.steps.rank.sliding_histogram import ORDERED, band_rows, by_columns, by_tiles, seen_as
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

# Up to so many pixels a network of exchanges is faster than histograms, measured on 12 MP RGB.
FEW = {"u1": 49, "u2": 81, "i4": 64, "i8": 64}
FEWEST = 36  # the same where columns of bytes slide
MOST = 512  # rows of a strip: channels are brought apart again in those that the next looks at too
BLOCK = 2048  # bytes of a row that a network works on at a time


class Ranked(Footprint):
    """One of the values of the neighborhood in their order; NaN comes last."""

    mean: bool = option(
        False, "with an even number of pixels, the mean of the two in the middle; not whole any more"
    )

    def ranks(self) -> list[int]:
        """The places in the order, from 0, whose mean is the result."""
        raise NotImplementedError

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if len(self.ranks()) == 1 else spec.working

    def strip_rows(self, spec: Spec) -> int:
        height = self.extent[0]
        rows = {"tiles": band_rows(height), "columns": min(4 * height, MOST)}
        return rows.get(method(self, ORDERED[spec.dtype]), 0)

    def bind(self, context: Context) -> Compute:
        found = [ranked(self, context, rank) for rank in self.ranks()]
        return found[0] if len(found) == 1 else averaged(found, context)

    def explain(self, spec: Spec, run: Run) -> str:
        what = f"{self.count} pixels, rank {' and '.join(str(rank + 1) for rank in self.ranks())}"
        return f"{what}: {method(self, ORDERED[spec.dtype])}"


@register("median", "the value in the middle: removes specks, keeps edges")
class Median(Ranked):
    """out(x, y) = the median of in(x + i, y + j) over the neighborhood; each channel by itself, exact.

    Of an even number of values the lower one in the middle, or with `--mean` the mean of the two. NaN is larger than
    every number. Small neighborhoods by networks of exchanges; larger rectangles by histograms that slide, at a cost
    that does not grow with the size.
    """

    example = "imgconv open sample_images/camera.png median --size 5 save clean.png"

    def ranks(self) -> list[int]:
        count = self.count
        both = self.mean and count % 2 == 0
        return [(count - 1) // 2, count // 2] if both else [(count - 1) // 2]


@register("percentile", "the value that a share of the neighborhood does not exceed")
class Percentile(Ranked):
    """out(x, y) = value number floor(P / 100 (n - 1) + 0.5), from 0, of the n values of the neighborhood in order.

    P = 0 is the smallest, 100 the largest, 50 the median of an odd number of values. SciPy's percentile_filter
    takes number floor(P / 100 n), which differs by one at the most. NaN is larger than every number.
    """

    example = "imgconv open sample_images/camera.png percentile 90 --size 7 save light.png"
    fields = {name: field for name, field in Ranked.fields.items() if name != "mean"}

    percent: float = argument(Number(0, 100), "the share", unit="percent")

    def ranks(self) -> list[int]:
        return [floor(self.percent / 100 * (self.count - 1) + 0.5)]


def method(step: Ranked, kind: str) -> str:
    """`three`, `five`, `network`, `columns` or `tiles`."""
    height, width = step.extent
    middle = step.is_full and step.ranks() == [height * width // 2]
    if middle and height == width and height in (3, 5):
        return "three" if height == 3 else "five"
    slides = kind == "u1" and step.is_full
    if step.count <= (FEWEST if slides else FEW[kind]):
        return "network"
    return "columns" if slides else "tiles"


def ranked(step: Ranked, context: Context, rank: int) -> Compute:
    """`compute` for the value that `rank` others do not exceed."""
    kind = ORDERED[context.spec.dtype]
    inner = METHODS[method(step, kind)](step, context, rank)
    return inner if kind == context.spec.dtype else through_order(inner, step, context)


def through_order(inner: Compute, step: Ranked, context: Context) -> Compute:
    """Floats as whole numbers of the same order, and back."""
    kind, channels = ORDERED[context.spec.dtype], context.spec.channels
    n = context.out.width * channels
    held: list[Pixels] = []

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        if not held or held[0].height < source.height:
            held[:] = [Pixels.empty(source.height, source.width, channels, kind)]
        keys, found = held[0].band(0, source.height), seen_as(out, kind)
        sorting_network.ordered(keys, seen_as(source, kind), source.samples)
        inner(found, keys, row)
        sorting_network.restored(found, n)

    return compute


def averaged(found: list[Compute], context: Context) -> Compute:
    """The mean of two."""
    kind, width, channels = context.spec.dtype, context.out.width, context.spec.channels
    n = width * channels
    held: list[Pixels] = []

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        if not held or held[0].height < out.height:
            held[:] = [Pixels.empty(out.height, width, channels, kind) for _ in found]
        low, high = (rows.band(0, out.height) for rows in held)
        found[0](low, source, row)
        found[1](high, source, row)
        sorting_network.mean(out, low, high, n)

    return compute


def by_network(step: Ranked, context: Context, rank: int) -> Compute:
    from imgconv.steps.rank.sorting_network import network

    lines, count = network(step.cells, rank)
    kind, channels = ORDERED[context.spec.dtype], context.spec.channels
    n, halo = context.out.width * channels, (step.extent[1] - 1) * channels
    block = min(n, max(BLOCK // SIZES[kind], 4 * halo))
    program, rooms = Pixels.of_numbers(lines, 1, "i8"), Pixels.empty(max(count, 1), block + halo, 1, kind)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.network(out, source, program, channels, n, block, rooms)

    return compute


def by_three(step: Ranked, context: Context, rank: int) -> Compute:
    channels, kind = context.spec.channels, ORDERED[context.spec.dtype]
    n, scratch = context.out.width * channels, Vector.zeros(3 * sorting_network.ROW, kind)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.three(out, source, channels, n, scratch)

    return compute


def by_five(step: Ranked, context: Context, rank: int) -> Compute:
    channels, kind = context.spec.channels, ORDERED[context.spec.dtype]
    n, scratch = context.out.width * channels, Vector.zeros(5 * sorting_network.ROW, kind)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        sorting_network.five(out, source, channels, n, scratch)

    return compute


METHODS: dict[str, Any] = {
    "three": by_three,
    "five": by_five,
    "network": by_network,
    "columns": by_columns,
    "tiles": by_tiles,
}
