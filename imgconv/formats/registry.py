"""The table of file formats: a row each. The module behind a row is imported when it is first used.

A format's module has `read(data, options) -> Image`; `storable_spec(spec, options) -> Spec`, the nearest spec that its
files can hold; and `writer(output, spec, meta, options) -> RowSink`. Where the row says `frames`, it also has
`read_all(data, options) -> list[Image]` and `multi_frame_writer(output, metas, options) -> MultiFrameWriter`. In all of
them `options.row` is the row. Nothing but the formats of this table is ever opened.

A new format is a module and a row.
"""

from __future__ import annotations

from imgconv.core.errors import FileError, ImgconvError, UsageError, did_you_mean, quote_path
from imgconv.formats.options import FormatRow, ReadOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from imgconv.core.image import Image, Meta
    from imgconv.core.rows import RowSink
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions
    from imgconv.formats.writer import MultiFrameWriter


class Format(FormatRow):
    """One row of the table, with the reader and the writer behind it."""

    @property
    def module(self) -> Any:
        return __import__(f"imgconv.formats.{self.loader}", fromlist=["read"])

    def read(self, data: bytes, options: ReadOptions) -> Image:
        """The first picture, or the one that `options.frame` names."""
        if options.frame:
            return self.read_all(data, options)[0]
        image: Image = self._decoded("read", data, options)
        return image

    def read_all(self, data: bytes, options: ReadOptions) -> list[Image]:
        """Every picture, or the one that `options.frame` names; frames of an animation are fully composed."""
        if self.frames:
            images: list[Image] = self._decoded("read_all", data, options)
            return images
        if options.frame:
            raise options.fault(f"it has no frame {options.frame}: a {self.name} file holds one picture")
        return [self.read(data, options.replace(frame=0))]

    def _decoded(self, reader: str, data: bytes, options: ReadOptions) -> Any:
        """What the module's reader gives. Errors: FileError for whatever it raises of a damaged file."""
        options = options.replace(format=self)
        try:
            return getattr(self.module, reader)(data, options)
        except (ImgconvError, MemoryError):
            raise
        except Exception as error:
            raise options.fault(f"damaged: it cannot be decoded ({type(error).__name__}: {error})") from error

    def storable_spec(self, spec: Spec, options: WriteOptions) -> Spec:
        """The spec nearest to `spec` that a file can hold. Errors: UsageError where options or image do not fit."""
        options = options.replace(format=self)
        options.check(spec)
        nearest: Spec = self.module.storable_spec(spec, options)
        return nearest

    def writer(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> RowSink:
        """A writer for one image of a spec that `storable_spec` gave."""
        writer: RowSink = self.module.writer(output, spec, meta, options.replace(format=self))
        return writer

    def multi_frame_writer(
        self, output: Output, metas: Sequence[Meta], options: WriteOptions
    ) -> MultiFrameWriter:
        """A writer for several pictures in one file, of a format whose row says `frames`."""
        writer: MultiFrameWriter = self.module.multi_frame_writer(output, metas, options.replace(format=self))
        return writer


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(heads)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_pnm(head: bytes) -> bool:
    return head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace()


def _is_numbers(head: bytes) -> bool:
    """Whether text holds only digits, signs, separators and the letters of 1e5, nan and inf."""
    return any(c in b"0123456789" for c in head) and not head.strip(b"0123456789+-.,; \t\r\neEnNaAiIfF")


def _is_csv(head: bytes) -> bool:
    return _is_numbers(head) and b"," in head


def _is_txt(head: bytes) -> bool:
    return _is_numbers(head) and b"," not in head


def _table(rows: Iterable[Format]) -> dict[str, Format]:
    """The rows by name. Errors: ValueError for a name or suffix that two rows have."""
    table: dict[str, Format] = {}
    suffixes: set[str] = set()
    for row in rows:
        if row.name in table or not suffixes.isdisjoint(row.suffixes):
            raise ValueError(f"format {row.name}: another row has its name or one of its suffixes")
        table[row.name] = row
        suffixes.update(row.suffixes)
    return table


ANY_SIDE = 1 << 62  # the format sets no limit
QUALITY = (90, 1, 100)

FORMATS = _table(
    (
        Format(
            name="png",
            suffixes=(".png",),
            magic=_starts(b"\x89PNG\r\n\x1a\n"),
            loader="png.format",
            dtypes=("u1", "u2"),
            alpha=True,
            side=(1 << 31) - 1,
            frames=True,
            duration=(1, 65_535_000),
            level=(1, 0, 9),
        ),
        Format(
            name="jpeg",
            suffixes=(".jpg", ".jpeg", ".jpe", ".jfif"),
            magic=_starts(b"\xff\xd8\xff"),
            loader="pillow.jpeg",
            dtypes=("u1",),
            alpha=False,
            side=65_500,  # of libjpeg; the format's own is 65,535
            plugin=("PIL.JpegImagePlugin", "JpegImageFile"),
            quality=QUALITY,
        ),
        Format(
            name="webp",
            suffixes=(".webp",),
            magic=_is_webp,
            loader="pillow.webp",
            dtypes=("u1",),
            alpha=True,
            gray=False,
            side=16_383,
            frames=True,
            duration=(1, 16_777_215),
            plugin=("PIL.WebPImagePlugin", "WebPImageFile"),
            quality=QUALITY,
            lossless=True,
        ),
        Format(
            name="bmp",
            suffixes=(".bmp", ".dib"),
            magic=_starts(b"BM"),
            loader="pillow.format",
            dtypes=("u1",),
            alpha=False,
            side=(1 << 31) - 1,
            plugin=("PIL.BmpImagePlugin", "BmpImageFile"),
        ),
        Format(
            name="ppm",
            suffixes=(".ppm", ".pgm", ".pnm", ".pbm"),
            magic=_is_pnm,
            loader="ppm",
            dtypes=("u1", "u2"),
            alpha=False,
            side=ANY_SIDE,
            plugin=("PIL.PpmImagePlugin", "PpmImageFile"),
        ),
        Format(
            name="gif",
            suffixes=(".gif",),
            magic=_starts(b"GIF87a", b"GIF89a"),
            loader="gif.format",
            dtypes=("u1",),
            alpha=True,
            side=65_535,
            frames=True,
            duration=(10, 655_350),
            plugin=("PIL.GifImagePlugin", "GifImageFile"),
        ),
        Format(
            name="tiff",
            suffixes=(".tif", ".tiff"),
            magic=_starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
            loader="tiff.format",
            dtypes=("f4", "u1", "u2"),
            alpha=True,
            side=(1 << 32) - 1,
            frames=True,
            pages=True,
            level=(1, 0, 3),
        ),
        Format(
            name="npy",
            suffixes=(".npy",),
            magic=_starts(b"\x93NUMPY"),
            loader="array",
            dtypes=("f4", "f8", "u1", "u2"),
            alpha=True,
            side=ANY_SIDE,
        ),
        Format(
            name="csv",
            suffixes=(".csv",),
            magic=_is_csv,
            loader="array",
            dtypes=("f4", "f8", "u1", "u2"),
            alpha=True,
            side=ANY_SIDE,
            separator=",",
        ),
        Format(
            name="txt",
            suffixes=(".txt",),
            magic=_is_txt,
            loader="array",
            dtypes=("f4", "f8", "u1", "u2"),
            alpha=True,
            side=ANY_SIDE,
            separator=" ",
        ),
    )
)
SUFFIXES = {suffix: row for row in FORMATS.values() for suffix in row.suffixes}


def by_name(name: str) -> Format:
    """The format called `name`, or known by that suffix (`jpg`). Errors: UsageError."""
    word = name.lower()
    row = FORMATS.get(word) or SUFFIXES.get("." + word)
    if row is None:
        raise UsageError(f"unknown format '{name}'{did_you_mean(word, FORMATS) or ': ' + _known()}")
    return row


def by_suffix(path: str) -> Format:
    """The format that a file's name tells. Errors: UsageError."""
    suffix = _suffix(path)
    row = SUFFIXES.get(suffix)
    if row is not None:
        return row
    if path == "-":
        raise UsageError(f"'-' has no suffix that names a format: add --format with one of {_known()}")
    what = f"'{suffix}' is not a known format" if suffix else "it has no suffix that names a format"
    hint = did_you_mean(suffix, SUFFIXES) or f"; known are {_known()}"
    raise UsageError(f"{quote_path(path)}: {what}{hint}")


def by_content(head: bytes) -> Format | None:
    """The format that the first bytes tell, or None. Give 32 bytes or more."""
    return next((row for row in FORMATS.values() if row.magic(head)), None)


def recognize(path: str, head: bytes, name: str = "") -> Format:
    """The format of an input: the named one, else what the content says; text needs its suffix too."""
    if name:
        return by_name(name)
    by_path = SUFFIXES.get(_suffix(path))
    if by_path is not None and by_path.text:
        return by_path
    row = by_content(head)
    if row is None or (row.text and path != "-"):
        raise FileError(f"cannot open {quote_path(path)}: not in a format that imgconv reads ({_known()})")
    return row


def read(path: str, options: ReadOptions | None = None, name: str = "") -> Image:
    """One picture of a file, or of stdin for `-`. Its rows may still be being decoded: see `Image.ready`."""
    data, row = _opened(path, name)
    image = row.read(data, (options or ReadOptions()).replace(path=path))
    image.path, image.format = path, row.name
    return image


def read_all(path: str, options: ReadOptions, name: str = "") -> list[Image]:
    """Every picture of a file, or the one that `options.frame` names; otherwise as `read`."""
    data, row = _opened(path, name)
    images = row.read_all(data, options.replace(path=path))
    for image in images:
        image.path, image.format = path, row.name
    return images


def _opened(path: str, name: str) -> tuple[bytes, Format]:
    from imgconv.formats.files import read_input

    data = read_input(path)
    return data, recognize(path, data[:512], name)


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


def _known() -> str:
    return ", ".join(FORMATS)
