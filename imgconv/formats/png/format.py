"""PNG: 1 to 16 bits, interlaced or not, gray, RGB, alpha and palette, by our own loops and isal."""

from __future__ import annotations

from imgconv.formats.options import colored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image, Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions
    from imgconv.formats.registry import MultiFrameWriter, Writer


def read(data: bytes, options: ReadOptions) -> Image:
    """A picture's pixels, which may still be on their way when this returns (`Image.ready`)."""
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
    options.chosen(1)
    return [reader.read_parsed(data, chunks, options)]


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    options.only("level")
    options.number("level", 1, 0, 9)
    return options.stored(colored(spec, "PNG"), "u1", "u2")


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> Writer:
    from imgconv.formats.png.writer import PngWriter

    return PngWriter(output, spec, meta, options.number("level", 1, 0, 9))


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> MultiFrameWriter:
    from imgconv.formats.png.apng import ApngWriter

    return ApngWriter(output, metas, options.number("level", 1, 0, 9))
