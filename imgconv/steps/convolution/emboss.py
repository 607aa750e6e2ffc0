"""Emboss: the image as a relief under a light."""

from __future__ import annotations

from math import cos, radians, sin

from imgconv.core.options import option
from imgconv.engine.step import Context
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import KernelFilter
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute, Step


@register("emboss", "Emboss: a relief lit from any side, the image plus its slope away from the light")
class Emboss(KernelFilter):
    """Emboss: out = in + depth (y sin a - x cos a), a the angle of the light, x and y the gradient of `prewitt`.

    The light comes from `--angle` degrees, counterclockwise from the x axis (135: from the top left); slopes that face
    it are bright. With depth 1.414 and 135 degrees this is the preset emboss3. `--flat` leaves the image out: the slope
    alone, around 0, for `save --range offset`. Takes any channels and gives floats; alpha is kept as it is. `--edge`
    fills the border. float32, within 4e-4 of float64 on 0..255 times the depth (float64 with `--precision double`).
    """

    example = "imgconv open sample_images/astronaut.png gray emboss --flat save --range offset relief.png"
    rounds = True

    angle: float = option(135.0, "direction the light comes from", low=-360, high=360, unit="degrees")
    depth: float = option(1.0, "steepness of the relief; below 0 it is inverted")
    flat: bool = option(False, "the relief alone, without the image")

    def kernel(self) -> Kernel:
        return relief(self.angle, self.depth, self.flat)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return (self,) if spec.alpha else super().expand(spec, run)

    def bind(self, context: Context) -> Compute:
        """Only for images with alpha, which is kept."""
        return keeping_alpha(self.conv().bind(context), context, 1)

    def explain(self, spec: Spec, run: Run) -> str:
        return self.conv().explain(spec, run, transforms=not spec.alpha)


def relief(angle: float, depth: float, flat: bool) -> Kernel:
    """3x3 kernel: the slope away from the light, plus the pixel itself unless flat."""
    right, down = -depth * cos(radians(angle)), depth * sin(radians(angle))  # y points down
    rows = [[right * x + down * y for x in (-1, 0, 1)] for y in (-1, 0, 1)]
    rows[1][1] += 0.0 if flat else 1.0
    return Kernel.from_rows(rows, f"relief lit from {angle:g}")
