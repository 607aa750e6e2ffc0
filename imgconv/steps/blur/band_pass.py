"""Details of one size: what a Gaussian takes away, and what lies between two of them."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import difference
from imgconv.loops.convolution.direct import BLOCK
from imgconv.steps.blur.gaussian import Gaussian
from imgconv.steps.blur.gaussian_base import check_radius
from imgconv.steps.blur.gaussian_grid import bell
from imgconv.steps.convolution.conv import matrix, rooms
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

    Band = Callable[[Pixels, int], Pixels]

BAND = 16  # rows blurred at a time: they stay in the cache until they are subtracted
BESIDE = 1.6  # the ratio at which a difference of Gaussians is most like the Laplacian of one


class Detail(Padded):
    """A filter that takes flat areas to 0. Alpha is no color: it stays as it is."""

    rounds = True

    def reach(self, spec: Spec) -> int:
        """Pixels to each side that are looked at."""
        raise NotImplementedError(self.name)

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach(spec) + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        compute = self.filtered(context)
        reach = self.reach(context.spec)
        return keeping_alpha(compute, context, reach) if context.spec.alpha else compute

    def filtered(self, context: Context) -> Compute:
        """The filter over every channel."""
        raise NotImplementedError(self.name)

    def blur(self, sigma: float) -> Gaussian:
        return Gaussian(sigma=sigma, edge=self.edge, padding=self.padding)


@register("highpass", "details alone: the image minus its Gaussian")
class HighPass(Detail):
    """out = in - G, G the Gaussian of `gaussian`; around 0, so `save --range offset` shows it on mid-gray.

    float32, within 4e-4 of float64 on 0..255 (float64 with `--precision double`); from sigma 4 on within 0.4 of an
    8-bit level, as `gaussian`. Alpha stays as it is.
    """

    example = "imgconv open sample_images/chelsea.png highpass --sigma 3 save --range offset details.png"

    sigma: float = option(2.0, "standard deviation of the Gaussian", above=0, unit="pixels")

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    def reach(self, spec: Spec) -> int:
        return seen(self.blur(self.sigma), spec)

    def filtered(self, context: Context) -> Compute:
        blur, reach = self.blur(self.sigma), self.reach(context.spec)

        def itself(source: Pixels, row: int) -> Pixels:
            return source.within(reach)

        return subtracted(itself, blurred(blur, reach, context), context)

    def explain(self, spec: Spec, run: Run) -> str:
        return self.blur(self.sigma).explain(spec, run)


@register("dog", "details between two sizes: the difference of two Gaussians")
class DoG(Detail):
    """out = G1 - G2, the Gaussians of sigma and of sigma times the ratio (or sigma2): positive on bright spots.

    It equals scikit-image's difference_of_gaussians; values lie around 0, so `save --range offset` shows them on
    mid-gray. Errors and large sigmas as for `highpass`, twice. Alpha stays as it is.
    """

    example = "imgconv open sample_images/camera.png dog --sigma 2 save --range offset spots.png"

    sigma: float = option(1.0, "standard deviation of the narrow Gaussian", above=0, unit="pixels")
    ratio: float = option(BESIDE, "the wide one's over the narrow one's", above=1)
    sigma2: float | None = option(None, "the wide one's, instead of --ratio", above=0, unit="pixels")

    @property
    def wide(self) -> float:
        return self.sigma * self.ratio if self.sigma2 is None else self.sigma2

    def check(self) -> None:
        if self.wide <= self.sigma:
            raise UsageError(f"{self.name}: --sigma2 {self.wide:g} must be above --sigma {self.sigma:g}")
        check_radius(self.name, self.wide, 4.0)

    def reach(self, spec: Spec) -> int:
        return max(seen(self.blur(sigma), spec) for sigma in (self.sigma, self.wide))

    def filtered(self, context: Context) -> Compute:
        reach = self.reach(context.spec)
        narrow, wide = (blurred(self.blur(sigma), reach, context) for sigma in (self.sigma, self.wide))
        return subtracted(narrow, wide, context)

    def explain(self, spec: Spec, run: Run) -> str:
        return " - ".join(self.blur(sigma).explain(spec, run) for sigma in (self.sigma, self.wide))


@register("log", "blobs and edges: the Laplacian of a Gaussian")
class LoG(Detail):
    """out = sum of (g''(i) g(j) + g(i) g''(j)) in(x + i, y + j), g''(i) = (i^2 / sigma^4 - 1 / sigma^2) g(i).

    g are the weights of `gaussian`, sampled up to the radius int(4 sigma + 0.5): SciPy's gaussian_laplace. Positive on
    dark spots, most where their radius is 1.4 sigma, and 0 at edges; `save --range offset` shows it on mid-gray.
    `--scale unit` multiplies by sigma^2, so that responses to spots of different sizes compare. As the weights are
    cut off, flat areas come out within 2e-4 of their value of 0; below sigma 0.8 samples are too few for that.
    float32, from sigma 1 on within 4e-4 of float64 on 0..255 (float64 with `--precision double`). Alpha stays as it is.
    """

    example = "imgconv open sample_images/camera.png log --sigma 3 --scale unit save --range offset blobs.png"

    sigma: float = option(2.0, "standard deviation of the Gaussian", above=0, unit="pixels")
    scale: str = option("raw", "the weights as they are, or times sigma^2", choices=("raw", "unit"))

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    @property
    def radius(self) -> int:
        return int(4 * self.sigma + 0.5)

    def reach(self, spec: Spec) -> int:
        return self.radius

    def weights(self) -> tuple[list[float], list[float]]:
        """The Gaussian and its second derivative, from the center outwards."""
        smooth = bell(self.sigma, self.radius)
        unit = 1.0 if self.scale == "unit" else self.sigma * self.sigma
        return smooth, [((i / self.sigma) ** 2 - 1) / unit * weight for i, weight in enumerate(smooth)]

    def filtered(self, context: Context) -> Compute:
        kind, step, halves = context.spec.working, context.spec.channels, self.weights()
        n, count = context.out.width * step, context.clipped
        columns, rows = matrix(halves, kind), matrix([half[:0:-1] + half for half in halves], kind)
        room, scratch = rooms(n, 2 * self.radius * step, kind)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            difference.crossed(out, source, columns, rows, step, n, room, scratch, count)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        return f"sampled, {2 * self.radius + 1} taps down and as many across, twice"


def seen(blur: Gaussian, spec: Spec) -> int:
    """Pixels to each side that a Gaussian looks at."""
    return blur.window(spec).rows.size // 2


def blurred(blur: Gaussian, reach: int, context: Context) -> Band:
    """A function of source and row that blurs, in memory that it uses again; the source reaches as far as said."""
    spec = context.out.computed
    margin, run = reach - seen(blur, context.spec), blur.bind(context.replace(out=spec))
    room = Pixels.unset(BAND, spec.width, spec.channels, spec.dtype)

    def rows(source: Pixels, row: int) -> Pixels:
        inner = source.within(margin)
        band = room.band(0, source.height - 2 * reach)
        run(band, inner, row)
        return band

    return rows


def subtracted(first: Band, second: Band, context: Context) -> Compute:
    """`compute` for the difference of two, a few rows at a time."""
    n, count = context.out.width * context.spec.channels, context.clipped
    scratch = Vector.zeros(min(n, BLOCK), context.spec.working)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        around = source.height - out.height
        for start in range(0, out.height, BAND):
            stop = min(start + BAND, out.height)
            band = source.band(start, stop + around)
            a, b = first(band, row + start), second(band, row + start)
            difference.minus(out.band(start, stop), a, b, n, scratch, count)

    return compute
