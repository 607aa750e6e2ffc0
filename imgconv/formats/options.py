"""What the files of a format can hold, what reading and writing them can be told, and the checks of both.

It is one module, as each further one costs every run 0.1 ms.
"""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE, SIZES
from imgconv.core.errors import FileError, UsageError, quote_path
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgconv.core.spec import Spec


class FormatRow:
    """The facts about a format, one row of the table; a row that makes no sense cannot be made.

    `magic` tells by the first bytes whether a file is of this format. `loader` is the module below `imgconv.formats`
    that reads and writes it. `dtypes` are those of the samples in its files; the first one is taken where the image's
    own is none of them. `side` is the largest width or height. `alpha`: whether its pictures can have alpha; `gray`:
    whether they can be gray (else gray is stored as RGB). `frames`: whether a file can hold several pictures; `pages`:
    whether those may differ in size and type; `duration` is (unit, longest) of the time that a frame is shown, in ms.
    `separator` stands between the numbers of a text format; "" means that the format is not text. `plugin` is
    (module, class) of Pillow's decoder. `quality` and `level` are (default, lowest, highest) of that option of `save`;
    None: the format has no use for it.
    """

    def __init__(
        self,
        *,
        name: str,
        suffixes: tuple[str, ...],
        magic: Callable[[bytes], bool],
        loader: str,
        dtypes: tuple[str, ...],
        side: int,
        alpha: bool,
        gray: bool = True,
        frames: bool = False,
        pages: bool = False,
        duration: tuple[int, int] | None = None,
        separator: str = "",
        plugin: tuple[str, str] | None = None,
        quality: tuple[int, int, int] | None = None,
        level: tuple[int, int, int] | None = None,
        lossless: bool = False,
    ) -> None:
        self.name, self.suffixes, self.magic, self.loader = name, suffixes, magic, loader
        self.dtypes, self.side, self.alpha, self.gray = dtypes, side, alpha, gray
        self.frames, self.pages, self.duration = frames, pages, duration
        self.separator, self.plugin = separator, plugin
        self.quality, self.level, self.lossless = quality, level, lossless
        if fault := self._fault():
            raise ValueError(f"format '{name}': {fault}")

    def _fault(self) -> str:
        """What is wrong with the row, or nothing. Plain: ten rows are checked in each run, in 20 us."""
        if not self.name.isalnum() or not self.name.islower() or not self.loader:
            return "its name is not lower-case letters, or it has no loader"
        if not self.suffixes or not self.dtypes or not callable(self.magic) or self.side < 1:
            return "it has no suffix, no dtype, no magic or no side"
        for suffix in self.suffixes:
            if suffix[0] != "." or suffix != suffix.lower():
                return f"'{suffix}' is not a suffix in lower case"
        for dtype in self.dtypes:
            if dtype not in SIZES:
                return f"'{dtype}' is not a dtype"
        if (self.pages or self.duration) and not self.frames:
            return "pages or durations without frames"
        if self.frames and not self.pages and not self.duration:
            return "frames without durations"
        if self.duration and not 0 < self.duration[0] <= self.duration[1]:
            return "the longest duration is below the unit"
        if self.duration and self.duration[1] % self.duration[0]:
            return "the longest duration is not a multiple of the unit"
        for numbers in (self.quality, self.level):
            if numbers and not numbers[1] <= numbers[0] <= numbers[2]:
                return "the default of quality or level is out of its range"
        return ""

    @property
    def text(self) -> bool:
        """Whether files are text. They are known by their suffix; by content only where there is no name."""
        return self.separator != ""

    @property
    def depths(self) -> dict[int, str]:
        """The dtype of each `--depth` (bits a channel) that files can have; that option does not offer 64 bits."""
        return {
            8 * SIZES[dtype]: dtype
            for dtype in sorted(self.dtypes, key=SIZES.__getitem__)
            if SIZES[dtype] < 8
        }


class FileOptions(Record):
    """`format` is the row of the table of formats; the table fills it in."""

    format: FormatRow | None = None

    @property
    def row(self) -> FormatRow:
        """The row of the format that is read or written."""
        if self.format is None:
            raise RuntimeError("these options were not handed on by a format of the table")
        return self.format


class ReadOptions(FileOptions):
    """`path` is for messages; `white` replaces the file's full scale; `layout` is `hwc` or `chw`.

    `frame`: which picture of a file that holds several; None stands for all of them (`Format.read_all`).
    `max_pixels` bounds all pictures that are read together. `working` is the dtype of numbers that are neither of 8
    nor of 16 bits.
    """

    path: str = "-"
    frame: int | None = 0
    max_pixels: int = 1 << 28
    max_frames: int = 10_000
    working: str = "f4"
    white: float | None = None
    layout: str = "hwc"

    def fault(self, text: str) -> FileError:
        """The error for a file that cannot be read."""
        return FileError(f"cannot open {quote_path(self.path)}: {text}")

    def check(self, width: int, height: int) -> None:
        """Refuse a size from the header, before anything is allocated."""
        if width < 1 or height < 1:
            raise self.fault(f"its size is {width} x {height}")
        if width * height > self.max_pixels:
            size = f"{width} x {height} = {width * height} pixels"
            raise self.fault(f"{size} are above the limit of {self.max_pixels} (--max-pixels)")

    @property
    def most_counted(self) -> int:
        """How many frames to count at most: one more than the limit, or than the index of the wanted frame."""
        return max(self.max_frames, self.frame or 0) + 1

    def selected_frames(self, count: int) -> range:
        """The indices of the frames to read, of `count`. Errors: FileError for too many, or for a missing frame."""
        if self.frame is None:
            if count > self.max_frames:
                limit = f"the limit of {self.max_frames} frames (--max-frames)"
                raise self.fault(f"it holds more than {limit}; --frame N reads one of them")
            return range(count)
        if self.frame >= count:
            content = "one picture" if count == 1 else f"{count} frames, 0 to {count - 1}"
            raise self.fault(f"it has no frame {self.frame}: it holds {content}")
        return range(self.frame, self.frame + 1)

    def check_all(self, sizes: Sequence[tuple[int, int]]) -> None:
        """Refuse frames (width, height) that are too large together, before anything is allocated."""
        for width, height in set(sizes):
            self.check(width, height)
        total = sum(width * height for width, height in sizes)
        if total > self.max_pixels:
            raise self.fault(
                f"{len(sizes)} frames are {total} pixels together, above the limit of {self.max_pixels} "
                "(--max-pixels); --frame N reads one of them"
            )

    def described(self, spec: Spec) -> Spec:
        """The spec with the working dtype and, where one was asked for, another full scale."""
        white = spec.white if self.white is None else self.white
        return spec.replace(working=self.working, white=white)


class WriteOptions(FileOptions):
    """None means the format's own default; an option that the format has no use for is a UsageError."""

    quality: int | None = None
    level: int | None = None
    lossless: bool = False
    depth: int | None = None
    layout: str = "hwc"

    def check(self, spec: Spec) -> None:
        """Refuse options and sizes that the format does not have. Errors: UsageError."""
        row = self.row
        for name in ("quality", "level", "lossless"):
            value, used = self.values()[name], getattr(row, name)
            if value is None or value is False:
                continue
            if not used:
                raise UsageError(f"--{name} has no effect on {row.name} files; leave it out")
            if name != "lossless" and not used[1] <= value <= used[2]:
                raise UsageError(f"--{name} is {value}; {row.name} takes {used[1]} to {used[2]}")
        if max(spec.width, spec.height) > row.side:
            size = f"{spec.width} x {spec.height}"
            raise UsageError(f"a {row.name} file holds at most {row.side} x {row.side} pixels, not {size}")

    def number(self, name: str) -> int:
        """The value of `quality` or `level`, or the format's default."""
        value = self.values()[name]
        return int(getattr(self.row, name)[0] if value is None else value)

    def colored(self, spec: Spec) -> Spec:
        """`spec` with the channels of a picture: gray or RGB, with alpha where the format can hold it."""
        row, spec = self.row, spec.picture
        if spec.alpha and not row.alpha:
            spec = spec.replace(channels=spec.colors, alpha=False)
        if spec.colors not in (1, 3):
            channels = "1 (gray) or 3 (RGB) channels" + (", plus alpha" if row.alpha else "")
            raise UsageError(
                f"a {row.name} file holds {channels}, not {spec.colors}; .npy and .tif hold any number"
            )
        if spec.space == "none":
            return spec
        return spec.replace(space="gray" if spec.colors == 1 else "rgb")

    def stored(self, spec: Spec) -> Spec:
        """`spec` in the format's nearest dtype, or in the one that `--depth` asks for."""
        dtype = self._dtype(spec)
        return spec.replace(dtype=dtype, white=FULL_SCALE.get(dtype, spec.white))

    def _dtype(self, spec: Spec) -> str:
        row = self.row
        if self.depth is not None:
            if self.depth not in row.depths:
                depths = " or ".join(map(str, row.depths))
                raise UsageError(f"--depth {self.depth}: a {row.name} file holds {depths} bits a channel")
            return row.depths[self.depth]
        if spec.dtype in row.dtypes:
            return spec.dtype
        is_deep = spec.dtype == "u2" or (spec.white or 0) > 255
        return "u2" if is_deep and "u2" in row.dtypes else row.dtypes[0]
