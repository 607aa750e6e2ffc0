"""Sharpening: the Laplacian subtracted, and the unsharp mask."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import gaussian_fixed_point, gaussian_grid
from imgconv.loops.convolution import separable, stencil3x3
from imgconv.loops.convolution.direct import BLOCK
from imgconv.steps.blur.gaussian_base import GaussianFilter, blurring, check_radius
from imgconv.steps.blur.gaussian_grid import DownsampledGaussian, Grid, by_bands
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_fixed_point import Given


MOST_IN_BYTES = 1.5  # times the difference from a blur in 16 bits, which is within 0.4 of a level


@register("sharpen", "sharpen: a pixel minus what its four neighbors have more")
class Sharpen(Padded):
    """out = in + amount (4 in - up - down - left - right): with amount 1 the kernel 0 -1 0 / -1 5 -1 / 0 -1 0.

    float32 sums, within 4e-4 of float64 on 0..255 at amount 1 (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/camera.png sharpen --amount 0.5 save crisp.png"
    is_linear = True
    rounds = True

    amount: float = option(1.0, "how much; 0 changes nothing, below 0 blurs")

    def window(self, spec: Spec) -> Window:
        return self.around(Axis(3), Axis(3))

    def bind(self, context: Context) -> Compute:
        step = context.spec.channels
        n, count = context.out.width * step, context.clipped
        scratch = Vector.zeros(min(n, BLOCK), context.spec.working)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            stencil3x3.star(out, source, 1 + 4 * self.amount, -self.amount, 0.0, step, n, scratch, count)

        return compute


@register("unsharp", "sharpen: a pixel plus its difference from the blurred image")
class Unsharp(GaussianFilter):
    """out = in + amount (in - G) where |in - G| >= threshold, else in; G is the Gaussian of `gaussian`.

    float32, within 1e-6 of full scale of the float64 result, times 1 + amount (float64 with `--precision double`).
    8 bits that are written as 8 bits again are within 0.4 amount of a level, up to amount 1.5; from sigma 4 on all are,
    as `gaussian`. `--algorithm separable` leaves both out.
    """

    example = "imgconv open sample_images/chelsea.png unsharp --sigma 2 --amount 1.5 save crisp.png"

    amount: float = option(1.0, "how much of the difference is added")
    threshold: float = option(0.0, "differences below it change nothing", low=0, high=1, unit="of full scale")

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    def numbers(self, context: Context) -> tuple[float, float]:
        return self.amount, self.threshold * context.spec.full

    def on_grid(self, grid: Grid, context: Context, edge: Border | None = None) -> Compute:
        blurred = DownsampledGaussian(grid, context, edge)
        n, left = context.out.width * context.spec.channels, blurred.left
        ends = (*self.numbers(context), blurred.near, blurred.scratch, context.clipped)

        def write(out: Pixels, source: Pixels, row: int, at: int) -> None:
            gaussian_grid.unsharp_between(out, source, blurred.ring, row, at, left, grid.h, n, *ends)

        return by_bands(blurred, write)

    def sampled(self, margin: int, context: Context) -> Compute:
        column, across, room, scratch = blurring(self.weights, context)
        step = context.spec.channels
        n, ends = context.out.width * step, (*self.numbers(context), room, scratch, context.clipped)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            separable.unsharp(out, source.within(margin), column, across, step, n, *ends)

        return compute

    def small(self, context: Context) -> list[int] | None:
        """None too where what the sums are off would show."""
        shows = self.threshold > 0 or abs(self.amount) > MOST_IN_BYTES
        return None if shows else super().small(context)

    def fixed_point(self, given: Given, margin: int, context: Context) -> Compute:
        ends = self.amount, Vector.zeros(BLOCK, "f4"), context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            gaussian_fixed_point.unsharp(out, source.within(margin), *given, *ends)

        return compute
