"""Levels: steps that measure the image's values first, then map each. Alpha is kept."""

from __future__ import annotations

from ctypes import c_float
from math import inf

from imgconv.core.dtypes import LEVELS
from imgconv.core.options import option
from imgconv.core.pixels import Pixels
from imgconv.engine.step import GlobalStep, Step
from imgconv.loops.tone import statistics
from imgconv.steps.pointwise import Affine, Lookup
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run

    Range = tuple[float, float]

BINS = 65536  # of float values, from the smallest to the largest


def measure_extremes(spec: Spec, together: bool = False) -> Callable[[Pixels], Pixels]:
    """Measures the smallest and the largest finite value of each color channel, or of all together."""
    channels, colors = (1, 1) if together and not spec.alpha else (spec.channels, spec.colors)
    ranges = Pixels.of_numbers([[inf, -inf]] * colors, 1, "f8")
    loop = statistics.extremes if spec.dtype in LEVELS else statistics.extremes_finite

    def measure(band: Pixels) -> Pixels:
        loop(band, channels, colors, band.samples, ranges)
        return ranges

    return measure


def channel_ranges(parts: Sequence[Pixels]) -> list[Range]:
    """The range of each channel, from what `measure_extremes` measured; 0, 0 where no value is finite."""
    channels = zip(*(part.numbers() for part in distinct(parts)), strict=True)
    ranges = [(min(low for low, _ in channel), max(high for _, high in channel)) for channel in channels]
    return [(low, high) if low <= high else (0.0, 0.0) for low, high in ranges]


def measure_histogram(spec: Spec) -> Callable[[Pixels], Pixels]:
    """Counts the values of each color channel of an integer dtype."""
    tables = 4 if spec.dtype == "u1" else 2  # 65536 counts take time to sum up
    counts = Pixels.empty(tables * spec.colors, LEVELS[spec.dtype], 1, "i4")

    def measure(band: Pixels) -> Pixels:
        statistics.histogram(band, spec.channels, spec.colors, band.samples, counts)
        return counts

    return measure


def measure_bins(spec: Spec, scales: Sequence[Range], bins: int) -> Callable[[Pixels], Pixels]:
    """Counts the floats of each color channel in bins; `scales`: where its first bin begins, and bins a unit."""
    counts = Pixels.empty(spec.colors, bins, 1, "i4")
    table = Pixels.of_numbers(scales, 1, "f8")

    def measure(band: Pixels) -> Pixels:
        statistics.histogram_binned(band, table, spec.channels, spec.colors, band.samples, counts)
        return counts

    return measure


def channel_counts(parts: Sequence[Pixels], colors: int) -> list[list[int]]:
    """The counts of each channel, from what `measure_histogram` or `measure_bins` measured."""
    tables = [row for part in distinct(parts) for row in part.numbers()]
    return [[int(sum(counts)) for counts in zip(*tables[c::colors], strict=True)] for c in range(colors)]


def distinct(parts: Sequence[Pixels]) -> list[Pixels]:
    """Each worker's measurement once: a worker adds band after band to the same one."""
    return list({id(part): part for part in parts}.values())


def bin_scales(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Where the first of `BINS` bins begins and bins a unit for each range, whose largest value has the last bin."""
    return tuple((low, (BINS - 1) / (high - low) if high > low else 0.0) for low, high in ranges)


@register("normalize", "Contrast stretching: stretch the image's values to the full range")
class Normalize(GlobalStep):
    """out = full scale x (v - smallest) / (largest - smallest).

    Any channels and dtype in, float32 out. Measured over all colors together, without values that are not finite; an
    image of one value becomes 0. `--low` and `--high` leave out a share of the values at either end: these land beyond
    the range, and `save` or `clip` cuts them off. Floats are then counted in 65536 bins from the smallest to the
    largest. Alpha is kept. Never a default: it makes images incomparable.
    """

    example = "imgconv open sample_images/camera.png normalize --low 1 --high 1 clip save contrast.png"

    low: float = option(0.0, "of the values become black or less", low=0, high=49, unit="percent")
    high: float = option(0.0, "of the values become white or more", low=0, high=49, unit="percent")

    def target(self, spec: Spec) -> float:
        """What the largest value becomes."""
        return spec.full

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        if self.by_percentiles and spec.dtype in LEVELS:
            return measure_histogram(spec)
        return measure_extremes(spec, together=True)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        if self.by_percentiles and spec.dtype in LEVELS:
            return self.stretch(spec, *self.percentiles(channel_counts(parts, spec.colors)))
        ranges = channel_ranges(parts)
        smallest, largest = min(low for low, _ in ranges), max(high for _, high in ranges)
        if self.by_percentiles and largest > smallest:
            return NormalizeBinned(self, smallest, largest)
        return self.stretch(spec, smallest, largest)

    @property
    def by_percentiles(self) -> bool:
        """Whether a share of the values is left out."""
        return self.low > 0 or self.high > 0

    def percentiles(self, tables: Sequence[Sequence[int]]) -> tuple[int, int]:
        """The values, or bins, at which black and white begin, from the counts of each channel."""
        counts = [sum(values) for values in zip(*tables, strict=True)]
        total = sum(counts)
        black = _reached(counts, total * self.low / 100)
        return black, len(counts) - 1 - _reached(counts[::-1], total * self.high / 100)

    def stretch(self, spec: Spec, smallest: float, largest: float) -> Step:
        """The step that maps smallest to 0 and largest to the target."""
        white = self.target(spec)
        factor = white / (largest - smallest) if largest > smallest else 0.0
        return Affine(origin=float(smallest), factor=factor, alpha=white / spec.full)


def _reached(counts: Sequence[int], amount: float) -> int:
    """The first index up to which more than `amount` is counted."""
    total = 0
    for index, count in enumerate(counts):
        total += count
        if total > amount:
            return index
    return len(counts) - 1


class NormalizeBinned(GlobalStep):
    """The second pass of `normalize` over floats: counts between their extremes. An internal step."""

    name = "normalize"

    asked: Normalize
    smallest: float
    largest: float

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return measure_bins(spec, bin_scales([(self.smallest, self.largest)] * spec.colors), BINS)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        low, high = self.asked.percentiles(channel_counts(parts, spec.colors))
        width = (self.largest - self.smallest) / (BINS - 1)
        return self.asked.stretch(spec, self.smallest + low * width, self.smallest + high * width)


class Fit(Normalize):
    """What `save --range fit` does: smallest to 0, largest to the file's full scale. An internal step."""

    name = "fit"

    white: float = 0.0

    def target(self, spec: Spec) -> float:
        return self.white or spec.full


@register("equalize", "Histogram equalization: spread values evenly over the range")
class Equalize(GlobalStep):
    """out = full scale x (counts up to v - counts of the smallest) / (all counts - counts of the smallest).

    Each channel by itself, in the dtype that comes in. 8-bit results equal cv2.equalizeHist bit for bit; 16-bit ones
    follow its formula over 65536 values. Floats are counted in 65536 bins from the smallest to the largest finite
    value of the channel. A channel of one value, NaN and alpha are kept.
    """

    example = "imgconv open sample_images/camera.png equalize save even.png"

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return measure_histogram(spec) if spec.dtype in LEVELS else measure_extremes(spec)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        if spec.dtype not in LEVELS:
            return EqualizeBinned(bin_scales(channel_ranges(parts)))
        tables = [_equalized(counts, spec) for counts in channel_counts(parts, spec.colors)]
        return Lookup(tables=Pixels.of_numbers(tables, 1, spec.working))


class EqualizeBinned(GlobalStep):
    """The second pass of `equalize` over floats: counts in bins between their extremes. An internal step."""

    name = "equalize"

    scales: tuple[Range, ...]

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return measure_bins(spec, self.scales, BINS)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        tables = [
            _equalized(counts, spec) if scale else [low] * BINS
            for counts, (low, scale) in zip(channel_counts(parts, spec.colors), self.scales, strict=True)
        ]
        ranges = Pixels.of_numbers(self.scales, 1, "f8")
        return Lookup(tables=Pixels.of_numbers(tables, 1, spec.working), ranges=ranges)


def _equalized(counts: Sequence[int], spec: Spec) -> list[float]:
    """The equalized value of each value, or bin; for 8 bits by OpenCV's float32 arithmetic."""
    first = next((value for value, count in enumerate(counts) if count), 0)
    rest = sum(counts) - counts[first]
    if not rest:
        return [float(value) for value in range(len(counts))]
    table, total = [0.0] * (first + 1), 0
    narrow = (lambda x: c_float(x).value) if spec.dtype == "u1" else float
    scale = narrow(spec.full / rest)
    for count in counts[first + 1 :]:
        total += count
        table.append(narrow(narrow(total) * scale))
    return table
