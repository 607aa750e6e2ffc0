"""Resize: an image with more or fewer pixels."""

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

KINDS = {
    "area": resize_weights.AREA,
    "bilinear": resize_weights.BILINEAR,
    "bicubic": resize_weights.BICUBIC,
    "lanczos3": resize_weights.LANCZOS,
    "nearest": resize_weights.NEAREST,
}
BLOCK = 2048  # items of input that eight rows side by side hold: 64 kB, well within the second cache
LARGEST = 1 << 24  # pixels a side
EXACT = 1 << 58  # lengths of input times output up to which places are whole numbers of 64 bits
ONE = "say one of --scale, --width and --height, --fit or --fill"


class Box(OptionType):
    """Width and height, as pictures are written; `512` is a square."""

    metavar = "WIDTHxHEIGHT"
    kind = Integer(1, LARGEST)

    def read(self, value: Any) -> tuple[int, int]:
        parts = one_or_two(value, "x")
        if not parts:
            raise UsageError(f"'{value}' is no size; write 1920x1080: 1920 wide, 1080 high")
        return int(self.kind.read(parts[0])), int(self.kind.read(parts[-1]))

    def text(self, value: Any) -> str:
        return f"{value[0]}x{value[1]}"


class Factors(OptionType):
    """One factor for both directions, or one across and one down."""

    metavar = "S|ACROSS,DOWN"
    kind = Number(above=0, high=LARGEST)

    def read(self, value: Any) -> tuple[float, float]:
        parts = one_or_two(value, ",")
        if not parts:
            raise UsageError(f"'{value}' is no scale; write 0.5 or 0.5,0.25 (across, down)")
        return self.kind.read(parts[0]), self.kind.read(parts[-1])

    def text(self, value: Any) -> str:
        across, down = map(self.kind.text, value)
        return across if across == down else f"{across},{down}"


def one_or_two(value: Any, mark: str) -> list[Any]:
    """The parts of a text or a sequence, or a number alone; nothing where they are not one or two."""
    if isinstance(value, str):
        parts = value.lower().split(mark)
    else:
        parts = list(value) if hasattr(value, "__len__") else [value]
    return parts if len(parts) in (1, 2) else []


class Spread(Axis):
    """`given` output positions, from number `skip` on, of the `spread` that lie over `input_spec` input positions."""

    taken: int = 1
    spread: int = 1
    skip: int = 0
    given: int = 1
    kind: int = resize_weights.NEAREST

    def output(self, length: int) -> int:
        return self.given

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        return max(self.span(start)[0], 0), min(self.span(stop - 1)[1], self.taken)

    def span(self, at: int) -> tuple[int, int]:
        """What output position `at` looks at, first and end, beyond the border too."""
        return span(self.skip + at, self.taken, self.spread, self.kind)

    @property
    def taps(self) -> int:
        """The most taps that lie in the image."""
        return min(self.size, self.taken)

    @property
    def jump(self) -> float:
        return self.taken / self.spread if self.taken % self.spread else self.taken // self.spread

    @property
    def start(self) -> int:
        first, _ = self.span(0)
        return first


def spread(taken: int, over: int, given: int, filter: str) -> Spread:
    """The middle `given` of `over` positions laid over `input_spec`; where they are as many, nothing is computed."""
    kind = KINDS["nearest" if taken == over else filter]
    return Spread(_taps(taken, over, kind), 1, 1, 0, 0, taken, over, (over - given) // 2, given, kind)


def _taps(taken: int, over: int, kind: int) -> int:
    """How many input positions an output position looks at, at most."""
    if kind == resize_weights.NEAREST:
        return 1
    if kind == resize_weights.AREA:
        common = gcd(taken, over)
        return (2 * (over // common - 1) + taken // common) // (over // common)
    return -(-resize_weights.REACH[kind] * 2 * max(taken, over) // over)


def span(at: int, taken: int, over: int, kind: int) -> tuple[int, int]:
    """As the loops see it."""
    first, end = resize_weights.span(at, taken, over, kind)
    return first, end


@register("resize", "another size: fewer pixels, or more")
class Resize(Step):
    """out(x, y) = sum of the filter's weights times the pixels around ((x + 1/2) w / W, (y + 1/2) h / H), their sum 1.

    The size is one of: --scale; --width and --height, where one alone keeps the aspect; --fit, the largest that lies
    in a box with its aspect kept; --fill, the smallest that covers a box, its middle cut out. Sizes are rounded to
    the nearest whole number, halves up, and are never below 1. In a smaller image each filter is as many times
    wider, so nothing aliases; at the border the weights inside are made to sum to 1. So are Pillow's, but here no
    value is rounded or clipped on the way: within 1e-4 of full scale of it in float32.

    Values are averaged as they are stored; `open --linear` has light averaged.

    area: each pixel by how much of it the new pixel covers; whole factors give the exact mean. bilinear, bicubic
    (a = -1/2) and lanczos3 are 1, 2 and 3 pixels wide to each side; the last two can leave the range of the source.
    nearest takes the pixel at that place and keeps the dtype.
    """

    example = "imgconv open sample_images/astronaut.png resize --fit 200x200 save small.png"
    selects_channels = False

    scale: Any = option(None, "how many times as large", Factors())
    width: int | None = option(None, "of the result", low=1, high=LARGEST, whole=True, unit="pixels")
    height: int | None = option(None, "of the result", low=1, high=LARGEST, whole=True, unit="pixels")
    fit: Any = option(None, "as large as fits in this box, the aspect kept", Box(), unit="pixels")
    fill: Any = option(
        None, "so large that it covers this box, and cut to it around the middle", Box(), unit="pixels"
    )
    filter: str = option("lanczos3", "how pixels are weighted", choices=tuple(KINDS))
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
            raise UsageError(f"resize: {ONE}" + (", not several" if any(ways) else ""))

    def output_dtype(self, spec: Spec) -> str:
        return spec.working if self.is_linear else spec.dtype

    def covers(self, spec: Spec) -> tuple[tuple[int, int], tuple[int, int]]:
        """Across and down: to how many pixels the image is spread, and how many of them are taken."""
        width, height = self.spreads(spec.width, spec.height)
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

    def spreads(self, width: int, height: int) -> tuple[int, int]:
        """The size of the whole image resized."""
        if self.scale is not None:
            across, down = self.scale
            return max(floor(width * across + 0.5), 1), max(floor(height * down + 0.5), 1)
        if self.width and self.height:
            return self.width, self.height
        box: Any = self.fit or self.fill or (self.width, self.height)
        across, down = box
        if down is None or (across and (across * height <= down * width) == bool(self.fit)):
            return across, of(height, across, width)
        return of(width, down, height), down

    def sizes(self, spec: Spec) -> tuple[int, int]:
        (across, width), (down, height) = self.covers(spec)
        if max(across * spec.width, down * spec.height) > EXACT:
            raise UsageError(f"resize: {across} x {down} pixels, to cut out {width} x {height}, are too many")
        return bounded(self.name, height, width)

    def window(self, spec: Spec) -> Window:
        mean = self.mean(spec)
        if mean is not None:
            return mean.window(spec)
        (across, width), (down, height) = self.covers(spec)
        return Window(
            spread(spec.height, down, height, self.filter), spread(spec.width, across, width, self.filter)
        )

    def mean(self, spec: Spec) -> AvgPool | None:
        """Where whole pixels are put together, the step that does that."""
        (across, width), (down, height) = self.covers(spec)
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
        rows, columns = (axis for axis in (window.rows, window.columns) if isinstance(axis, Spread))
        if self.filter == "nearest":
            return nearest(rows, columns, context)
        return resampling(rows, columns, context)


def of(length: int, part: int, whole: int) -> int:
    """length part / whole, rounded, at least 1."""
    return max((2 * length * part + whole) // (2 * whole), 1)


def weights(axis: Spread, kind: str) -> Weights:
    """For each output position its weights, its first tap and their number."""
    table = Pixels.empty(axis.given, axis.taps, 1, kind)
    firsts, counts = Vector.zeros(axis.given, "i8"), Vector.zeros(axis.given, "i8")
    room = Vector.zeros(axis.taps, "f8")
    resize_weights.weigh(table, firsts, counts, room, axis.skip, axis.taken, axis.spread, axis.kind)
    return table, firsts, counts


def resampling(rows: Spread, columns: Spread, context: Context) -> Compute:
    """`compute` for filters with weights."""
    channels, kind, count = context.spec.channels, context.spec.working, context.clipped
    down, across = weights(rows, kind), weights(columns, kind)
    block = max(int((BLOCK // channels - columns.taps) / max(columns.jump, 1)), 1)
    items = max(int(block * columns.jump) + columns.taps + 1, block)
    room = Pixels.empty(resample.LANES, items * channels, 1, kind)
    rooms = (room, *beside(items, channels, kind), *beside(items, channels, kind))

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        resample.resample(out, source, row, *down, *across, channels, block, *rooms, count)

    return compute


def beside(items: int, channels: int, kind: str) -> tuple[Pixels, Pixels]:
    """Room for eight rows of pixels side by side: as one row, and as a row a pixel."""
    pixels = Pixels.empty(items, resample.LANES, channels, kind)
    return pixels.flatten(), pixels


def nearest(rows: Spread, columns: Spread, context: Context) -> Compute:
    """`compute` for the pixel at the place."""
    channels = context.spec.channels
    _, tops, _ = weights(rows, "f4")
    _, lefts, _ = weights(columns, "f4")

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        resize_weights.pick(out, source, row, tops, lefts, channels)

    return compute
