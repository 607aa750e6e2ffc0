"""Light: sRGB values to linear light and back, and the luminance of colours."""

from __future__ import annotations

from imgconv.loops import color
from imgconv.pixels import Pixels, Vector
from imgconv.step import Context, Step
from imgconv.steps.quantise import Cast
from imgconv.steps.tone import block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.image import Spec
    from imgconv.step import Compute

BLOCK = 2048


def by_pixels(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop that takes numbers, channels, colours, width, scratch and the count."""
    spec, scratch = context.spec, block(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, spec.channels, spec.colours, spec.width, scratch, context.clipped)

    return compute


def chained(steps: Sequence[Step], context: Context) -> Compute:
    """`compute` for point steps one after the other, rows of computed values between them."""
    spec, computes, rooms = context.spec, [], []
    for at, one in enumerate(steps):
        out = context.out if at == len(steps) - 1 else one.infer(spec)
        computes.append(one.bind(context.but(spec=spec, out=out)))
        rooms.append(out)
        spec = out
    between: list[Pixels] = []

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        if not between or between[0].height < out.height:
            between[:] = [Pixels.empty(out.height, s.width, s.channels, s.dtype) for s in rooms[:-1]]
        for one, room in zip(computes, [*between, out], strict=True):
            target = room if room is out else room.band(0, out.height)
            one(target, source, row)
            source = target

    return compute


class Luminance(Step):
    """Linear light to gray: Rec. 709 luminance by the sRGB curve, or its CIE L* / 100 of full scale."""

    name = "gray"

    lightness: bool = False

    def infer(self, spec: Spec) -> Spec:
        return spec.but(channels=1 + spec.alpha, space="gray", dtype=spec.working)

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if spec.dtype != spec.working:
            return chained([Cast(dtype=spec.working), self], context)
        scratch, room, kind = block(spec), Vector(bytes(2 * BLOCK), spec.working), int(self.lightness)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            numbers = (spec.full, kind, spec.channels, spec.colours, spec.width)
            color.luminance(out, source, *numbers, room, scratch, context.clipped)

        return compute
