"""PNG: 1 to 16 bits, interlaced or not, gray, RGB, alpha and palette, by loops of imgconv and isal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image, Meta
    from imgconv.core.rows import RowSink
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions
    from imgconv.formats.writer import MultiFrameWriter


def read(data: bytes, options: ReadOptions) -> Image:
    """The picture; its rows may still be being decoded when this returns (`Image.ready`)."""
    from imgconv.formats.png import reader

    return reader.read(data, options)


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    """Every frame of an animation, or the picture."""
    from imgconv.formats.png import reader
    from imgconv.formats.png.chunks import parse

    chunks = parse(data, options)
    if chunks.animation_chunks:
        from imgconv.formats.png import apng

        return apng.read_all(data, chunks, options)
    options.selected_frames(1)
    return [reader.read_parsed(data, chunks, options)]


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """Gray or RGB, with or without alpha, 8 or 16 bits."""
    return options.stored(options.colored(spec))


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> RowSink:
    from imgconv.formats.png.writer import PngWriter

    return PngWriter(output, spec, meta, options.number("level"))


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> MultiFrameWriter:
    """APNG."""
    from imgconv.formats.png.apng import ApngWriter

    return ApngWriter(output, metas, options)
