"""Tone: steps on one value at a time. Alpha is kept."""

from __future__ import annotations

from math import ceil, inf

from imgconv.core.color_spaces import white_of
from imgconv.core.dtypes import FULL_SCALE, LEVELS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Number
from imgconv.core.options import argument, option
from imgconv.engine.step import Context
from imgconv.loops.tone import arithmetic
from imgconv.steps.pointwise import PointwiseStep, pointwise, pointwise_int, tabulated
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute

UNUSED = (0.0, 0.0)  # the two numbers of a formula that takes none


@register("scale", "Linear scaling: multiply by a factor, then add a number")
class Scale(PointwiseStep):
    """out = FACTOR v + shift.

    Any channels and dtype in, float32 out. Nothing is clipped before `save`; alpha is kept.
    """

    example = "imgconv open sample_images/coffee.jpg scale 1.2 --shift -10 save brighter.png"

    factor: float = argument(Number(), "what values are multiplied by")
    shift: float = option(0.0, "what is added afterwards")

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.affine, (0.0, self.factor, self.shift, 1.0)


@register("invert", "Negative: full scale minus each value")
class Invert(PointwiseStep):
    """out = full scale - v: 255 - v for 8-bit images, 1 - v for values without a scale.

    Any channels in; integers keep their dtype, floats give float32. Alpha is kept.
    """

    example = "imgconv open sample_images/camera.png invert save negative.png"
    keeps_integers = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.affine, (0.0, -1.0, spec.full, 1.0)

    def integer_variant(self, context: Context) -> Compute:
        return pointwise_int(arithmetic.invert_int, int(context.spec.full), 0, context)


@register("abs", "Absolute value of each sample")
class Abs(PointwiseStep):
    """out = |v|; NaN stays NaN.

    Any channels in; integers keep their dtype, floats give float32. Alpha is kept.
    """

    example = "imgconv open sample_images/camera.png conv '-1 0 1' abs save edges.png"
    keeps_integers = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.absolute, UNUSED


@register("round", "Rounding to integers, half to even")
class Round(PointwiseStep):
    """out = the integer nearest to v, the even one of two: 0.5, 1.5 and 2.5 become 0, 2 and 2; NaN stays NaN.

    Any channels in; integers keep their dtype, floats give float32. Alpha is kept.
    """

    example = "imgconv open sample_images/camera.png gaussian round print"
    keeps_integers = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.round_half_even, UNUSED


@register("relu", "ReLU, rectified linear unit: negative values become 0")
class Relu(PointwiseStep):
    """out = max(0, v); NaN stays NaN.

    Any channels in; integers keep their dtype, floats give float32. Alpha is kept.
    """

    example = "imgconv open sample_images/camera.png conv '-1 0 1' relu save rising.png"
    keeps_integers = True

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.clip, (0.0, inf)


@register("clip", "Clipping: limit values to a range")
class Clip(PointwiseStep):
    """out = min(max(v, LOW), HIGH); NaN stays NaN.

    Any channels in. Integers keep their dtype where both limits are integers; else the result is float32. Alpha is
    kept. Errors: a low limit above the high one.
    """

    example = (
        "imgconv open sample_images/camera.png sharpen --amount 3 clip --low 20 --high 235 save safe.png"
    )

    low: float | None = option(0.0, "the smallest value")
    high: float | None = option(None, "the largest value; full scale by default")

    def bounds(self, spec: Spec) -> tuple[float, float]:
        return self.low or 0.0, spec.full if self.high is None else self.high

    def infer(self, spec: Spec) -> Spec:
        low, high = self.bounds(spec)
        if low > high:
            raise UsageError(f"clip: --low {low:g} is above --high {high:g}")
        return super().infer(spec)

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if self.integer_bounds(spec) else spec.working

    def integer_bounds(self, spec: Spec) -> tuple[int, int] | None:
        """The bounds within the range of an integer dtype; None where they are not integers, or exclude that range."""
        low, high = self.bounds(spec)
        largest = LEVELS.get(spec.dtype, 0) - 1
        if largest < 0 or low > largest or high < 0:
            return None
        low, high = max(low, 0), min(high, largest)
        return (int(low), int(high)) if low == int(low) and high == int(high) else None

    def bind(self, context: Context) -> Compute:
        bounds = self.integer_bounds(context.spec)
        if bounds and context.out.dtype == context.spec.dtype:
            return pointwise_int(arithmetic.clip_int, *bounds, context)
        return pointwise(arithmetic.clip, self.bounds(context.spec), context)


@register("threshold", "Thresholding: white from a level up, black below it")
class Threshold(PointwiseStep):
    """out = full scale where v >= LEVEL x full scale, else 0; NaN stays NaN in a float result, and is 0 in integers.

    Any channels in. Integers keep their dtype, and floats computed from integers become that dtype again, which makes
    the next steps faster. Alpha is kept.
    """

    example = "imgconv open sample_images/camera.png threshold 0.5 save mask.png"
    keeps_integers = True

    level: float = argument(Number(0, 1), "the smallest value that becomes white", unit="of full scale")

    def output_dtype(self, spec: Spec) -> str:
        if spec.dtype in LEVELS or spec.alpha or white_of(spec.space) != 1:
            return super().output_dtype(spec)
        return next((dtype for dtype, white in FULL_SCALE.items() if white == spec.white), spec.working)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.threshold, (self.level * spec.full, spec.full)

    def integer_variant(self, context: Context) -> Compute:
        full = context.spec.full
        return pointwise_int(arithmetic.threshold_int, ceil(self.level * full), int(full), context)


@register("gamma", "Gamma correction: brighten or darken the midtones")
class Gamma(PointwiseStep):
    """out = full scale x (v / full scale) ^ (1 / EXPONENT); negative values become 0, NaN stays NaN.

    An EXPONENT of 2.2 brightens, as in ImageMagick, GIMP and libvips. Any channels and dtype in, float32 out, within
    4e-7 of full scale of the float64 result. Alpha is kept.
    """

    example = "imgconv open sample_images/coffee.jpg gamma 1.8 save brighter.png"

    exponent: float = argument(Number(0.01, 100), "above 1 brightens, below 1 darkens")

    def bind(self, context: Context) -> Compute:
        if context.spec.dtype in LEVELS:
            return tabulated(self, context)
        return pointwise(arithmetic.power, (context.spec.full, 1 / self.exponent), context)
