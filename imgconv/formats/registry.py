"""File formats: a table of names, suffixes and first bytes; the module behind each is imported at first use.

A format's module has `read(data, options) -> Image`; `storable_spec(spec, options) -> Spec`, the nearest spec that
its files hold; and `writer(output, spec, meta, options) -> Writer`. One of `FRAMES` also has `read_all(data, options)
-> list[Image]` and `book(output, metas, options) -> Book`. Nothing beyond this table is ever opened.
"""

from __future__ import annotations

from imgconv.core.errors import FileError, UsageError, did_you_mean
from imgconv.formats.options import ReadOptions as ReadOptions
from imgconv.formats.options import WriteOptions as WriteOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from imgconv.core.image import Image, Meta
    from imgconv.core.pixels import Pixels
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output

    class Writer(Protocol):
        """Takes an image band by band. `rows`: bands start at multiples of it; 0 means anywhere."""

        rows: int

        def write(self, y0: int, band: Pixels) -> None:
            """Rows from y0 on; bands may come in any order and from several threads."""

        def finish(self) -> None:
            """All rows were given: write the rest. The caller commits the output."""

    class MultiFrameWriter(Protocol):
        """Takes several pictures for one file, each with a writer of its own, one after the other."""

        def add_frame(self, spec: Spec, meta: Meta) -> Writer:
            """The writer of the next picture; the one before is finished."""

        def finish(self) -> None:
            """All pictures were given: write the rest. The caller commits the output."""


class Format:
    """One row of the table."""

    def __init__(self, name: str, suffixes: str, module: str, magic: Callable[[bytes], bool]) -> None:
        self.name = name
        self.suffixes = tuple(suffixes.split())
        self.magic = magic
        self._module = f"imgconv.formats.{module}"

    can_read = can_write = True

    @property
    def module(self) -> Any:
        return __import__(self._module, fromlist=["read"])

    def read(self, data: bytes, options: ReadOptions) -> Image:
        """The first picture, or the one that `options.frame` names."""
        if options.frame:
            return self.read_all(data, options)[0]
        image: Image = self.module.read(data, options.replace(format=self.name))
        return image

    def read_all(self, data: bytes, options: ReadOptions) -> list[Image]:
        """Every picture, or the one that `options.frame` names; all are fully composed."""
        if self.name in FRAMES:
            images: list[Image] = self.module.read_all(data, options.replace(format=self.name))
            return images
        if options.frame:
            raise options.fault(f"it has no frame {options.frame}: a {self.name} file holds one picture")
        return [self.read(data, options.replace(frame=0))]

    def storable_spec(self, spec: Spec, options: WriteOptions) -> Spec:
        """The spec nearest to `spec` that a file of this format can hold; UsageError where there is none."""
        nearest: Spec = self.module.storable_spec(spec, options.replace(format=self.name))
        return nearest

    def writer(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> Writer:
        """A writer for an image of a spec that `storable_spec` gave."""
        made: Writer = self.module.writer(output, spec, meta, options.replace(format=self.name))
        return made

    def multi_frame_writer(
        self, output: Output, metas: Sequence[Meta], options: WriteOptions
    ) -> MultiFrameWriter:
        """What writes several pictures into one file, for a format of `FRAMES`."""
        made: MultiFrameWriter = self.module.multi_frame_writer(
            output, metas, options.replace(format=self.name)
        )
        return made


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(heads)


def _is_pnm(head: bytes) -> bool:
    return head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace()


def _is_numbers(head: bytes) -> bool:
    """Text of numbers: nothing but digits, signs, separators and the letters of 1e5, nan and inf."""
    return any(c in b"0123456789" for c in head) and not head.strip(b"0123456789+-.,; \t\r\neEnNaAiIfF")


FORMATS = {
    one.name: one
    for one in (
        Format("png", ".png", "png.format", _starts(b"\x89PNG\r\n\x1a\n")),
        Format("jpeg", ".jpg .jpeg .jpe .jfif", "pillow.format", _starts(b"\xff\xd8\xff")),
        Format("webp", ".webp", "pillow.webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
        Format("bmp", ".bmp .dib", "pillow.format", _starts(b"BM")),
        Format("ppm", ".ppm .pgm .pnm .pbm", "ppm", _is_pnm),
        Format("gif", ".gif", "gif.format", _starts(b"GIF87a", b"GIF89a")),
        Format("tiff", ".tif .tiff", "tiff.format", _starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        Format("npy", ".npy", "array", _starts(b"\x93NUMPY")),
        Format("csv", ".csv", "array", lambda head: _is_numbers(head) and b"," in head),
        Format("txt", ".txt", "array", lambda head: _is_numbers(head) and b"," not in head),
    )
}
FRAMES = ("gif", "webp", "png", "tiff")  # may hold several pictures
PAGES = ("tiff",)  # whose pictures may differ in size and kind
TEXT = ("csv", "txt")  # known by name; by content only where there is no name
SUFFIXES = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}


def by_name(name: str) -> Format:
    """The format called `name`, or known by that suffix (`jpg`)."""
    word = name.lower()
    found = FORMATS.get(word) or SUFFIXES.get("." + word)
    if found is None:
        raise UsageError(f"unknown format '{name}'{did_you_mean(word, FORMATS) or ': ' + _known()}")
    return found


def by_suffix(path: str) -> Format:
    """The format that a file's name tells."""
    suffix = _suffix(path)
    found = SUFFIXES.get(suffix)
    if found is None:
        from imgconv.formats.files import shown

        if path == "-":
            raise UsageError(f"'-' has no suffix that names a format: --format {_known()}")
        what = f"'{suffix}' is no known format" if suffix else "no suffix that names a format"
        hint = did_you_mean(suffix, SUFFIXES) or f"; known are {_known()}"
        raise UsageError(f"{shown(path)}: {what}{hint}")
    return found


def by_content(head: bytes) -> Format | None:
    """The format that the first bytes tell, or None. Give 32 bytes or more."""
    return next((one for one in FORMATS.values() if one.magic(head)), None)


def recognize(path: str, head: bytes, name: str = "") -> Format:
    """The format of an input: the named one, else what the content says; text needs its suffix too."""
    if name:
        return by_name(name)
    named = SUFFIXES.get(_suffix(path))
    if named is not None and named.name in TEXT:
        return named
    found = by_content(head)
    if found is None or (found.name in TEXT and path != "-"):
        from imgconv.formats.files import shown

        raise FileError(f"cannot open {shown(path)}: none of the formats that imgconv reads ({_known()})")
    return found


def read(path: str, options: ReadOptions | None = None, name: str = "") -> Image:
    """One picture of a file, or of stdin for `-`. Rows may still be on their way: see `Image.ready`."""
    data, form = _opened(path, name)
    image = form.read(data, (options or ReadOptions()).replace(path=path))
    image.path, image.format = path, form.name
    return image


def read_all(path: str, options: ReadOptions, name: str = "") -> list[Image]:
    """Every picture of a file, or the one that `options.frame` names; otherwise as `read`."""
    data, form = _opened(path, name)
    images = form.read_all(data, options.replace(path=path))
    for image in images:
        image.path, image.format = path, form.name
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
