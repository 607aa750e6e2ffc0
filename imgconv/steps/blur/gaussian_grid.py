"""A Gaussian at a cost that does not grow with sigma: blurred on a grid of every h-th pixel.

Rows and columns go to the grid by a spline of four boxes, and come back by the same; the grid's own Gaussian adds what
variance is missing. Beside the sampled Gaussian, the sum of the absolute differences of the weights, times 255, is
below 0.4 along one axis for every sigma from 4 on, so no 8-bit image whatever comes out 0.4 of a level apart.
"""

from __future__ import annotations

from itertools import accumulate
from math import exp, fsum

from imgconv.core.memo import memoize
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.row_buffer import RowBuffer
from imgconv.loops.blur import gaussian_grid as coarse
from imgconv.loops.convolution.direct import BLOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute, Context

    Points = tuple[Vector, Vector, Pixels, Vector]

KEPT = 16  # axes that are folded once: 3 ms at sigma 200
_folded: dict[tuple[int, int, int, int, Border, str], Points] = {}


def padded(first: int, h: int, count: int, kind: str) -> Points:
    """For loops: of each point the first pixel that it looks at, here each h-th, and -1: the spline itself."""
    return (
        Vector(range(first, first + h * count, h), "i8"),
        Vector([-1] * count, "i8"),
        Pixels.empty(1, 1, 1, kind),
        Vector([0], "i8"),
    )


def folded(
    spline: Sequence[float], h: int, begin: int, stop: int, length: int, edge: Border, kind: str
) -> Points:
    """The same for points `begin` to `stop` of an axis that is not padded, point k at pixel k h.

    Points that see the border have a row of the table, and a number of weights in it; none are left far out in zeros.
    """
    key = h, begin, stop, length, edge, kind
    return memoize(_folded, KEPT, key, lambda: _fold(spline, h, begin, stop, length, edge, kind))


def _fold(
    spline: Sequence[float], h: int, begin: int, stop: int, length: int, edge: Border, kind: str
) -> Points:
    half = len(spline) - 1
    low = min(max(-(-half // h), begin), stop)  # the first point that sees no border
    high = max((length - 1 - half) // h + 1, low)  # the next that does
    rows: dict[tuple[int, tuple[float, ...]], int] = {}
    firsts, kinds = [k * h - half for k in range(begin, stop)], [-1] * (stop - begin)
    for points in (range(begin, low), range(min(high, stop), stop)):
        for k, (first, weights) in zip(points, _inside(spline, h, points, length, edge), strict=True):
            firsts[k - begin] = first
            kinds[k - begin] = rows.setdefault((first, weights), len(rows))
    table = [list(weights) for _, weights in rows] or [[]]
    wide = max(1, *map(len, table))
    return (
        Vector(firsts, "i8"),
        Vector(kinds, "i8"),
        Pixels.of_numbers([weights + [0.0] * (wide - len(weights)) for weights in table], 1, kind),
        Vector(map(len, table), "i8"),
    )


def _inside(
    spline: Sequence[float], h: int, points: range, length: int, edge: Border
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """The first pixel inside that each point looks at, and the weights from there on."""
    half, whole = len(spline) - 1, [*spline[:0:-1], *spline]
    first = points.start * h - half
    places = [edge.map_index(x, length) for x in range(first, first + len(points) * h + len(whole))]
    for at in range(0, len(points) * h, h):
        mine = places[at : at + len(whole)]
        inside = [x for x in mine if x >= 0]
        if not inside:
            yield 0, ()
            continue
        low = min(inside)
        sums = [0.0] * (max(inside) + 1 - low)
        for x, weight in zip(mine, whole, strict=True):
            if x >= 0:
                sums[x - low] += weight
        yield low, tuple(sums)


LEAST = 4.0  # sigmas: below, the grid's own pixels would show
SPACING = 0.5  # sigmas
ROWS = 64  # computed together, and 8 h at most: their grid rows stay in the cache
TILE = 1024  # items of a row's weights that are kept, at least
KEPT = 16  # tables of weights for the next worker or image: 1.3 of the 2.7 ms of a small one
SPAN = 4096  # items between pixels and grid points at a time
_tiles: dict[tuple[int, int, str], Pixels] = {}


class Grid:
    """What a sigma needs: the distance h of grid points, the spline's weights, the Gaussian of the grid."""

    def __init__(self, sigma: float) -> None:
        self.h = h = int(sigma * SPACING)
        rest = (
            sigma * sigma - 2 * (h * h - 1) / 3
        ) ** 0.5 / h  # a box of h pixels has (h h - 1) / 12, and there are 8
        self.bell = bell(rest, int(4 * rest))
        self.spline = spline(h)

    @property
    def radius(self) -> int:
        return len(self.bell) - 1

    @property
    def reach(self) -> int:
        """Pixels to each side that a result looks at."""
        return (self.radius + 4) * self.h - 2


def bell(sigma: float, radius: int) -> list[float]:
    """Weights of a Gaussian from the center outwards; with the other half they sum to 1."""
    ratios = [i / sigma for i in range(radius + 1)]
    half = [exp(-0.5 * t * t) for t in ratios]
    total = fsum(half + half[1:])
    return [weight / total for weight in half]


def spline(h: int) -> list[float]:
    """Weights of four boxes of h pixels, one over the other, from the center outwards; both sides sum to 1."""
    whole = [1]
    for _ in range(4):
        sums = [0, *accumulate(whole + [0] * (h - 1))]
        whole = [sums[i] - sums[max(i - h, 0)] for i in range(1, len(sums))]
    return [weight / h**4 for weight in whole[len(whole) // 2 :]]


class DownsampledGaussian:
    """Blurred rows for one worker: between rows of the grid, whose columns are pixels already.

    `edge`: what lies beyond the border of the source; None: it is padded.
    """

    def __init__(self, grid: Grid, context: Context, edge: Border | None = None) -> None:
        spec, kind, h = context.spec, context.spec.working, grid.h
        self.grid, self.step, self.edge = grid, spec.channels, edge
        self.begin = -1 - grid.radius  # the first point along each axis
        self.axes, samples = self._points(spec, kind)
        self.small = RowBuffer(self._many(spec.width), self.step, kind, slack=4)
        self.rows = min(ROWS, 8 * h)
        self.ring = Pixels.unset((self.rows - 1) // h + 5, context.out.width, self.step, kind)
        self.first = self.stop = 0  # the grid rows that the ring holds
        half = grid.spline
        self.column, self.row = Vector(half, kind), Vector(half[:0:-1] + half, kind)
        self.near = Vector([weight * h for weight in half] + [0.0, 0.0], kind)
        self.tiles = tiles(grid, self.step, kind)
        self.down, self.across = Vector(grid.bell, kind), Vector(grid.bell[:0:-1] + grid.bell, kind)
        self.rooms = Vector.zeros(samples, kind), Vector.zeros(max(SPAN, h * self.step), kind)
        repeated = (context.out.width + 3 * h) * self.step
        self.lines = [Vector.zeros(n, kind) for n in (*[self.small.width * self.step] * 2, repeated)]
        self.scratch = Vector.zeros(BLOCK, kind)

    def _many(self, size: int) -> int:
        """Points along an axis."""
        return (size - 1) // self.grid.h + 4 + 2 * self.grid.radius

    def _points(self, spec: Spec, kind: str) -> tuple[tuple[Any, ...], int]:
        """What the points take from rows and from columns, and how many items a row of the source has."""
        grid, h, sizes = self.grid, self.grid.h, (spec.height, spec.width)
        if self.edge:
            ends = [(self.begin, self.begin + self._many(size), size) for size in sizes]
            rows, columns = (folded(grid.spline, h, *end, self.edge, kind) for end in ends)
            return rows + columns, spec.width * self.step
        rows = padded(self.begin * h + 1 - len(grid.spline), h, self._many(spec.height), kind)
        columns = padded(h, h, self._many(spec.width), kind)
        return rows + columns, (spec.width + 2 * grid.reach) * self.step

    def top(self, row: int) -> int:
        """The image's row that a source begins with, which is there for results from `row` on."""
        first = row - self.grid.reach
        return max(first, 0) if self.edge else first

    @property
    def left(self) -> int:
        """The source's item in the place of a result's first."""
        return 0 if self.edge else self.grid.reach * self.step

    def prepare(self, source: Pixels, top: int, start: int, stop: int) -> None:
        """Have the ring hold the grid rows around image rows start to stop.

        `top` is the image's row that the source begins with.
        """
        h, radius = self.grid.h, self.grid.radius
        first, last = start // h - 1, (stop - 1) // h + 3
        done = min(self.stop, last) if self.first <= first < self.stop else first
        self.first, self.stop = first, last
        if done == last:
            return
        begin, end = done - radius, last + radius
        small, have = self.small.move(begin, end)
        if have < end:
            weights = self.column, self.row, *self.axes, *self.rooms
            coarse.shrink(
                small.band(have - begin, end - begin), source, have - self.begin, top, h, self.step, *weights
            )
        weights = self.down, self.across, self.tiles
        coarse.blur(self.ring, small, done, last - done, h, self.step, *weights, *self.lines)


def tiles(grid: Grid, step: int, kind: str) -> Pixels:
    """Weights of the four grid points around a pixel, over and over."""
    return memoize(_tiles, KEPT, (grid.h, step, kind), lambda: _repeated(grid, step, kind))


def _repeated(grid: Grid, step: int, kind: str) -> Pixels:
    h, block = grid.h, max(1, TILE // (grid.h * step)) * grid.h
    near = [weight * h for weight in grid.spline] + [0.0, 0.0]
    rows = []
    for begin, sign in ((h, 1), (0, 1), (h, -1), (2 * h, -1)):
        weights = [near[begin + sign * (x % grid.h)] for x in range(block)]
        rows.append([weight for weight in weights for _ in range(step)])
    return Pixels.of_numbers(rows, 1, kind)


def by_bands(blurred: DownsampledGaussian, write: Callable[[Pixels, Pixels, int, int], None]) -> Compute:
    """`compute` that has `write(out, source, row, at)` make a few rows at a time, from the grid's rows in the ring.

    `row` is the image's row that `out` begins with, and `at` the source's row in its place.
    """

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        top = blurred.top(row)
        for start in range(row, row + out.height, blurred.rows):
            stop = min(start + blurred.rows, row + out.height)
            blurred.prepare(source, top, start, stop)
            write(out.band(start - row, stop - row), source, start, start - top)

    return compute
