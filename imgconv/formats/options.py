"""What reading and writing a file can be told, and the checks that formats share."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import FileError, UsageError, quote_path
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec
    from imgconv.formats.format_row import FormatRow


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
