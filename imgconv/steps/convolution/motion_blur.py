"""Motion blur."""

from __future__ import annotations

from math import cos, floor, radians, sin

from imgconv.core.options import option
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import KernelFilter
from imgconv.steps.registry import register

SAMPLES = 16  # points of the line a pixel of its length; 4 times as many change no weight by 1e-3


@register("motion-blur", "Motion blur: the mean along a line, as if the camera had moved")
class MotionBlur(KernelFilter):
    """Motion blur: the mean along a line through each pixel, `length` pixels long.

    The line runs at `angle` degrees, counterclockwise from the x axis. It is antialiased: each of its points is shared
    by the four pixels around it. The weights sum to 1. Takes any channels and gives floats in the range of the input;
    `--edge` fills the border. Errors are those of `conv`.
    """

    example = "imgconv open sample_images/coffee.jpg motion-blur --length 25 --angle 30 save moved.png"
    is_linear = True
    rounds = True

    length: float = option(9.0, "length of the line", low=1, high=1000, unit="pixels")
    angle: float = option(0.0, "direction: 0 is horizontal, 90 vertical", low=-360, high=360, unit="degrees")

    def kernel(self) -> Kernel:
        return line(self.length, self.angle)


def line(length: float, angle: float) -> Kernel:
    """The weights of a line through the center."""
    dx, dy = cos(radians(angle)), -sin(radians(angle))  # y points down
    reach = (length - 1) / 2
    wide, tall = (floor(abs(d) * reach + 1 - 1e-9) for d in (dx, dy))
    rows = [[0.0] * (2 * wide + 1) for _ in range(2 * tall + 1)]
    points = int(length * SAMPLES)
    for n in range(points + 1):
        t = reach * (2 * n / points - 1)
        _share(rows, t * dx + wide, t * dy + tall)
    total = sum(map(sum, rows))
    return Kernel.from_rows(
        [[weight / total for weight in row] for row in rows], f"line of {length:g} at {angle:g}"
    )


def _share(rows: list[list[float]], x: float, y: float) -> None:
    """Add 1 to the four pixels around a point, shared among them by bilinear weights."""
    left, top = floor(x), floor(y)
    for i, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for j, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            if down * across > 1e-9:
                rows[i][j] += down * across
