"""Blur by a disc, as a lens does out of focus."""

from __future__ import annotations

from itertools import accumulate
from math import asin, ceil, sqrt

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import disc
from imgconv.loops.convolution.direct import BLOCK
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

ROOM = (
    48 << 10
)  # items of the rows' sums that a worker keeps: with the rest they stay in the second-level cache


@register("disc-blur", "blur: as a lens out of focus, each pixel spread over a disc")
class DiscBlur(Padded):
    """out = the mean of the disc around each pixel; a pixel's weight is the part of its square inside the disc.

    The weights sum to 1. Up to radius 0.5 nothing changes. float32 sums, within 4e-4 of float64 on 0..255 (float64
    with `--precision double`); the cost grows with the radius, not with its square.
    """

    example = "imgconv open sample_images/coffee.jpg disc-blur --radius 6.5 save blurred.png"
    is_linear = True
    rounds = True

    radius: float = option(3.0, "of the disc", above=0, high=500, unit="pixels")

    @property
    def reach(self) -> int:
        """Pixels to each side that the disc touches."""
        return max(0, ceil(self.radius - 0.5))

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        kind, step, parts = context.spec.working, context.spec.channels, coverage(self.radius)
        n, count, reach = context.out.width * step, context.clipped, self.reach
        changes = steps_inwards(parts)
        ends = Vector(accumulate(map(len, changes)), "i8")
        tops = Vector([row for one in changes for row, _ in one], "i8")
        weights = Vector([change for one in changes for _, change in one], kind)
        halo = 2 * reach * step
        span = min(n, max(BLOCK // 4, ROOM // (reach + 1) - halo, halo // 2))
        lines, sums = (Pixels.empty(rows, span + halo, 1, kind) for rows in (reach + 1, 2))
        scratch = Vector.zeros(span, kind)
        factor = 1 / total(parts)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            disc.disc(out, source, ends, tops, weights, factor, step, n, lines, sums, scratch, count)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        size = 2 * self.reach + 1
        return f"a disc in {size}x{size}, by the sums of its columns"


def coverage(radius: float) -> list[list[float]]:
    """The part of each pixel inside the disc, from the center right and down; 1 for a disc within one pixel."""
    size = max(0, ceil(radius - 0.5))
    if size == 0:
        return [[1.0]]
    return [[_part(x, y, radius) for y in range(size + 1)] for x in range(size + 1)]


def _part(x: int, y: int, radius: float) -> float:
    """The part of pixel x, y; of those on an axis one half, or a quarter, is looked at."""
    left, right, top, bottom = max(x - 0.5, 0.0), x + 0.5, max(y - 0.5, 0.0), y + 0.5
    if right * right + bottom * bottom <= radius * radius:
        return 1.0
    if left * left + top * top >= radius * radius:
        return 0.0
    found = area(right, bottom, radius) - area(left, bottom, radius)
    found -= area(right, top, radius) - area(left, top, radius)
    return min(max(found * (2 - (x > 0)) * (2 - (y > 0)), 0.0), 1.0)


def area(x: float, y: float, radius: float) -> float:
    """Of the disc between 0 and x, and 0 and y; both positive."""
    x, y = min(x, radius), min(y, radius)
    if x * x + y * y <= radius * radius:
        return x * y
    level = sqrt(radius * radius - y * y)  # up to where y is inside
    return y * level + _under(x, radius) - _under(level, radius)


def _under(x: float, radius: float) -> float:
    """The area under a circle between 0 and x."""
    return (x * sqrt(max(radius * radius - x * x, 0.0)) + radius * radius * asin(min(x / radius, 1.0))) / 2


def steps_inwards(parts: list[list[float]]) -> list[list[tuple[int, float]]]:
    """For each column from the outermost to the center's the rows that weigh more than before, and how much."""
    found, last = [], [0.0] * len(parts)
    for column in reversed(parts):
        found.append([(row, b - a) for row, (a, b) in enumerate(zip(last, column, strict=True)) if a != b])
        last = column
    return [one or [(0, 0.0)] for one in found]


def total(parts: list[list[float]]) -> float:
    """The sum over all four quadrants."""
    return sum(
        part * (2 - (x == 0)) * (2 - (y == 0)) for x, one in enumerate(parts) for y, part in enumerate(one)
    )
