"""Rotate: quarters exactly, other angles by interpolation."""

from __future__ import annotations

from math import ceil, cos, floor, radians, sin

from imgconv.core.border import REPLICATE, Border
from imgconv.core.errors import UsageError
from imgconv.core.option_types import BorderType, Number
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Window
from imgconv.engine.step import Context, Step
from imgconv.loops.geometry import rearrange, rotate
from imgconv.steps.geometry.rearrange import as_it_is, bounded, everything, upside_down
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

TAPS = {"bilinear": 2, "bicubic": 4, "nearest": 1}
UNIT = 1 << rotate.BITS
FARTHEST = 1 << 25  # pixels a side, whose places are whole numbers of 64 bits
NEAR = 3  # pixels around a place that a filter may look at


@register("rotate", "turn clockwise, by quarters or any angle")
class Rotate(Step):
    """The image turned clockwise around its middle.

    By 90, 180 and 270 degrees pixels are moved and nothing else. By other angles each pixel is interpolated at the
    place that it comes from, and the image grows so that all of it is seen, floor(w |cos| + h |sin| + 1/2) wide,
    unless --keep-size is given; what is not covered is as --edge says. Within 1e-4 of full scale of SciPy's rotate.
    """

    example = "imgconv open sample_images/coffee.jpg rotate 90 save upright.png"
    selects_channels = False

    angle: float = argument(Number(-1e6, 1e6), "clockwise", unit="degrees")
    filter: str = option("bilinear", "how pixels are interpolated", choices=tuple(TAPS))
    edge: Border = option(Border("constant"), "what lies beyond the border", BorderType())
    keep_size: bool = option(False, "the size stays, and the corners are cut off")

    @property
    def turned(self) -> float:
        """0 to 360 degrees."""
        return self.angle % 360

    @property
    def is_quarter(self) -> bool:
        """Whether pixels are only moved."""
        return self.turned % 90 == 0 and (not self.keep_size or self.turned % 180 == 0)

    @property
    def is_linear(self) -> bool:  # type: ignore[override]
        return not self.is_quarter and self.filter != "nearest"

    @property
    def rounds(self) -> bool:  # type: ignore[override]
        return not self.is_quarter

    @property
    def needs_whole_image(self) -> bool:
        return True

    def output_dtype(self, spec: Spec) -> str:
        return spec.working if self.is_linear else spec.dtype

    def border(self, spec: Spec) -> Border:
        return REPLICATE if self.is_quarter else self.edge

    def sizes(self, spec: Spec) -> tuple[int, int]:
        if self.is_quarter:
            return (spec.width, spec.height) if self.turned % 180 else (spec.height, spec.width)
        if max(spec.height, spec.width) > FARTHEST:
            raise UsageError(
                f"rotate: an image is turned by {self.angle:g} degrees up to {FARTHEST} pixels a side"
            )
        c, s = (abs(part) for part in self.parts)
        height, width = spec.height, spec.width
        if not self.keep_size:
            height, width = (
                max(floor(n * c + m * s + 0.5), 1) for n, m in ((height, width), (width, height))
            )
        return bounded(self.name, height, width)

    @property
    def parts(self) -> tuple[float, float]:
        """Cosine and sine; of quarters exactly."""
        quarter, rest = divmod(self.turned, 90)
        c, s = cos(radians(rest)), sin(radians(rest))
        return ((c, s), (-s, c), (-c, -s), (s, -c))[int(quarter)]

    def window(self, spec: Spec) -> Window:
        return everything(spec, *self.sizes(spec))

    def explain(self, spec: Spec, run: Run) -> str:
        return "moves pixels" if self.is_quarter else f"{self.filter}; edge {self.edge}"

    def bind(self, context: Context) -> Compute:
        if not self.is_quarter:
            return self.interpolating(context)
        if self.turned in (0, 180):
            return upside_down(context, mirrored=True) if self.turned else as_it_is(context)
        return turned(context, clockwise=self.turned == 90)

    def interpolating(self, context: Context) -> Compute:
        """`compute` for angles that are no quarters."""
        spec, kind = context.spec, context.spec.working
        (height, width), (c, s) = self.sizes(spec), self.parts
        x = (spec.width - 1) / 2 - c * (width - 1) / 2 - s * (height - 1) / 2
        y = (spec.height - 1) / 2 + s * (width - 1) / 2 - c * (height - 1) / 2
        left, xs = self.seen(x, (c * (width - 1), s * (height - 1)), spec.width)
        top, ys = self.seen(y, (-s * (width - 1), c * (height - 1)), spec.height)
        numbers = [*(round(v * UNIT) for v in (x, y, c, s)), left, top, spec.height, spec.width]
        places, channels = Vector(numbers, "i8"), spec.channels
        across, down, scratch = (Vector.zeros(n, kind) for n in (4, 4, width * channels))
        taps, value, count = TAPS[self.filter], self.edge.value, context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            rotate.rotate(
                out, source, places, xs, ys, row, taps, channels, value, across, down, scratch, count
            )

        return compute

    def seen(self, start: float, along: tuple[float, float], length: int) -> tuple[int, Vector]:
        """The first position that any pixel looks at, and for each from there on the one that holds its value."""
        first = floor(start + sum(min(part, 0) for part in along)) - NEAR
        last = ceil(start + sum(max(part, 0) for part in along)) + NEAR
        return first, Vector([self.edge.map_index(at, length) for at in range(first, last + 1)], "i8")


def turned(context: Context, clockwise: bool) -> Compute:
    """`compute` for a quarter: out's row y is in's column, y from below, or width - 1 - y from above."""
    spec, width = context.spec, context.out.width
    begin, along, first, down = (0, 1, spec.height - 1, -1) if clockwise else (spec.width - 1, -1, 0, 1)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        rearrange.turn(out, source, begin + along * row, along, first, down, spec.channels, width)

    return compute
