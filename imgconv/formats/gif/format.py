"""GIF: pictures composed by Pillow; written with a palette a frame, exact up to 256 colors.

Pillow's own writer joins frames that look alike, so that their number changes; this one keeps each.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image as Pillow
from PIL.GifImagePlugin import GifImageFile

from imgconv.core.image import Image, Meta
from imgconv.core.spec import Spec
from imgconv.formats import frame_timing
from imgconv.formats.decoder_guard import DecoderGuard
from imgconv.formats.gif import blocks, metadata
from imgconv.formats.gif.palette import indexed
from imgconv.formats.pillow import format
from imgconv.formats.pillow.format import image_of, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

CLEAR = 255  # the index of what is transparent
STAYS, GONE = 1, 2  # what becomes of a picture when its time is over
COMMENT = 255 * 256  # bytes of a comment at most

storable_spec = format.storable_spec


def read(data: bytes, options: ReadOptions) -> Image:
    image = format.read(data, options)
    image.meta = metadata.read(data, image.meta)
    return image


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    scan = blocks.Scan(data, options.counted, options)
    chosen = options.chosen(max(scan.count, 1))
    if scan.count < 2:
        return [read(data, options.replace(frame=0))]
    options.check_all([scan.reach] * len(chosen))
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        found = list(_composed(data, options, scan, chosen))
    mode = ("L" if scan.gray else "RGB") + format.clear([picture for picture, _ in found])
    return [
        image_of(picture.convert(mode), meta.replace(frame=at, frames=scan.count), options)
        for at, (picture, meta) in zip(chosen, found, strict=True)
    ]


class Colored(GifImageFile):
    """Pillow takes a first picture whose table is a ramp for gray, and lays colors over it as indices then."""

    def _is_palette_needed(self, p: bytes) -> bool:
        return True


def _composed(
    data: bytes, options: ReadOptions, scan: blocks.Scan, chosen: range
) -> Iterator[tuple[Any, Meta]]:
    """Each frame as it is shown, in the size of the screen, and what it says."""
    picture = opened(data, options, Colored)
    about = metadata.read(data, format.meta_of(picture)).replace(loop=picture.info.get("loop"))
    for at in range(chosen.stop):
        picture.seek(at)
        picture.load()
        if at in chosen:
            plain = format.plain(picture)
            if plain.size != (scan.width, scan.height):
                plain = plain.crop((0, 0, scan.width, scan.height))
            plain = plain.copy() if plain is picture else plain
            yield plain, about.replace(duration=picture.info.get("duration", 0))


# ---- writing -----------------------------------------------------------------------------------------------


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> _Single:
    return _Single(output, spec, meta, options)


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> GifFramesWriter:
    return GifFramesWriter(output, metas, options)


class GifFramesWriter:
    """A picture after the other: whole where something is transparent, else the part that changes."""

    def __init__(self, output: Output, metas: Sequence[Meta], options: WriteOptions) -> None:
        self.output = output
        self.metas = metas
        self.options = options
        self.table = b""  # the first picture's colors serve all that have the same
        self.before: Any = None  # the colors of the picture before

    def add_frame(self, spec: Spec, meta: Meta) -> GifWriter:
        return GifWriter(self, spec, meta, self.options)

    def finish(self) -> None:
        self.output.write(b";")

    def add(self, picture: Any, meta: Meta) -> None:
        """Write the next picture."""
        clear = picture.mode == "RGBA"
        indices, colors = indexed(picture, CLEAR if clear else 256)
        table = colors.tobytes().ljust(3 << _bits(len(colors)), b"\0")
        if not self.table:
            self._begin(picture.size, table)
        left, top, right, bottom = (0, 0, *picture.size) if clear else self._changed(indices, colors)
        part = np.ascontiguousarray(indices[top:bottom, left:right])
        self.output.write(self._control(meta, clear))
        self.output.write(_picture(part, left, top, b"" if table == self.table else table))

    def _begin(self, size: tuple[int, int], table: bytes) -> None:
        """What stands before the first picture."""
        self.table, meta = table, self.metas[0]
        parts = [b"GIF89a", struct.pack("<HHBBB", *size, 0x80 | _field(table), 0, 0), table]
        if meta.loop is not None:
            loop = struct.pack("<H", min(meta.loop, 65535))
            parts.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + loop + b"\0")
        parts.append(metadata.written(meta))
        text = "\n".join(value for key, value in meta.text if key == "Comment").encode()[:COMMENT]
        if text:
            parts.append(b"!\xfe" + metadata.blocks(text))
        self.output.write(b"".join(parts))

    def _changed(self, indices: Any, colors: Any) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of what differs from the picture before; one pixel where nothing does."""
        shown = _packed(colors)[indices]
        before, self.before = self.before, shown
        height, width = shown.shape
        if before is None:
            return 0, 0, width, height
        differs = shown != before
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        if not len(rows):
            return 0, 0, 1, 1
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    def _control(self, meta: Meta, clear: bool) -> bytes:
        """How long the picture is shown, which index is transparent, and whether the picture is taken away then."""
        several = len(self.metas) > 1
        if not several and not clear:
            return b""
        disposal = (GONE if clear else STAYS) if several else 0
        ticks = frame_timing.held(meta.duration, "gif") // 10 if several else 0
        return b"!\xf9\x04" + struct.pack("<BHBB", disposal << 2 | clear, ticks, CLEAR if clear else 0, 0)


class GifWriter(format.PillowWriter):
    """Gathers a picture for a book."""

    def __init__(self, book: GifFramesWriter, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(book.output, spec, meta, options)
        self.book = book
        self.meta = meta

    def finish(self) -> None:
        picture = self.picture.convert("RGBA") if self.picture.mode == "LA" else self.picture
        self.book.add(picture, self.meta)


class _Single(GifWriter):
    """The only picture of a file."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(GifFramesWriter(output, [meta.replace(loop=None)], options), spec, meta, options)

    def finish(self) -> None:
        super().finish()
        self.book.finish()


def _picture(indices: Any, left: int, top: int, table: bytes) -> bytes:
    """Place, colors (none: the file's) and pixels; Pillow compresses them."""
    height, width = indices.shape
    made = Pillow.fromarray(indices, "L")
    room = io.BytesIO()
    made.save(room, "GIF", optimize=False, interlace=0)
    _, packed = blocks.parts(room.getvalue())
    flags = 0x80 | _field(table) if table else 0
    return b"," + struct.pack("<HHHHB", left, top, width, height, flags) + table + packed


def _bits(colors: int) -> int:
    """Bits that count so many colors, at least one."""
    return max(1, (colors - 1).bit_length())


def _field(table: bytes) -> int:
    """How a color table's size is told."""
    return _bits(len(table) // 3) - 1


def _packed(colors: Any) -> Any:
    """Each color as one number."""
    wide = colors.astype(np.uint32)
    return wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
