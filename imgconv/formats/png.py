"""PNG: 1 to 16 bits, interlaced or not, gray, RGB, alpha and palette, by our own loops and isal."""

from __future__ import annotations

from imgconv.formats.options import coloured

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.formats import Writer
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions
    from imgconv.image import Image, Meta, Spec


def read(data: bytes, options: ReadOptions) -> Image:
    """A picture's pixels, which may still be on their way when this returns (`Image.ready`)."""
    from imgconv.formats import png_read

    return png_read.read(data, options)


def holds(spec: Spec, options: WriteOptions) -> Spec:
    options.only("level")
    options.number("level", 1, 0, 9)
    return options.stored(coloured(spec, "PNG"), "u1", "u2")


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> Writer:
    from imgconv.formats.png_write import PngWriter

    return PngWriter(output, spec, meta, options.number("level", 1, 0, 9))
