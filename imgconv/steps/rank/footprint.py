"""Footprints: which pixels around each one a rank filter or a morphological operation looks at."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Integer, Numbers, Size
from imgconv.core.options import option
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Bordered, Padded
from imgconv.kernels.option_types import KernelType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from imgconv.core.spec import Spec

    Mask = list[list[bool]]  # for each row and column of the window, whether the pixel counts


class Shaped(Bordered):
    """A step over a square, a disc or a mask, centered on K//2; the dtype is kept."""

    size: tuple[int, int] = option((3, 3), "the neighborhood", Size(), unit="pixels")
    shape: str = option("square", "the whole rectangle, or the ellipse in it", choices=("square", "disc"))
    mask: Any = option(
        None,
        "a neighborhood of any shape: the nonzero weights of a kernel's text, preset or file",
        KernelType(),
    )

    def check(self) -> None:
        height, width = self.extent
        if self.mask is not None and (self.size, self.shape) != ((3, 3), "square"):
            raise UsageError(f"{self.name}: --mask sets the size and the shape; leave --size and --shape out")
        if self.shape == "disc" and not height % 2 == width % 2 == 1:
            raise UsageError(f"{self.name}: a disc of {height}x{width} has no center; use odd sizes")
        if self.mask is not None and not self.mask.nonzero:
            raise UsageError(f"{self.name}: every weight of --mask is 0; at least one must be nonzero")

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns of the window."""
        return self.size if self.mask is None else (self.mask.height, self.mask.width)

    @property
    def center(self) -> tuple[int, int]:
        """Column and row of the center."""
        height, width = self.extent
        return width // 2, height // 2

    @property
    def footprint(self) -> Mask:
        """Which pixels count. Disc: (y / Y)^2 + (x / X)^2 <= 1 from the center, Y = rows // 2, X = columns // 2."""
        if self.mask is not None:
            return [[weight != 0 for weight in row] for row in self.mask.weights]
        height, width = self.size
        if self.shape == "square":
            return [[True] * width for _ in range(height)]
        tall, wide = height // 2, width // 2
        across = range(-wide, wide + 1)
        return [
            [(y * wide) ** 2 + (x * tall) ** 2 <= (tall * wide) ** 2 for x in across]
            for y in range(-tall, tall + 1)
        ]

    @property
    def area(self) -> int:
        """The number of pixels that count."""
        return sum(sum(row) for row in self.footprint)

    @property
    def is_full(self) -> bool:
        """Whether every pixel of the rectangle counts."""
        height, width = self.extent
        return (self.mask is None and self.shape == "square") or self.area == height * width

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype


class Footprint(Shaped, Padded):
    """A step over one footprint, whose center `--anchor` may move."""

    anchor: Any = option(
        None, "the center, from the top left corner; K//2 by default", Numbers("X,Y", Integer(0))
    )

    def check(self) -> None:
        super().check()
        height, width = self.extent
        if self.anchor is not None and (self.anchor[0] >= width or self.anchor[1] >= height):
            x, y = self.anchor
            raise UsageError(
                f"{self.name}: --anchor {x},{y} lies outside a neighborhood of {height}x{width} (rows x columns)"
            )

    @property
    def center(self) -> tuple[int, int]:
        x, y = self.anchor or super().center
        return x, y

    def reflected(self) -> Self:
        """The footprint turned by 180 degrees around its center."""
        (height, width), (x, y) = self.extent, self.center
        mask = None if self.mask is None else self.mask.flipped()
        return self.replace(mask=mask, anchor=(width - 1 - x, height - 1 - y))

    def window(self, spec: Spec) -> Window:
        height, width = self.extent
        return self.around(Axis(height), Axis(width), self.anchor)


def runs_of(row: list[bool]) -> list[tuple[int, int]]:
    """The runs of pixels that count in a row of a footprint: the start and the length of each."""
    ends = [x for x, (a, b) in enumerate(zip([False, *row], [*row, False], strict=True)) if a != b]
    return [(start, stop - start) for start, stop in zip(ends[::2], ends[1::2], strict=True)]
