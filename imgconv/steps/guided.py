"""Guided: a blur that keeps edges, at a cost that hardly grows with the radius."""

from __future__ import annotations

from imgconv.edges import Edge
from imgconv.loops import guided
from imgconv.options import option
from imgconv.pixels import Pixels, Vector
from imgconv.sliding import Sliding
from imgconv.step import Context, Step, step
from imgconv.window import Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.run import Run
    from imgconv.step import Compute

# Rows and items at a time, at least: their sums stay in the second-level cache. With less than twice the box, what
# neighbouring blocks compute twice costs more.
ROWS, BLOCK = 64, 128


@step("guided", "blur that keeps edges: flat areas are smoothed, steps above eps stay")
class Guided(Step):
    """out = mean of a x in + mean of b, over the boxes that hold the pixel, where for each box

    a = var / (var + eps) and b = (1 - a) mean: the guided filter with the image as its own guide. Each channel by
    itself; alpha stays, and weighs nothing. Boxes have 2 radius + 1 pixels a side, of which those in the image
    count, as in the paper. Sums are float64 (exact of whole numbers) for a and b, float32 then: within 4e-4 of
    float64 on 0..255; a NaN spreads over two boxes. Boxes are summed by sums of 2, 4, 8 neighbours.

    K. He, J. Sun and X. Tang, Guided image filtering, ECCV 2010.
    """

    example = "imgconv open sample_images/coffee.jpg guided --radius 6 --eps 0.005 save smooth.png"
    rounds = True

    radius: int = option(8, "pixels that a box reaches to each side", low=1, high=255, whole=True)
    eps: float = option(
        0.01, "variance that is smoothed to half: 0.01 is a deviation of 0.1", above=0, unit="of full scale^2"
    )

    def window(self, spec: Spec) -> Window:
        side = Axis(4 * self.radius + 1, before=2 * self.radius, after=2 * self.radius)
        return Window(side, side)

    def beyond(self, spec: Spec) -> Edge:
        return Edge("constant")

    def bind(self, context: Context) -> Compute:
        spec, radius, kind = context.spec, self.radius, context.spec.working
        step, height = spec.channels, spec.height
        wide = [min(x + radius, spec.width - 1) - max(x - radius, 0) + 1 for x in range(spec.width)]
        counts = Vector([count for count in wide for _ in range(step)], "i8")
        eps = self.eps * spec.full * spec.full
        block, most = max(BLOCK // step, 4 * radius) * step, max(ROWS, 4 * radius)
        tall, side = most + 2 * radius, block + 2 * radius * step
        first = [Pixels.empty(rows, side, 1, "f8") for rows in (tall, tall, tall, most, most, 3)]
        second = [Pixels.empty(rows, side, 1, kind) for rows in (tall, tall, 2 * most, 3)]
        slopes, bases = Sliding(spec.width, step, kind), Sliding(spec.width, step, kind)
        alpha = step - 1 if spec.alpha else 0

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            begin, end = max(row - radius, 0), min(row + out.height + radius, height)
            a, kept = slopes.move(begin, end)
            b, _ = bases.move(begin, end)
            if kept < end:
                fresh = a.band(kept - begin, end - begin), b.band(kept - begin, end - begin)
                at = kept - row + radius
                guided.lines(*fresh, source, at, kept, height, radius, step, eps, counts, *first)
            frame = begin, row, height, radius, step, alpha
            guided.means(out, source, a, b, *frame, counts, *second, context.clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        side = 2 * self.radius + 1
        return f"means of boxes of {side}x{side}, {side.bit_length()} passes each"
