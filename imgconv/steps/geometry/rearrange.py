"""Geometry: crop, pad, tile, flip. Values are only moved, and the dtype is kept."""

from __future__ import annotations

from imgconv.core.border import REPLICATE, Border
from imgconv.core.errors import UsageError
from imgconv.core.option_types import BorderType, Choice, Integer, Numbers, Padding, Size
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import POINT, Axis, Window
from imgconv.engine.convert import copied
from imgconv.engine.step import Context, Step, WholeAxis
from imgconv.loops.geometry import rearrange
from imgconv.loops.geometry.copy import lay
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

MOST = 1 << 31  # pixels of a result


@register("crop", "Cropping: cut out a rectangle")
class Crop(Step):
    """out(x, y) = in(x + X, y + Y), WIDTH x HEIGHT pixels.

    Any channels and dtype, which are kept. Errors: a rectangle that is not inside the image.
    """

    example = "imgconv open sample_images/astronaut.png crop 150,0,200,220 save face.png"
    selects_channels = False

    area: tuple[int, int, int, int] = argument(
        Numbers("X,Y,WIDTH,HEIGHT", Integer(0)), "top left corner and size", unit="pixels"
    )

    def check(self) -> None:
        _, _, width, height = self.area
        if not width or not height:
            raise UsageError(f"crop: {width} x {height} pixels are not an image; write X,Y,WIDTH,HEIGHT")

    def infer(self, spec: Spec) -> Spec:
        x, y, width, height = self.area
        if x + width > spec.width or y + height > spec.height:
            raise UsageError(
                f"crop: {width} x {height} pixels from {x},{y} on reach beyond the image, "
                f"which has {spec.width} x {spec.height}"
            )
        return spec.replace(height=height, width=width)

    def window(self, spec: Spec) -> Window:
        _, y, _, height = self.area
        return Window(Axis(before=-y, after=y + height - spec.height))  # columns are cut out below

    def bind(self, context: Context) -> Compute:
        x, _, width, _ = self.area

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            copied(out, source.columns(x, x + width))

        return compute


class Sides(Padding):
    """How many pixels: N, or TOP,RIGHT,BOTTOM,LEFT."""

    metavar = "N|TOP,RIGHT,BOTTOM,LEFT"

    def read(self, value: Any) -> tuple[int, int, int, int]:
        sides = value if value in ("keep", "none") else super().read(value)
        if isinstance(sides, str):
            raise UsageError(
                f"'{value}' is not a number of pixels; write 10, or 5,0,5,0 (top, right, bottom, left)"
            )
        return sides


@register("pad", "Padding: add a border around the image")
class Pad(Step):
    """out(x, y) = in(x - LEFT, y - TOP); beyond the image --edge says what the border holds.

    Any channels. The dtype is kept; a constant that it cannot hold makes it float32.
    """

    example = "imgconv open sample_images/coffee.jpg pad 20 --edge constant:255 save framed.png"
    selects_channels = False

    sides: Any = argument(Sides(), "how many: all around, or top, right, bottom and left", unit="pixels")
    edge: Border = option(REPLICATE, "what lies beyond the border", BorderType())

    def border(self, spec: Spec) -> Border:
        return self.edge

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def sizes(self, spec: Spec) -> tuple[int, int]:
        top, right, bottom, left = self.sides
        return bounded(self.name, top + spec.height + bottom, left + spec.width + right)

    def window(self, spec: Spec) -> Window:
        top, right, bottom, left = self.sides
        return Window(Axis(before=top, after=bottom), Axis(before=left, after=right))

    def explain(self, spec: Spec, run: Run) -> str:
        return f"edge {self.edge}"

    def bind(self, context: Context) -> Compute:
        return copied


@register("tile", "Tiling: repeat the image down and across")
class Tile(Step):
    """out(x, y) = in(x mod width, y mod height): ROWS copies one below the other, COLUMNS side by side.

    Any channels and dtype, which are kept.
    """

    example = "imgconv open sample_images/gradient16.png tile 2x3 save wall.png"
    selects_channels = False

    copies: tuple[int, int] = argument(Size(1, 1 << 20), "number of copies: both ways, or down and across")

    @property
    def needs_whole_image(self) -> bool:
        return True

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def sizes(self, spec: Spec) -> tuple[int, int]:
        rows, columns = self.copies
        return bounded(self.name, rows * spec.height, columns * spec.width)

    def window(self, spec: Spec) -> Window:
        rows, columns = self.copies
        return everything(spec, rows * spec.height, columns * spec.width)

    def bind(self, context: Context) -> Compute:
        spec, columns = context.spec, self.copies[1]
        n = spec.width * spec.channels

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            rows = Vector([(row + y) % spec.height for y in range(out.height)], "i8")
            for column in range(columns):
                lay(out, source, rows, column * n, n, 0.0)

        return compute


@register("flip", "Flip: mirror left to right, or top to bottom")
class Flip(Step):
    """horizontal: out(x, y) = in(width - 1 - x, y); vertical: out(x, y) = in(x, height - 1 - y).

    Any channels and dtype, which are kept.
    """

    example = "imgconv open sample_images/chelsea.png flip horizontal save mirrored.png"
    selects_channels = False

    direction: str = argument(Choice(("horizontal", "vertical")), "horizontal or vertical")

    @property
    def needs_whole_image(self) -> bool:
        return self.direction == "vertical"

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def window(self, spec: Spec) -> Window:
        return everything(spec, spec.height, spec.width) if self.needs_whole_image else POINT

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if self.needs_whole_image:
            return upside_down(context, mirrored=False)
        planes = Pixels.empty(6, BLOCK, 1, spec.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            rearrange.mirror(out, source, spec.channels, spec.width, planes)

        return compute


def bounded(name: str, height: int, width: int) -> tuple[int, int]:
    """The size. Errors: UsageError for more than `MOST` pixels."""
    if height * width > MOST:
        raise UsageError(f"{name}: {width} x {height} pixels are too many; the most is {MOST} in all")
    return height, width


def everything(spec: Spec, height: int, width: int) -> Window:
    """The whole image as the window of every pixel of a height x width result."""
    return Window(WholeAxis(inputs=spec.height, outputs=height), WholeAxis(inputs=spec.width, outputs=width))


def upside_down(context: Context, mirrored: bool) -> Compute:
    """`compute` for rows from the last to the first."""
    spec = context.spec
    planes = Pixels.empty(6, BLOCK, 1, spec.dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        rearrange.turn_half(out, source, spec.height - 1 - row, mirrored, spec.channels, spec.width, planes)

    return compute


def unmoved(context: Context) -> Compute:
    """`compute` for rows that stay where they are, out of the whole image."""

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        copied(out, source.band(row, row + out.height))

    return compute
