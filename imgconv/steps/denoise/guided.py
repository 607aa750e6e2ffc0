"""Guided filter: a blur that keeps edges, at a cost that grows slowly with the radius."""

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

# Rows and items of a block, at least: their sums stay in the second-level cache. With less than twice the box, what
# neighboring blocks compute twice costs more.
ROWS, BLOCK = 64, 128
FIRSTS, SECONDS = (
    (0, 1, 2, 0, 0, 0, 1, 1, 2),
    (-1, -1, -1, 0, 1, 2, 1, 2, 2),
)  # r, g, b, rr, rg, rb, gg, gb, bb


@register("guided", "Guided filter: blur that keeps edges; flat areas are smoothed, steps above eps stay")
class Guided(Step):
    """out = mean of a x in + mean of b, over the boxes that hold the pixel, where for each box

    a = var / (var + eps) and b = (1 - a) mean: the guided filter with the image as its own guide. Any channels, each by
    itself, or with `--guide color` all three together: a = covariance (covariance + eps)^-1, which keeps edges that
    one channel does not show. The result is a working float in the range of the input. Alpha stays, and does not
    weight the colors. Boxes have 2 radius + 1 pixels a side, of which only those in the image count, as in the paper.
    Sums are float64 (exact for integers) for a and b, then float32: within 4e-4 of float64 on 0..255; a NaN spreads
    over two boxes. Boxes are summed by sums of 2, 4, 8 neighbors, so that the cost grows with the logarithm of the
    radius. Errors: `--guide color` of an image without three colors.

    Source: K. He, J. Sun and X. Tang, Guided image filtering, ECCV 2010.
    """

    example = "imgconv open sample_images/coffee.jpg guided --radius 6 --eps 0.005 save smooth.png"
    rounds = True

    radius: int = option(8, "pixels from the center of a box to each side", low=1, high=255, whole=True)
    eps: float = option(
        0.01, "variance that is halved: 0.01 is a standard deviation of 0.1", above=0, unit="of full scale^2"
    )

    guide: str = option(
        "channel",
        "what shows the edges: each channel its own, or all colors",
        choices=("channel", "color"),
        aliases={"colour": "color"},
    )

    def infer(self, spec: Spec) -> Spec:
        if self.guide == "color" and spec.colors != 3:
            raise UsageError(
                f"guided: --guide color needs three colors, but this image has {spec.colors}; leave it out"
            )
        return super().infer(spec)

    def window(self, spec: Spec) -> Window:
        side = Axis(4 * self.radius + 1, before=2 * self.radius, after=2 * self.radius)
        return Window(side, side)

    def border(self, spec: Spec) -> Border:
        return Border("constant")

    def bind(self, context: Context) -> Compute:
        return self.bind_color(context) if self.guide == "color" else self.bind_channels(context)

    def bind_channels(self, context: Context) -> Compute:
        """`compute` with each channel as its own guide. Lines are fitted once for each row of the image."""
        spec, radius, dtype = context.spec, self.radius, context.spec.working
        channels, height = spec.channels, spec.height
        box_widths = Vector([width for width in self.box_widths(spec) for _ in range(channels)], "i8")
        eps = self.eps * spec.full * spec.full
        alpha = channels - 1 if spec.alpha else 0
        band = max(ROWS, 4 * radius)
        seen = band + 2 * radius  # rows that the boxes of a band reach
        items = (max(BLOCK // channels, 4 * radius) + 2 * radius) * channels  # of a block and its halo
        slopes, bases = RowBuffer(spec.width, channels, dtype), RowBuffer(spec.width, channels, dtype)
        fit_scratch = [Pixels.empty(rows, items, 1, "f8") for rows in (seen, seen, seen, band, band, 3)]
        mean_scratch = [Pixels.empty(rows, items, 1, dtype) for rows in (seen, seen, 2 * band, 3)]

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            first, stop = max(row - radius, 0), min(row + out.height + radius, height)
            a, ready = slopes.move(first, stop)
            b, _ = bases.move(first, stop)
            if ready < stop:
                guided.fit_lines(
                    a.band(ready - first, stop - first),
                    b.band(ready - first, stop - first),
                    source,
                    ready - row + radius,
                    ready,
                    height,
                    radius,
                    channels,
                    eps,
                    box_widths,
                    *fit_scratch,
                )
            guided.evaluate_lines(
                out,
                source,
                a,
                b,
                first,
                row,
                height,
                radius,
                channels,
                alpha,
                box_widths,
                *mean_scratch,
                context.clipped,
            )

        return compute

    def bind_color(self, context: Context) -> Compute:
        """`compute` with all three colors as the guide. Planes are fitted once for each row of the image."""
        spec, radius, dtype = context.spec, self.radius, context.spec.working
        channels, height, planes = spec.channels, spec.height, guided_color.PLANES
        box_widths, eps = Vector(self.box_widths(spec), "i8"), self.eps * spec.full * spec.full
        firsts, seconds = Vector(FIRSTS, "i8"), Vector(SECONDS, "i8")
        band = max(ROWS, 4 * radius)
        seen = band + 2 * radius  # rows that the boxes of a band reach
        width = min(max(BLOCK // 3, 4 * radius), guided_color.SPAN) + 2 * radius  # of a block and its halo
        lines = RowBuffer(planes * spec.width, 1, dtype)
        fit_scratch = [Pixels.empty(rows, width, 1, "f8") for rows in (seen, seen, planes * band)]
        mean_scratch = [Pixels.empty(rows, width, 1, dtype) for rows in (seen, seen, planes * band)]
        sums, fitted, means, result = (
            Vector.zeros(planes * guided_color.SPAN, code) for code in ("f8", "f8", dtype, dtype)
        )

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            first, stop = max(row - radius, 0), min(row + out.height + radius, height)
            rows, ready = lines.move(first, stop)
            if ready < stop:
                guided_color.fit_lines(
                    rows.band(ready - first, stop - first),
                    source,
                    ready - row + radius,
                    ready,
                    height,
                    radius,
                    channels,
                    eps,
                    box_widths,
                    firsts,
                    seconds,
                    *fit_scratch,
                    sums,
                    fitted,
                )
            guided_color.evaluate_lines(
                out,
                source,
                rows,
                first,
                row,
                height,
                radius,
                channels,
                box_widths,
                *mean_scratch,
                means,
                result,
                context.clipped,
            )

        return compute

    def box_widths(self, spec: Spec) -> list[int]:
        """How many columns of the image a box around each column holds."""
        last, radius = spec.width - 1, self.radius
        return [min(x + radius, last) - max(x - radius, 0) + 1 for x in range(spec.width)]

    def explain(self, spec: Spec, run: Run) -> str:
        side = 2 * self.radius + 1
        return f"means of boxes of {side}x{side}, {side.bit_length()} passes each"
