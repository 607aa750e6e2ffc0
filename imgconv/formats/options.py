"""What reading and writing a file can be told, and the checks that formats share."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import FileError, UsageError
from imgconv.core.record import Record
from imgconv.formats.files import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec

DEPTHS = {8: "u1", 16: "u2", 32: "f4"}


class ReadOptions(Record):
    """`path` is for messages; `white` and `space` replace what the file says; `layout` is `hwc` or `chw`.

    `frame`: which picture of a file that holds several; None stands for all of them (`Format.read_all`).
    """

    path: str = "-"
    frame: int | None = 0
    max_pixels: int = 1 << 28
    max_frames: int = 10_000
    max_side: int = 1_000_000
    working: str = "f4"
    white: float | None = None
    space: str | None = None
    layout: str = "hwc"
    format: str = ""

    def fault(self, text: str) -> FileError:
        """The error for a file that cannot be read."""
        return FileError(f"cannot open {shown(self.path)}: {text}")

    def check(self, width: int, height: int) -> None:
        """Refuse a size from the header, before anything is allocated."""
        if width < 1 or height < 1:
            raise self.fault(f"its size is {width} x {height}")
        if max(width, height) > self.max_side:
            side = max(width, height)
            raise self.fault(f"a side of {side} is above the limit of {self.max_side} (--max-side)")
        if width * height > self.max_pixels:
            size = f"{width} x {height} = {width * height} pixels"
            raise self.fault(f"{size} are above the limit of {self.max_pixels} (--max-pixels)")

    @property
    def counted(self) -> int:
        """How many frames are worth counting: what is above the limit, or above the one that is wanted, is too many."""
        return max(self.max_frames, self.frame or 0) + 1

    def chosen(self, count: int) -> range:
        """The frames to read, of so many. Errors: FileError where there are too many, or not that one."""
        if self.frame is None:
            if count > self.max_frames:
                limit = f"the limit of {self.max_frames} frames (--max-frames)"
                raise self.fault(f"it holds more than {limit}; --frame N reads one of them")
            return range(count)
        if self.frame >= count:
            held = "one picture" if count == 1 else f"{count} frames, 0 to {count - 1}"
            raise self.fault(f"it has no frame {self.frame}: it holds {held}")
        return range(self.frame, self.frame + 1)

    def check_all(self, sizes: Sequence[tuple[int, int]]) -> None:
        """Refuse frames (width, height) that are too large together, before anything is allocated."""
        for width, height in set(sizes):
            self.check(width, height)
        total = sum(width * height for width, height in sizes)
        if total > self.max_pixels:
            what = f"{len(sizes)} frames are {total} pixels together"
            raise self.fault(
                f"{what}, above the limit of {self.max_pixels} (--max-pixels); --frame N reads one of them"
            )

    def described(self, spec: Spec) -> Spec:
        """The spec with what the options replace in it."""
        changes: dict[str, object] = {"working": self.working}
        if self.white is not None:
            changes["white"] = self.white
        if self.space is not None:
            changes["space"] = self.space
        return spec.replace(**changes)


class WriteOptions(Record):
    """None means the format's own default; giving what a format has no use for is a UsageError."""

    quality: int | None = None
    level: int | None = None
    lossless: bool = False
    depth: int | None = None
    layout: str = "hwc"
    format: str = ""

    def only(self, *used: str) -> None:
        """Refuse the options that this format has no use for."""
        for name in ("quality", "level", "lossless"):
            if name not in used and self.values()[name] not in (None, False):
                raise UsageError(f"--{name} means nothing for {self.format}")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """The value of `quality` or `level`, in its range."""
        value = self.values()[name]
        if value is None:
            return default
        if not low <= value <= high:
            raise UsageError(f"--{name} is {value}; {self.format} takes {low} to {high}")
        return int(value)

    def stored(self, spec: Spec, *dtypes: str) -> Spec:
        """`spec` in the nearest of these dtypes, or in the one that `--depth` asks for."""
        dtype = self._dtype(spec, dtypes)
        white = FULL_SCALE.get(dtype, spec.white)
        return spec.replace(dtype=dtype, white=white)

    def _dtype(self, spec: Spec, dtypes: tuple[str, ...]) -> str:
        if self.depth is not None:
            if DEPTHS.get(self.depth) not in dtypes:
                depths = " or ".join(str(bits) for bits, dtype in DEPTHS.items() if dtype in dtypes)
                raise UsageError(f"--depth {self.depth}: a {self.format} file holds {depths} bits a channel")
            return DEPTHS[self.depth]
        if spec.dtype in dtypes:
            return spec.dtype
        deep = spec.dtype == "u2" or (spec.white or 0) > 255
        return "u2" if deep and "u2" in dtypes else dtypes[0]


def colored(spec: Spec, format: str, alpha: bool = True, gray: bool = True) -> Spec:
    """`spec` with the channels that a picture can have: gray or RGB, with or without alpha."""
    spec = spec.picture
    if spec.alpha and not alpha:
        spec = spec.replace(channels=spec.colors, alpha=False)
    if spec.colors not in (1, 3):
        kinds = "1 (gray) or 3 (RGB) channels" + (", plus alpha" if alpha else "")
        raise UsageError(f"a {format} file holds {kinds}, not {spec.colors}; .npy and .tif hold any number")
    if spec.colors == 1 and not gray:
        spec = spec.replace(channels=3 + spec.alpha, space="rgb")
    if spec.space == "none":
        return spec
    return spec.replace(space="gray" if spec.colors == 1 else "rgb")
