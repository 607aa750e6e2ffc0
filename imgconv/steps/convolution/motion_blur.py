"""Blur along a line."""

from __future__ import annotations

from math import cos, floor, radians, sin

from imgconv.core.options import option
from imgconv.core.window import Window
from imgconv.engine.step import Context, Padded
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import Conv
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute, Step

SAMPLES = 16  # points of the line a pixel of its length; 4 times as many change no weight by 1e-3


@register("motion-blur", "blur: as if the camera had moved along a line")
class MotionBlur(Padded):
    """The mean along a line through each pixel: `length` pixels long, at `angle` degrees from the x axis upwards.

    The line is drawn smoothly: each of its points is shared by the four pixels around it. The weights sum to 1.
    """

    example = "imgconv open sample_images/coffee.jpg motion-blur --length 25 --angle 30 save moved.png"
    is_linear = True
    rounds = True

    length: float = option(9.0, "length of the line", low=1, high=1000, unit="pixels")
    angle: float = option(0.0, "direction: 0 is horizontal, 90 vertical", low=-360, high=360, unit="degrees")

    def conv(self) -> Conv:
        return Conv(kernel=line(self.length, self.angle), edge=self.edge, padding=self.padding)

    def window(self, spec: Spec) -> Window:
        return self.conv().window(spec)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return self.conv().expand(spec, run)

    def bind(self, context: Context) -> Compute:
        return self.conv().bind(context)

    def explain(self, spec: Spec, run: Run) -> str:
        return self.conv().explain(spec, run)


def line(length: float, angle: float) -> Kernel:
    """The weights of a line through the center."""
    dx, dy = cos(radians(angle)), -sin(radians(angle))  # y points down
    reach = (length - 1) / 2
    wide, tall = (floor(abs(d) * reach + 1 - 1e-9) for d in (dx, dy))
    rows = [[0.0] * (2 * wide + 1) for _ in range(2 * tall + 1)]
    count = int(length * SAMPLES)
    for n in range(count + 1):
        at = reach * (2 * n / count - 1)
        _share(rows, at * dx + wide, at * dy + tall)
    total = sum(map(sum, rows))
    return Kernel.from_rows(
        [[weight / total for weight in row] for row in rows], f"line of {length:g} at {angle:g}"
    )


def _share(rows: list[list[float]], x: float, y: float) -> None:
    """Give a point's weight to the four pixels around it."""
    left, top = floor(x), floor(y)
    for i, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for j, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            if down * across > 1e-9:
                rows[i][j] += down * across
