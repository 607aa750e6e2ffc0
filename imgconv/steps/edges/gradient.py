"""Gradients: first derivatives over 3 x 3 pixels (Sobel's over 5 x 5 and 7 x 7 too), and the Laplacian."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.convolution import stencil3x3
from imgconv.loops.edges import gradient, gradient_wide
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute

    # of a first derivative: what smooths across it, and the difference along it
    Weights = tuple[tuple[float, ...], tuple[float, ...]]

DIFFERENCE = (-1, 0, 1)
SOBEL: dict[str, Weights] = {
    "3": ((1, 2, 1), DIFFERENCE),  # I. Sobel, G. Feldman, An isotropic 3x3 image gradient operator, 1968
    "5": ((1, 4, 6, 4, 1), (-1, -2, 0, 2, 1)),  # OpenCV's getDerivKernels: a binomial and its derivative
    "7": ((1, 6, 15, 20, 15, 6, 1), (-1, -4, -5, 0, 5, 4, 1)),
}
PREWITT: Weights = ((1, 1, 1), DIFFERENCE)  # J. Prewitt, Object enhancement and extraction, 1970
SCHARR: Weights = (
    (3, 10, 3),
    DIFFERENCE,
)  # H. Scharr, Optimale Operatoren in der Digitalen Bildverarbeitung, 2000
PARTS = {
    "magnitude": gradient.MAGNITUDE,
    "x": gradient.X,
    "y": gradient.Y,
    "angle": gradient.ANGLE,
    "abs-sum": gradient.ABS_SUM,
}


class Derivative(Padded):
    """A derivative of each color channel; alpha stays as it is."""

    rounds = True

    scale: str = option(
        "raw", "the weights as they are, or divided by the sum of the positive ones", choices=("raw", "unit")
    )

    @property
    def radius(self) -> int:
        """Pixels to each side that the window reaches."""
        return 1

    def window(self, spec: Spec) -> Window:
        side = Axis(2 * self.radius + 1)
        return self.around(side, side)

    def bind(self, context: Context) -> Compute:
        compute = self.derive(context)
        return keeping_alpha(compute, context, self.radius) if context.spec.alpha else compute

    def derive(self, context: Context) -> Compute:
        """`compute` for the derivative of every channel, alpha included."""
        raise NotImplementedError(self.name)


class Gradient(Derivative):
    """A first derivative: gx = smoothing down times difference across, gy the other way round."""

    WEIGHTS: ClassVar[Weights]

    part: str = option(
        "magnitude", "which part of the gradient; the angle is in degrees", choices=tuple(PARTS)
    )

    @property
    def weights(self) -> Weights:
        return self.WEIGHTS

    @property
    def radius(self) -> int:
        return len(self.weights[0]) // 2

    def derive(self, context: Context) -> Compute:
        smooth, difference = self.weights
        dtype, channels, part = context.spec.working, context.spec.channels, PARTS[self.part]
        n, clipped = context.out.width * channels, context.clipped
        block, halo = min(n, BLOCK), (len(smooth) - 1) * channels
        smoothed, changes = (Vector.zeros(block + halo, dtype) for _ in range(2))
        other, scratch = (Vector.zeros(block, dtype) for _ in range(2))
        divisor = 1.0
        if self.scale == "unit" and self.part != "angle":
            divisor = float(sum(smooth) * sum(weight for weight in difference if weight > 0))
        if len(smooth) == 3:
            side, middle = float(smooth[0]), float(smooth[1])

            def compute(out: Pixels, source: Pixels, row: int) -> None:
                gradient.gradient(
                    out,
                    source,
                    side,
                    middle,
                    part,
                    divisor,
                    channels,
                    n,
                    smoothed,
                    changes,
                    other,
                    scratch,
                    clipped,
                )

            return compute
        size = len(smooth)

        def compute_wide(out: Pixels, source: Pixels, row: int) -> None:
            gradient_wide.gradient(
                out, source, size, part, divisor, channels, n, smoothed, changes, other, scratch, clipped
            )

        return compute_wide


@register("sobel", "Sobel operator: the image gradient (edges), smoothed by 1 2 1 across the difference")
class Sobel(Gradient):
    """x = [-1 0 1; -2 0 2; -1 0 1], y = [-1 -2 -1; 0 0 0; 1 2 1] (y points down), magnitude = sqrt(x^2 + y^2).

    Any channels, each by itself; alpha stays. The result is a working float, up to 4 (48, 640 for the larger sizes)
    times full scale in x and y, or with `--scale unit` up to full scale: it divides by 4, 48 or 640.
    `--part angle` is atan2(y, x) in degrees, 0 up to 360: 0 brightens to the right, 90 downwards; `abs-sum` is
    |x| + |y|. `--size 5` is -1 -2 0 2 1 across times 1 4 6 4 1 down, `--size 7` is -1 -4 -5 0 5 4 1 times
    1 6 15 20 15 6 1: OpenCV's getDerivKernels. `--edge` says what lies beyond the border. float32: exact x and y of 8
    and 16-bit images, but of 16 bits at size 7 within 1e-6 of the largest (float64 with `--precision double`, then
    bit for bit OpenCV's and SciPy's). Source: I. Sobel, 1968.
    """

    example = "imgconv open sample_images/camera.png sobel save edges.png"

    size: str = option("3", "pixels a side of the window", choices=tuple(SOBEL))

    @property
    def weights(self) -> Weights:
        return SOBEL[self.size]


@register("prewitt", "Prewitt operator: the image gradient (edges), smoothed by 1 1 1 across the difference")
class Prewitt(Gradient):
    """x = [-1 0 1; -1 0 1; -1 0 1], y = [-1 -1 -1; 0 0 0; 1 1 1] (y points down), magnitude = sqrt(x^2 + y^2).

    Channels, parts, border and errors as for `sobel`; `--scale unit` divides by 3. Source: J. Prewitt, 1970.
    """

    example = "imgconv open sample_images/camera.png prewitt --part x save vertical.png"
    WEIGHTS = PREWITT


@register("scharr", "Scharr operator: the image gradient (edges), smoothed by 3 10 3, best in angle")
class Scharr(Gradient):
    """x = [-3 0 3; -10 0 10; -3 0 3], y = [-3 -10 -3; 0 0 0; 3 10 3] (y points down), magnitude = sqrt(x^2 + y^2).

    Channels, parts, border and errors as for `sobel`; `--scale unit` divides by 16. Source: H. Scharr, 2000.
    """

    example = "imgconv open sample_images/camera.png scharr --scale unit save edges.png"
    WEIGHTS = SCHARR


@register("laplacian", "Laplacian: the sum of the second derivatives")
class Laplacian(Derivative):
    """out = in * [0 1 0; 1 -4 1; 0 1 0], or with `--neighbors 8` [1 1 1; 1 -8 1; 1 1 1].

    Any channels, each by itself; alpha stays. The result is a working float of both signs, or with `--scale unit`
    divided by 4, or 8. `--edge` says what lies beyond the border. float32: exact for 8 and 16-bit images (float64
    with `--precision double`, then bit for bit OpenCV's and SciPy's).
    """

    example = "imgconv open sample_images/camera.png laplacian --neighbors 8 save lines.png"

    neighbors: str = option(
        "4", "whether the four at the corners count too", choices=("4", "8"), former_name="neighbours"
    )

    def derive(self, context: Context) -> Compute:
        channels, count = context.spec.channels, float(self.neighbors)
        n, clipped = context.out.width * channels, context.clipped
        scratch = Vector.zeros(min(n, BLOCK), context.spec.working)
        divisor = 1.0 if self.scale == "raw" else count
        side, corner = 1 / divisor, (1 / divisor if self.neighbors == "8" else 0.0)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            stencil3x3.star(out, source, -count / divisor, side, corner, channels, n, scratch, clipped)

        return compute
