"""Rotation: exact by quarter turns, by interpolation for other angles."""

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
from imgconv.steps.geometry.rearrange import bounded, everything, unmoved, upside_down
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

TAPS = {"bilinear": 2, "bicubic": 4, "nearest": 1}
UNIT = 1 << rotate.BITS
FARTHEST = 1 << 25  # pixels a side, whose positions fit into integers of 64 bits
MARGIN = 3  # pixels around a position that a filter may look at


@register("rotate", "Rotation: clockwise, by any angle")
class Rotate(Step):
    """The image rotated clockwise around its center.

    By 90, 180 and 270 degrees pixels are only moved, and the dtype is kept. By other angles each pixel is interpolated
    at the position that it comes from, in float32 (nearest keeps the dtype), and the image grows so that all of it is
    visible, floor(w |cos| + h |sin| + 1/2) wide, unless --keep-size is given. --edge says what the corners hold. Within
    1e-4 of full scale of SciPy's rotate.
    """

    example = "imgconv open sample_images/coffee.jpg rotate 90 save upright.png"
    selects_channels = False

    angle: float = argument(Number(-1e6, 1e6), "clockwise", unit="degrees")
    filter: str = option("bilinear", "how pixels are interpolated", choices=tuple(TAPS))
    edge: Border = option(Border("constant"), "what lies beyond the border", BorderType())
    keep_size: bool = option(False, "keep the size, and cut the corners off")

    @property
    def turn(self) -> float:
        """The angle from 0 to 360 degrees, 360 excluded."""
        return self.angle % 360

    @property
    def is_quarter(self) -> bool:
        """Whether pixels are only moved."""
        return self.turn % 90 == 0 and (not self.keep_size or self.turn % 180 == 0)

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
            return (spec.width, spec.height) if self.turn % 180 else (spec.height, spec.width)
        if max(spec.height, spec.width) > FARTHEST:
            raise UsageError(
                f"rotate: by {self.angle:g} degrees an image can be rotated up to {FARTHEST} pixels a side"
            )
        c, s = (abs(part) for part in self.cosine_and_sine)
        height, width = spec.height, spec.width
        if not self.keep_size:
            height, width = (
                max(floor(n * c + m * s + 0.5), 1) for n, m in ((height, width), (width, height))
            )
        return bounded(self.name, height, width)

    @property
    def cosine_and_sine(self) -> tuple[float, float]:
        """Exact for quarter turns."""
        quarter, rest = divmod(self.turn, 90)
        c, s = cos(radians(rest)), sin(radians(rest))
        return ((c, s), (-s, c), (-c, -s), (s, -c))[int(quarter)]

    def window(self, spec: Spec) -> Window:
        return everything(spec, *self.sizes(spec))

    def explain(self, spec: Spec, run: Run) -> str:
        return "moves pixels" if self.is_quarter else f"{self.filter}; edge {self.edge}"

    def bind(self, context: Context) -> Compute:
        if not self.is_quarter:
            return self.interpolating(context)
        if self.turn in (0, 180):
            return upside_down(context, mirrored=True) if self.turn else unmoved(context)
        return quarter_turn(context, clockwise=self.turn == 90)

    def interpolating(self, context: Context) -> Compute:
        """`compute` for angles that are not quarter turns."""
        spec, dtype = context.spec, context.spec.working
        (height, width), (c, s) = self.sizes(spec), self.cosine_and_sine
        x = (spec.width - 1) / 2 - c * (width - 1) / 2 - s * (height - 1) / 2
        y = (spec.height - 1) / 2 + s * (width - 1) / 2 - c * (height - 1) / 2
        left, xs = self.sources(x, (c * (width - 1), s * (height - 1)), spec.width)
        top, ys = self.sources(y, (-s * (width - 1), c * (height - 1)), spec.height)
        numbers = rotate.mapping(
            x=round(x * UNIT),
            y=round(y * UNIT),
            cosine=round(c * UNIT),
            sine=round(s * UNIT),
            left=left,
            top=top,
            height=spec.height,
            width=spec.width,
        )
        mapping, channels = Vector(numbers, "i8"), spec.channels
        across, down, scratch = (Vector.zeros(n, dtype) for n in (4, 4, width * channels))
        taps, value, clipped = TAPS[self.filter], self.edge.value, context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            rotate.rotate(
                out, source, mapping, xs, ys, row, taps, channels, value, across, down, scratch, clipped
            )

        return compute

    def sources(self, start: float, along: tuple[float, float], length: int) -> tuple[int, Vector]:
        """The first position that any pixel looks at, and for each from there on the one that holds its value.

        `start`: where the first pixel comes from; `along`: how far the last column and the last row are from there.
        """
        first = floor(start + sum(min(part, 0) for part in along)) - MARGIN
        last = ceil(start + sum(max(part, 0) for part in along)) + MARGIN
        return first, Vector([self.edge.map_index(index, length) for index in range(first, last + 1)], "i8")


def quarter_turn(context: Context, clockwise: bool) -> Compute:
    """`compute` for quarter turns: row y of out is column y of the source from below, or the y-th from the right."""
    spec, width = context.spec, context.out.width
    start, along, first, direction = (0, 1, spec.height - 1, -1) if clockwise else (spec.width - 1, -1, 0, 1)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        rearrange.turn(out, source, start + along * row, along, first, direction, spec.channels, width)

    return compute
