"""Non-local means: noise is averaged out, repeated structure stays."""

from __future__ import annotations

from math import log

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.denoise import non_local_means
from imgconv.loops.denoise.exp2 import SPAN
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

MAX_SIDE = 99  # pixels, of the patch and of the search
STEEPEST = 1e30  # in place of an infinite exponent


@register("nlm", "Non-local means: remove noise by the mean of the pixels whose patches look alike")
class Nlm(Padded):
    """out = in + sum of w (in(x + i, y + j) - in) / sum of w over the square of `--search` pixels a side, with

    w = exp(-max(D - 2 sigma^2, 0) / strength^2) and D the mean of the squared differences, over all channels, of the
    patches around the two pixels; the center weighs 1. Any channels; the result is a working float in the range of
    the input. Pixels are weighted by their alpha, which stays. scikit-image's fast mode drops small weights and
    OpenCV's fastNlMeansDenoising rounds; apart from that both compute the same. `--edge` says what lies beyond the
    border. float32, within 2e-3 of float64 on 0..255; a NaN spreads over the search. The cost grows with the search
    and hardly with the patch, whose sums are made of sums of 2, 4, 8 neighbors. Errors: even sizes.

    Source: A. Buades, B. Coll and J.-M. Morel, A non-local algorithm for image denoising, CVPR 2005; J. Darbon et al.,
    Fast nonlocal filtering applied to electron cryomicroscopy, ISBI 2008.
    """

    example = "imgconv open sample_images/chelsea.png nlm --strength 0.03 save clean.png"
    rounds = True

    patch: int = option(
        7, "side of the patches that are compared, in pixels, odd", low=1, high=MAX_SIDE, whole=True
    )
    search: int = option(
        21, "side of the square that is searched, in pixels, odd", low=1, high=MAX_SIDE, whole=True
    )
    strength: float = option(0.04, "difference of patches whose weight is 1/e", above=0, unit="of full scale")
    sigma: float = option(
        0.0, "standard deviation of the noise, subtracted from the differences", low=0, unit="of full scale"
    )

    def check(self) -> None:
        for name, size in (("patch", self.patch), ("search", self.search)):
            if size % 2 == 0:
                raise UsageError(f"nlm: --{name} {size} has no center; use {size - 1} or {size + 1}")

    @property
    def reach(self) -> int:
        """Pixels from the center to each side of the window."""
        return self.search // 2 + self.patch // 2

    def window(self, spec: Spec) -> Window:
        side = Axis(2 * self.reach + 1)
        return self.around(side, side)

    def bind(self, context: Context) -> Compute:
        spec, dtype, patch, search = context.spec, context.spec.working, self.patch, self.search
        width, channels, colors = context.out.width, spec.channels, spec.colors
        alpha = colors if spec.alpha else 0
        exponent = 1 / log(2) / self.strength / self.strength  # exp(-x / strength^2) = 2^(-x exponent)
        steepness = min(exponent / spec.full / spec.full / (colors * patch * patch), STEEPEST)
        noise = min(2 * self.sigma * self.sigma * exponent, STEEPEST)
        rows, block = non_local_means.ROWS, non_local_means.BLOCK
        tall, wide = (
            rows + search // 2 + patch,
            block + search // 2 + patch,
        )  # a block of distances and its halo
        planes = Pixels.empty(rows + 2 * self.reach, SPAN, channels, dtype)
        sums = Pixels.empty(rows, SPAN, colors + 1, dtype)
        buffers = Pixels.empty(3 * tall + 2, wide, 1, dtype)
        scratch = Vector.zeros(block * channels, dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            non_local_means.nlm(
                out,
                source,
                width,
                channels,
                colors,
                alpha,
                search,
                patch,
                steepness,
                noise,
                planes,
                sums,
                buffers,
                scratch,
                context.clipped,
            )

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        passes = self.patch.bit_length()
        return f"{self.search**2} offsets, {passes} passes down and across for the patches of each pair"
