"""Bilateral filter: a blur that keeps edges."""

from __future__ import annotations

from math import isqrt, log

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.denoise import bilateral
from imgconv.loops.denoise.exp2 import SPAN
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

MAX_RADIUS = 127  # pixels; 50 000 taps
HALF_LOG2_E = 0.5 / log(2)  # exp(-x / 2) = 2^(-x HALF_LOG2_E)
STEEPEST = 1e30  # in place of an infinite exponent


@register("bilateral", "Bilateral filter: blur that keeps edges, the mean of near pixels of similar value")
class Bilateral(Padded):
    """out = in + sum of w (in(x + i, y + j) - in) / sum of w, over i^2 + j^2 <= radius^2, with

    w = exp(-(i^2 + j^2) / (2 sigma_space^2)) exp(-d^2 / (2 sigma_range^2)) and d the sum of the channels' absolute
    differences, as in OpenCV's bilateralFilter; the paper has the Euclidean distance in Lab. Any channels; the result
    is a working float in the range of the input. 8-bit results are within 1 level of OpenCV's. Pixels are weighted by
    their alpha, which stays. `--edge` says what lies beyond the border. float32, within 4e-4 of float64 on 0..255; a
    NaN spreads over the window.

    Source: C. Tomasi and R. Manduchi, Bilateral filtering for gray and color images, ICCV 1998.
    """

    example = "imgconv open sample_images/chelsea.png bilateral --sigma-range 0.2 save smooth.png"
    rounds = True

    sigma_space: float = option(3.0, "standard deviation of the weights of distances", above=0, unit="pixels")
    sigma_range: float = option(
        0.15,
        "standard deviation of the weights of differences, summed over the channels",
        above=0,
        unit="of full scale",
    )
    radius: int | None = option(
        None,
        "radius of the disc, in pixels; 1.5 sigma-space by default, up to 127",
        low=1,
        high=MAX_RADIUS,
        whole=True,
    )

    @property
    def reach(self) -> int:
        """The radius; OpenCV's rule where none is given."""
        return self.radius or min(max(round(1.5 * self.sigma_space), 1), MAX_RADIUS)

    @property
    def half_widths(self) -> list[int]:
        """Columns to each side that the disc has in each row, from the center's row on."""
        return [isqrt(self.reach**2 - i * i) for i in range(self.reach + 1)]

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        spec, radius, dtype = context.spec, self.reach, context.spec.working
        width, channels, colors = context.out.width, spec.channels, spec.colors
        alpha = colors if spec.alpha else 0
        half_widths = Vector(self.half_widths, "i8")
        space = Pixels.of_numbers(self.log2_of_space(), 1, dtype)
        steepness = min(HALF_LOG2_E / self.sigma_range / self.sigma_range / spec.full / spec.full, STEEPEST)
        planes = Pixels.empty(bilateral.ROWS + 2 * radius, SPAN, channels, dtype)
        sums, weights = Vector.zeros((colors + 1) * SPAN, dtype), Vector.zeros(SPAN, dtype)
        scratch = Vector.zeros(channels * SPAN, dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            bilateral.bilateral(
                out,
                source,
                width,
                channels,
                colors,
                alpha,
                half_widths,
                space,
                steepness,
                planes,
                sums,
                weights,
                scratch,
                context.clipped,
            )

        return compute

    def log2_of_space(self) -> list[list[float]]:
        """log2 of the weight of each distance (rows, columns) up to the radius."""
        factor = HALF_LOG2_E / self.sigma_space / self.sigma_space
        distances = range(self.reach + 1)
        return [[max(-(i * i + j * j) * factor, -STEEPEST) for j in distances] for i in distances]

    def explain(self, spec: Spec, run: Run) -> str:
        taps = sum(2 * half + 1 for half in self.half_widths) * 2 - 2 * self.reach - 1
        return f"a disc of {taps} pixels, tap by tap"
