"""Image: pixels and what they mean. Spec: the same without pixels."""

from __future__ import annotations

from imgconv.core.color_spaces import SPACES
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.core.pixels import Pixels


class Spec(Record):
    """What an image is, without its pixels.

    `space` is a name of `color_spaces.SPACES`, or "none" for plain numbers. `alpha`: the last channel is one.
    `white` is the value of full scale (255, 65535, or what `--white` said); None for numbers taken as they are.
    `working` is the dtype of computed values: f4, or f8 with `--precision double`. `profile` is the ICC profile of inks
    (space cmyk) that are of a known press. `marks`: the images at the points that `mark` named.
    """

    height: int
    width: int
    channels: int
    dtype: str
    space: str = "none"
    alpha: bool = False
    white: float | None = None
    working: str = "f4"
    profile: bytes | None = None
    marks: tuple[tuple[str, Spec], ...] = ()

    @property
    def colors(self) -> int:
        """Channels without alpha."""
        return self.channels - self.alpha

    @property
    def full(self) -> float:
        """Full scale, for steps that need one: 1 where the numbers have none of their own."""
        return 1.0 if self.white is None else self.white

    @property
    def shape(self) -> str:
        """In words: `3x512x512` (channels, height, width)."""
        return f"{self.channels}x{self.height}x{self.width}"

    @property
    def picture(self) -> Spec:
        """The same in a space that pictures are stored in: gray, RGB, or numbers that are no color."""
        if self.space == "none" or SPACES[self.space].is_picture:
            return self
        return self.replace(space="rgb", channels=3 + self.alpha, profile=None)

    @property
    def computed(self) -> Spec:
        """The same image with values of the working dtype."""
        return self if self.dtype == self.working else self.replace(dtype=self.working)


class Meta(Record):
    """What travels beside the pixels from `open` to `save`; raw bytes as the file held them.

    `is_srgb`: colors were converted to sRGB, and `icc` is what they were converted from.
    """

    icc: bytes | None = None
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


class Image:
    """Pixels with their spec and metadata. `ready(n)` returns once rows 0 to n hold their values.

    `marks`: the images at the points that `mark` named.
    """

    __slots__ = ("format", "marks", "meta", "path", "pixels", "ready", "spec")

    def __init__(
        self,
        pixels: Pixels,
        spec: Spec,
        meta: Meta | None = None,
        path: str = "",
        ready: Callable[[int], None] | None = None,
    ) -> None:
        self.pixels = pixels
        self.spec = spec
        self.meta = meta or Meta()
        self.path = path
        self.format = ""  # of the file that it came from
        self.marks: dict[str, Image] = {}
        self.ready = ready or _always

    def replace(self, spec: Spec | None = None, meta: Meta | None = None) -> Image:
        """The same pixels, said to be something else."""
        made = Image(self.pixels, spec or self.spec, meta or self.meta, self.path, self.ready)
        made.format, made.marks = self.format, self.marks
        return made


def _always(rows: int) -> None:
    """Rows that are in memory need no waiting."""
