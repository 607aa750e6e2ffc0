"""WebP: pictures and animations are decoded by Pillow; an animation's frames are encoded by Pillow and joined here.

Pillow's own writer of animations merges frames that look alike, which changes their number; this one keeps each.
The container: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

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
REPLACES = 2  # a frame's flag: its pixels replace those before and are not blended with them
PIXELS = (b"ALPH", b"VP8 ", b"VP8L")  # the chunks of an encoded picture that a frame keeps

storable_spec = format.storable_spec


def read(data: bytes, options: ReadOptions) -> Image:
    """The picture, or the first frame."""
    _check_canvas(data[:30], options)
    return format.read(data, options, has_tiles=False)


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    """Every frame of an animation, or the picture."""
    is_animated = data[12:16] == b"VP8X" and data[20:21] and data[20] & ANIMATED
    count = _count_frames(data, options.most_counted) if is_animated else 1
    selected = options.selected_frames(max(count, 1))
    if count < 2:
        return [read(data, options.replace(frame=0))]
    options.check_all([_canvas(data)] * len(selected))
    frames: list[tuple[Any, Meta]] = []
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        picture = opened(data, options, has_tiles=False)
        meta = format.meta_of(picture).replace(loop=picture.info.get("loop"), frames=count)
        for index in selected:
            picture.seek(index)
            picture.load()
            duration = picture.info.get("duration", 0)
            frames.append((picture.copy(), meta.replace(duration=duration, frame=index)))
    mode = "RGB" + format.alpha_suffix([frame for frame, _ in frames])
    return [image_of(frame.convert(mode), meta, options) for frame, meta in frames]


def _check_canvas(head: bytes, options: ReadOptions) -> None:
    """Check the size before the decoder opens the file, which is when it takes its memory."""
    chunk_type = head[12:16]
    if chunk_type == b"VP8X":
        options.check(*_canvas(head))
    elif chunk_type == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        options.check((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    else:
        options.check(*(int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (26, 28)))


def _canvas(data: bytes) -> tuple[int, int]:
    """Width and height of the canvas in a VP8X chunk."""
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def _count_frames(data: bytes, most: int) -> int:
    """The number of frames; no more than `most` are counted."""
    count = 0
    for chunk_type, _, _ in _chunks(data):
        count += chunk_type == b"ANMF"
        if count == most:
            break
    return count


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, stop) of each chunk; a chunk of odd size has a byte of padding."""
    offset = 12
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset + 4 : offset + 8], "little")
        start = offset + 8
        yield data[offset : offset + 4], start, start + size
        offset = start + size + (size & 1)


# ---- writing -----------------------------------------------------------------------------------------------


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> WebpWriter:
    return WebpWriter(output, spec, meta, options)


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> WebPFramesWriter:
    return WebPFramesWriter(output, metas, options)


class WebPFramesWriter:
    """Collects encoded frames: the file's size stands in front, so that nothing can be written before the end."""

    def __init__(self, output: Output, metas: Sequence[Meta], options: WriteOptions) -> None:
        self.output = output
        self.metas = metas
        self.options = options
        self.frames: list[bytes] = []
        self.size = (0, 0)
        self.alpha = False

    def add_frame(self, spec: Spec, meta: Meta) -> FrameWriter:
        self.size, self.alpha = (spec.width, spec.height), spec.alpha
        return FrameWriter(self, spec, meta, self.options)

    def add(self, encoded: bytes, meta: Meta) -> None:
        """Take an encoded picture as the next frame."""
        parts = [
            _chunk(name, encoded[start:stop]) for name, start, stop in _chunks(encoded) if name in PIXELS
        ]
        duration = frame_timing.storable_duration(meta.duration, self.options.row)
        numbers = (0, 0, self.size[0] - 1, self.size[1] - 1, duration)
        head = b"".join(map(_three_bytes, numbers)) + bytes([REPLACES])
        self.frames.append(_chunk(b"ANMF", head + b"".join(parts)))

    def finish(self) -> None:
        meta = self.metas[0]
        loop = frame_timing.ONCE if meta.loop is None else min(meta.loop, 65535)
        flags = ANIMATED | (ALPHA if self.alpha else 0)
        flags |= sum(flag for flag, value in ((ICC, meta.icc), (EXIF, meta.exif), (XMP, meta.xmp)) if value)
        head = struct.pack("<I", flags) + _three_bytes(self.size[0] - 1) + _three_bytes(self.size[1] - 1)
        chunks = [b"WEBP", _chunk(b"VP8X", head)]
        chunks += [_chunk(b"ICCP", meta.icc)] if meta.icc else []
        chunks += [_chunk(b"ANIM", struct.pack("<IH", 0, loop)), *self.frames]
        chunks += [_chunk(b"EXIF", PREFIX + meta.exif)] if meta.exif else []
        chunks += [_chunk(b"XMP ", meta.xmp)] if meta.xmp else []
        self.output.write(b"RIFF" + struct.pack("<I", sum(map(len, chunks))))
        for chunk in chunks:
            self.output.write(chunk)


class WebpWriter(format.PillowWriter):
    """Encodes with the quality, or without loss; colors under transparent pixels are kept then."""

    def encoded(self) -> memoryview:
        if self.picture.mode == "LA":
            self.picture = self.picture.convert("RGBA")
        return super().encoded()

    def settings(self) -> dict[str, Any]:
        lossless = self.options.lossless
        return {
            "quality": self.options.number("quality"),
            **format.described(self.meta, 1 << 30),
            "lossless": lossless,
            "exact": lossless,
        }


class FrameWriter(WebpWriter):
    """Gathers and encodes one frame of an animation; the animation holds the metadata."""

    def __init__(self, animation: WebPFramesWriter, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(animation.output, spec, Meta(), options)
        self.animation = animation
        self.frame_meta = meta

    def finish(self) -> None:
        self.animation.add(bytes(self.encoded()), self.frame_meta)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)


def _three_bytes(number: int) -> bytes:
    return number.to_bytes(3, "little")
