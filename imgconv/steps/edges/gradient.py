"""Gradients: first derivatives over 3 x 3 pixels (Sobel's over 5 x 5 and 7 x 7 too), and the Laplacian."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.convolution import stencil3x3 as star
from imgconv.loops.convolution.direct import BLOCK
from imgconv.loops.edges import gradient, gradient_wide
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute

PARTS = {
    "magnitude": gradient.MAGNITUDE,
    "x": gradient.X,
    "y": gradient.Y,
    "angle": gradient.ANGLE,
    "abs-sum": gradient.ABS_SUM,
}
SUMS = {"5": 48.0, "7": 640.0}  # of the positive weights of Sobel's larger kernels


class Neighbors(Padded):
    """A derivative over few pixels. Alpha is no color: it stays as it is."""

    rounds = True

    scale: str = option(
        "raw", "the weights as they are, or divided by the sum of the positive ones", choices=("raw", "unit")
    )

    @property
    def radius(self) -> int:
        """Pixels to each side that are looked at."""
        return 1

    def window(self, spec: Spec) -> Window:
        return self.around(Axis(2 * self.radius + 1), Axis(2 * self.radius + 1))

    def bind(self, context: Context) -> Compute:
        compute = self.derive(context)
        return keeping_alpha(compute, context, self.radius) if context.spec.alpha else compute

    def derive(self, context: Context) -> Compute:
        """The derivative of every channel."""
        raise NotImplementedError(self.name)


class Gradient(Neighbors):
    """What the gradients share: `SIDE MIDDLE SIDE` down times `-1 0 1` across is x, turned it is y."""

    SIDE: ClassVar[float]
    MIDDLE: ClassVar[float]

    part: str = option("magnitude", "what of the gradient; the angle is in degrees", choices=tuple(PARTS))

    def derive(self, context: Context) -> Compute:
        kind, step = context.spec.working, context.spec.channels
        n, count, part = context.out.width * step, context.clipped, PARTS[self.part]
        span = min(n, BLOCK)
        smooth, change = (Vector.zeros(span + 2 * step, kind) for _ in range(2))
        other, scratch = (Vector.zeros(span, kind) for _ in range(2))
        side, middle = self.SIDE, self.MIDDLE
        divisor = 1.0 if self.scale == "raw" or self.part == "angle" else 2 * side + middle

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            gradient.gradient(
                out, source, side, middle, part, divisor, step, n, smooth, change, other, scratch, count
            )

        return compute


@register("sobel", "edges: Sobel's gradient, 1 2 1 across the difference")
class Sobel(Gradient):
    """x = [-1 0 1; -2 0 2; -1 0 1], y = [-1 -2 -1; 0 0 0; 1 2 1] (y points down), magnitude = sqrt(x^2 + y^2).

    `--part angle` is atan2(y, x) in degrees, 0 up to 360: 0 brightens to the right, 90 downwards; `abs-sum` is
    |x| + |y|. `--size 5` is -1 -2 0 2 1 across times 1 4 6 4 1 down, `--size 7` is -1 -4 -5 0 5 4 1 times
    1 6 15 20 15 6 1: OpenCV's getDerivKernels. `--scale unit` divides by 4, 48 or 640. float32: exact x and y of 8
    and 16-bit images, but of 16 bits at size 7 within 1e-6 of the largest (float64 with `--precision double`, then
    bit for bit OpenCV's and SciPy's). Source: I. Sobel, 1968.
    """

    example = "imgconv open sample_images/camera.png sobel save edges.png"
    SIDE = 1.0
    MIDDLE = 2.0

    size: str = option("3", "pixels a side that are looked at", choices=("3", "5", "7"))

    @property
    def radius(self) -> int:
        return int(self.size) // 2

    def derive(self, context: Context) -> Compute:
        return super().derive(context) if self.size == "3" else self.over_more(context)

    def over_more(self, context: Context) -> Compute:
        """The gradient over 5 x 5 or 7 x 7 pixels."""
        kind, step, size = context.spec.working, context.spec.channels, int(self.size)
        n, count, part = context.out.width * step, context.clipped, PARTS[self.part]
        span = min(n, BLOCK)
        smooth, change = (Vector.zeros(span + (size - 1) * step, kind) for _ in range(2))
        other, scratch = (Vector.zeros(span, kind) for _ in range(2))
        divisor = SUMS[self.size] if self.scale == "unit" else 1.0

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            gradient_wide.gradient(
                out, source, size, part, divisor, step, n, smooth, change, other, scratch, count
            )

        return compute


@register("prewitt", "edges: Prewitt's gradient, 1 1 1 across the difference")
class Prewitt(Gradient):
    """x = [-1 0 1; -1 0 1; -1 0 1], y = [-1 -1 -1; 0 0 0; 1 1 1] (y points down), magnitude = sqrt(x^2 + y^2).

    Parts, borders and errors as for `sobel`; `--scale unit` divides by 3. Source: J. Prewitt, 1970.
    """

    example = "imgconv open sample_images/camera.png prewitt --part x save vertical.png"
    SIDE = 1.0
    MIDDLE = 1.0


@register("scharr", "edges: Scharr's gradient, 3 10 3 across the difference, truer in angle")
class Scharr(Gradient):
    """x = [-3 0 3; -10 0 10; -3 0 3], y = [-3 -10 -3; 0 0 0; 3 10 3] (y points down), magnitude = sqrt(x^2 + y^2).

    Parts, borders and errors as for `sobel`; `--scale unit` divides by 16. Source: H. Scharr, 2000.
    """

    example = "imgconv open sample_images/camera.png scharr --scale unit save edges.png"
    SIDE = 3.0
    MIDDLE = 10.0


@register("laplacian", "edges: the sum of second derivatives")
class Laplacian(Neighbors):
    """[0 1 0; 1 -4 1; 0 1 0], or with `--neighbors 8` [1 1 1; 1 -8 1; 1 1 1].

    `--scale unit` divides by 4, or 8. float32: exact for 8 and 16-bit images (float64 with `--precision double`,
    then bit for bit OpenCV's and SciPy's).
    """

    example = "imgconv open sample_images/camera.png laplacian --neighbors 8 save lines.png"

    neighbors: str = option("4", "whether the four at the corners count too", choices=("4", "8"))

    def derive(self, context: Context) -> Compute:
        step, weight = context.spec.channels, float(self.neighbors)
        n, count = context.out.width * step, context.clipped
        scratch = Vector.zeros(min(n, BLOCK), context.spec.working)
        unit = 1.0 if self.scale == "raw" else weight
        side, corner = 1 / unit, (1 / unit if self.neighbors == "8" else 0.0)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            star.star(out, source, -weight / unit, side, corner, step, n, scratch, count)

        return compute
