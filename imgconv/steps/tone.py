"""Tone: steps that look at one value at a time. Alpha is left as it is."""

from __future__ import annotations

from math import ceil, inf

from imgconv.copying import copied
from imgconv.errors import UsageError
from imgconv.image import WHITE
from imgconv.kinds import Number
from imgconv.loops import tone
from imgconv.options import argument, option
from imgconv.pixels import Pixels, Vector
from imgconv.step import Context, Step, step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from imgconv.image import Spec
    from imgconv.step import Compute

LEVELS = {"u1": 256, "u2": 65536}  # values of the whole dtypes
BLOCK = 2048


class Tone(Step):
    """A step on single values that a loop of `loops/tone.py` does."""

    rounds = True
    keeps: ClassVar[bool] = False  # whole numbers give whole numbers in the same range

    def gives(self, spec: Spec) -> str:
        return spec.dtype if self.keeps and spec.dtype in LEVELS else spec.working

    def bind(self, context: Context) -> Compute:
        if context.out.dtype == context.spec.dtype and context.out.dtype in LEVELS and self.keeps:
            return self.exactly(context)
        loop, numbers = self.loop(context.spec)
        return pointwise(loop, numbers, context)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        """The loop over computed values, and its numbers."""
        raise NotImplementedError(self.name)

    def exactly(self, context: Context) -> Compute:
        """The same over whole numbers; here, what changes nothing."""
        return copied


def alpha_of(spec: Spec) -> int:
    """The loops' `alpha`: the number of channels where the last is alpha, else 0."""
    return spec.channels if spec.alpha else 0


def block(spec: Spec) -> Vector:
    """Scratch memory for about BLOCK values, whole pixels of them."""
    return Vector(bytes(max(BLOCK // spec.channels, 1) * spec.channels), spec.working)


def pointwise(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop that takes numbers, alpha, items, scratch and the count."""
    scratch, alpha = block(context.spec), alpha_of(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, alpha, source.samples, scratch, context.clipped)

    return compute


def wholly(loop: Any, one: int, two: int, context: Context) -> Compute:
    """`compute` for a loop over whole numbers that takes two numbers, alpha and items."""
    alpha = alpha_of(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, one, two, alpha, source.samples)

    return compute


class Affine(Tone):
    """(v - origin) scale + shift; alpha times `alpha`. No word names it."""

    name = "affine"

    origin: float = 0.0
    factor: float = 1.0
    shift: float = 0.0
    alpha: float = 1.0

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (self.origin, self.factor, self.shift, self.alpha)


@step("scale", "multiply by a factor and add a number")
class Scale(Tone):
    """out = FACTOR v + shift, float32. Nothing is clipped before `save`; alpha is left as it is."""

    example = "imgconv open sample_images/coffee.jpg scale 1.2 --shift -10 save brighter.png"

    factor: float = argument(Number(), "what values are multiplied by")
    shift: float = option(0.0, "what is added then")

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (0.0, self.factor, self.shift, 1.0)


@step("invert", "the negative: full scale minus each value")
class Invert(Tone):
    """out = full scale - v: 255 - v for 8-bit images, 1 - v for numbers without a scale."""

    example = "imgconv open sample_images/camera.png invert save negative.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (0.0, -1.0, spec.full, 1.0)

    def exactly(self, context: Context) -> Compute:
        return wholly(tone.invert_whole, int(context.spec.full), 0, context)


@step("abs", "the magnitude of each value")
class Abs(Tone):
    """out = |v|; NaN stays."""

    example = "imgconv open sample_images/camera.png conv '-1 0 1' abs save edges.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.magnitude, ()


@step("round", "round to whole numbers, half to even")
class Round(Tone):
    """out = the whole number next to v; 0.5, 1.5, 2.5 become 0, 2, 2."""

    example = "imgconv open sample_images/camera.png gaussian round print"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.nearest, ()


@step("relu", "0 in place of negative values")
class Relu(Tone):
    """out = max(0, v); NaN stays."""

    example = "imgconv open sample_images/camera.png conv '-1 0 1' relu save rising.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.limit, (0.0, inf)


@step("clip", "cut values off at two limits")
class Clip(Tone):
    """out = LOW where v is less, HIGH where it is more; NaN stays.

    Whole numbers stay whole where both limits are. Errors: a low limit above the high one.
    """

    example = (
        "imgconv open sample_images/camera.png sharpen --amount 3 clip --low 20 --high 235 save safe.png"
    )

    low: float | None = option(0.0, "the least value")
    high: float | None = option(None, "the largest value; full scale by default")

    def bounds(self, spec: Spec) -> tuple[float, float]:
        return self.low or 0.0, spec.full if self.high is None else self.high

    def infer(self, spec: Spec) -> Spec:
        low, high = self.bounds(spec)
        if low > high:
            raise UsageError(f"clip: --low {low:g} is above --high {high:g}")
        return super().infer(spec)

    def gives(self, spec: Spec) -> str:
        return spec.dtype if self.limits(spec) else spec.working

    def limits(self, spec: Spec) -> tuple[int, int] | None:
        """The limits that whole numbers feel, where these are whole."""
        low, high = self.bounds(spec)
        most = LEVELS.get(spec.dtype, 0) - 1
        if most < 0 or low > most or high < 0:
            return None
        low, high = max(low, 0), min(high, most)
        return (int(low), int(high)) if low == int(low) and high == int(high) else None

    def bind(self, context: Context) -> Compute:
        limits = self.limits(context.spec)
        if limits and context.out.dtype == context.spec.dtype:
            return wholly(tone.limit_whole, *limits, context)
        return pointwise(tone.limit, self.bounds(context.spec), context)


@step("threshold", "white from a level on, black below it")
class Threshold(Tone):
    """out = full scale where v >= LEVEL x full scale, else 0; NaN stays.

    Whole numbers stay whole, and values computed from them become so again (NaN is 0 there): what follows is faster.
    """

    example = "imgconv open sample_images/camera.png threshold 0.5 save mask.png"
    keeps = True

    level: float = argument(Number(0, 1), "the least value that becomes white", unit="of full scale")

    def gives(self, spec: Spec) -> str:
        if spec.dtype in LEVELS or spec.alpha or spec.space not in ("gray", "rgb", "linear", "none"):
            return super().gives(spec)
        return next((dtype for dtype, white in WHITE.items() if white == spec.white), spec.working)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.cut, (self.level * spec.full, spec.full)

    def exactly(self, context: Context) -> Compute:
        full = context.spec.full
        return wholly(tone.cut_whole, ceil(self.level * full), int(full), context)


@step("gamma", "brighten or darken the middle tones")
class Gamma(Tone):
    """out = full scale x (v / full scale) ^ (1 / EXPONENT).

    2.2 brightens, as in ImageMagick, GIMP and libvips. Negative values become 0; NaN stays. float32, within
    4e-7 of full scale of the float64 result.
    """

    example = "imgconv open sample_images/coffee.jpg gamma 1.8 save brighter.png"

    exponent: float = argument(Number(0.01, 100), "above 1 brightens, below 1 darkens")

    def bind(self, context: Context) -> Compute:
        if context.spec.dtype in LEVELS:
            return tabulated(self, context)
        return pointwise(tone.power, (context.spec.full, 1 / self.exponent), context)


def tabulated(step: Step, context: Context) -> Compute:
    """`compute` for whole numbers of a step on single values: what it makes of each value, looked up."""
    spec = context.spec
    row = spec.but(height=1, width=LEVELS[spec.dtype], channels=1, alpha=False, dtype=spec.working)
    values = Pixels.of_numbers([range(row.width)], 1, row.dtype)
    table = Pixels.empty(1, row.width, 1, row.dtype)
    step.bind(context.but(spec=row, out=row))(table, values, 0)
    return looked_up(table, context)


def looked_up(tables: Pixels, context: Context) -> Compute:
    """`compute` for a table of each value, or one a colour; bytes for bytes are rounded in the table already."""
    spec = context.spec
    whole = rounded(tables, spec) if spec.dtype == context.out.dtype == "u1" else None
    if whole is None:
        return pointwise(tone.lookup, (tables, spec.channels), context)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        tone.exchanged(out, source, whole, source.samples)

    return compute


def rounded(tables: Pixels, spec: Spec) -> Pixels | None:
    """The tables in bytes, alpha's too; None where a value would be clipped, which has to be counted."""
    rows = tables.numbers()
    if any(not -0.5 <= value < 255.5 for row in rows for value in row):
        return None
    found = [[round(value) for value in row] for row in rows]
    if spec.alpha:
        found = found * (spec.colours // len(found)) + [list(range(256))]
    return Pixels.of_numbers(found, 1, "u1")


class Lookup(Step):
    """Tables in place of a formula, one a channel; float values go into bins first. No word names it."""

    name = "lookup"
    rounds = True

    tables: Pixels
    ranges: Pixels | None = None

    def gives(self, spec: Spec) -> str:
        return spec.dtype

    def bind(self, context: Context) -> Compute:
        if self.ranges is None:
            return looked_up(self.tables, context)
        return pointwise(tone.binned, (self.tables, self.ranges, context.spec.channels), context)
