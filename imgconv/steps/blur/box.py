"""Box blur."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.option_types import Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import box
from imgconv.steps.blur.gaussian import best_run
from imgconv.steps.convolution.conv import rooms
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

EXACT = 1 << 24  # whole numbers below it are exact in float32


@register("box", "blur: the mean of a box of pixels")
class Box(Padded):
    """out(x, y) = sum of the box around (x, y) / its area.

    Whole numbers are summed exactly and divided once, so that the result is the correctly rounded mean; float sums
    are float64. A box of even size reaches one pixel further to the left and up.
    """

    example = "imgconv open sample_images/camera.png box --size 5 save soft.png"
    is_linear = True
    rounds = True

    size: tuple[int, int] = option((3, 3), "the box", Size(), unit="pixels")

    def window(self, spec: Spec) -> Window:
        height, width = self.size
        return self.around(Axis(height), Axis(width))

    def bind(self, context: Context) -> Compute:
        (height, width), step = self.size, context.spec.channels
        n, area, count = context.out.width * step, float(height * width), context.clipped
        halo, peak = (width - 1) * step, FULL_SCALE.get(context.spec.dtype)
        if peak is None:
            column, wide = rooms(n, halo, "f8")

            def floats(out: Pixels, source: Pixels, row: int) -> None:
                box.floats(out, source, height, width, step, n, area, column, wide, count)

            return floats
        run = best_run(width)
        if context.spec.dtype == "u1" and peak * area <= 65535 and context.spec.working == "f4":
            narrow, means = rooms(n, halo, "u2")
            pieces = Vector.zeros(len(narrow), "u2")

            def of_bytes(out: Pixels, source: Pixels, row: int) -> None:
                box.byte_box(out, source, height, width, run, step, n, area, narrow, pieces, means)

            return of_bytes
        sums, totals = rooms(n, halo, "i4")
        if peak * area >= EXACT or context.spec.working == "f8":
            exact = Vector.zeros(len(totals), "f8")

            def large(out: Pixels, source: Pixels, row: int) -> None:
                box.large(out, source, height, width, step, n, area, sums, exact, count)

            return large
        parts, scratch = Vector.zeros(len(sums), "i4"), Vector.zeros(len(totals), "f4")

        def small(out: Pixels, source: Pixels, row: int) -> None:
            box.small(out, source, height, width, run, step, n, area, sums, parts, totals, scratch, count)

        return small

    def explain(self, spec: Spec, run: Run) -> str:
        return (
            "running sums of whole numbers"
            if spec.dtype in FULL_SCALE
            else "sums down, then across, in float64"
        )
