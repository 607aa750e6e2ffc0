"""WebP: pictures and animations decoded by Pillow; an animation's frames encoded by Pillow, put together here.

Pillow's own writer of animations joins frames that look alike, so that their number changes; this one keeps each.
The container: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

import io
import struct

from PIL import Image as Pillow

from imgconv.core.image import Image, Meta
from imgconv.core.spec import Spec
from imgconv.formats import frame_timing
from imgconv.formats.decoder_guard import DecoderGuard
from imgconv.formats.orientation import PREFIX
from imgconv.formats.pillow import format
from imgconv.formats.pillow.format import image_of, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

ANIMATED, XMP, EXIF, ALPHA, ICC = 2, 4, 8, 16, 32  # flags of a VP8X chunk
REPLACES = 2  # a frame's flag: its pixels are taken as they are, not laid over those before

read, storable_spec, writer = format.read, format.storable_spec, format.writer


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    count = (
        _frames(data, options.counted)
        if data[12:16] == b"VP8X" and data[20:21] and data[20] & ANIMATED
        else 1
    )
    chosen = options.chosen(max(count, 1))
    if count < 2:
        return [read(data, options.replace(frame=0))]
    sides = [int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27)]
    options.check_all([(sides[0], sides[1])] * len(chosen))
    found: list[tuple[Any, Meta]] = []
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        picture = opened(data, options)
        about = format.meta_of(picture).replace(loop=picture.info.get("loop"), frames=count)
        for at in range(chosen.start, chosen.stop):
            picture.seek(at)
            picture.load()
            found.append((picture.copy(), about.replace(duration=picture.info.get("duration", 0), frame=at)))
    mode = "RGB" + format.clear([one for one, _ in found])
    return [image_of(one.convert(mode), meta, options) for one, meta in found]


def _frames(data: bytes, most: int) -> int:
    count = 0
    for kind, _, _ in _chunks(data):
        count += kind == b"ANMF"
        if count == most:
            break
    return count


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind and place of each chunk."""
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield kind, at + 8, at + 8 + size
        at += 8 + size + (size & 1)


# ---- writing -----------------------------------------------------------------------------------------------


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> WebPFramesWriter:
    return WebPFramesWriter(output, metas, options)


class WebPFramesWriter:
    """Frames as they are encoded; the file's size stands in front, so that nothing is written before the end."""

    def __init__(self, output: Output, metas: Sequence[Meta], options: WriteOptions) -> None:
        self.output = output
        self.metas = metas
        self.options = options
        self.frames: list[bytes] = []
        self.size = (0, 0)
        self.alpha = False

    def add_frame(self, spec: Spec, meta: Meta) -> WebpWriter:
        self.size, self.alpha = (spec.width, spec.height), spec.alpha
        return WebpWriter(self, spec, meta, self.options)

    def add(self, encoded: bytes, meta: Meta) -> None:
        """Take an encoded picture as the next frame."""
        kept = (b"ALPH", b"VP8 ", b"VP8L")
        parts = [_chunk(kind, encoded[start:stop]) for kind, start, stop in _chunks(encoded) if kind in kept]
        numbers = (0, 0, self.size[0] - 1, self.size[1] - 1, frame_timing.held(meta.duration, "webp"))
        head = b"".join(map(_three, numbers)) + bytes([REPLACES])
        self.frames.append(_chunk(b"ANMF", head + b"".join(parts)))

    def finish(self) -> None:
        meta = self.metas[0]
        loop = frame_timing.ONCE if meta.loop is None else min(meta.loop, 65535)
        flags = ANIMATED | (ALPHA if self.alpha else 0)
        notes = ((ICC, meta.icc), (EXIF, meta.exif and PREFIX + meta.exif), (XMP, meta.xmp))
        flags |= sum(flag for flag, value in notes if value)
        head = struct.pack("<I", flags) + _three(self.size[0] - 1) + _three(self.size[1] - 1)
        chunks = [b"WEBP", _chunk(b"VP8X", head)]
        chunks += [_chunk(b"ICCP", meta.icc)] if meta.icc else []
        chunks += [_chunk(b"ANIM", struct.pack("<IH", 0, loop)), *self.frames]
        chunks += [_chunk(b"EXIF", PREFIX + meta.exif)] if meta.exif else []
        chunks += [_chunk(b"XMP ", meta.xmp)] if meta.xmp else []
        self.output.write(b"RIFF" + struct.pack("<I", sum(map(len, chunks))))
        for one in chunks:
            self.output.write(one)


class WebpWriter(format.PillowWriter):
    """Gathers a picture and encodes it for a book."""

    def __init__(self, book: WebPFramesWriter, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(book.output, spec, Meta(), options)
        self.book = book
        self.meta = meta

    def finish(self) -> None:
        room = io.BytesIO()
        self.encode(room)
        self.book.add(room.getvalue(), self.meta)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
