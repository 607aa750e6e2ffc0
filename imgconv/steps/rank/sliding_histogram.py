"""Ranks of large neighborhoods: by histograms of columns, and in places of an order."""

from __future__ import annotations

from imgconv.core.dtypes import SIZES
from imgconv.core.pixels import Pixels, Vector
from imgconv.loops.rank import radix_sort, sliding_histogram, sliding_histogram_u8
from imgconv.steps.rank.footprint import runs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from imgconv.engine.step import Compute, Context
    from imgconv.steps.rank.footprint import Footprint

BINS = sliding_histogram.BINS
TILE = 2048  # pixels across, up to twice as many: 0.5 to 1 MB of histograms, most of them seldom touched
ACROSS, DOWN = 128, 128  # pixels of a tile whose values are sorted: more where the windows are larger,
FARTHEST, DEEPEST = 1024, 512  # but not more than so many, for the memory
DIGITS = {
    "u1": (1, 0),
    "u2": (2, 0),
    "i4": (4, 128),
    "i8": (8, 128),
}  # bytes, and what turns the sign of the last
ORDERED = {"u1": "u1", "u2": "u2", "f4": "i4", "f8": "i8"}  # whole numbers in the order of the values


class State:
    """What the sliding histograms need: `columns` and `below` for each segment, and one window."""

    def __init__(self, height: int, width: int, tile: int, segments: int, parts: int) -> None:
        narrow = height <= sliding_histogram_u8.ROWS and height * width <= sliding_histogram_u8.VALUES
        kind, sums = ("u1", "u2") if narrow else ("u2", "i4")
        wide = tile + width  # one more than the windows see: it stays empty
        self.columns = Pixels.empty(parts * segments, wide * BINS, 1, kind)
        self.below = Pixels.empty(parts * segments, wide, 1, kind)
        self.windows = Pixels.empty(segments, BINS, 1, sums)
        self.ats = Pixels.empty(segments, 2, 1, "i8")
        steps = Pixels.of_numbers([[i >= place for i in range(BINS)] for place in range(BINS)], 1, kind)
        self.parts = (
            *(self.columns, seen_as(self.columns, "u8"), self.below),
            *(self.windows, self.ats, seen_as(steps, "u8")),
        )


def seen_as(pixels: Pixels, kind: str) -> Pixels:
    """The same bits as numbers of another dtype."""
    row = pixels.row_bytes // SIZES[kind]
    return Pixels(pixels.address, pixels.height, row, 1, kind, pixels.stride, pixels.owner)


def by_columns(nearby: Footprint, context: Context, rank: int) -> Compute:
    """Rectangles of bytes. The columns' histograms live on from one strip to the next where that follows."""
    (height, width), channels, pixels = nearby.extent, context.spec.channels, context.out.width
    small = height <= sliding_histogram_u8.ROWS and height * width <= sliding_histogram_u8.VALUES
    tile = -(-pixels // max(pixels // max(TILE, 16 * width), 1))
    parts = -(-pixels // tile) * channels
    segments = Vector.zeros(parts, "i8")
    wide = tile + width - 1
    state = packed(wide, parts) if small else State(height, width, tile, 256 // BINS, parts).parts
    loop = sliding_histogram_u8.rectangle if small else sliding_histogram.of_bytes
    rows: Any = Pixels.empty(0, wide, 1, "u1") if small else Vector.zeros(wide, "u1")
    following = -1

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        nonlocal following, rows
        fresh = row != following
        following = row + out.height
        if small and rows.height < source.height * channels:
            rows = Pixels.unset(source.height * channels, wide, 1, "u1")
        loop(out, source, height, width, channels, pixels, rank, tile, fresh, rows, segments, *state)

    return compute


def packed(wide: int, parts: int) -> tuple[Any, ...]:
    """The columns' histograms, the counts below each segment, a window's histogram, what a value adds to a column's."""
    many, places = parts * sliding_histogram_u8.SEGMENTS, sliding_histogram_u8.PLACES
    words, below = Pixels.empty(many, wide * places, 1, "u1"), Pixels.empty(many, wide, 1, "u1")
    steps = [byte >= place for place in range(places) for byte in range(places)]
    return words, below, Vector.zeros(places, "u2"), Vector(steps, "u1")


def band_rows(height: int) -> int:
    """Rows of a tile: so many that those which windows see beyond it do not cost too much."""
    return max(DOWN, min(2 * height, DEEPEST))


def by_tiles(nearby: Footprint, context: Context, rank: int) -> Compute:
    """Any values and any neighborhood: each tile's values are sorted first."""
    (height, width), channels, pixels = nearby.extent, context.spec.channels, context.out.width
    kind = ORDERED[context.spec.dtype]
    tile = min(pixels, max(ACROSS, min(2 * width, FARTHEST)))
    deep, full = band_rows(height), nearby.is_full
    most, wide = deep + height - 1, tile + width - 1
    keys, spots = Pixels.empty(2, most * wide, 1, "i8"), Pixels.empty(2, most * wide, 1, "i4")
    counts, starts = Vector.zeros(256, "i8"), Vector.zeros(radix_sort.PLACES + 1, "i8")
    ids, places = Pixels.empty(most, wide, 1, "u2"), Pixels.empty(deep, tile, 1, "i8")
    cells = Pixels.of_numbers(nearby.cells, 1, "u1")
    search = searching(nearby, rank, tile)

    def part(out: Pixels, source: Pixels, start: int, first: int) -> None:
        """One channel of one tile, whose first item is `first`."""
        n, found = min(tile, pixels - start), places.band(0, out.height)
        sizes = (source.height, n + width - 1, *DIGITS[kind])
        radix_sort.index(source, first, channels, *sizes, keys, spots, counts, starts, ids)
        search(found, ids, n)
        radix_sort.resolve(out, first, channels, found, n, keys, spots, starts, cells, full)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        bands = -(-out.height // deep)
        rows = -(-out.height // bands)
        for top in range(0, out.height, rows):
            stop = min(top + rows, out.height)
            band, above = out.band(top, stop), source.band(top, stop + height - 1)
            for start in range(0, pixels, tile):
                for channel in range(channels):
                    part(band, above, start, start * channels + channel)

    return compute


def searching(nearby: Footprint, rank: int, tile: int) -> Callable[[Pixels, Pixels, int], None]:
    """A function that finds the place of each window's result: `search(found, ids, pixels)`."""
    height, width = nearby.extent
    if nearby.is_full:
        state = State(height, width, tile, radix_sort.PLACES // BINS, 1)

        def by_window(found: Pixels, ids: Pixels, n: int) -> None:
            sliding_histogram.of_places(found, ids, height, width, rank, n, *state.parts)

        return by_window
    runs = [(y, start, length) for y, row in enumerate(nearby.cells) for start, length in runs_of(row)]
    tops, firsts = Vector([y for y, _, _ in runs], "i8"), Vector([start for _, start, _ in runs], "i8")
    lasts = Vector([start + length - 1 for _, start, length in runs], "i8")
    counts = Vector.zeros(radix_sort.PLACES, "i8")

    def by_mask(found: Pixels, ids: Pixels, n: int) -> None:
        radix_sort.by_runs(found, ids, tops, firsts, lasts, rank, n, counts)

    return by_mask
