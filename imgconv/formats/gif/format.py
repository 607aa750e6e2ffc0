"""GIF: frames are composed by Pillow; written with a palette a frame, without loss up to 256 colors.

Pillow's own writer merges frames that look alike, which changes their number; this one keeps each.
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

TRANSPARENT = 255  # the index of transparent pixels
KEEP, CLEAR = 1, 2  # disposal: what becomes of a frame when its time is over
COMMENT = 255 * 256  # bytes of a comment at most

storable_spec = format.storable_spec


def read(data: bytes, options: ReadOptions) -> Image:
    """The first frame."""
    image = format.read(data, options, at_once=True)
    image.meta = metadata.read(data, image.meta)
    return image


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    """Every frame, as it is shown; all in the same mode: gray or RGB, with alpha where any frame needs it."""
    scan = blocks.Scan(data, options.most_counted, options)
    selected = options.selected_frames(max(scan.count, 1))
    if scan.count < 2:
        return [read(data, options.replace(frame=0))]
    options.check_all([scan.reach] * len(selected))
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        frames = list(_composed(data, options, scan, selected))
    mode = ("L" if scan.gray else "RGB") + format.alpha_suffix([frame for frame, _ in frames])
    return [
        image_of(frame.convert(mode), meta.replace(frame=index, frames=scan.count), options)
        for index, (frame, meta) in zip(selected, frames, strict=True)
    ]


class ColoredGif(GifImageFile):
    """Pillow takes a first frame whose palette is a ramp for gray, and then composes colors over it as indices."""

    def _is_palette_needed(self, p: bytes) -> bool:
        return True


def _composed(
    data: bytes, options: ReadOptions, scan: blocks.Scan, selected: range
) -> Iterator[tuple[Any, Meta]]:
    """Each frame as it is shown, in the size of the screen, and its metadata."""
    picture = opened(data, options, ColoredGif)
    meta = metadata.read(data, format.meta_of(picture)).replace(loop=picture.info.get("loop"))
    for index in range(selected.stop):
        picture.seek(index)
        picture.load()
        if index in selected:
            frame = format.direct_color(picture)
            if frame.size != (scan.width, scan.height):
                frame = frame.crop((0, 0, scan.width, scan.height))
            frame = frame.copy() if frame is picture else frame
            yield frame, meta.replace(duration=picture.info.get("duration", 0))


# ---- writing -----------------------------------------------------------------------------------------------


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> SingleWriter:
    return SingleWriter(output, spec, meta, options)


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> GifFramesWriter:
    return GifFramesWriter(output, metas, options)


class GifFramesWriter:
    """Writes one frame after the other: whole where something is transparent, else the part that changes."""

    def __init__(self, output: Output, metas: Sequence[Meta], options: WriteOptions) -> None:
        self.output = output
        self.metas = metas
        self.options = options
        self.table = b""  # colors of the first frame; frames with the same colors have no table of their own
        self.before: Any = None  # H x W colors of the frame before, each as one number

    def add_frame(self, spec: Spec, meta: Meta) -> GifWriter:
        return GifWriter(self, spec, meta, self.options)

    def finish(self) -> None:
        self.output.write(b";")

    def add(self, picture: Any, meta: Meta) -> None:
        """Write the next frame."""
        has_alpha = picture.mode == "RGBA"
        indices, colors = indexed(picture, TRANSPARENT if has_alpha else 256)
        table = colors.tobytes().ljust(3 << _bits(len(colors)), b"\0")
        if not self.table:
            self._begin(picture.size, table)
        left, top, right, bottom = (0, 0, *picture.size) if has_alpha else self._changed(indices, colors)
        part = np.ascontiguousarray(indices[top:bottom, left:right])
        self.output.write(self._control(meta, has_alpha))
        self.output.write(_frame(part, left, top, b"" if table == self.table else table))

    def _begin(self, size: tuple[int, int], table: bytes) -> None:
        """Write what stands before the first frame."""
        self.table, meta = table, self.metas[0]
        parts = [b"GIF89a", struct.pack("<HHBBB", *size, 0x80 | _size_flags(table), 0, 0), table]
        if meta.loop is not None:
            loop = struct.pack("<H", min(meta.loop, 65535))
            parts.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + loop + b"\0")
        parts.append(metadata.extensions(meta))
        text = "\n".join(value for key, value in meta.text if key == "Comment").encode()[:COMMENT]
        if text:
            parts.append(b"!\xfe" + metadata.data_blocks(text))
        self.output.write(b"".join(parts))

    def _changed(self, indices: Any, colors: Any) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of what differs from the frame before; one pixel where nothing does."""
        frame = _as_numbers(colors)[indices]
        before, self.before = self.before, frame
        height, width = frame.shape
        if before is None:
            return 0, 0, width, height
        differs = frame != before
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        if not len(rows):
            return 0, 0, 1, 1
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    def _control(self, meta: Meta, has_alpha: bool) -> bytes:
        """The control extension: how long the frame is shown, its disposal and its transparent index."""
        several = len(self.metas) > 1
        if not several and not has_alpha:
            return b""
        disposal = (CLEAR if has_alpha else KEEP) if several else 0
        ticks = frame_timing.storable_duration(meta.duration, self.options.row) // 10 if several else 0
        index = TRANSPARENT if has_alpha else 0
        return b"!\xf9\x04" + struct.pack("<BHBB", disposal << 2 | has_alpha, ticks, index, 0)


class GifWriter(format.PillowWriter):
    """Gathers one frame of an animation."""

    def __init__(self, animation: GifFramesWriter, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(animation.output, spec, meta, options)
        self.animation = animation

    def finish(self) -> None:
        picture = self.picture.convert("RGBA") if self.picture.mode == "LA" else self.picture
        self.animation.add(picture, self.meta)


class SingleWriter(GifWriter):
    """Writes the only picture of a file."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(GifFramesWriter(output, [meta.replace(loop=None)], options), spec, meta, options)

    def finish(self) -> None:
        super().finish()
        self.animation.finish()


def _frame(indices: Any, left: int, top: int, table: bytes) -> bytes:
    """A frame's rectangle, colors (none: the file's) and pixels; Pillow compresses them."""
    height, width = indices.shape
    buffer = io.BytesIO()
    Pillow.fromarray(indices, "L").save(buffer, "GIF", optimize=False, interlace=0)
    compressed = blocks.compressed_pixels(buffer.getvalue())
    flags = 0x80 | _size_flags(table) if table else 0
    return b"," + struct.pack("<HHHHB", left, top, width, height, flags) + table + compressed


def _bits(colors: int) -> int:
    """Bits of an index into so many colors, at least one."""
    return max(1, (colors - 1).bit_length())


def _size_flags(table: bytes) -> int:
    """The size of a color table, as the flags of a GIF store it."""
    return _bits(len(table) // 3) - 1


def _as_numbers(colors: Any) -> Any:
    """Each color (N x 3, uint8) as one number: 0xRRGGBB."""
    wide = colors.astype(np.uint32)
    return wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
