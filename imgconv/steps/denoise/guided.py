"""Guided: a blur that keeps edges, at a cost that grows slowly with the radius."""

from __future__ import annotations

from imgconv.core.border import Border
from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.row_buffer import RowBuffer
from imgconv.engine.step import Context, Step
from imgconv.loops.denoise import guided, guided_color
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

# Rows and items at a time, at least: their sums stay in the second-level cache. With less than twice the box, what
# neighboring blocks compute twice costs more.
ROWS, BLOCK = 64, 128
ONES, TWOS = (0, 1, 2, 0, 0, 0, 1, 1, 2), (-1, -1, -1, 0, 1, 2, 1, 2, 2)  # r, g, b, rr, rg, rb, gg, gb, bb


@register("guided", "blur that keeps edges: flat areas are smoothed, steps above eps stay")
class Guided(Step):
    """out = mean of a x in + mean of b, over the boxes that hold the pixel, where for each box

    a = var / (var + eps) and b = (1 - a) mean: the guided filter with the image as its own guide. Each channel by
    itself, or with `--guide color` by all three: a = covariance (covariance + eps)^-1, which keeps edges that one
    channel does not show. Alpha stays, and weighs nothing. Boxes have 2 radius + 1 pixels a side, of which those in
    the image count, as in the paper. Sums are float64 (exact of whole numbers) for a and b, float32 then: within
    4e-4 of float64 on 0..255; a NaN spreads over two boxes. Boxes are summed by sums of 2, 4, 8 neighbors, so that
    the cost grows with the logarithm of the radius.

    K. He, J. Sun and X. Tang, Guided image filtering, ECCV 2010.
    """

    example = "imgconv open sample_images/coffee.jpg guided --radius 6 --eps 0.005 save smooth.png"
    rounds = True

    radius: int = option(8, "pixels that a box reaches to each side", low=1, high=255, whole=True)
    eps: float = option(
        0.01, "variance that is smoothed to half: 0.01 is a deviation of 0.1", above=0, unit="of full scale^2"
    )

    guide: str = option("channel", "what shows the edges", choices=("channel", "color"))

    def infer(self, spec: Spec) -> Spec:
        if self.guide == "color" and spec.colors != 3:
            raise UsageError(
                f"guided: --guide color needs three colors, and this image has {spec.colors}; leave it out"
            )
        return super().infer(spec)

    def window(self, spec: Spec) -> Window:
        side = Axis(4 * self.radius + 1, before=2 * self.radius, after=2 * self.radius)
        return Window(side, side)

    def border(self, spec: Spec) -> Border:
        return Border("constant")

    def bind(self, context: Context) -> Compute:
        if self.guide == "color":
            return self.by_color(context)
        spec, radius, kind = context.spec, self.radius, context.spec.working
        step, height = spec.channels, spec.height
        counts = Vector([count for count in self.counts(spec) for _ in range(step)], "i8")
        eps = self.eps * spec.full * spec.full
        block, most = max(BLOCK // step, 4 * radius) * step, max(ROWS, 4 * radius)
        tall, side = most + 2 * radius, block + 2 * radius * step
        first = [Pixels.empty(rows, side, 1, "f8") for rows in (tall, tall, tall, most, most, 3)]
        second = [Pixels.empty(rows, side, 1, kind) for rows in (tall, tall, 2 * most, 3)]
        slopes, bases = RowBuffer(spec.width, step, kind), RowBuffer(spec.width, step, kind)
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

    def counts(self, spec: Spec) -> list[int]:
        """How many columns of the image a box around each column holds."""
        last, radius = spec.width - 1, self.radius
        return [min(x + radius, last) - max(x - radius, 0) + 1 for x in range(spec.width)]

    def by_color(self, context: Context) -> Compute:
        spec, radius, kind = context.spec, self.radius, context.spec.working
        step, height, planes = spec.channels, spec.height, guided_color.PLANES
        wide = Vector(self.counts(spec), "i8")
        eps = self.eps * spec.full * spec.full
        pairs = Vector(ONES, "i8"), Vector(TWOS, "i8")
        block, most = min(max(BLOCK // 3, 4 * radius), guided_color.SPAN), max(ROWS, 4 * radius)
        tall, side, room = most + 2 * radius, block + 2 * radius, planes * guided_color.SPAN
        first = [Pixels.empty(rows, side, 1, "f8") for rows in (tall, tall, planes * most)]
        second = [Pixels.empty(rows, side, 1, kind) for rows in (tall, tall, planes * most)]
        exact, solved, line, scratch = (Vector.zeros(room, code) for code in ("f8", "f8", kind, kind))
        lines = RowBuffer(planes * spec.width, 1, kind)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            begin, end = max(row - radius, 0), min(row + out.height + radius, height)
            held, kept = lines.move(begin, end)
            if kept < end:
                fresh, at = held.band(kept - begin, end - begin), kept - row + radius
                rest = height, radius, step, eps, wide, *pairs
                guided_color.lines(fresh, source, at, kept, *rest, *first, exact, solved)
            frame = begin, row, height, radius, step, wide
            guided_color.means(out, source, held, *frame, *second, line, scratch, context.clipped)

        return compute

    def explain(self, spec: Spec, run: Run) -> str:
        side = 2 * self.radius + 1
        return f"means of boxes of {side}x{side}, {side.bit_length()} passes each"
