"""Luminance: linear light to gray."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.color import gray

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute

BLOCK = 2048


class Luminance(Step):
    """Rec. 709 luminance of linear light, stored by the sRGB curve; or its CIE L* / 100; an internal step.

    In: linear RGB, 0 to full scale, and perhaps alpha, which is kept. Out: gray in the working float, 0 to full scale.
    """

    name = "gray"
    rounds = True

    lightness: bool = False

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(channels=1 + spec.alpha, space="gray", dtype=spec.working)

    def input_spec(self, spec: Spec) -> Spec:
        return spec.computed

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        scratch, planes = block(spec), Vector(bytes(2 * BLOCK), spec.working)
        numbers = (spec.full, int(self.lightness), spec.channels, spec.colors, spec.width)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            gray.luminance(out, source, *numbers, planes, scratch, context.clipped)

        return compute
