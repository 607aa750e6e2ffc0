"""Light: sRGB values to linear light and back, and the luminance of colors."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import Cast
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.color import gray as color
from imgconv.steps.pointwise import chained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute

BLOCK = 2048


class Luminance(Step):
    """Linear light to gray: Rec. 709 luminance by the sRGB curve, or its CIE L* / 100 of full scale."""

    name = "gray"

    lightness: bool = False

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(channels=1 + spec.alpha, space="gray", dtype=spec.working)

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if spec.dtype != spec.working:
            return chained([Cast(dtype=spec.working), self], context)
        scratch, room, kind = block(spec), Vector(bytes(2 * BLOCK), spec.working), int(self.lightness)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            numbers = (spec.full, kind, spec.channels, spec.colors, spec.width)
            color.luminance(out, source, *numbers, room, scratch, context.clipped)

        return compute
