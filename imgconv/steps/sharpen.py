"""Sharpening: the Laplacian subtracted, and the unsharp mask."""

from __future__ import annotations

from imgconv.loops import separable, star
from imgconv.loops.direct import BLOCK
from imgconv.options import option
from imgconv.pixels import Pixels, Vector
from imgconv.step import Context, Padded, step
from imgconv.steps.blur import bell, blurring, check_radius
from imgconv.window import Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.run import Run
    from imgconv.step import Compute


@step("sharpen", "sharpen: a pixel minus what its four neighbours have more")
class Sharpen(Padded):
    """out = in + amount (4 in - up - down - left - right): with amount 1 the kernel 0 -1 0 / -1 5 -1 / 0 -1 0.

    float32 sums, within 4e-4 of float64 on 0..255 at amount 1 (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/camera.png sharpen --amount 0.5 save crisp.png"
    is_linear = True
    by_columns = True
    rounds = True

    amount: float = option(1.0, "how much; 0 changes nothing, below 0 blurs")

    def window(self, spec: Spec) -> Window:
        return self.around(Axis(3), Axis(3))

    def bind(self, context: Context) -> Compute:
        step = context.spec.channels
        n, count = context.out.width * step, context.clipped
        scratch = Vector.zeros(min(n, BLOCK), context.spec.working)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            star.star(out, source, 1 + 4 * self.amount, -self.amount, 0.0, step, n, scratch, count)

        return compute


@step("unsharp", "sharpen: a pixel plus its difference from the blurred image")
class Unsharp(Padded):
    """out = in + amount (in - G) where |in - G| >= threshold, else in; G is the Gaussian of `gaussian`.

    float32, within 1e-6 of full scale of the float64 result, times 1 + amount (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/chelsea.png unsharp --sigma 2 --amount 1.5 save crisp.png"
    is_linear = True
    by_columns = True
    rounds = True

    sigma: float = option(1.0, "standard deviation of the Gaussian", above=0, unit="pixels")
    amount: float = option(1.0, "how much of the difference is added")
    threshold: float = option(0.0, "differences below it change nothing", low=0, high=1, unit="of full scale")

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    @property
    def weights(self) -> list[float]:
        return bell(self.sigma, int(4 * self.sigma + 0.5))

    def window(self, spec: Spec) -> Window:
        size = 2 * len(self.weights) - 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        column, across, room, scratch = blurring(self.weights, context)
        step, amount, least = context.spec.channels, self.amount, self.threshold * context.spec.full
        n, count = context.out.width * step, context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            separable.unsharp(out, source, column, across, step, n, amount, least, room, scratch, count)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        taps = 2 * len(self.weights) - 1
        return f"sampled, {taps} taps down and {taps} across"
