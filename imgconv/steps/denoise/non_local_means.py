"""Non-local means: noise goes, and what repeats stays."""

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

MOST = 99  # pixels a side, of the patch and of the search
STEEPEST = 1e30  # in place of an infinite fall


@register("nlm", "remove noise: the mean of the pixels around whose patches look alike (non-local means)")
class Nlm(Padded):
    """out = in + sum of w (in(x + i, y + j) - in) / sum of w over the square of `--search` pixels a side, with

    w = exp(-max(D - 2 sigma^2, 0) / strength^2) and D the mean of the squared differences, over all channels, of the
    patches around the two pixels; the center weighs 1. Pixels weigh by their alpha, and alpha stays. Without the
    cut of small weights of scikit-image's fast mode and the rounding of OpenCV's fastNlMeansDenoising this is what
    both compute. float32, within 2e-3 of float64 on 0..255; a NaN spreads over the search. The cost grows with the
    search and hardly with the patch, whose sums are made of sums of 2, 4, 8 neighbors.

    A. Buades, B. Coll and J.-M. Morel, A non-local algorithm for image denoising, CVPR 2005; J. Darbon et al.,
    Fast nonlocal filtering applied to electron cryomicroscopy, ISBI 2008.
    """

    example = "imgconv open sample_images/chelsea.png nlm --strength 0.03 save clean.png"
    rounds = True

    patch: int = option(7, "pixels a side that are compared, an odd number", low=1, high=MOST, whole=True)
    search: int = option(21, "pixels a side that are looked at, an odd number", low=1, high=MOST, whole=True)
    strength: float = option(0.04, "difference of patches that weighs 1/e", above=0, unit="of full scale")
    sigma: float = option(
        0.0, "deviation of the noise, taken off the differences", low=0, unit="of full scale"
    )

    def check(self) -> None:
        for name, size in (("patch", self.patch), ("search", self.search)):
            if size % 2 == 0:
                raise UsageError(f"nlm: --{name} {size} has no center; use {size - 1} or {size + 1}")

    @property
    def reach(self) -> int:
        return self.search // 2 + self.patch // 2

    def window(self, spec: Spec) -> Window:
        side = Axis(2 * self.reach + 1)
        return self.around(side, side)

    def bind(self, context: Context) -> Compute:
        spec, kind, patch, search = context.spec, context.spec.working, self.patch, self.search
        channels, colors = spec.channels, spec.colors
        fall = 1 / log(2) / self.strength / self.strength
        near = min(fall / spec.full / spec.full / (colors * patch * patch), STEEPEST)
        less = min(2 * self.sigma * self.sigma * fall, STEEPEST)
        numbers = colors if spec.alpha else 0, search, patch, near, less
        tall, wide = non_local_means.ROWS + search // 2 + patch, non_local_means.BLOCK + search // 2 + patch
        room = Pixels.empty(non_local_means.ROWS + 2 * self.reach, SPAN, channels, kind)
        sums = Pixels.empty(non_local_means.ROWS, SPAN, colors + 1, kind)
        rooms = Pixels.empty(3 * tall + 2, wide, 1, kind)
        scratch, n = Vector.zeros(non_local_means.BLOCK * channels, kind), context.out.width

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            frame = n, channels, colors, *numbers, room, sums, rooms, scratch
            non_local_means.nlm(out, source, *frame, context.clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        return f"{self.search**2} offsets, {self.patch.bit_length()} passes down and across for the patches of each two"
