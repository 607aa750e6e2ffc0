"""Histograms: how often each value occurs, as counts and as a picture."""

from __future__ import annotations

from ctypes import memmove
from math import log1p

from imgconv.core.color_spaces import is_scaled, space_of
from imgconv.core.dtypes import LEVELS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels
from imgconv.core.record import Record
from imgconv.engine.measure import measure
from imgconv.engine.step import Context, GlobalStep, Step
from imgconv.steps.geometry.rearrange import everything
from imgconv.steps.registry import register
from imgconv.steps.tone.levels import (
    channel_counts,
    channel_ranges,
    measure_bins,
    measure_extremes,
    measure_histogram,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.core.window import Window
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

    Range = tuple[float, float]

BINS = 256
BACKGROUND, BAR = 0, 255


def known(spec: Spec) -> tuple[Range, ...]:
    """The range that the bins of each channel divide, where it follows from the spec; else nothing."""
    if spec.dtype in LEVELS:
        return ((0.0, float(LEVELS[spec.dtype] - 1)),) * spec.colors
    return ((0.0, spec.white),) * spec.colors if spec.white and is_scaled(spec.space) else ()


class Counts(Record):
    """Counts of each color channel in 256 bins over its range: floor(256 (v - low) / (high - low)).

    The highest value is in the last bin, values beyond the range are in the first and the last, what is not finite
    in none.
    """

    ranges: tuple[Range, ...]  # low and high of each channel
    bins: tuple[tuple[int, ...], ...]


def measure_counts(spec: Spec, ranges: Sequence[Range]) -> Callable[[Pixels], Pixels]:
    """Counts the values of each color channel: integers by value, floats in bins over their range."""
    if spec.dtype in LEVELS:
        return measure_histogram(spec)
    return measure_bins(
        spec, [(low, BINS / (high - low) if high > low else 0.0) for low, high in ranges], BINS
    )


def bin_counts(spec: Spec, parts: Sequence[Pixels]) -> tuple[tuple[int, ...], ...]:
    """The counts of each channel in 256 bins, from what `measure_counts` measured."""
    width = LEVELS.get(spec.dtype, BINS) // BINS  # values a bin
    return tuple(
        tuple(sum(counts[first : first + width]) for first in range(0, len(counts), width))
        for counts in channel_counts(parts, spec.colors)
    )


def counted(image: Image, run: Run) -> Counts:
    """The counts of an image in memory: one pass over it, or two where its ranges have to be measured."""
    spec, step = image.spec, Histogram()
    ranges, parts = known(spec), measure(image.rows, step, run)
    if not ranges:
        ranges = tuple(channel_ranges(parts))
        parts = measure(image.rows, HistogramOfRanges(step, ranges), run)
    return Counts(ranges, bin_counts(spec, parts))


@register("histogram", "Histogram plot: draw how often each value occurs")
class Histogram(GlobalStep):
    """The image becomes a picture of its histogram: 256 bins from left to right, counts upward.

    1 or 3 color channels of any dtype in, an 8-bit picture with as many channels out. One channel is drawn in white on
    black, three in red, green and blue: yellow where red and green overlap, white where all do. Bins go from 0 to full
    scale where the values have one, else from the smallest to the largest value of the channel; values beyond are in
    the first and the last bin, what is not finite and alpha in none. A bar's height in pixels is ceil(rows x count /
    largest count of any bin and channel), with `--log` ceil(rows x log(1 + count) / log(1 + largest)). Where the
    picture is less than 256 wide, a column shows the tallest of its bins. The counts themselves: `info --histogram`.
    Errors: an image of neither 1 nor 3 color channels.
    """

    example = "imgconv open sample_images/coffee.jpg histogram --log save histogram.png"
    selects_channels = False

    log: bool = option(False, "draw the logarithm of counts, for pictures with large flat areas")
    size: tuple[int, int] = option((256, 512), "of the picture, rows x columns", Size(1, 4095))

    def infer(self, spec: Spec) -> Spec:
        if spec.colors not in (1, 3):
            raise UsageError(
                f"histogram: it shows 1 or 3 channels, not {spec.colors}; pick some with `channels`"
            )
        rows, columns = self.size
        space = space_of(spec.colors)
        made = spec.replace(height=rows, width=columns, channels=spec.colors, dtype="u1", space=space)
        return made.replace(alpha=False, white=255.0)

    def window(self, spec: Spec) -> Window:
        return everything(spec, *self.size)

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        ranges = known(spec)
        return measure_counts(spec, ranges) if ranges else measure_extremes(spec)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        if not known(spec):
            return HistogramOfRanges(self, tuple(channel_ranges(parts)))
        return self.picture(spec, parts)

    def picture(self, spec: Spec, parts: Sequence[Pixels]) -> Step:
        """The step that gives the picture of what `measure_counts` measured."""
        return Picture(pixels=drawn(bin_counts(spec, parts), *self.size, self.log), out=self.infer(spec))


class HistogramOfRanges(GlobalStep):
    """The second pass of `histogram` over values without a scale: counts in their ranges. An internal step."""

    name = "histogram"

    asked: Histogram
    ranges: tuple[Range, ...]

    def infer(self, spec: Spec) -> Spec:
        return self.asked.infer(spec)

    def window(self, spec: Spec) -> Window:
        return self.asked.window(spec)

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        return measure_counts(spec, self.ranges)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        return self.asked.picture(spec, parts)


class Picture(Step):
    """A picture that no longer depends on the image. An internal step."""

    name = "picture"

    pixels: Pixels
    out: Spec

    @property
    def needs_whole_image(self) -> bool:
        return True

    def infer(self, spec: Spec) -> Spec:
        return self.out

    def window(self, spec: Spec) -> Window:
        return everything(spec, self.out.height, self.out.width)

    def bind(self, context: Context) -> Compute:
        def compute(out: Pixels, source: Pixels, row: int) -> None:
            rows = self.pixels.band(row, row + out.height)
            for y in range(out.height):
                memmove(out.address + y * out.stride, rows.address + y * rows.stride, rows.row_bytes)

        return compute


def drawn(counts: Sequence[Sequence[int]], rows: int, columns: int, log: bool) -> Pixels:
    """The picture of bars, rows x columns x channels of bytes; a row differs from the one below it where bars end."""
    heights = _heights(counts, rows, columns, log)
    ending: dict[int, list[int]] = {}  # by height, the items of a row whose bars have it
    for item, height in enumerate(heights):
        ending.setdefault(height, []).append(item)
    row = bytearray([BAR]) * len(heights)
    lines = []
    for level in range(rows):
        for item in ending.get(level, ()):
            row[item] = BACKGROUND
        lines.append(bytes(row))
    return Pixels.of_bytes(b"".join(reversed(lines)), rows, columns, len(counts), "u1")


def _heights(counts: Sequence[Sequence[int]], rows: int, columns: int, log: bool) -> list[int]:
    """The height of each channel's bar in each column, the channels of a column side by side."""
    spans = [
        (x * BINS // columns, max(x * BINS // columns + 1, (x + 1) * BINS // columns)) for x in range(columns)
    ]
    largest = max(max(channel) for channel in counts)
    return [
        _height(max(channel[start:stop]), largest, rows, log) for start, stop in spans for channel in counts
    ]


def _height(count: int, largest: int, rows: int, log: bool) -> int:
    """A bar's height: at least 1 where anything is counted."""
    if not log:
        return -(-rows * count // max(largest, 1))
    share = log1p(count) / log1p(max(largest, 1))
    return min(rows, -int(-rows * share // 1))
