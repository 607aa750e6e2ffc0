"""Small Gaussians from bytes to bytes in 16-bit fixed point: twice as many items a vector as floats.

No 8-bit image comes out more than `BOUND` of a level away from the sampled weights, before rounding: the weights that
are cut off, the rounding of the others and the rounding of the terms add up to that at most.
"""

from __future__ import annotations

from itertools import accumulate

from imgconv.core.pixels import Pixels, Vector
from imgconv.loops.blur import gaussian_fixed_point
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.blur.gaussian_sampled import Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.engine.step import Compute, Context

ONE = 65536  # the sum of all weights
TAIL = 3e-4  # of the weights may be cut off on both sides together: 0.08 of a level
BOUND = 0.4  # of a level


class FixedPoint(Variant):
    """Separable convolution with 16-bit weights over bytes."""

    weights: tuple[int, ...]  # from the center outwards

    @property
    def reach(self) -> int:
        return len(self.weights) - 1

    def blur(self, context: Context, margin: int) -> Compute:
        operands = self.operands(context)

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            gaussian_fixed_point.gaussian(out, source.within(margin), *operands)

        return compute

    def unsharp(self, context: Context, margin: int, amount: float, least: float) -> Compute:
        """Only for least = 0: the error of a difference near `least` would show."""
        operands, scratch, clipped = self.operands(context), Vector.zeros(BLOCK, "f4"), context.clipped

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            gaussian_fixed_point.unsharp(out, source.within(margin), *operands, amount, scratch, clipped)

        return compute

    def operands(self, context: Context) -> tuple[Any, ...]:
        """What the loops take after `out` and `src`."""
        channels = context.out.channels
        operands: tuple[Any, ...] = gaussian_fixed_point.operands(
            Vector(self.weights, "u2"), channel_stride=channels, n=context.out.width * channels
        )
        return operands

    def explain(self) -> str:
        return f"16-bit fixed point, {2 * self.reach + 1} taps down and as many across"


def fixed_point_weights(weights: Sequence[float]) -> tuple[int, ...]:
    """Weights of a Gaussian from the center outwards as 65536ths; with the other half they sum to 65536."""
    tails = list(accumulate(2 * weight for weight in reversed(weights)))  # of the last, of the last two, ...
    count = len(weights) - sum(1 for tail in tails[:-1] if tail <= TAIL)
    total = weights[0] + 2 * sum(weights[1:count])
    sides = [round(ONE * weight / total) for weight in weights[1:count]]
    return ONE - 2 * sum(sides), *sides
