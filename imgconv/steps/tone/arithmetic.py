"""Tone: steps that look at one value at a time. Alpha is left as it is."""

from __future__ import annotations

from math import ceil, inf

from imgconv.core.color_spaces import white_of
from imgconv.core.dtypes import FULL_SCALE, LEVELS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Number
from imgconv.core.options import argument, option
from imgconv.engine.step import Context
from imgconv.loops.tone import arithmetic as tone
from imgconv.steps.pointwise import Tone, pointwise, pointwise_int, tabulated
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute


@register("scale", "multiply by a factor and add a number")
class Scale(Tone):
    """out = FACTOR v + shift, float32. Nothing is clipped before `save`; alpha is left as it is."""

    example = "imgconv open sample_images/coffee.jpg scale 1.2 --shift -10 save brighter.png"

    factor: float = argument(Number(), "what values are multiplied by")
    shift: float = option(0.0, "what is added then")

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (0.0, self.factor, self.shift, 1.0)


@register("invert", "the negative: full scale minus each value")
class Invert(Tone):
    """out = full scale - v: 255 - v for 8-bit images, 1 - v for numbers without a scale."""

    example = "imgconv open sample_images/camera.png invert save negative.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (0.0, -1.0, spec.full, 1.0)

    def exactly(self, context: Context) -> Compute:
        return pointwise_int(tone.invert_whole, int(context.spec.full), 0, context)


@register("abs", "the magnitude of each value")
class Abs(Tone):
    """out = |v|; NaN stays."""

    example = "imgconv open sample_images/camera.png conv '-1 0 1' abs save edges.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.magnitude, ()


@register("round", "round to whole numbers, half to even")
class Round(Tone):
    """out = the whole number next to v; 0.5, 1.5, 2.5 become 0, 2, 2."""

    example = "imgconv open sample_images/camera.png gaussian round print"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.nearest, ()


@register("relu", "0 in place of negative values")
class Relu(Tone):
    """out = max(0, v); NaN stays."""

    example = "imgconv open sample_images/camera.png conv '-1 0 1' relu save rising.png"
    keeps = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.limit, (0.0, inf)


@register("clip", "cut values off at two limits")
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

    def output_dtype(self, spec: Spec) -> str:
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
            return pointwise_int(tone.limit_whole, *limits, context)
        return pointwise(tone.limit, self.bounds(context.spec), context)


@register("threshold", "white from a level on, black below it")
class Threshold(Tone):
    """out = full scale where v >= LEVEL x full scale, else 0; NaN stays.

    Whole numbers stay whole, and values computed from them become so again (NaN is 0 there): what follows is faster.
    """

    example = "imgconv open sample_images/camera.png threshold 0.5 save mask.png"
    keeps = True

    level: float = argument(Number(0, 1), "the least value that becomes white", unit="of full scale")

    def output_dtype(self, spec: Spec) -> str:
        if spec.dtype in LEVELS or spec.alpha or white_of(spec.space) != 1:
            return super().output_dtype(spec)
        return next((dtype for dtype, white in FULL_SCALE.items() if white == spec.white), spec.working)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.cut, (self.level * spec.full, spec.full)

    def exactly(self, context: Context) -> Compute:
        full = context.spec.full
        return pointwise_int(tone.cut_whole, ceil(self.level * full), int(full), context)


@register("gamma", "brighten or darken the middle tones")
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
