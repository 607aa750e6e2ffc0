"""Bilateral: a blur that keeps edges."""

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

MOST = 127  # pixels that the window reaches; 50 000 taps
STEEPEST = 1e30  # in place of an infinite fall


@register("bilateral", "blur that keeps edges: the mean of near pixels of like value")
class Bilateral(Padded):
    """out = in + sum of w (in(x + i, y + j) - in) / sum of w, over i^2 + j^2 <= radius^2, with

    w = exp(-(i^2 + j^2) / (2 sigma_space^2)) exp(-d^2 / (2 sigma_range^2)) and d the sum of the channels' differences
    without their signs: OpenCV's bilateralFilter, in place of the Euclidean distance in Lab of the paper. Its
    8-bit results are within 1 level of OpenCV's. Pixels weigh by their alpha, and alpha stays. float32, within
    4e-4 of float64 on 0..255; a NaN spreads over the window.

    C. Tomasi and R. Manduchi, Bilateral filtering for gray and color images, ICCV 1998.
    """

    example = "imgconv open sample_images/chelsea.png bilateral --sigma-range 0.2 save smooth.png"
    rounds = True

    sigma_space: float = option(3.0, "how far pixels count", above=0, unit="pixels")
    sigma_range: float = option(
        0.15, "how different they may be, in all channels together", above=0, unit="of full scale"
    )
    radius: int | None = option(
        None,
        "pixels that the disc reaches; 1.5 sigma-space by default, up to 127",
        low=1,
        high=MOST,
        whole=True,
    )

    @property
    def reach(self) -> int:
        """OpenCV's rule, where no radius is given."""
        return self.radius or min(max(round(1.5 * self.sigma_space), 1), MOST)

    @property
    def reaches(self) -> list[int]:
        """Columns to each side that the disc has in each row, from the center's on."""
        return [isqrt(self.reach**2 - i * i) for i in range(self.reach + 1)]

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        spec, radius, kind = context.spec, self.reach, context.spec.working
        channels, colors = spec.channels, spec.colors
        alpha = colors if spec.alpha else 0
        fall = 0.5 / log(2)
        space, near = fall / self.sigma_space / self.sigma_space, fall / self.sigma_range / self.sigma_range
        steep = min(near / spec.full / spec.full, STEEPEST)
        away = range(radius + 1)
        far = [[max(-(i * i + j * j) * space, -STEEPEST) for j in away] for i in away]
        numbers = Vector(self.reaches, "i8"), Pixels.of_numbers(far, 1, kind), steep
        room = Pixels.empty(bilateral.ROWS + 2 * radius, SPAN, channels, kind)
        lines = [Vector.zeros(n, kind) for n in ((colors + 1) * SPAN, SPAN, channels * SPAN)]
        n = context.out.width

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            bilateral.bilateral(
                out, source, n, channels, colors, alpha, *numbers, room, *lines, context.clipped
            )

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        taps = sum(2 * reach + 1 for reach in self.reaches) * 2 - 2 * self.reach - 1
        return f"a disc of {taps} pixels, tap by tap"
