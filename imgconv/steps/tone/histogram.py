"""Histograms: how often each value is there, as counts and as a picture."""

from __future__ import annotations

from ctypes import memmove
from math import log1p

from imgconv.core.color_spaces import is_scaled, space_of
from imgconv.core.dtypes import LEVELS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels
from imgconv.engine.measure import measure
from imgconv.engine.step import Context, GlobalStep, Step
from imgconv.loops.tone import arithmetic
from imgconv.steps.geometry.rearrange import everything
from imgconv.steps.registry import register
from imgconv.steps.tone.levels import distinct, ends, extremes, histogram, totals

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
BACK, BAR = 0, 255


def known(spec: Spec) -> tuple[Range, ...]:
    """Each channel's least and largest value that has a bin, where the values need not be looked at for it."""
    if spec.dtype in LEVELS:
        return ((0.0, float(LEVELS[spec.dtype] - 1)),) * spec.colors
    return ((0.0, spec.white),) * spec.colors if spec.white and is_scaled(spec.space) else ()


class Counts(GlobalStep):
    """Counts of each color channel in 256 bins over its range: floor(256 (v - least) / (largest - least)).

    The largest value is in the last bin, values beyond the range are in the first and the last, what is not finite
    in none. Resolves to itself with `found`; an image is never made.
    """

    name = "counts"

    ranges: tuple[Range, ...] = ()
    found: tuple[tuple[int, ...], ...] = ()

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        if spec.dtype in LEVELS:
            return histogram(spec, ())
        ranges = self.ranges or known(spec)
        return _binned(spec, ranges) if ranges else extremes(spec)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Counts:
        ranges = self.ranges or known(spec)
        if not ranges:
            return Counts(ranges=tuple(ends(parts)))
        if spec.dtype in LEVELS:
            width = LEVELS[spec.dtype] // BINS
            fine = totals(parts, spec.colors)
            found = [[sum(one[at : at + width]) for at in range(0, len(one), width)] for one in fine]
        else:
            tables = [part.numbers() for part in distinct(parts)]
            found = [
                [int(sum(each)) for each in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)
            ]
        return Counts(ranges=ranges, found=tuple(map(tuple, found)))


def _binned(spec: Spec, ranges: Sequence[Range]) -> Callable[[Pixels], Pixels]:
    counts = Pixels.empty(spec.colors, BINS, 1, "i4")
    scales = [(low, BINS / (high - low) if high > low else 0.0) for low, high in ranges]
    limits = Pixels.of_numbers(scales, 1, "f8")

    def look(band: Pixels) -> Pixels:
        arithmetic.histogram_binned(band, limits, spec.channels, spec.colors, band.samples, counts)
        return counts

    return look


def counted(image: Image, run: Run) -> Counts:
    """The counts of an image in memory."""
    counts = Counts()
    while not counts.found:
        counts = counts.resolve(image.spec, measure(image.rows, counts, run))
    return counts


@register("histogram", "a picture of how often each value is there")
class Histogram(GlobalStep):
    """The image becomes a picture of its histogram: 256 bins from left to right, counts upwards.

    A channel is white on black, three are red, green and blue: yellow where red and green are, white where all are.
    Bins go from 0 to full scale, where the values have one, else from the least to the largest value of the channel;
    values beyond are in the first and the last bin, what is not finite and alpha in none. A bar's height in pixels is
    ceil(rows x count / largest count of any bin and channel), with `--log` ceil(rows x log(1 + count) / log(1 +
    largest)). Where the picture is less than 256 wide, a column shows the tallest of its bins. The counts themselves:
    `info --histogram`. Errors: an image of neither 1 nor 3 color channels.
    """

    example = "imgconv open sample_images/coffee.jpg histogram --log save histogram.png"
    selects_channels = False

    log: bool = option(False, "the logarithm of counts, for pictures with large flat areas")
    size: tuple[int, int] = option((256, 512), "of the picture, rows x columns", Size(1, 4095))
    counts: Counts = Counts()

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
        return self.counts.measure(spec, run)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        counts = self.counts.resolve(spec, parts)
        if not counts.found:
            return self.replace(counts=counts)
        return Picture(pixels=drawn(counts.found, *self.size, self.log), out=self.infer(spec))


class Picture(Step):
    """A picture that does not depend on the image any more. No word names it."""

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
    """Bars of each channel; a row differs from the one below it where bars end."""
    heights = _heights(counts, rows, columns, log)
    ends_at: dict[int, list[int]] = {}
    for item, height in enumerate(heights):
        ends_at.setdefault(height, []).append(item)
    row = bytearray([BAR]) * len(heights)
    lines = []
    for level in range(rows):
        for item in ends_at.get(level, ()):
            row[item] = BACK
        lines.append(bytes(row))
    return Pixels.of_bytes(b"".join(reversed(lines)), rows, columns, len(counts), "u1")


def _heights(counts: Sequence[Sequence[int]], rows: int, columns: int, log: bool) -> list[int]:
    """The height of each channel's bar in each column, the channels of a column side by side."""
    spans = [
        (x * BINS // columns, max(x * BINS // columns + 1, (x + 1) * BINS // columns)) for x in range(columns)
    ]
    most = max(max(one) for one in counts)
    return [_height(max(one[start:stop]), most, rows, log) for start, stop in spans for one in counts]


def _height(count: int, most: int, rows: int, log: bool) -> int:
    """A bar's height: at least 1 where anything is counted."""
    if not log:
        return -(-rows * count // max(most, 1))
    part = log1p(count) / log1p(max(most, 1))
    return min(rows, -int(-rows * part // 1))
