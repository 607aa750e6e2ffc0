"""Resampling: an image with more or fewer pixels."""

from __future__ import annotations

from math import floor, gcd

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Integer, Number, OptionType
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Step
from imgconv.loops.geometry import resample, resize_weights
from imgconv.steps.geometry.rearrange import bounded
from imgconv.steps.layers.pool import AvgPool
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

    Weights = tuple[Pixels, Vector, Vector]

FILTERS = {
    "area": resize_weights.AREA,
    "bilinear": resize_weights.BILINEAR,
    "bicubic": resize_weights.BICUBIC,
    "lanczos3": resize_weights.LANCZOS,
    "nearest": resize_weights.NEAREST,
}
BLOCK = 2048  # items of input in each of eight rows side by side: 64 kB, well within the second-level cache
LARGEST = 1 << 24  # pixels a side
EXACT = 1 << 58  # lengths of input times output up to which positions fit into integers of 64 bits
SIZE_OPTIONS = "say one of --scale, --width and --height, --fit or --fill"


class Box(OptionType):
    """Width and height in pixels; `512` is a square."""

    metavar = "WIDTHxHEIGHT"
    number = Integer(1, LARGEST)

    def read(self, value: Any) -> tuple[int, int]:
        parts = one_or_two(value, "x")
        if not parts:
            raise UsageError(f"'{value}' is not a size; write 1920x1080: 1920 wide, 1080 high")
        return int(self.number.read(parts[0])), int(self.number.read(parts[-1]))

    def text(self, value: Any) -> str:
        return f"{value[0]}x{value[1]}"


class Factors(OptionType):
    """One factor for both directions, or one across and one down."""

    metavar = "S|ACROSS,DOWN"
    number = Number(above=0, high=LARGEST)

    def read(self, value: Any) -> tuple[float, float]:
        parts = one_or_two(value, ",")
        if not parts:
            raise UsageError(f"'{value}' is not a scale; write 0.5 or 0.5,0.25 (across, down)")
        return self.number.read(parts[0]), self.number.read(parts[-1])

    def text(self, value: Any) -> str:
        across, down = map(self.number.text, value)
        return across if across == down else f"{across},{down}"


def one_or_two(value: Any, mark: str) -> list[Any]:
    """The parts of a text or a sequence, or a number alone; an empty list where they are not one or two."""
    if isinstance(value, str):
        parts = value.lower().split(mark)
    else:
        parts = list(value) if hasattr(value, "__len__") else [value]
    return parts if len(parts) in (1, 2) else []


class ResampledAxis(Axis):
    """An axis of `length` positions resized to `resized`, of which `cropped` are wanted, from number `skip` on."""

    length: int = 1
    resized: int = 1
    skip: int = 0
    cropped: int = 1
    filter: int = resize_weights.NEAREST

    def output(self, length: int) -> int:
        return self.cropped

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        return max(self.support(start)[0], 0), min(self.support(stop - 1)[1], self.length)

    def support(self, index: int) -> tuple[int, int]:
        """The input positions that output position `index` looks at, first and end, beyond the border too."""
        first, end = resize_weights.support(self.skip + index, self.length, self.resized, self.filter)
        return first, end

    @property
    def taps(self) -> int:
        """The most taps that lie in the image."""
        return min(self.size, self.length)

    @property
    def jump(self) -> float:
        return self.length / self.resized if self.length % self.resized else self.length // self.resized

    @property
    def start(self) -> int:
        first, _ = self.support(0)
        return first


def resampled_axis(length: int, resized: int, cropped: int, filter: str) -> ResampledAxis:
    """The middle `cropped` of `length` positions resized to `resized`; where these are as many, nothing is computed."""
    number = FILTERS["nearest" if length == resized else filter]
    return ResampledAxis(
        size=_taps(length, resized, number),
        length=length,
        resized=resized,
        skip=(resized - cropped) // 2,
        cropped=cropped,
        filter=number,
    )


def _taps(length: int, resized: int, filter: int) -> int:
    """How many input positions an output position looks at, at most."""
    if filter == resize_weights.NEAREST:
        return 1
    if filter == resize_weights.AREA:
        common = gcd(length, resized)
        return (2 * (resized // common - 1) + length // common) // (resized // common)
    return -(-resize_weights.RADIUS[filter] * 2 * max(length, resized) // resized)


@register("resize", "Resampling: change the size in pixels")
class Resize(Step):
    """out(x, y) = sum of the filter's weights times the pixels around ((x + 1/2) w / W, (y + 1/2) h / H), their sum 1.

    Any channels and dtype in; float32 out, but `nearest` keeps the dtype. The size is one of: --scale; --width and
    --height, where one alone keeps the aspect ratio; --fit, the largest that fits into a box, aspect ratio kept;
    --fill, the smallest that covers a box, cropped to it around the center. Sizes are rounded to the nearest integer,
    halves up, and are never below 1. Where the image shrinks, filters are widened by the same factor, so nothing
    aliases; at the border the weights inside are normalized to a sum of 1. So are Pillow's, but here no value is
    rounded or clipped on the way: within 1e-4 of full scale of it in float32.

    Values are averaged as they are stored; `open --linear` averages light.

    area: each pixel by how much of it the new pixel covers; integer factors give the exact mean. bilinear, bicubic
    (a = -1/2) and lanczos3 have a radius of 1, 2 and 3 pixels; the last two can exceed the range of the source. nearest
    takes the pixel at that position. Errors: no size or several; more pixels than 2^31.
    """

    example = "imgconv open sample_images/astronaut.png resize --fit 200x200 save small.png"
    selects_channels = False

    scale: Any = option(None, "scale factor", Factors())
    width: int | None = option(None, "of the result", low=1, high=LARGEST, whole=True, unit="pixels")
    height: int | None = option(None, "of the result", low=1, high=LARGEST, whole=True, unit="pixels")
    fit: Any = option(None, "as large as fits into this box, aspect ratio kept", Box(), unit="pixels")
    fill: Any = option(
        None, "as small as covers this box, and cropped to it around the center", Box(), unit="pixels"
    )
    filter: str = option("lanczos3", "resampling filter", choices=tuple(FILTERS))
    only_shrink: bool = option(False, "never make a side longer than it is")

    @property
    def is_linear(self) -> bool:  # type: ignore[override]
        return self.filter != "nearest"

    @property
    def rounds(self) -> bool:  # type: ignore[override]
        return self.is_linear

    def check(self) -> None:
        exact = (self.width, self.height) != (None, None)
        ways = [self.scale is not None, exact, self.fit is not None, self.fill is not None]
        if sum(ways) != 1:
            raise UsageError(f"resize: {SIZE_OPTIONS}" + (", not several" if any(ways) else ""))

    def output_dtype(self, spec: Spec) -> str:
        return spec.working if self.is_linear else spec.dtype

    def lengths(self, spec: Spec) -> tuple[tuple[int, int], tuple[int, int]]:
        """Across and down: the size of the whole image resized, and how much of it is kept."""
        width, height = self.resized(spec.width, spec.height)
        if self.only_shrink and (width > spec.width or height > spec.height):
            width, height = self.shrunk(width, height, spec)
        if self.fill is None:
            return (width, width), (height, height)
        return (width, min(self.fill[0], width)), (height, min(self.fill[1], height))

    def shrunk(self, width: int, height: int, spec: Spec) -> tuple[int, int]:
        """No side longer than it is: each by itself where both are given, else both as they are."""
        if self.scale is not None or (self.width and self.height):
            return min(width, spec.width), min(height, spec.height)
        return spec.width, spec.height

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """The size of the whole image resized."""
        if self.scale is not None:
            across, down = self.scale
            return max(floor(width * across + 0.5), 1), max(floor(height * down + 0.5), 1)
        if self.width and self.height:
            return self.width, self.height
        box: Any = self.fit or self.fill or (self.width, self.height)
        across, down = box
        if down is None or (across and (across * height <= down * width) == bool(self.fit)):
            return across, scaled(height, across, width)
        return scaled(width, down, height), down

    def sizes(self, spec: Spec) -> tuple[int, int]:
        (across, width), (down, height) = self.lengths(spec)
        if max(across * spec.width, down * spec.height) > EXACT:
            raise UsageError(
                f"resize: {across} x {down} pixels, to crop {width} x {height} of them, are too many"
            )
        return bounded(self.name, height, width)

    def window(self, spec: Spec) -> Window:
        mean = self.mean(spec)
        if mean is not None:
            return mean.window(spec)
        (across, width), (down, height) = self.lengths(spec)
        return Window(
            resampled_axis(spec.height, down, height, self.filter),
            resampled_axis(spec.width, across, width, self.filter),
        )

    def mean(self, spec: Spec) -> AvgPool | None:
        """The step that does the same where `area` averages whole pixels; else None."""
        (across, width), (down, height) = self.lengths(spec)
        whole = not (spec.width % across or spec.height % down) and (across, down) == (width, height)
        if self.filter != "area" or not whole:
            return None
        return AvgPool(size=(spec.height // down, spec.width // across))

    def explain(self, spec: Spec, run: Run) -> str:
        window = self.window(spec)
        return f"{self.filter}, {window.rows.size} taps down and {window.columns.size} across"

    def bind(self, context: Context) -> Compute:
        mean = self.mean(context.spec)
        if mean is not None:
            return mean.bind(context)
        window = self.window(context.spec)
        rows, columns = (axis for axis in (window.rows, window.columns) if isinstance(axis, ResampledAxis))
        if self.filter == "nearest":
            return nearest(rows, columns, context)
        return resampling(rows, columns, context)


def scaled(length: int, part: int, whole: int) -> int:
    """length part / whole, rounded, at least 1."""
    return max((2 * length * part + whole) // (2 * whole), 1)


def weights(axis: ResampledAxis, dtype: str) -> Weights:
    """For each output position its weights, its first tap and the number of taps."""
    table = Pixels.empty(axis.cropped, axis.taps, 1, dtype)
    firsts, counts = Vector.zeros(axis.cropped, "i8"), Vector.zeros(axis.cropped, "i8")
    scratch = Vector.zeros(axis.taps, "f8")
    resize_weights.weigh(table, firsts, counts, scratch, axis.skip, axis.length, axis.resized, axis.filter)
    return table, firsts, counts


def resampling(rows: ResampledAxis, columns: ResampledAxis, context: Context) -> Compute:
    """`compute` for filters with weights."""
    channels, dtype = context.spec.channels, context.spec.working
    down, across = weights(rows, dtype), weights(columns, dtype)
    block = max(int((BLOCK // channels - columns.taps) / max(columns.jump, 1)), 1)
    items = max(int(block * columns.jump) + columns.taps + 1, block)
    buffer = Pixels.empty(resample.LANES, items * channels, 1, dtype)
    wide, narrow = interleaved(items, channels, dtype), interleaved(items, channels, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        resample.resample(
            out, source, row, *down, *across, channels, block, buffer, *wide, *narrow, context.clipped
        )

    return compute


def interleaved(items: int, channels: int, dtype: str) -> tuple[Pixels, Pixels]:
    """Memory for eight rows of pixels side by side: as one row, and as a row a pixel."""
    pixels = Pixels.empty(items, resample.LANES, channels, dtype)
    return pixels.flatten(), pixels


def nearest(rows: ResampledAxis, columns: ResampledAxis, context: Context) -> Compute:
    """`compute` for the pixel at the position."""
    channels = context.spec.channels
    _, tops, _ = weights(rows, "f4")
    _, lefts, _ = weights(columns, "f4")

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        resize_weights.pick(out, source, row, tops, lefts, channels)

    return compute
