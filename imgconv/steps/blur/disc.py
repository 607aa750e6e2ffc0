"""Disc blur: the blur of a lens that is out of focus."""

from __future__ import annotations

from itertools import accumulate
from math import asin, ceil, sqrt

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import disc
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

SUMS = 48 << 10  # items of row sums that a worker keeps: with the rest they stay in the second-level cache


@register("disc-blur", "Disc blur: the mean of a disc of pixels, as a lens out of focus")
class DiscBlur(Padded):
    """Disc blur: out = the mean of the disc around each pixel, each pixel weighted by the area of its square inside.

    The weights sum to 1; up to radius 0.5 nothing changes. Takes any channels and gives floats in the range of the
    input; `--edge` fills the border. float32 sums, within 4e-4 of float64 on 0..255 (float64 with `--precision
    double`); the cost grows with the radius, not with its square.
    """

    example = "imgconv open sample_images/coffee.jpg disc-blur --radius 6.5 save blurred.png"
    is_linear = True
    rounds = True

    radius: float = option(3.0, "radius of the disc", above=0, high=500, unit="pixels")

    @property
    def reach(self) -> int:
        """How many pixels on each side the disc touches."""
        return max(0, ceil(self.radius - 0.5))

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        dtype, channel_stride, quadrant = context.spec.working, context.spec.channels, coverage(self.radius)
        n, clipped, reach = context.out.width * channel_stride, context.clipped, self.reach
        changes = column_changes(quadrant)
        ends = Vector(accumulate(map(len, changes)), "i8")
        tops = Vector([row for column in changes for row, _ in column], "i8")
        weights = Vector([change for column in changes for _, change in column], dtype)
        halo = 2 * reach * channel_stride
        span = min(n, max(BLOCK // 4, SUMS // (reach + 1) - halo, halo // 2))
        lines, sums = (Pixels.empty(rows, span + halo, 1, dtype) for rows in (reach + 1, 2))
        scratch = Vector.zeros(span, dtype)
        factor = 1 / total(quadrant)
        operands = ends, tops, weights, factor, channel_stride, n, lines, sums, scratch, clipped

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            disc.disc(out, source, *operands)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        size = 2 * self.reach + 1
        return f"a disc in {size}x{size}, by the sums of its columns"


def coverage(radius: float) -> list[list[float]]:
    """The part of each pixel inside the disc, by columns of the lower right quadrant; 1 for a disc inside one pixel."""
    size = max(0, ceil(radius - 0.5))
    if size == 0:
        return [[1.0]]
    return [[_part(x, y, radius) for y in range(size + 1)] for x in range(size + 1)]


def _part(x: int, y: int, radius: float) -> float:
    """The part of pixel x, y inside the disc; on the axes from the half, or quarter, that is in the quadrant."""
    left, right, top, bottom = max(x - 0.5, 0.0), x + 0.5, max(y - 0.5, 0.0), y + 0.5
    if right * right + bottom * bottom <= radius * radius:
        return 1.0
    if left * left + top * top >= radius * radius:
        return 0.0
    inside = area(right, bottom, radius) - area(left, bottom, radius)
    inside -= area(right, top, radius) - area(left, top, radius)
    return min(max(inside * (2 - (x > 0)) * (2 - (y > 0)), 0.0), 1.0)


def area(x: float, y: float, radius: float) -> float:
    """The area of the disc in the rectangle from 0, 0 to x, y; both are positive."""
    x, y = min(x, radius), min(y, radius)
    if x * x + y * y <= radius * radius:
        return x * y
    level = sqrt(radius * radius - y * y)  # up to here y is inside the disc
    return y * level + _under(x, radius) - _under(level, radius)


def _under(x: float, radius: float) -> float:
    """The area under the circle from 0 to x."""
    return (x * sqrt(max(radius * radius - x * x, 0.0)) + radius * radius * asin(min(x / radius, 1.0))) / 2


def column_changes(quadrant: list[list[float]]) -> list[list[tuple[int, float]]]:
    """For each column, from the outermost to the center: the rows whose weights change, and by how much."""
    changes, before = [], [0.0] * len(quadrant)
    for column in reversed(quadrant):
        changes.append(
            [(row, b - a) for row, (a, b) in enumerate(zip(before, column, strict=True)) if a != b]
        )
        before = column
    return [rows or [(0, 0.0)] for rows in changes]


def total(quadrant: list[list[float]]) -> float:
    """The sum over all four quadrants."""
    return sum(
        part * (2 - (x == 0)) * (2 - (y == 0))
        for x, column in enumerate(quadrant)
        for y, part in enumerate(column)
    )
