"""Ranks of large neighborhoods: histograms of columns that slide, over bytes or over the buckets of sorted tiles."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.scratch import Scratch
from imgconv.loops.rank import radix_sort, sliding_histogram, sliding_histogram_u8
from imgconv.steps.rank.footprint import runs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.engine.step import Compute, Context
    from imgconv.steps.rank.footprint import Footprint

BINS = sliding_histogram.BINS
TILE = 2048  # pixels across, up to twice as many: 0.5 to 1 MB of histograms, most of them seldom touched
ACROSS, DOWN = 128, 128  # pixels of a tile whose values are sorted: more where the windows are larger,
MOST_ACROSS, MOST_DOWN = 1024, 512  # but not more than so many, for the memory
DIGITS = {"u1": 1, "u2": 2, "i4": 4, "i8": 8}  # bytes of a value, each a digit of the radix sort
SIGN = {"u1": 0, "u2": 0, "i4": 128, "i8": 128}  # what flips the sign in the last digit
ORDERED = {"u1": "u1", "u2": "u2", "f4": "i4", "f8": "i8"}  # integers in the order of the values


def is_small(step: Footprint) -> bool:
    """Whether counts of a column fit a byte and those of a window 16 bits."""
    height, width = step.extent
    return height <= sliding_histogram_u8.ROWS and height * width <= sliding_histogram_u8.VALUES


class Histograms:
    """What `loops.sliding_histogram` works on: for each part of a row, each segment's histograms of all columns."""

    def __init__(self, step: Footprint, tile: int, segments: int, parts: int) -> None:
        counts, sums = ("u1", "u2") if is_small(step) else ("u2", "i4")
        wide = tile + step.extent[1]  # one more than the windows see: it stays empty
        columns = Pixels.empty(parts * segments, wide * BINS, 1, counts)
        below = Pixels.empty(parts * segments, wide, 1, counts)
        windows, positions = Pixels.empty(segments, BINS, 1, sums), Pixels.empty(segments, 2, 1, "i8")
        added = [[other >= bin for other in range(BINS)] for bin in range(BINS)]
        increments = Pixels.of_numbers(added, 1, counts).reinterpret("u8")
        # the last parameters of the loops, in their order
        self.arguments = (columns, columns.reinterpret("u8"), below, windows, positions, increments)


def bind_sliding(step: Footprint, context: Context, rank: int) -> Compute:
    """`compute` for rectangles of bytes. The columns' histograms live on from one strip to the next that follows."""
    (_, width), channels, pixels = step.extent, context.spec.channels, context.out.width
    tile = -(-pixels // max(pixels // max(TILE, 16 * width), 1))
    parts = -(-pixels // tile) * channels
    bind = bind_small if is_small(step) else bind_large
    run = bind(step, context, rank, tile, parts)
    next_row = -1

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        nonlocal next_row
        run(out, source, row != next_row)
        next_row = row + out.height

    return compute


def bind_small(
    step: Footprint, context: Context, rank: int, tile: int, parts: int
) -> Callable[[Pixels, Pixels, bool], None]:
    """`run(out, source, fresh)` for windows whose counts fit 16 bits; fresh: the columns hold nothing yet."""
    (height, width), channels, pixels = step.extent, context.spec.channels, context.out.width
    wide = tile + width - 1
    planes, segments = Scratch(wide, 1, "u1"), Vector.zeros(parts, "i8")
    columns, below, window, increments = byte_histograms(wide, parts)

    def run(out: Pixels, source: Pixels, fresh: bool) -> None:
        sliding_histogram_u8.rectangle(
            out,
            source,
            height,
            width,
            channels,
            pixels,
            rank,
            tile,
            fresh,
            planes.rows(source.height * channels),
            segments,
            columns,
            below,
            window,
            increments,
        )

    return run


def bind_large(
    step: Footprint, context: Context, rank: int, tile: int, parts: int
) -> Callable[[Pixels, Pixels, bool], None]:
    """`run(out, source, fresh)` for larger windows."""
    (height, width), channels, pixels = step.extent, context.spec.channels, context.out.width
    values, segments = Vector.zeros(tile + width - 1, "u1"), Vector.zeros(parts, "i8")
    histograms = Histograms(step, tile, 256 // BINS, parts).arguments

    def run(out: Pixels, source: Pixels, fresh: bool) -> None:
        sliding_histogram.of_bytes(
            out, source, height, width, channels, pixels, rank, tile, fresh, values, segments, *histograms
        )

    return run


def byte_histograms(wide: int, parts: int) -> tuple[Pixels, Pixels, Vector, Vector]:
    """The last parameters of `loops.sliding_histogram_u8.rectangle`, in their order.

    The columns' histograms, the counts below each segment, a window's histogram, what a value adds to a column's.
    """
    rows, bins = parts * sliding_histogram_u8.SEGMENTS, sliding_histogram_u8.BINS
    columns, below = Pixels.empty(rows, wide * bins, 1, "u1"), Pixels.empty(rows, wide, 1, "u1")
    increments = [other >= bin for bin in range(bins) for other in range(bins)]
    return columns, below, Vector.zeros(bins, "u2"), Vector(increments, "u1")


def band_rows(height: int) -> int:
    """Rows of a tile: so many that those which windows see beyond it do not cost too much."""
    return max(DOWN, min(2 * height, MOST_DOWN))


def bind_tiles(step: Footprint, context: Context, rank: int) -> Compute:
    """`compute` for any values and any footprint: each tile's values are sorted first."""
    channels, pixels = context.spec.channels, context.out.width
    halo = step.extent[0] - 1
    rank_tile = TileRanks(step, context, rank)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        bands = -(-out.height // rank_tile.rows)
        rows = -(-out.height // bands)
        for top in range(0, out.height, rows):
            stop = min(top + rows, out.height)
            band, seen = out.band(top, stop), source.band(top, stop + halo)
            for start in range(0, pixels, rank_tile.columns):
                for channel in range(channels):
                    rank_tile(band, seen, start, channel)

    return compute


class TileRanks:
    """Ranks of one tile of up to `rows` x `columns` pixels, a channel at a time."""

    def __init__(self, step: Footprint, context: Context, rank: int) -> None:
        height, width = step.extent
        dtype = ORDERED[context.spec.dtype]
        self.pixels, self.channels, self.halo = context.out.width, context.spec.channels, width - 1
        self.rows, self.columns = (
            band_rows(height),
            min(self.pixels, max(ACROSS, min(2 * width, MOST_ACROSS))),
        )
        self.digits, self.sign, self.is_full = DIGITS[dtype], SIGN[dtype], step.is_full
        seen_rows, seen_columns = (
            self.rows + height - 1,
            self.columns + self.halo,
        )  # with the halo of the windows
        self.values = Pixels.empty(2, seen_rows * seen_columns, 1, "i8")
        self.positions = Pixels.empty(2, seen_rows * seen_columns, 1, "i4")
        self.counts = Vector.zeros(256, "i8")
        self.starts = Vector.zeros(radix_sort.BUCKETS + 1, "i8")
        self.buckets = Pixels.empty(seen_rows, seen_columns, 1, "u2")
        self.results = Pixels.empty(self.rows, self.columns, 1, "i8")
        self.footprint = Pixels.of_numbers(step.footprint, 1, "u1")
        self.search = bind_search(step, rank, self.columns)

    def __call__(self, out: Pixels, source: Pixels, start: int, channel: int) -> None:
        """The ranks of the pixels from column `start` on."""
        first, channels = start * self.channels + channel, self.channels  # first: an item of a row
        columns = min(self.columns, self.pixels - start)
        results = self.results.band(0, out.height)
        radix_sort.index(
            source,
            first,
            channels,
            source.height,
            columns + self.halo,
            self.digits,
            self.sign,
            self.values,
            self.positions,
            self.counts,
            self.starts,
            self.buckets,
        )
        self.search(results, self.buckets, columns)
        radix_sort.resolve(
            out,
            first,
            channels,
            results,
            columns,
            self.values,
            self.positions,
            self.starts,
            self.footprint,
            self.is_full,
        )


def bind_search(step: Footprint, rank: int, tile: int) -> Callable[[Pixels, Pixels, int], None]:
    """`search(results, buckets, pixels)`: the bucket of each window's result, and its position in the bucket."""
    height, width = step.extent
    if step.is_full:
        histograms = Histograms(step, tile, radix_sort.BUCKETS // BINS, 1).arguments

        def by_window(results: Pixels, buckets: Pixels, n: int) -> None:
            sliding_histogram.of_buckets(results, buckets, height, width, rank, n, *histograms)

        return by_window
    runs = [(y, start, length) for y, row in enumerate(step.footprint) for start, length in runs_of(row)]
    tops, firsts = Vector([y for y, _, _ in runs], "i8"), Vector([start for _, start, _ in runs], "i8")
    lasts = Vector([start + length - 1 for _, start, length in runs], "i8")
    counts = Vector.zeros(radix_sort.BUCKETS, "i8")

    def by_mask(results: Pixels, buckets: Pixels, n: int) -> None:
        radix_sort.by_runs(results, buckets, tops, firsts, lasts, rank, n, counts)

    return by_mask
