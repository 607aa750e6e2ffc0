"""Decode a PNG: inflate piece by piece, undo the row filters, convert the rows to pixels.

A large picture is decoded in a thread of its own, a block of rows at a time (isal and the loops release the GIL); a
small one is decoded at once.
"""

from __future__ import annotations

import ctypes

from isal import isal_zlib

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats.decoder_thread import DecoderThread, prepare
from imgconv.formats.png.chunks import GRAY, PALETTE, RGB, parse
from imgconv.loops.codecs import png as loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgconv.formats.options import ReadOptions
    from imgconv.formats.png.chunks import Chunks
    from imgconv.jit.loop import Loop

SMALL = 1 << 20  # bytes of pixels below which a thread costs more than it saves
BLOCK = 1 << 18  # bytes inflated at a time: what stays in a core's own cache
PIECE = 1 << 16  # bytes handed to the inflater at a time; it copies what it does not use
# left, top, and the distance of columns and of rows in each pass of Adam7
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def read(data: bytes, options: ReadOptions) -> Image:
    return read_parsed(data, parse(data, options), options)


def read_parsed(data: bytes, chunks: Chunks, options: ReadOptions, prefix_bytes: int = 4) -> Image:
    """The picture that these chunks describe; `prefix_bytes` as for `Inflater`."""
    layout, header = Layout(chunks), chunks.header
    shape = header.height, header.width, layout.channels, layout.dtype
    spec = Spec(*shape, layout.space, layout.alpha, layout.white)
    pixels = Pixels.unset(*shape)
    blocks = decoded(pixels, layout, Inflater(data, chunks.spans, options, prefix_bytes))
    ready = None
    if header.width * header.height * header.pixel_bytes < SMALL:
        for _ in blocks:
            pass
    else:
        prepare(*layout.loops())
        ready = DecoderThread(blocks, header.height).start()
    image = Image.of_pixels(pixels, options.described(spec), chunks.meta, options.path, ready)
    if not image.meta.exif:
        return image
    from imgconv.formats.orientation import apply_orientation

    return apply_orientation(image)


class Layout:
    """How stored rows become an image's rows: palette, transparent color, bytes of a sample."""

    def __init__(self, chunks: Chunks) -> None:
        self.header = header = chunks.header
        self.key = _key(chunks)
        self.palette = _palette(chunks)
        if header.bits < 8 and self.palette is None:
            self.palette, self.key = _ramp(header.bits, self.key), None
        self.channels = header.channels + (self.key is not None)
        if self.palette is not None:
            self.channels = self.palette.channels
        self.alpha = self.channels in (2, 4)
        self.dtype = "u2" if header.bits == 16 else "u1"
        self.white = FULL_SCALE[self.dtype]
        self.space = "gray" if self.channels < 3 else "rgb"

    def stored_bytes(self, width: int) -> int:
        """Bytes of a row in the file, without its filter byte."""
        return (width * self.header.channels * self.header.bits + 7) // 8

    def loops(self) -> Iterator[Loop]:
        """The loops that decode such rows."""
        yield loops.unfilter
        if self.palette is not None:
            yield loops.looked_up
        if self.header.bits == 16:
            yield loops.swapped
        if self.key is not None:
            yield loops.keyed
        if self.header.interlaced:
            yield loops.scattered

    @property
    def is_plain(self) -> bool:
        """Whether stored bytes are the image's bytes."""
        return self.header.bits == 8 and self.palette is None and self.key is None

    def convert(self, rows: Pixels, out: Pixels) -> None:
        """Unfiltered bytes become pixels."""
        if self.palette is not None:
            loops.looked_up(rows, self.palette, out, out.width, out.channels, self.header.bits)
            return
        if self.header.bits == 16:
            wide = rows.reinterpret("u2")
            rows = wide if self.key else out
            loops.swapped(wide, rows, wide.width)
        if self.key:
            loops.keyed(rows, out, out.width, out.channels - 1, int(self.white), *self.key)


def _palette(chunks: Chunks) -> Pixels | None:
    """The palette as one row of 256 colors; black where the file has fewer. None for other color types."""
    if chunks.header.color != PALETTE:
        return None
    colors = [chunks.palette[i : i + 3] for i in range(0, len(chunks.palette), 3)]
    colors += [b"\0\0\0"] * (256 - len(colors))
    if chunks.transparent:
        alphas = chunks.transparent[:256].ljust(256, b"\xff")
        colors = [color + alphas[i : i + 1] for i, color in enumerate(colors)]
    return Pixels.of_bytes(b"".join(colors), 1, 256, len(colors[0]), "u1")


def _ramp(bits: int, key: tuple[int, int, int] | None) -> Pixels:
    """The grays of 1 to 4 bits as a palette."""
    largest = (1 << bits) - 1
    grays = [bytes([i * 255 // largest]) for i in range(largest + 1)]
    if key is not None:
        grays = [gray + (b"\0" if i == key[0] else b"\xff") for i, gray in enumerate(grays)]
    return Pixels.of_bytes(b"".join(grays), 1, largest + 1, len(grays[0]), "u1")


def _key(chunks: Chunks) -> tuple[int, int, int] | None:
    """The transparent color (tRNS) of a gray or RGB picture, as three samples."""
    colors, stored = chunks.header.channels, chunks.transparent
    if chunks.header.color not in (GRAY, RGB) or len(stored) != 2 * colors:
        return None
    mask = (1 << chunks.header.bits) - 1
    numbers = [int.from_bytes(stored[i : i + 2], "big") & mask for i in range(0, 2 * colors, 2)]
    return numbers[0], numbers[colors // 2], numbers[-1]


def decoded(pixels: Pixels, layout: Layout, inflater: Inflater) -> Iterator[int]:
    """Fill the pixels; yields the number of rows that are done."""
    if layout.header.interlaced:
        yield from _interlaced(pixels, layout, inflater)
    elif layout.is_plain:
        yield from _plain(pixels, layout.header.pixel_bytes, inflater)
    else:
        yield from _converted(pixels, layout, inflater)
    inflater.end()


def _plain(out: Pixels, pixel_bytes: int, inflater: Inflater) -> Iterator[int]:
    """Rows of bytes, unfiltered straight into the image."""
    size = out.row_bytes
    above = Pixels.empty(1, size, 1, "u1")
    count = max(1, (BLOCK if out.nbytes > SMALL else SMALL) // (size + 1))
    for start in range(0, out.height, count):
        stop = min(start + count, out.height)
        band = out.band(start, stop)
        loops.unfilter(above, inflater.rows(stop - start, size), band, size, pixel_bytes)
        above = band.band(band.height - 1, band.height)
        yield stop


def _converted(out: Pixels, layout: Layout, inflater: Inflater) -> Iterator[int]:
    """Rows that are unfiltered in a scratch block and then converted to pixels."""
    size = layout.stored_bytes(out.width)
    count = min(out.height, max(1, BLOCK // (size + 1)))
    scratch = Pixels.empty(count, size, 1, "u1")
    above = Pixels.empty(1, size, 1, "u1")
    for start in range(0, out.height, count):
        stop = min(start + count, out.height)
        rows = scratch.band(0, stop - start)
        loops.unfilter(above, inflater.rows(stop - start, size), rows, size, layout.header.pixel_bytes)
        ctypes.memmove(above.address, rows.address + (rows.height - 1) * rows.stride, size)
        layout.convert(rows, out.band(start, stop))
        yield stop


def _interlaced(out: Pixels, layout: Layout, inflater: Inflater) -> Iterator[int]:
    """Adam7 interlacing: seven small pictures, each scattered over the whole picture."""
    size = out.row_bytes // out.width
    for left, top, across, down in PASSES:
        width = -((left - out.width) // across)
        height = -((top - out.height) // down)
        if width < 1 or height < 1:
            continue
        part = Pixels.empty(height, width, out.channels, out.dtype)
        for _ in _pass(part, layout, inflater):
            pass
        target = out.band(top, out.height).every(down).reinterpret("u1")
        loops.scattered(part.reinterpret("u1"), target, width, size, left, across)
    yield out.height


def _pass(part: Pixels, layout: Layout, inflater: Inflater) -> Iterator[int]:
    if layout.is_plain:
        return _plain(part, layout.header.pixel_bytes, inflater)
    return _converted(part, layout, inflater)


class Inflater:
    """The image data of a file, decompressed in bounded amounts.

    `prefix_bytes`: bytes before a span that its checksum includes: the chunk's type, and in fdAT a number too.
    """

    def __init__(
        self, data: bytes, spans: tuple[tuple[int, int], ...], options: ReadOptions, prefix_bytes: int = 4
    ) -> None:
        self.options = options
        self.prefix_bytes = prefix_bytes
        self._pieces = self._checked(memoryview(data), spans)
        self._object = isal_zlib.decompressobj()
        self._rest = b""

    def rows(self, count: int, size: int) -> Pixels:
        """The next `count` rows: a filter byte and `size` bytes each."""
        raw = self._take(count * (size + 1))
        if raw[:: size + 1].strip(b"\0\1\2\3\4"):
            raise self.options.fault("damaged: an unknown row filter")
        address = ctypes.cast(ctypes.c_char_p(raw), ctypes.c_void_p).value or 0
        return Pixels(address, count, size + 1, 1, "u1", size + 1, raw)

    def end(self) -> None:
        """All rows were taken. Errors: FileError where data is left, or where its checksum is wrong."""
        while not self._object.eof:
            piece = self._rest or next(self._pieces, None)
            if piece is None:
                raise self.options.fault("truncated: the image data has no end")
            if self._decompressed(piece, 1):
                raise self.options.fault("damaged: more image data than the header says")
        for _ in self._pieces:
            pass

    def _take(self, size: int) -> bytes:
        parts = []
        while size:
            piece = self._rest or next(self._pieces, b"")
            part = self._decompressed(piece, size)
            if not part and not piece:
                raise self.options.fault("truncated: the image data ends too early")
            parts.append(part)
            size -= len(part)
            if self._object.eof and size:
                raise self.options.fault("truncated: less image data than the header says")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _decompressed(self, piece: bytes | memoryview, size: int) -> bytes:
        try:
            part: bytes = self._object.decompress(piece, size)
        except isal_zlib.IsalError:  # type: ignore[misc]  # isal's stub calls it an instance
            raise self.options.fault("damaged: its image data cannot be decompressed") from None
        self._rest = self._object.unconsumed_tail
        return part

    def _checked(self, data: memoryview, spans: tuple[tuple[int, int], ...]) -> Iterator[memoryview]:
        """Pieces of the chunks; each chunk's checksum is compared once its pieces were used."""
        for start, stop in spans:
            crc = isal_zlib.crc32(data[start - self.prefix_bytes : start])
            for offset in range(start, stop, PIECE):
                piece = data[offset : min(offset + PIECE, stop)]
                crc = isal_zlib.crc32(piece, crc)
                yield piece
            if crc != int.from_bytes(data[stop : stop + 4], "big"):
                raise self.options.fault("damaged: wrong checksum in IDAT")
