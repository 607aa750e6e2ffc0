"""Compass gradients: the largest of eight directions."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.scratch import BLOCK
from imgconv.engine.step import Context
from imgconv.loops.edges import compass
from imgconv.steps.edges.gradient import Neighbors
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.engine.step import Compute


class Compass(Neighbors):
    """What both have in common: which loop makes the parts, and the sum of a kernel's positive weights."""

    PARTS: ClassVar[tuple[int, int]]
    SUM: ClassVar[float]

    part: str = option(
        "magnitude", "the largest response, or its direction in degrees", choices=("magnitude", "direction")
    )

    def derive(self, context: Context) -> Compute:
        kind, step = context.spec.working, context.spec.channels
        n, count = context.out.width * step, context.clipped
        span = min(n, BLOCK)
        room, scratch = Pixels.empty(3, span + 2 * step, 1, kind), Vector.zeros(span, kind)
        which = self.PARTS[self.part == "direction"]
        divisor = self.SUM if self.scale == "unit" and self.part == "magnitude" else 1.0

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            compass.compass(out, source, which, divisor, step, n, room, scratch, count)

        return compute


@register("kirsch", "edges: the largest of Kirsch's eight compass gradients")
class Kirsch(Compass):
    """out = the largest of eight sums: 5 times three neighbors in a row around the pixel, -3 times the other five.

    The kernels are the presets kirsch-e, kirsch-se ... `--part direction` is where it brightens most, in degrees:
    0 to the right, 45 to the lower right, 90 down, up to 315; of equal ones the first, so flat areas have 0. `--scale
    unit` divides by 15. float32: exact for 8 and 16-bit images (float64 with `--precision double`). Source: R.
    Kirsch, 1971.
    """

    example = "imgconv open sample_images/camera.png kirsch --scale unit save edges.png"
    PARTS = (compass.KIRSCH, compass.KIRSCH_DIRECTION)
    SUM = 15.0


@register("robinson", "edges: the largest of Robinson's eight compass gradients")
class Robinson(Compass):
    """out = the largest of eight sums: 1 2 1 times three neighbors in a row around it, -1 -2 -1 times those opposite.

    The kernels are the presets robinson-e, robinson-se ... (Sobel's and their diagonals). Parts and errors as for
    `kirsch`; `--scale unit` divides by 4. Source: G. Robinson, 1977.
    """

    example = "imgconv open sample_images/camera.png robinson save edges.png"
    PARTS = (compass.ROBINSON, compass.ROBINSON_DIRECTION)
    SUM = 4.0
