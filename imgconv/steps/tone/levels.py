"""Levels: steps that measure the image's values first, then map each. Alpha is left as it is."""

from __future__ import annotations

from ctypes import c_float
from math import inf

from imgconv.core.dtypes import LEVELS
from imgconv.core.options import option
from imgconv.core.pixels import Pixels
from imgconv.engine.step import GlobalStep, Step
from imgconv.loops.tone import arithmetic
from imgconv.steps.pointwise import Affine, Lookup
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run

BINS = 65536  # of float values, from the least to the largest


def extremes(spec: Spec, together: bool = False) -> Callable[[Pixels], Pixels]:
    """Measures the least and the largest finite value of each color channel, or of all together."""
    channels, colors = (1, 1) if together and not spec.alpha else (spec.channels, spec.colors)
    found = Pixels.of_numbers([[inf, -inf]] * colors, 1, "f8")
    loop = arithmetic.extremes if spec.dtype in LEVELS else arithmetic.extremes_finite

    def look(band: Pixels) -> Pixels:
        loop(band, channels, colors, band.samples, found)
        return found

    return look


def ends(parts: Sequence[Pixels]) -> list[tuple[float, float]]:
    """Each channel's extremes from what `extremes` measured; 0, 0 where no value is finite."""
    channels = zip(*(part.numbers() for part in distinct(parts)), strict=True)
    both = [(min(low for low, _ in each), max(high for _, high in each)) for each in channels]
    return [(low, high) if low <= high else (0.0, 0.0) for low, high in both]


def histogram(spec: Spec, ranges: Sequence[tuple[float, float]]) -> Callable[[Pixels], Pixels]:
    """Counts the values of each color channel; for floats, `ranges` holds its first bin and bins a unit."""
    tables = 1 if ranges else 4 if spec.dtype == "u1" else 2  # 65536 counts take time to sum up
    counts = Pixels.empty(tables * spec.colors, LEVELS.get(spec.dtype, BINS), 1, "i4")
    limits = Pixels.of_numbers(ranges, 1, "f8") if ranges else None

    def look(band: Pixels) -> Pixels:
        if limits is None:
            arithmetic.histogram(band, spec.channels, spec.colors, band.samples, counts)
        else:
            arithmetic.histogram_binned(band, limits, spec.channels, spec.colors, band.samples, counts)
        return counts

    return look


def totals(parts: Sequence[Pixels], colors: int) -> list[list[int]]:
    """Each channel's counts from what `histogram` measured."""
    tables = [row for part in distinct(parts) for row in part.numbers()]
    return [[int(sum(each)) for each in zip(*tables[c::colors], strict=True)] for c in range(colors)]


def distinct(parts: Sequence[Pixels]) -> list[Pixels]:
    """Each worker's measure once: it goes on with the same one from band to band."""
    return list({id(part): part for part in parts}.values())


def bins(both: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """First bin and bins a unit for each channel, from its extremes."""
    return tuple((low, (BINS - 1) / (high - low) if high > low else 0.0) for low, high in both)


@register("normalize", "stretch the image's values to the full range")
class Normalize(GlobalStep):
    """out = full scale x (v - least) / (largest - least).

    Measured over all colors together; an image of one value becomes 0. `--low` and `--high` leave out a part
    of the values at either end: these go beyond the range, and `save` or `clip` cuts them off. Values that
    are not finite are not measured. Never a default: it makes images incomparable.
    """

    example = "imgconv open sample_images/camera.png normalize --low 1 --high 1 clip save contrast.png"

    low: float = option(0.0, "of the values become black or less", low=0, high=49, unit="percent")
    high: float = option(0.0, "of the values become white or more", low=0, high=49, unit="percent")

    def target(self, spec: Spec) -> float:
        """What the largest value becomes."""
        return spec.full

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return histogram(spec, ()) if self.counts and spec.dtype in LEVELS else extremes(spec, together=True)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        if self.counts and spec.dtype in LEVELS:
            return self.between(spec, *self.percentiles(totals(parts, spec.colors)))
        both = ends(parts)
        least, largest = min(low for low, _ in both), max(high for _, high in both)
        if self.counts and largest > least:
            return Counted(self, (least, largest))
        return self.between(spec, least, largest)

    @property
    def counts(self) -> bool:
        """Whether a part of the values is left out."""
        return self.low > 0 or self.high > 0

    def percentiles(self, tables: Sequence[Sequence[int]]) -> tuple[int, int]:
        """The values, or bins, at which black and white begin."""
        counts = [sum(each) for each in zip(*tables, strict=True)]
        amount = sum(counts)
        return _reached(counts, amount * self.low / 100), len(counts) - 1 - _reached(
            counts[::-1], amount * self.high / 100
        )

    def between(self, spec: Spec, least: float, largest: float) -> Step:
        """The step that makes least 0 and largest the target."""
        white = self.target(spec)
        factor = white / (largest - least) if largest > least else 0.0
        return Affine(origin=float(least), factor=factor, alpha=white / spec.full)


def _reached(counts: Sequence[int], amount: float) -> int:
    """The first place up to which more than `amount` is counted."""
    total = 0
    for place, count in enumerate(counts):
        total += count
        if total > amount:
            return place
    return len(counts) - 1


class Counted(GlobalStep):
    """Normalize's second look at float values: their counts between the extremes."""

    name = "normalize"

    asked: Normalize
    ends: tuple[float, float]

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return histogram(spec, bins([self.ends] * spec.colors))

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        low, high = self.asked.percentiles(totals(parts, spec.colors))
        least, width = self.ends[0], (self.ends[1] - self.ends[0]) / (BINS - 1)
        return self.asked.between(spec, least + low * width, least + high * width)


class Fit(Normalize):
    """What `save --range fit` does: least to 0, largest to the file's full scale. No word names it."""

    name = "fit"

    white: float = 0.0

    def target(self, spec: Spec) -> float:
        return self.white or spec.full


@register("equalize", "spread the values evenly over the range")
class Equalize(GlobalStep):
    """out = full scale x (counts up to v - counts of the least) / (all - counts of the least).

    Each channel by itself. 8-bit results equal cv2.equalizeHist bit for bit, 16-bit ones follow its
    formula over 65536 values; float values are counted in 65536 bins from the least to the largest of the
    channel. A channel of one value stays as it is.
    """

    example = "imgconv open sample_images/camera.png equalize save even.png"

    ranges: tuple[tuple[float, float], ...] = ()

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        if spec.dtype in LEVELS or self.ranges:
            return histogram(spec, self.ranges)
        return extremes(spec)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        if spec.dtype not in LEVELS and not self.ranges:
            return Equalize(ranges=bins(ends(parts)))
        made = [_even(counts, spec) for counts in totals(parts, spec.colors)]
        if self.ranges:
            made = [
                table if scale else [low] * BINS
                for table, (low, scale) in zip(made, self.ranges, strict=True)
            ]
        ranges = Pixels.of_numbers(self.ranges, 1, "f8") if self.ranges else None
        return Lookup(tables=Pixels.of_numbers(made, 1, spec.working), ranges=ranges)


def _even(counts: Sequence[int], spec: Spec) -> list[float]:
    """The equalized value of each bin; for 8 bits OpenCV's float32 arithmetic."""
    first = next((at for at, count in enumerate(counts) if count), 0)
    left = sum(counts) - counts[first]
    if not left:
        return [float(at) for at in range(len(counts))]
    found, total = [0.0] * (first + 1), 0
    narrow = (lambda x: c_float(x).value) if spec.dtype == "u1" else float
    scale = narrow(spec.full / left)
    for count in counts[first + 1 :]:
        total += count
        found.append(narrow(narrow(total) * scale))
    return found
