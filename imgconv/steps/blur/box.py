"""Box blur."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.option_types import Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.scratch import row_and_result
from imgconv.engine.step import Context, Padded
from imgconv.loops.blur import box
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

EXACT = 1 << 24  # integers below it are exact in float32


@register("box", "Box blur: the mean of a rectangle of pixels")
class Box(Padded):
    """Box blur: out(x, y) = the sum of the box around (x, y) / its area.

    Takes any channels and gives floats in the range of the input; `--edge` fills the border. A box of even size reaches
    one pixel further to the left and up. Integers are summed exactly and divided once, so that the result is the
    correctly rounded mean; floats are summed in float64.
    """

    example = "imgconv open sample_images/camera.png box --size 5 save soft.png"
    is_linear = True
    rounds = True

    size: tuple[int, int] = option((3, 3), "size of the box", Size(), unit="pixels")

    def window(self, spec: Spec) -> Window:
        height, width = self.size
        return self.around(Axis(height), Axis(width))

    def bind(self, context: Context) -> Compute:
        loop, operands = self.loop(context)

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            loop(out, source, *operands)

        return compute

    def loop(self, context: Context) -> tuple[Any, tuple[Any, ...]]:
        """The loop for these dtypes and sizes, and what it takes after `out` and `src`."""
        (height, width), channel_stride, clipped = self.size, context.spec.channels, context.clipped
        n, halo, area = (
            context.out.width * channel_stride,
            (width - 1) * channel_stride,
            float(height * width),
        )
        peak, dtype, working = FULL_SCALE.get(context.spec.dtype), context.spec.dtype, context.spec.working
        if peak is None:
            sums, scratch = row_and_result(n, halo, "f8")
            return box.floats, (height, width, channel_stride, n, area, sums, scratch, clipped)
        run = best_run(width)
        if dtype == "u1" and peak * area <= 65535 and working == "f4":
            sums, totals = row_and_result(n, halo, "u2")
            parts = Vector.zeros(len(sums), "u2")
            return box.small_bytes, (height, width, run, channel_stride, n, area, sums, parts, totals)
        sums, totals = row_and_result(n, halo, "i4")
        if peak * area >= EXACT or working == "f8":
            scratch = Vector.zeros(len(totals), "f8")
            return box.large, (height, width, channel_stride, n, area, sums, scratch, clipped)
        parts, scratch = Vector.zeros(len(sums), "i4"), Vector.zeros(len(totals), "f4")
        buffers = sums, parts, totals, scratch
        return box.small, (height, width, run, channel_stride, n, area, *buffers, clipped)

    def explain(self, spec: Spec, run: Run) -> str:
        return (
            "running sums of integers" if spec.dtype in FULL_SCALE else "sums down, then across, in float64"
        )


def best_run(width: int) -> int:
    """How many neighbors to sum first, for the fewest additions: run - 1, then width // run + width % run."""
    return min(range(1, width + 1), key=lambda run: (run - 1) + width // run + width % run)
