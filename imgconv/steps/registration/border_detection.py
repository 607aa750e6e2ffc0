"""Border: where plates part, and where the picture of each begins behind its dark frame and white margin.

A line of border is as flat as lines come, and as dark or as bright as anything in the picture. The border ends with
its last dark line, or with the last straight edge in it: so a white sky behind a dark frame is kept.
"""

from __future__ import annotations

import numpy as np

from imgconv.core.record import Record
from imgconv.steps.registration.plate import Plate, Rectangle, halved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgconv.steps.registration.plate import Floats, Numbers

    Marks = NDArray[np.bool_]

LOOKED = 400  # pixels of a plate's smaller side that are enough to see its borders
DEEPEST = 0.14  # of a plate: how far in a border may reach, and how far from a third plates may part
FLAT = 0.25  # of the picture's range: the largest spread along a line of border
ALIKE = 1.6  # the spread along lines of border, over the least of them
NEAR = 0.08  # of the picture's range: how near to its darkest or brightest a border is
STEP = 0.10  # of the picture's range: the least height of a border's edge
GUARD = 0.004  # of a plate: what is left out beside a border, whose edge is soft
ODD = 0.03  # of a plate: how far the sizes of three pictures may differ
GAP = 0.015  # of a plate: lines inside a border that look otherwise (its edges, scratches)
GRAIN = 4  # pixels of a line taken together, against noise


class Lines(Record):
    """Rows (or columns) of a picture: the middle, spread and mean of each, without its outer fifths."""

    middle: Floats
    spread: Floats
    mean: Floats

    @classmethod
    def of(cls, a: Floats) -> Lines:
        fifth = a.shape[1] // 5
        count = max((a.shape[1] - 2 * fifth) // GRAIN, 1)
        inside = a[:, fifth : fifth + count * GRAIN].reshape(len(a), count, -1).mean(axis=2)
        low, middle, high = np.percentile(inside, (10, 50, 90), axis=1)
        return cls(middle, high - low, inside.mean(axis=1))

    def part(self, lines: slice) -> Lines:
        return Lines(self.middle[lines], self.spread[lines], self.mean[lines])


class Tone(Record):
    """The darkest and brightest values of a picture, a few left out."""

    dark: float
    bright: float

    @classmethod
    def of(cls, a: Floats) -> Tone:
        """Of the inner half of a plate."""
        height, width = a.shape
        inside = a[height // 4 : -(height // 4), width // 4 : -(width // 4)]
        return cls(*(float(value) for value in np.percentile(inside, (5, 95))))

    def marks(self, lines: Lines) -> tuple[Marks, Marks]:
        """Which lines are dark border, and which are bright border."""
        span = self.bright - self.dark
        dark = lines.middle <= self.dark + NEAR * span
        bright = lines.middle >= self.bright - NEAR * span
        return self._flat(dark, lines.spread), self._flat(bright, lines.spread)

    def _flat(self, marks: Marks, spread: Floats) -> Marks:
        if not marks.any():
            return marks
        span = self.bright - self.dark
        limit = min(ALIKE * float(spread[marks].min()) + 0.01 * span, FLAT * span)
        found: Marks = marks & (spread <= limit)
        return found


def cut(scan: Numbers) -> list[Plate]:
    """The three plates of a scan, from the top."""
    small, factor = reduced(scan, scan.shape[0] // 3)
    height = scan.shape[0]
    tops = [round(height * third / 3) for third in range(4)]
    parts = [0, *(factor * part for part in _partings(small)), height]
    plates = []
    for third in range(3):
        numbers = scan[parts[third] : parts[third + 1]]
        plates.append(Plate(numbers, tops[third] - parts[third], tops[third]))
    return plates


def reduced(a: Numbers, height: int) -> tuple[Floats, int]:
    """An image small enough to look for borders in, and how much smaller it is."""
    factor = 1
    small = a.astype(np.float32) if min(height, a.shape[1]) < 2 * LOOKED else halved(a)
    factor = a.shape[1] // small.shape[1]
    while min(height // factor, small.shape[1]) >= 2 * LOOKED:
        small, factor = halved(small), 2 * factor
    return small, factor


def _partings(scan: Floats) -> list[int]:
    """The rows at which the second and the third plate begin: the middle of the border between plates."""
    height = scan.shape[0] / 3
    lines = Lines.of(scan)
    tones = [Tone.of(scan[round(third * height) : round((third + 1) * height)]) for third in range(3)]
    found = []
    for third in (1, 2):
        first, last = round((third - DEEPEST) * height), round((third + DEEPEST) * height)
        zone = lines.part(slice(first, last))
        marks = np.any([*tones[third - 1].marks(zone), *tones[third].marks(zone)], axis=0)
        start, stop = _longest(marks, max(2, round(GAP * height)))
        found.append(first + (start + stop) // 2 if stop - start > 2 else round(third * height))
    return found


def _longest(marks: Marks, gap: int) -> tuple[int, int]:
    """The longest run of marks; gaps of so many do not end it."""
    best = start = stop = 0
    found = (0, 0)
    for at in np.flatnonzero(marks):
        if at > stop + gap or stop == 0:
            start = int(at)
        stop = int(at) + 1
        if stop - start > best:
            best, found = stop - start, (start, stop)
    return found


def find(plates: list[Plate]) -> None:
    """Set each plate's frame, a little less than the picture inside its borders, and its limits."""
    sides = [_sides(plate) for plate in plates]
    for first, axis in ((0, 1), (1, 0)):  # left and right, top and bottom
        _agree(
            [
                (each[first], each[first + 2], plate.numbers.shape[axis])
                for each, plate in zip(sides, plates, strict=True)
            ]
        )
    for plate, (left, top, right, bottom) in zip(plates, sides, strict=True):
        height, width = plate.numbers.shape
        plate.frame = Rectangle(left.depth, top.depth, width - right.depth, height - bottom.depth)
        plate.limits = _limits(plate)


class Side:
    """How deep the border is on one side, and whether an edge says so."""

    def __init__(self, depth: int, sure: bool) -> None:
        self.depth, self.sure = depth, sure


def _sides(plate: Plate) -> list[Side]:
    """Left, top, right and bottom, as deep as what is cut off there."""
    small, factor = reduced(plate.numbers, plate.numbers.shape[0])
    tone = Tone.of(small)
    rows = Lines.of(small)
    top, bottom = _side(rows, tone, 1), _side(rows, tone, -1)
    columns = Lines.of(small[top.depth : small.shape[0] - bottom.depth].T)
    sides = [_side(columns, tone, 1), top, _side(columns, tone, -1), bottom]
    for side in sides:
        guard = round(2 + GUARD * min(plate.numbers.shape))
        side.depth = factor * (side.depth + 1) + guard if side.depth else 0
    return sides


def _agree(pairs: list[tuple[Side, Side, int]]) -> None:
    """One camera held all plates: where a side is unsure, the size of those that are sure on both sides holds."""
    sizes = [size - one.depth - other.depth for one, other, size in pairs if one.sure and other.sure]
    if not sizes:
        return
    usual = round(float(np.median(sizes)))
    for one, other, size in pairs:
        more = size - one.depth - other.depth - usual
        if one.sure != other.sure and abs(more) > ODD * size:
            unsure = other if one.sure else one
            unsure.depth = max(unsure.depth + more, 0)


def _limits(plate: Plate) -> tuple[float, float]:
    """The values beyond which a plate is black or white."""
    small, factor = reduced(plate.numbers, plate.numbers.shape[0])
    inner = plate.frame.reduced(factor)
    least, most = np.percentile(inner.of(small), (0.1, 99.9))
    return float(least + 0.02 * (most - least)), float(most - 0.03 * (most - least))


def _side(lines: Lines, tone: Tone, direction: int) -> Side:
    """The lines of border on one side (1: from the first line on, -1: from the last)."""
    size = len(lines.mean)
    gap = max(2, round(GAP * size))
    zone = Lines(*(part[::direction][: round(DEEPEST * size)] for part in lines.values().values()))
    dark, bright = tone.marks(zone)
    last = _reached(dark | bright, gap)
    steep = abs(zone.mean[2:] - zone.mean[:-2])[: last + 2] > STEP * (tone.bright - tone.dark)
    edge = _last(steep) + 2 if steep.any() else 0
    end = _last(dark[: last + 1]) + 1
    return Side(max(edge, end), edge > 0 and edge >= end - 1)


def _reached(marks: Marks, gap: int) -> int:
    """The last mark that no larger gap parts from the beginning; -1 where there is none."""
    last = -1
    for at in np.flatnonzero(marks):
        if at > last + 1 + gap:
            break
        last = int(at)
    return last


def _last(marks: Marks) -> int:
    """The place of the last mark; -1 where there is none."""
    found = np.flatnonzero(marks)
    return int(found[-1]) if len(found) else -1
