"""High-pass and band-pass filters: what a Gaussian blur removes, and what lies between two of them."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.scratch import matrix, row_and_result
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import difference
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.blur.gaussian import Gaussian
from imgconv.steps.blur.gaussian_base import check_radius
from imgconv.steps.blur.gaussian_sampled import half_gaussian, mirrored
from imgconv.steps.pointwise import keeping_alpha
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

    Rows = Callable[[Pixels, int], Pixels]  # rows of a result from a source and the image row of the first

ROWS = 16  # blurred at a time: they stay in the cache until they are subtracted
NARROWEST = 1e-3  # sigma of `log`, whose weights grow as 1 / sigma^2
LOG_RATIO = 1.6  # of two sigmas whose difference of Gaussians is most like the Laplacian of one


class BandPass(Padded):
    """A filter whose result is 0 in flat areas. Alpha is kept as it is."""

    rounds = True

    def reach(self, spec: Spec) -> int:
        """How many pixels on each side the window looks at."""
        raise NotImplementedError(self.name)

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach(spec) + 1
        return self.around(Axis(size), Axis(size))

    def bind(self, context: Context) -> Compute:
        compute = self.filtered(context)
        reach = self.reach(context.spec)
        return keeping_alpha(compute, context, reach) if context.spec.alpha else compute

    def filtered(self, context: Context) -> Compute:
        """`compute` for the filter over every channel."""
        raise NotImplementedError(self.name)

    def blur(self, sigma: float) -> Gaussian:
        return Gaussian(sigma=sigma, edge=self.edge, padding=self.padding)


@register("highpass", "High-pass filter: the image minus its Gaussian blur")
class HighPass(BandPass):
    """High-pass filter: out = in - G, where G is the Gaussian blur of `gaussian`.

    Takes any channels and gives floats around 0, which `save --range offset` shows on mid-gray; `--edge` fills the
    border. float32, within 4e-4 of float64 on 0..255 (float64 with `--precision double`); from sigma 4 on within 0.4 of
    an 8-bit level, as with `gaussian`. Alpha is kept as it is.
    """

    example = "imgconv open sample_images/chelsea.png highpass --sigma 3 save --range offset details.png"

    sigma: float = option(2.0, "standard deviation of the Gaussian", above=0, unit="pixels")

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    def reach(self, spec: Spec) -> int:
        return self.blur(self.sigma).reach(spec)

    def filtered(self, context: Context) -> Compute:
        blur, reach = self.blur(self.sigma), self.reach(context.spec)

        def original(source: Pixels, y: int) -> Pixels:
            return source.within(reach)

        return subtracted(original, blurred_rows(blur, reach, context), context)

    def explain(self, spec: Spec, run: Run) -> str:
        return self.blur(self.sigma).choose(spec, run=run).explain()


@register("dog", "Difference of Gaussians (DoG): a band-pass filter that finds blobs and details of one size")
class DoG(BandPass):
    """Difference of Gaussians: out = G1 - G2, the Gaussian blurs of sigma and of sigma times the ratio (or of sigma2).

    As scikit-image's difference_of_gaussians. Takes any channels and gives floats around 0, positive on bright spots;
    `save --range offset` shows them on mid-gray. `--edge` fills the border. The error is at most that of `highpass`
    twice. Alpha is kept as it is.
    """

    example = "imgconv open sample_images/camera.png dog --sigma 2 save --range offset spots.png"

    sigma: float = option(1.0, "standard deviation of the narrow Gaussian", above=0, unit="pixels")
    ratio: float = option(LOG_RATIO, "ratio of the standard deviations, wide to narrow", above=1)
    sigma2: float | None = option(
        None, "that of the wide Gaussian, instead of --ratio", above=0, unit="pixels"
    )

    @property
    def wide(self) -> float:
        return self.sigma * self.ratio if self.sigma2 is None else self.sigma2

    def check(self) -> None:
        if self.wide <= self.sigma:
            raise UsageError(
                f"{self.name}: --sigma2 {self.wide:g} must be larger than --sigma {self.sigma:g}"
            )
        check_radius(self.name, self.wide, 4.0)

    def reach(self, spec: Spec) -> int:
        return max(self.blur(sigma).reach(spec) for sigma in (self.sigma, self.wide))

    def filtered(self, context: Context) -> Compute:
        reach = self.reach(context.spec)
        narrow, wide = (blurred_rows(self.blur(sigma), reach, context) for sigma in (self.sigma, self.wide))
        return subtracted(narrow, wide, context)

    def explain(self, spec: Spec, run: Run) -> str:
        blurs = (self.blur(sigma).choose(spec, run=run) for sigma in (self.sigma, self.wide))
        return " - ".join(blur.explain() for blur in blurs)


@register("log", "Laplacian of Gaussian (LoG): finds blobs and edges of one size")
class LoG(BandPass):
    """Laplacian of Gaussian: the second derivatives of the blurred image in x and y, summed.

    out(x, y) = sum of (g''(i) g(j) + g(i) g''(j)) in(x + i, y + j), where g''(i) = (i^2 / sigma^4 - 1 / sigma^2) g(i)
    and g(i) are the weights of `gaussian`, sampled up to the radius int(4 sigma + 0.5): SciPy's gaussian_laplace. Takes
    any channels and gives floats around 0: positive on dark spots, largest where their radius is 1.4 sigma, 0 on edges;
    `save --range offset` shows them on mid-gray. `--edge` fills the border. `--scale unit` multiplies by sigma^2, so
    that responses to spots of different sizes can be compared.

    Because the weights are cut off, flat areas give up to 2e-4 of their value instead of 0; below sigma 0.8 there are
    too few samples for that. float32, from sigma 1 on within 4e-4 of float64 on 0..255 (float64 with `--precision
    double`). Alpha is kept as it is.
    """

    example = "imgconv open sample_images/camera.png log --sigma 3 --scale unit save --range offset blobs.png"

    sigma: float = option(2.0, "standard deviation of the Gaussian", low=NARROWEST, unit="pixels")
    scale: str = option("raw", "raw: the weights as they are; unit: times sigma^2", choices=("raw", "unit"))

    def check(self) -> None:
        check_radius(self.name, self.sigma, 4.0)

    @property
    def radius(self) -> int:
        return int(4 * self.sigma + 0.5)

    def reach(self, spec: Spec) -> int:
        return self.radius

    def weights(self) -> tuple[list[float], list[float]]:
        """The Gaussian and its second derivative, from the center outwards."""
        smooth = half_gaussian(self.sigma, self.radius)
        unit = 1.0 if self.scale == "unit" else self.sigma * self.sigma
        return smooth, [((i / self.sigma) ** 2 - 1) / unit * weight for i, weight in enumerate(smooth)]

    def filtered(self, context: Context) -> Compute:
        dtype, channel_stride, halves = context.spec.working, context.spec.channels, self.weights()
        n, clipped = context.out.width * channel_stride, context.clipped
        columns, rows = matrix(halves, dtype), matrix([mirrored(half) for half in halves], dtype)
        scratch = row_and_result(n, 2 * self.radius * channel_stride, dtype)

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            difference.crossed(out, source, columns, rows, channel_stride, n, *scratch, clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        return f"sampled, {2 * self.radius + 1} taps down and as many across, twice"


def blurred_rows(blur: Gaussian, reach: int, context: Context) -> Rows:
    """A function of source and image row that blurs up to ROWS rows; the source reaches `reach` pixels on each side."""
    spec = context.out.computed
    margin, compute = reach - blur.reach(context.spec), blur.bind(context.replace(out=spec))
    buffer = Pixels.unset(ROWS, spec.width, spec.channels, spec.dtype)

    def rows(source: Pixels, y: int) -> Pixels:
        result = buffer.band(0, source.height - 2 * reach)
        compute(result, source.within(margin), y)
        return result

    return rows


def subtracted(first: Rows, second: Rows, context: Context) -> Compute:
    """`compute` for first - second, a few rows at a time."""
    n, clipped = context.out.width * context.spec.channels, context.clipped
    scratch = Vector.zeros(min(n, BLOCK), context.spec.working)

    def compute(out: Pixels, source: Pixels, y: int) -> None:
        around = source.height - out.height
        for start in range(0, out.height, ROWS):
            stop = min(start + ROWS, out.height)
            band = source.band(start, stop + around)
            a, b = first(band, y + start), second(band, y + start)
            difference.minus(out.band(start, stop), a, b, n, scratch, clipped)

    return compute
