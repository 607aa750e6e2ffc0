"""Image: rows and what travels with them from `open` to `save`."""

from __future__ import annotations

from imgconv.core.record import Record
from imgconv.core.rows import MemoryRows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.core.pixels import Pixels
    from imgconv.core.rows import RowSource
    from imgconv.core.spec import Spec


class Meta(Record):
    """What travels beside the pixels from `open` to `save`; raw bytes as the file held them.

    `is_srgb`: colors were converted to sRGB, and `icc` is what they were converted from. `gamma` (the exponent from
    light to stored values) and `chromaticities` (x and y of white, red, green, blue) are what a file without a profile
    says of its colors; `open` makes a profile of them.
    """

    icc: bytes | None = None
    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()
    is_srgb: bool = False
    duration: float | None = None  # ms that a frame is shown
    loop: int | None = (
        None  # how often an animation runs, as its file says it: 0 is for ever, None says nothing
    )
    frame: int = 0  # of `frames`
    frames: int = 1

    @property
    def describes_colors(self) -> bool:
        """Whether the file says what its colors are."""
        return bool(self.icc or self.gamma or self.chromaticities)


class Image:
    """Rows with their spec and metadata.

    `path` and `format` are those of the file that it came from. `marks`: the images at the points that `mark` named.
    """

    __slots__ = ("format", "marks", "meta", "path", "rows")

    def __init__(self, rows: RowSource, meta: Meta | None = None, path: str = "") -> None:
        self.rows = rows
        self.meta = meta or Meta()
        self.path = path
        self.format = ""
        self.marks: dict[str, Image] = {}

    @classmethod
    def of_pixels(
        cls,
        pixels: Pixels,
        spec: Spec,
        meta: Meta | None = None,
        path: str = "",
        ready: Callable[[int], None] | None = None,
    ) -> Image:
        """An image in memory; `ready(n)` returns once rows 0 to n hold their values."""
        return cls(MemoryRows(pixels, spec, ready), meta, path)

    @property
    def spec(self) -> Spec:
        return self.rows.spec

    @property
    def pixels(self) -> Pixels:
        """All rows, which must be in memory, once they hold their values."""
        pixels = self.rows.view(0, self.spec.height)
        assert pixels is not None
        return pixels

    def replace(self, spec: Spec | None = None, meta: Meta | None = None) -> Image:
        """The same rows, said to be something else."""
        image = Image(self.rows.described(spec) if spec else self.rows, meta or self.meta, self.path)
        image.format, image.marks = self.format, self.marks
        return image
