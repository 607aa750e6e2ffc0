"""Large Gaussians at a cost that does not grow with sigma: blurred on a coarse grid of every spacing-th pixel.

A spline of four boxes downsamples rows and columns, and upsamples them again; the grid's own Gaussian adds the missing
variance. Along one axis, the absolute differences from the sampled weights sum to less than 0.4 / 255 for every sigma
from 4 on, so no 8-bit image comes out 0.4 of a level apart.
"""

from __future__ import annotations

from itertools import accumulate

from imgconv.core.memo import memoize
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.record import Record
from imgconv.engine.row_buffer import RowBuffer
from imgconv.loops.blur import gaussian_grid
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.blur.gaussian_sampled import Variant, half_gaussian, mirrored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute, Context

SPACING = 0.5  # sigmas between grid points
ROWS = 64  # computed together, and 8 spacings at most: their grid rows stay in the cache
TILE = 1024  # items of a row's weights that are kept, at least
KEPT = 16  # tables for the next worker or image: tiles take 1.3 of 2.7 ms of a small one, border taps 3 at sigma 200
SPAN = 4096  # items between pixels and grid points at a time


class Grid:
    """The grid for a sigma: grid point k lies at pixel k * spacing, on rows and columns alike."""

    def __init__(self, sigma: float) -> None:
        self.spacing = h = int(sigma * SPACING)
        boxes = 2 * (h * h - 1) / 3  # variance: (h h - 1) / 12 for a box of h pixels, and there are 8
        rest = (sigma * sigma - boxes) ** 0.5 / h  # sigma on the grid
        self.radius = int(4 * rest)  # in grid points
        self.gaussian = half_gaussian(rest, self.radius)  # on the grid
        self.spline = half_spline(h)  # from pixels to the grid

    @property
    def reach(self) -> int:
        """How many pixels on each side a result looks at."""
        return (self.radius + 4) * self.spacing - 2

    @property
    def first_point(self) -> int:
        """The first point of each axis that is needed: upsampling looks at point -1, and the blur further."""
        return -1 - self.radius

    def points(self, length: int) -> int:
        """How many points an axis of `length` pixels needs, from `first_point` on."""
        return (length - 1) // self.spacing + 4 + 2 * self.radius

    @property
    def upsampling(self) -> list[float]:
        """The spline as it upsamples, from the center outwards; two zeros for a fourth point that is too far away."""
        return [weight * self.spacing for weight in self.spline] + [0.0, 0.0]


def half_spline(h: int) -> list[float]:
    """Weights of four boxes of h pixels convolved with each other, from the center outwards; both halves sum to 1."""
    whole = [1]
    for _ in range(4):
        sums = [0, *accumulate(whole + [0] * (h - 1))]
        whole = [sums[i] - sums[max(i - h, 0)] for i in range(1, len(sums))]
    return [weight / h**4 for weight in whole[len(whole) // 2 :]]


class GridTaps(Record):
    """What the grid points along one axis take from its pixels.

    Point k takes the pixels from firsts[k] on, times the first lengths[t] weights of the table's row t = table_rows[k];
    times the whole spline if t is -1. Neighbors with the same t take the same pixels.
    """

    firsts: Vector
    table_rows: Vector
    table: Pixels
    lengths: Vector

    @property
    def operands(self) -> tuple[Vector, Vector, Pixels, Vector]:
        """For the loops, as their `GRID_TAPS`."""
        return self.firsts, self.table_rows, self.table, self.lengths


def padded_taps(first: int, spacing: int, points: int, dtype: str) -> GridTaps:
    """For an axis that is padded: the spline itself everywhere, from pixel `first` on for the first point."""
    return GridTaps(
        firsts=Vector(range(first, first + spacing * points, spacing), "i8"),
        table_rows=Vector([-1] * points, "i8"),
        table=Pixels.empty(1, 1, 1, dtype),
        lengths=Vector([0], "i8"),
    )


def border_taps(
    spline: Sequence[float], spacing: int, begin: int, stop: int, length: int, edge: Border, dtype: str
) -> GridTaps:
    """For points `begin` to `stop` of an axis of `length` pixels that is not padded: the border is folded inside.

    Points that look beyond the border have weights of their own: none where they see nothing but zeros.
    """
    key = spacing, begin, stop, length, edge, dtype
    return memoize(_border_taps, KEPT, key, lambda: _fold(spline, spacing, begin, stop, length, edge, dtype))


_border_taps: dict[tuple[int, int, int, int, Border, str], GridTaps] = {}


def _fold(
    spline: Sequence[float], spacing: int, begin: int, stop: int, length: int, edge: Border, dtype: str
) -> GridTaps:
    half = len(spline) - 1
    low = min(max(-(-half // spacing), begin), stop)  # the first point that sees no border
    high = max((length - 1 - half) // spacing + 1, low)  # the next that does
    firsts, table_rows = [k * spacing - half for k in range(begin, stop)], [-1] * (stop - begin)
    numbers: dict[tuple[int, tuple[float, ...]], int] = {}  # of the table's rows, by first pixel and weights
    for points in (range(begin, low), range(min(high, stop), stop)):
        for k, taps in zip(points, _folded_taps(spline, spacing, points, length, edge), strict=True):
            firsts[k - begin] = taps[0]
            table_rows[k - begin] = numbers.setdefault(taps, len(numbers))
    rows = [list(weights) for _, weights in numbers] or [[]]
    longest = max(1, *map(len, rows))
    return GridTaps(
        firsts=Vector(firsts, "i8"),
        table_rows=Vector(table_rows, "i8"),
        table=Pixels.of_numbers([weights + [0.0] * (longest - len(weights)) for weights in rows], 1, dtype),
        lengths=Vector(map(len, rows), "i8"),
    )


def _folded_taps(
    spline: Sequence[float], spacing: int, points: range, length: int, edge: Border
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """For each point the first pixel inside the image that it looks at, and the weights from there on."""
    half, whole = len(spline) - 1, mirrored(list(spline))
    first = points.start * spacing - half
    inside = [edge.map_index(x, length) for x in range(first, first + len(points) * spacing + len(whole))]
    for offset in range(0, len(points) * spacing, spacing):
        pixels = inside[offset : offset + len(whole)]
        seen = [x for x in pixels if x >= 0]
        if not seen:
            yield 0, ()
            continue
        low = min(seen)
        sums = [0.0] * (max(seen) + 1 - low)
        for x, weight in zip(pixels, whole, strict=True):
            if x >= 0:
                sums[x - low] += weight
        yield low, tuple(sums)


class GridRows:
    """The image downsampled: rows of grid points, computed from rows of the source and kept while the blur needs them.

    Grid rows are known by the number of their point. `edge`: what lies beyond the source's border; None: it is padded.
    """

    def __init__(self, grid: Grid, spec: Spec, edge: Border | None) -> None:
        dtype, width, spline = spec.working, spec.width + (0 if edge else 2 * grid.reach), grid.spline
        self.spacing, self.channels, self.first_point = grid.spacing, spec.channels, grid.first_point
        rows, columns = _axis_taps(grid, spec, edge)
        self.operands = (
            Vector(spline, dtype),
            Vector(mirrored(spline), dtype),
            *rows.operands,
            *columns.operands,
            Vector.zeros(width * spec.channels, dtype),
            Vector.zeros(max(SPAN, grid.spacing * spec.channels), dtype),
        )
        self.buffer = RowBuffer(grid.points(spec.width), spec.channels, dtype, slack=4)

    def rows(self, start: int, stop: int, source: Pixels, top: int) -> Pixels:
        """Grid rows start to stop; the source, for those that are new, begins with row `top` of the image."""
        rows, new = self.buffer.move(start, stop)
        if new < stop:
            gaussian_grid.downsample(
                rows.band(new - start, stop - start),
                source,
                new - self.first_point,
                top,
                self.spacing,
                self.channels,
                *self.operands,
            )
        return rows


def _axis_taps(grid: Grid, spec: Spec, edge: Border | None) -> tuple[GridTaps, GridTaps]:
    """Down and across."""
    spline, spacing, dtype, begin = grid.spline, grid.spacing, spec.working, grid.first_point
    down, across = grid.points(spec.height), grid.points(spec.width)
    if edge:
        return (
            border_taps(spline, spacing, begin, begin + down, spec.height, edge, dtype),
            border_taps(spline, spacing, begin, begin + across, spec.width, edge, dtype),
        )
    top = (
        begin * spacing + 1 - len(spline)
    )  # rows count from the image's first, columns from the padded source's
    return padded_taps(top, spacing, down, dtype), padded_taps(spacing, spacing, across, dtype)


class DownsampledGaussian:
    """One worker's blur: grid rows, blurred and upsampled across to pixels, in a ring that is read to upsample down.

    The ring holds grid rows `first` to `stop`; grid row k is in slot k modulo its height.
    """

    def __init__(self, grid: Grid, context: Context, edge: Border | None) -> None:
        spec, width, dtype, channels = (
            context.spec,
            context.out.width,
            context.spec.working,
            context.spec.channels,
        )
        self.grid, self.channels, self.edge = grid, channels, edge
        self.grid_rows = GridRows(grid, spec, edge)
        self.rows_at_once = min(ROWS, 8 * grid.spacing)  # of the image
        self.ring = Pixels.unset((self.rows_at_once - 1) // grid.spacing + 5, width, channels, dtype)
        self.first = self.stop = 0
        items = grid.points(spec.width) * channels
        self.operands = (
            Vector(grid.gaussian, dtype),
            Vector(mirrored(grid.gaussian), dtype),
            upsampling_tiles(grid, channels, dtype),
            Vector.zeros(items, dtype),
            Vector.zeros(items, dtype),
            Vector.zeros((width + 3 * grid.spacing) * channels, dtype),
        )

    def by_bands(self, write: Callable[[Pixels, Pixels, int, int], None]) -> Compute:
        """`compute` that has `write(out, source, y, top)` upsample a few rows at a time down from the ring.

        `y` and `top` are the rows of the image that `out` and `source` begin with.
        """

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            top = max(y - self.grid.reach, 0) if self.edge else y - self.grid.reach
            for start in range(y, y + out.height, self.rows_at_once):
                stop = min(start + self.rows_at_once, y + out.height)
                self.fill(start // self.grid.spacing - 1, (stop - 1) // self.grid.spacing + 3, source, top)
                write(out.band(start - y, stop - y), source, start, top)

        return compute

    def fill(self, first: int, stop: int, source: Pixels, top: int) -> None:
        """Have the ring hold grid rows first to stop; the source begins with row `top` of the image."""
        new = min(self.stop, stop) if self.first <= first < self.stop else first
        self.first, self.stop = first, stop
        if new == stop:
            return
        rows = self.grid_rows.rows(new - self.grid.radius, stop + self.grid.radius, source, top)
        gaussian_grid.blur(self.ring, rows, new, stop - new, self.grid.spacing, self.channels, *self.operands)


def upsampling_tiles(grid: Grid, channels: int, dtype: str) -> Pixels:
    """Weights of the four grid points around a pixel, a row for each, pixel by pixel for some periods of the grid."""
    key = grid.spacing, channels, dtype
    return memoize(_tiles, KEPT, key, lambda: _upsampling_tiles(grid, channels, dtype))


_tiles: dict[tuple[int, int, str], Pixels] = {}


def _upsampling_tiles(grid: Grid, channels: int, dtype: str) -> Pixels:
    h, weights = grid.spacing, grid.upsampling
    pixels = max(1, TILE // (h * channels)) * h
    rows = []
    for begin, sign in ((h, 1), (0, 1), (h, -1), (2 * h, -1)):
        row = [weights[begin + sign * (x % h)] for x in range(pixels)]
        rows.append([weight for weight in row for _ in range(channels)])
    return Pixels.of_numbers(rows, 1, dtype)


class OnGrid(Variant):
    """Blur on the grid. `edge`: what lies beyond the source's border, which is folded inside; None: it is padded."""

    grid: Grid
    edge: Border | None = None

    @property
    def reach(self) -> int:
        return self.grid.reach

    def folding(self, edge: Border) -> Variant | None:
        """A border that wraps around would be folded across the whole image; a constant would have to be added."""
        return self.replace(edge=edge) if edge.folds else None

    def blur(self, context: Context, margin: int) -> Compute:
        blurred, near, scratch = self.operands(context)
        ring, spacing, clipped = blurred.ring, self.grid.spacing, context.clipped
        n = context.out.width * context.spec.channels

        def write(out: Pixels, source: Pixels, y: int, top: int) -> None:
            gaussian_grid.upsample(out, ring, y, spacing, n, near, scratch, clipped)

        return blurred.by_bands(write)

    def unsharp(self, context: Context, margin: int, amount: float, least: float) -> Compute:
        blurred, near, scratch = self.operands(context)
        ring, spacing, clipped = blurred.ring, self.grid.spacing, context.clipped
        n = context.out.width * context.spec.channels
        left = 0 if self.edge else self.reach * context.spec.channels

        def write(out: Pixels, source: Pixels, y: int, top: int) -> None:
            gaussian_grid.unsharp(
                out, source, ring, y, y - top, left, spacing, n, amount, least, near, scratch, clipped
            )

        return blurred.by_bands(write)

    def operands(self, context: Context) -> tuple[DownsampledGaussian, Vector, Vector]:
        """The blurred grid rows, the weights that upsample them down, and scratch for a result."""
        dtype = context.spec.working
        return (
            DownsampledGaussian(self.grid, context, self.edge),
            Vector(self.grid.upsampling, dtype),
            Vector.zeros(BLOCK, dtype),
        )

    def explain(self) -> str:
        return f"on a grid of every {self.grid.spacing} pixels, {2 * self.grid.radius + 1} taps there"
