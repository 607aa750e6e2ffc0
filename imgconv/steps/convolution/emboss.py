"""Emboss: the picture as a relief under a light."""

from __future__ import annotations

from math import cos, radians, sin

from imgconv.core.options import option
from imgconv.core.window import Window
from imgconv.engine.step import Context, Padded
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import Conv
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute


@register("emboss", "relief lit from any side: the picture plus its slope away from the light")
class Emboss(Padded):
    """out = in + depth (y sin a - x cos a), a the angle of the light, x and y the gradient of `prewitt`.

    The light stands at `--angle` degrees from the x axis upwards, at 135 to the top left; what rises away from it is
    bright. With depth 1.414 and 135 degrees this is the preset emboss3. `--flat` leaves the picture itself out: the
    slope alone, around 0, for `save --range offset`. Alpha stays as it is. float32, within 4e-4 of float64 on 0..255
    times the depth (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/astronaut.png gray emboss --flat save --range offset relief.png"
    rounds = True

    angle: float = option(135.0, "where the light stands", low=-360, high=360, unit="degrees")
    depth: float = option(1.0, "how steep the relief is; below 0 it is hollow")
    flat: bool = option(False, "the relief alone, without the picture")

    def conv(self) -> Conv:
        return Conv(kernel=relief(self.angle, self.depth, self.flat), edge=self.edge, padding=self.padding)

    def window(self, spec: Spec) -> Window:
        return self.conv().window(spec)

    def bind(self, context: Context) -> Compute:
        compute = self.conv().bind(context)
        return keeping_alpha(compute, context, 1) if context.spec.alpha else compute

    def explain(self, spec: Spec, run: Run) -> str:
        return self.conv().explain(spec, run)


def relief(angle: float, depth: float, flat: bool) -> Kernel:
    """The slope away from the light, and the pixel itself unless flat."""
    right, down = -depth * cos(radians(angle)), depth * sin(radians(angle))  # y points down
    rows = [[right * x + down * y for x in (-1, 0, 1)] for y in (-1, 0, 1)]
    rows[1][1] += 0.0 if flat else 1.0
    return Kernel.from_rows(rows, f"relief lit from {angle:g}")
