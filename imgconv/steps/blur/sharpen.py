"""Sharpening: the Laplacian subtracted, and the unsharp mask."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.convolution import stencil3x3
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.blur.gaussian_base import GaussianFilter, check_radius
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_sampled import Variant

MAX_FIXED_POINT_AMOUNT = 1.5  # the error of the blur, 0.4 of a level, is multiplied by the amount


@register("sharpen", "Sharpen: subtract the 4-neighbor Laplacian")
class Sharpen(Padded):
    """Sharpening by the 4-neighbor Laplacian: out = in + amount (4 in - up - down - left - right).

    With amount 1 this is the kernel 0 -1 0 / -1 5 -1 / 0 -1 0. Takes any channels and gives floats in the range of the
    input and somewhat beyond; `--edge` fills the border. float32 sums, within 4e-4 of float64 on 0..255 at amount 1
    (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/camera.png sharpen --amount 0.5 save crisp.png"
    is_linear = True
    rounds = True

    amount: float = option(1.0, "strength; 0 changes nothing, below 0 blurs")

    def window(self, spec: Spec) -> Window:
        return self.around(Axis(3), Axis(3))

    def bind(self, context: Context) -> Compute:
        channel_stride, clipped = context.spec.channels, context.clipped
        n = context.out.width * channel_stride
        scratch = Vector.zeros(min(n, BLOCK), context.spec.working)
        center, side, corner = 1 + 4 * self.amount, -self.amount, 0.0

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            stencil3x3.star(out, source, center, side, corner, channel_stride, n, scratch, clipped)

        return compute


@register("unsharp", "Unsharp mask: sharpen by adding the difference from a Gaussian blur")
class Unsharp(GaussianFilter):
    """Unsharp mask: out = in + amount (in - G) where |in - G| >= threshold, else in; G is the result of `gaussian`.

    Takes any channels and gives floats in the range of the input and somewhat beyond; `--edge` fills the border.
    float32, within 1e-6 of full scale of the float64 result, times 1 + amount (float64 with `--precision double`).
    8-bit images that are saved with 8 bits are within 0.4 amount of a level, up to amount 1.5; from sigma 4 on all
    images are, as with `gaussian`. `--algorithm separable` turns both approximations off.
    """

    example = "imgconv open sample_images/chelsea.png unsharp --sigma 2 --amount 1.5 save crisp.png"

    amount: float = option(1.0, "how much of the difference is added")
    threshold: float = option(0.0, "smaller differences change nothing", low=0, high=1, unit="of full scale")

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    @property
    def allows_fixed_point(self) -> bool:
        return self.threshold == 0 and abs(self.amount) <= MAX_FIXED_POINT_AMOUNT

    def apply(self, blur: Variant, context: Context, margin: int) -> Compute:
        return blur.unsharp(context, margin, self.amount, self.threshold * context.spec.full)
