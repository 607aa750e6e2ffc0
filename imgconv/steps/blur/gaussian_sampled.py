"""The weights of a Gaussian, what every way to blur with one can do, and the plain way: sampled weights."""

from __future__ import annotations

from math import exp, fsum

from imgconv.core.pixels import Pixels, Vector
from imgconv.core.record import Record
from imgconv.engine.scratch import row_and_result
from imgconv.loops.convolution import separable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.border import Border
    from imgconv.engine.step import Compute, Context


def half_gaussian(sigma: float, radius: int) -> list[float]:
    """Weights from the center outwards, radius + 1 of them; with the other half they sum to 1."""
    ratios = [i / sigma for i in range(radius + 1)]
    half = [exp(-0.5 * t * t) for t in ratios]
    total = fsum(half + half[1:])
    return [weight / total for weight in half]


def mirrored(half: list[float]) -> list[float]:
    """Both halves of symmetric weights that are listed from the center outwards."""
    return half[:0:-1] + half


class Variant(Record):
    """One way to compute a Gaussian blur, and the unsharp mask that follows from it.

    `compute` gets a source that reaches `margin` pixels further on each side than this variant needs.
    """

    @property
    def reach(self) -> int:
        """How many pixels on each side a result looks at."""
        raise NotImplementedError

    def folding(self, edge: Border) -> Variant | None:
        """The same over a source that is not padded, where this variant can fold that border inside."""
        return None

    def blur(self, context: Context, margin: int) -> Compute:
        """`compute` for the blur."""
        raise NotImplementedError

    def unsharp(self, context: Context, margin: int, amount: float, least: float) -> Compute:
        """`compute` for in + amount (in - blur) where the difference is `least` or more, else in."""
        raise NotImplementedError

    def explain(self) -> str:
        """How it runs, in a few words."""
        raise NotImplementedError


class Sampled(Variant):
    """Separable convolution with the sampled weights, down and then across, in the working dtype."""

    sigma: float
    radius: int

    @property
    def reach(self) -> int:
        return self.radius

    @property
    def weights(self) -> list[float]:
        """From the center outwards."""
        return half_gaussian(self.sigma, self.radius)

    def blur(self, context: Context, margin: int) -> Compute:
        column, row, *scratch = self.operands(context)
        channel_stride, clipped, bias = context.spec.channels, context.clipped, 0.0
        n = context.out.width * channel_stride

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            src = source.within(margin)
            separable.symmetric(out, src, column, row, channel_stride, n, bias, *scratch, clipped)

        return compute

    def unsharp(self, context: Context, margin: int, amount: float, least: float) -> Compute:
        column, row, *scratch = self.operands(context)
        channel_stride, clipped = context.spec.channels, context.clipped
        n = context.out.width * channel_stride

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            src = source.within(margin)
            separable.unsharp(out, src, column, row, channel_stride, n, amount, least, *scratch, clipped)

        return compute

    def operands(self, context: Context) -> tuple[Vector, Vector, Vector, Vector]:
        """For the loops: the column from its center, the whole row, and scratch for column sums and a result."""
        weights, dtype, channels = self.weights, context.spec.working, context.spec.channels
        scratch = row_and_result(context.out.width * channels, 2 * self.radius * channels, dtype)
        return Vector(weights, dtype), Vector(mirrored(weights), dtype), *scratch

    def explain(self) -> str:
        return f"sampled, {2 * self.radius + 1} taps down and as many across"
