"""Geometry: crop, flip, rotate. Values are moved and nothing else."""

from __future__ import annotations

from imgconv.errors import UsageError
from imgconv.kinds import Choice, Integer, Numbers
from imgconv.loops import geometry
from imgconv.loops.move import lay
from imgconv.options import argument
from imgconv.pixels import Pixels, Vector
from imgconv.step import All, Context, Step, step
from imgconv.window import POINT, Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.step import Compute

BLOCK = 2048


@step("crop", "cut out a rectangle")
class Crop(Step):
    """out(x, y) = in(x + X, y + Y), WIDTH x HEIGHT pixels of it.

    Errors: a rectangle that is not inside the image.
    """

    example = "imgconv open sample_images/astronaut.png crop 150,0,200,220 save face.png"
    takes_on = False

    area: tuple[int, int, int, int] = argument(
        Numbers("X,Y,WIDTH,HEIGHT", Integer(0)), "its left top corner and its size", unit="pixels"
    )

    def check(self) -> None:
        _, _, width, height = self.area
        if not width or not height:
            raise UsageError(f"crop: {width} x {height} pixels are no image; write X,Y,WIDTH,HEIGHT")

    def infer(self, spec: Spec) -> Spec:
        x, y, width, height = self.area
        if x + width > spec.width or y + height > spec.height:
            raise UsageError(
                f"crop: {width} x {height} pixels from {x},{y} on reach beyond the image, "
                f"which has {spec.width} x {spec.height}"
            )
        return spec.but(height=height, width=width)

    def window(self, spec: Spec) -> Window:
        _, y, _, height = self.area
        return Window(Axis(before=-y, after=y + height - spec.height))  # columns are cut out below

    def bind(self, context: Context) -> Compute:
        x, _, width, _ = self.area

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            lay(out, source.columns(x, x + width), Vector(range(out.height), "i8"), 0, out.samples, 0.0)

        return compute


@step("flip", "mirror: left to right, or top to bottom")
class Flip(Step):
    """horizontal: out(x, y) = in(width - 1 - x, y); vertical: out(x, y) = in(x, height - 1 - y)."""

    example = "imgconv open sample_images/chelsea.png flip horizontal save mirrored.png"
    takes_on = False

    direction: str = argument(Choice(("horizontal", "vertical")), "horizontal or vertical")

    @property
    def whole(self) -> bool:
        return self.direction == "vertical"

    def gives(self, spec: Spec) -> str:
        return spec.dtype

    def window(self, spec: Spec) -> Window:
        return everything(spec, spec.height, spec.width) if self.whole else POINT

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if self.whole:
            return upside_down(False, context)
        planes = Pixels.empty(6, BLOCK, 1, spec.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            geometry.mirror(out, source, spec.channels, spec.width, planes)

        return compute


@step("rotate", "turn by quarters, clockwise")
class Rotate(Step):
    """The image turned clockwise by 90, 180 or 270 degrees, or by -90 (as 270)."""

    example = "imgconv open sample_images/coffee.jpg rotate 90 save upright.png"
    takes_on = False

    angle: str = argument(Choice(("90", "180", "270", "-90")), "clockwise", unit="degrees")

    @property
    def whole(self) -> bool:
        return True

    def gives(self, spec: Spec) -> str:
        return spec.dtype

    def window(self, spec: Spec) -> Window:
        if self.angle == "180":
            return everything(spec, spec.height, spec.width)
        return everything(spec, spec.width, spec.height)

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if self.angle == "180":
            return upside_down(True, context)
        # out's row y is in's column: y from below, or width - 1 - y from above
        begin, along, first, down = (
            (0, 1, spec.height - 1, -1) if self.angle == "90" else (spec.width - 1, -1, 0, 1)
        )

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            geometry.turn(out, source, begin + along * row, along, first, down, spec.channels, out.width)

        return compute


def everything(spec: Spec, height: int, width: int) -> Window:
    """The whole image as the window of every pixel of a height x width result."""
    return Window(All(taken=spec.height, given=height), All(taken=spec.width, given=width))


def upside_down(mirrored: bool, context: Context) -> Compute:
    """`compute` for rows from the last to the first."""
    spec = context.spec
    planes = Pixels.empty(6, BLOCK, 1, spec.dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        geometry.turn_half(out, source, spec.height - 1 - row, mirrored, spec.channels, spec.width, planes)

    return compute
