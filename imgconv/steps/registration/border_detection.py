"""Border detection: where the plates of a scan meet, and where each picture begins inside its frame and margin.

A line (row or column) of border is as flat as the flattest lines, and as dark or as bright as anything in the picture.
The border ends at its last dark line, or at the last straight edge in it; so a white sky behind a dark frame is kept.
"""

from __future__ import annotations

import numpy as np

from imgconv.core.record import Record
from imgconv.steps.registration.plate import Plate, Rectangle, downsample_by_2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgconv.steps.registration.plate import Floats, Samples

    Mask = NDArray[np.bool_]

SEARCH_SIZE = 400  # pixels of a plate's smaller side that are enough to see its borders
MAX_DEPTH = 0.14  # of a plate: how far in a border may reach, and how far from a third two plates may meet
MAX_SPREAD = 0.25  # of the picture's range: the largest spread along a line of border
SPREAD_RATIO = 1.6  # the largest spread along lines of border, over the least
NEAR_EXTREME = 0.08  # of the picture's range: how near to its darkest or brightest a border is
EDGE_HEIGHT = 0.10  # of the picture's range: the least difference across a border's edge
GUARD = 0.004  # of a plate: cut off beside a border, because its edge is soft
SIZE_TOLERANCE = 0.03  # of a plate: how far the sizes of three pictures may differ
MAX_GAP = 0.015  # of a plate: lines inside a border that look different (its edges, scratches)
GRAIN = 4  # pixels of a line averaged against noise


class LineStatistics(Record):
    """Median, spread (10th to 90th percentile) and mean of each row of an image, one item a row.

    The outer fifths of each row are left out.
    """

    median: Floats
    spread: Floats
    mean: Floats

    @classmethod
    def measure(cls, a: Floats) -> LineStatistics:
        fifth = a.shape[1] // 5
        count = max((a.shape[1] - 2 * fifth) // GRAIN, 1)
        grains = a[:, fifth : fifth + count * GRAIN].reshape(len(a), count, -1).mean(axis=2)
        low, median, high = np.percentile(grains, (10, 50, 90), axis=1)
        return cls(median, high - low, grains.mean(axis=1))

    def select(self, lines: slice) -> LineStatistics:
        return LineStatistics(self.median[lines], self.spread[lines], self.mean[lines])


class ValueRange(Record):
    """The 5th and the 95th percentile of a picture's values."""

    dark: float
    bright: float

    @classmethod
    def measure(cls, a: Floats) -> ValueRange:
        """The range of the inner half of a plate."""
        height, width = a.shape
        inside = a[height // 4 : -(height // 4), width // 4 : -(width // 4)]
        return cls(*(float(value) for value in np.percentile(inside, (5, 95))))

    def border_lines(self, lines: LineStatistics) -> tuple[Mask, Mask]:
        """Which lines are dark border, and which are bright border."""
        span = self.bright - self.dark
        dark = lines.median <= self.dark + NEAR_EXTREME * span
        bright = lines.median >= self.bright - NEAR_EXTREME * span
        return self._keep_flat(dark, lines.spread), self._keep_flat(bright, lines.spread)

    def _keep_flat(self, mask: Mask, spread: Floats) -> Mask:
        """The lines of the mask whose spread is near to the least among them."""
        if not mask.any():
            return mask
        span = self.bright - self.dark
        limit = min(SPREAD_RATIO * float(spread[mask].min()) + 0.01 * span, MAX_SPREAD * span)
        flat: Mask = mask & (spread <= limit)
        return flat


def split_scan(scan: Samples) -> list[Plate]:
    """The three plates of a scan, from the top."""
    small, factor = downsample(scan, scan.shape[0] // 3)
    height = scan.shape[0]
    tops = [round(height * third / 3) for third in range(4)]
    cuts = [0, *(factor * row for row in _boundaries(small)), height]
    plates = []
    for third in range(3):
        samples = scan[cuts[third] : cuts[third + 1]]
        plates.append(Plate(samples, tops[third] - cuts[third], tops[third]))
    return plates


def downsample(a: Samples, height: int) -> tuple[Floats, int]:
    """An image small enough to look for borders in, and its factor; `height`: rows of one plate."""
    factor = 1
    small = a.astype(np.float32) if min(height, a.shape[1]) < 2 * SEARCH_SIZE else downsample_by_2(a)
    factor = a.shape[1] // small.shape[1]
    while min(height // factor, small.shape[1]) >= 2 * SEARCH_SIZE:
        small, factor = downsample_by_2(small), 2 * factor
    return small, factor


def _boundaries(scan: Floats) -> list[int]:
    """The rows at which the second and the third plate begin: the middle of the border between plates."""
    height = scan.shape[0] / 3
    lines = LineStatistics.measure(scan)
    ranges = [
        ValueRange.measure(scan[round(third * height) : round((third + 1) * height)]) for third in range(3)
    ]
    boundaries = []
    for third in (1, 2):
        first, last = round((third - MAX_DEPTH) * height), round((third + MAX_DEPTH) * height)
        zone = lines.select(slice(first, last))
        mask = np.any([*ranges[third - 1].border_lines(zone), *ranges[third].border_lines(zone)], axis=0)
        start, stop = _longest_run(mask, max(2, round(MAX_GAP * height)))
        boundaries.append(first + (start + stop) // 2 if stop - start > 2 else round(third * height))
    return boundaries


def _longest_run(mask: Mask, gap: int) -> tuple[int, int]:
    """Start and stop of the longest run of True; up to `gap` items of False do not end it."""
    length = start = stop = 0
    longest = (0, 0)
    for index in np.flatnonzero(mask):
        if index > stop + gap or stop == 0:
            start = int(index)
        stop = int(index) + 1
        if stop - start > length:
            length, longest = stop - start, (start, stop)
    return longest


def find_frames(plates: list[Plate]) -> None:
    """Set each plate's frame, a little smaller than the picture inside its borders, and its limits."""
    sides = [_border_sides(plate) for plate in plates]
    for first, axis in ((0, 1), (1, 0)):  # left and right, top and bottom
        _equalize_sizes(
            [
                (each[first], each[first + 2], plate.samples.shape[axis])
                for each, plate in zip(sides, plates, strict=True)
            ]
        )
    for plate, (left, top, right, bottom) in zip(plates, sides, strict=True):
        height, width = plate.samples.shape
        plate.frame = Rectangle(left.depth, top.depth, width - right.depth, height - bottom.depth)
        plate.limits = _exposure_limits(plate)


class BorderSide:
    """The depth of the border on one side, in lines; sure: an edge confirms it."""

    def __init__(self, depth: int, sure: bool) -> None:
        self.depth, self.sure = depth, sure


def _border_sides(plate: Plate) -> list[BorderSide]:
    """Left, top, right and bottom, each as deep as what is cut off there, in pixels of the plate."""
    small, factor = downsample(plate.samples, plate.samples.shape[0])
    values = ValueRange.measure(small)
    rows = LineStatistics.measure(small)
    top, bottom = _border_side(rows, values, 1), _border_side(rows, values, -1)
    columns = LineStatistics.measure(small[top.depth : small.shape[0] - bottom.depth].T)
    sides = [_border_side(columns, values, 1), top, _border_side(columns, values, -1), bottom]
    for side in sides:
        guard = round(2 + GUARD * min(plate.samples.shape))
        side.depth = factor * (side.depth + 1) + guard if side.depth else 0
    return sides


def _equalize_sizes(pairs: list[tuple[BorderSide, BorderSide, int]]) -> None:
    """Correct unsure sides: one camera took all plates, so pictures have the size of those sure on both sides.

    Each pair is two opposite sides and the plate's size between them, borders included, in pixels.
    """
    sizes = [size - near.depth - far.depth for near, far, size in pairs if near.sure and far.sure]
    if not sizes:
        return
    usual = round(float(np.median(sizes)))
    for near, far, size in pairs:
        excess = size - near.depth - far.depth - usual
        if near.sure != far.sure and abs(excess) > SIZE_TOLERANCE * size:
            unsure = far if near.sure else near
            unsure.depth = max(unsure.depth + excess, 0)


def _exposure_limits(plate: Plate) -> tuple[float, float]:
    """The values below and above which a plate is black or white."""
    small, factor = downsample(plate.samples, plate.samples.shape[0])
    inner = plate.frame.downsampled(factor)
    least, most = np.percentile(inner.crop(small), (0.1, 99.9))
    return float(least + 0.02 * (most - least)), float(most - 0.03 * (most - least))


def _border_side(lines: LineStatistics, values: ValueRange, direction: int) -> BorderSide:
    """The lines of border on one side (1: counted from the first line, -1: from the last)."""
    size = len(lines.mean)
    gap = max(2, round(MAX_GAP * size))
    zone = LineStatistics(
        *(statistic[::direction][: round(MAX_DEPTH * size)] for statistic in lines.values().values())
    )
    dark, bright = values.border_lines(zone)
    last = _last_connected(dark | bright, gap)
    steep = abs(zone.mean[2:] - zone.mean[:-2])[: last + 2] > EDGE_HEIGHT * (values.bright - values.dark)
    edge = _last_index(steep) + 2 if steep.any() else 0
    end = _last_index(dark[: last + 1]) + 1
    return BorderSide(max(edge, end), edge > 0 and edge >= end - 1)


def _last_connected(mask: Mask, gap: int) -> int:
    """The index of the last True before the first run of more than `gap` False; -1 where there is none."""
    last = -1
    for index in np.flatnonzero(mask):
        if index > last + 1 + gap:
            break
        last = int(index)
    return last


def _last_index(mask: Mask) -> int:
    """The index of the last True; -1 where there is none."""
    indices = np.flatnonzero(mask)
    return int(indices[-1]) if len(indices) else -1
