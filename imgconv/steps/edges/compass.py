"""Compass gradients: the largest response of a kernel in eight directions."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context
from imgconv.loops.edges import compass
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.edges.gradient import Derivative
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.engine.step import Compute


class Compass(Derivative):
    """The largest of eight responses, or its direction."""

    RESPONSES: ClassVar[dict[str, int]]  # what the loop computes for each part
    POSITIVE_SUM: ClassVar[float]  # of a kernel's positive weights

    part: str = option(
        "magnitude", "the largest response, or its direction in degrees", choices=("magnitude", "direction")
    )

    def derive(self, context: Context) -> Compute:
        dtype, channels = context.spec.working, context.spec.channels
        n, clipped = context.out.width * channels, context.clipped
        block = min(n, BLOCK)
        rows, scratch = Pixels.empty(3, block + 2 * channels, 1, dtype), Vector.zeros(block, dtype)
        response = self.RESPONSES[self.part]
        divisor = self.POSITIVE_SUM if self.scale == "unit" and self.part == "magnitude" else 1.0

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            compass.compass(out, source, response, divisor, channels, n, rows, scratch, clipped)

        return compute


@register("kirsch", "Kirsch operator: the largest of eight compass gradients")
class Kirsch(Compass):
    """out = the largest of eight sums: 5 times three neighbors in a row around the pixel, -3 times the other five.

    Any channels, each by itself; alpha stays. The result is a working float, 0 up to 15 times full scale, or with
    `--scale unit`, which divides by 15, up to full scale. The kernels are the presets kirsch-e, kirsch-se ...
    `--part direction` is where it brightens most, in degrees: 0 to the right, 45 to the lower right, 90 down, up to
    315; of equal ones the first, so flat areas have 0. `--edge` says what lies beyond the border. float32: exact for
    8 and 16-bit images (float64 with `--precision double`). Source: R. Kirsch, 1971.
    """

    example = "imgconv open sample_images/camera.png kirsch --scale unit save edges.png"
    RESPONSES = {"magnitude": compass.KIRSCH, "direction": compass.KIRSCH_DIRECTION}
    POSITIVE_SUM = 15.0


@register("robinson", "Robinson operator: the largest of eight compass gradients, Sobel's kernels turned")
class Robinson(Compass):
    """out = the largest of eight sums: 1 2 1 times three neighbors in a row around it, -1 -2 -1 times those opposite.

    The kernels are the presets robinson-e, robinson-se ... (Sobel's and their diagonals). Channels, parts, border and
    errors as for `kirsch`; `--scale unit` divides by 4. Source: G. Robinson, 1977.
    """

    example = "imgconv open sample_images/camera.png robinson save edges.png"
    RESPONSES = {"magnitude": compass.ROBINSON, "direction": compass.ROBINSON_DIRECTION}
    POSITIVE_SUM = 4.0
