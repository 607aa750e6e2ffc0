"""Gaussian blur."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.engine.step import Context
from imgconv.steps.blur.gaussian_base import MAX_TAPS, GaussianFilter, check_radius
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_sampled import Variant


@register("gaussian", "Gaussian blur: convolution with a Gaussian of standard deviation sigma")
class Gaussian(GaussianFilter):
    """Gaussian blur: each channel is convolved with a Gaussian of standard deviation sigma.

    out(x, y) = sum of g(i) g(j) in(x + i, y + j), where g(i) is proportional to exp(-i^2 / (2 sigma^2)) and sums to 1.
    Takes any channels and gives floats in the range of the input; `--edge` fills the border. The weights are sampled in
    float64 up to the radius int(truncate sigma + 0.5), as in SciPy; `--size` gives their number instead, as in OpenCV's
    getGaussianKernel.

    float32 sums, first down, then across: within 4e-4 of float64 on 0..255 (float64 with `--precision double`). From
    sigma 4 on, the image is blurred on a coarser grid, at a cost that does not grow with sigma; below, 8-bit images
    that are saved with 8 bits are summed in 16-bit fixed point. Both are within 0.4 of an 8-bit level of the sampled
    weights, for every image. Neither is used with `--algorithm separable`, `--precision double`, `--size`,
    `--truncate` or a `--padding` of your own.
    """

    example = "imgconv open sample_images/astronaut.png gaussian --sigma 2 save soft.png"

    truncate: float = option(4.0, "radius at which the weights are cut off", above=0, unit="sigmas")
    size: int | None = option(
        None, "taps a side, an odd number, instead of --truncate", low=1, high=MAX_TAPS, whole=True
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
    def may_approximate(self) -> bool:
        return super().may_approximate and self.size is None and self.truncate == 4

    def apply(self, blur: Variant, context: Context, margin: int) -> Compute:
        return blur.blur(context, margin)
