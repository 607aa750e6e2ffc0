"""Gaussian blur."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Pixels
from imgconv.engine.step import Context
from imgconv.loops.blur import gaussian_fixed_point as fixed
from imgconv.loops.blur import gaussian_grid as coarse
from imgconv.loops.convolution import separable
from imgconv.steps.blur.gaussian_base import MOST, GaussianFilter, blurring, check_radius
from imgconv.steps.blur.gaussian_grid import DownsampledGaussian, Grid, by_bands
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.border import Border
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_fixed_point import Given


@register("gaussian", "blur: weights that fall off as a bell")
class Gaussian(GaussianFilter):
    """out = sum of g(i) g(j) in(x + i, y + j), g(i) proportional to exp(-i^2 / (2 sigma^2)), its sum 1.

    The weights are sampled in float64 up to the radius int(truncate sigma + 0.5), as in SciPy; `--size` gives their
    number instead, as in OpenCV's getGaussianKernel. float32 sums, down and then across: within 4e-4 of float64 on
    0..255 (float64 with `--precision double`). From sigma 4 on images are blurred on a coarser grid, at a cost that
    does not grow; below, 8 bits that are written as 8 bits again are summed in 16. Both are within 0.4 of an 8-bit
    level of the sampled weights, whatever the image. `--algorithm separable`, double precision, `--size`, `--truncate`
    and padding of one's own leave both out.
    """

    example = "imgconv open sample_images/astronaut.png gaussian --sigma 2 save soft.png"

    truncate: float = option(4.0, "where the weights end", above=0, unit="sigmas")
    size: int | None = option(
        None, "taps a side, an odd number, instead of --truncate", low=1, high=MOST, whole=True
    )

    def check(self) -> None:
        if self.size is not None and self.size % 2 == 0:
            raise UsageError(
                f"{self.name}: --size {self.size} has no center; use {self.size - 1} or {self.size + 1}"
            )
        if self.size is None:
            check_radius(self.name, self.sigma, self.truncate)

    @property
    def radius(self) -> int:
        return int(self.truncate * self.sigma + 0.5) if self.size is None else self.size // 2

    @property
    def is_plain(self) -> bool:
        return super().is_plain and self.size is None and self.truncate == 4

    def on_grid(self, grid: Grid, context: Context, edge: Border | None = None) -> Compute:
        n, count = context.out.width * context.spec.channels, context.clipped
        blurred = DownsampledGaussian(grid, context, edge)

        def write(out: Pixels, source: Pixels, row: int, at: int) -> None:
            coarse.rows_between(out, blurred.ring, row, grid.h, n, blurred.near, blurred.scratch, count)

        return by_bands(blurred, write)

    def sampled(self, margin: int, context: Context) -> Compute:
        column, across, room, scratch = blurring(self.weights, context)
        step = context.spec.channels
        n, count = context.out.width * step, context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            inner = source.within(margin)
            separable.symmetric(out, inner, column, across, step, n, 0.0, room, scratch, count)

        return compute

    def fixed_point(self, given: Given, margin: int, context: Context) -> Compute:
        def compute(out: Pixels, source: Pixels, row: int) -> None:
            fixed.bell(out, source.within(margin), *given)

        return compute


def best_run(width: int) -> int:
    """Of how many neighbors to make sums first: fewest additions, width // run + width % run + run."""
    return min(range(1, width + 1), key=lambda run: (run - 1) + width // run + width % run)
