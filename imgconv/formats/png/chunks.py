"""The chunks of a PNG: header, metadata and where the pixels lie, checked before any pixel is read; and written."""

from __future__ import annotations

import struct
import zlib

from isal import isal_zlib

from imgconv.core.image import Meta
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from imgconv.formats.options import ReadOptions

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
DEPTHS = {GRAY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GRAY_ALPHA: (8, 16), RGBA: (8, 16)}
UNPACKED = 16 << 20  # bytes that a compressed text or profile may decompress to
KEPT = 64 << 20  # bytes of metadata in one file
XMP = "XML:com.adobe.xmp"
ANIMATION = (b"acTL", b"fcTL", b"fdAT")  # chunk types of APNG; the first of them stands before the pixels
INCH = 0.0254  # meters


class Header(Record):
    """IHDR. `color` is the color type; `pixel_bytes` is the bytes of a stored pixel, at least one."""

    width: int
    height: int
    bits: int
    color: int
    interlaced: bool

    @property
    def channels(self) -> int:
        return CHANNELS[self.color]

    @property
    def pixel_bytes(self) -> int:
        return max(1, self.channels * self.bits // 8)


class Chunks(Record):
    """Header, where the compressed pixels lie in the file (start, stop), and the rest.

    `animation_chunks` are (type, start, stop) of APNG's chunks; empty where the file is not an animation.
    """

    header: Header
    spans: tuple[tuple[int, int], ...]
    palette: bytes
    transparent: bytes
    meta: Meta
    animation_chunks: tuple[tuple[bytes, int, int], ...] = ()


def parse(data: bytes, options: ReadOptions) -> Chunks:
    """All chunks of a file. Errors: FileError for a damaged file."""
    spans: list[tuple[int, int]] = []
    animation_chunks: list[tuple[bytes, int, int]] = []
    tables: dict[bytes, bytes] = {}
    metadata = _Metadata(options)
    header = None
    for chunk_type, start, stop in _walk(data, options):
        if header is None:
            header = _header(chunk_type, data[start:stop], options)
        elif chunk_type == b"IDAT":
            spans.append((start, stop))
        elif chunk_type in (b"PLTE", b"tRNS"):
            tables.setdefault(chunk_type, data[start:stop])
        elif chunk_type in ANIMATION and (animation_chunks or (chunk_type == b"acTL" and not spans)):
            animation_chunks.append((chunk_type, start, stop))
        elif chunk_type != b"IEND":
            metadata.add(chunk_type, start, stop, data)
    if header is None or not spans:
        raise options.fault("damaged: it holds no image data")
    palette = tables.get(b"PLTE", b"")
    if header.color == PALETTE and (not palette or len(palette) % 3 or len(palette) > 768):
        raise options.fault("damaged: its palette is missing or has an invalid size")
    transparent = tables.get(b"tRNS", b"")
    return Chunks(header, tuple(spans), palette, transparent, metadata.meta(), tuple(animation_chunks))


def _walk(data: bytes, options: ReadOptions) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, stop) of each chunk up to IEND. Checksums are compared here, those of IDAT when it is decoded."""
    if data[:8] != SIGNATURE:
        raise options.fault("not a PNG")
    offset, size, chunk_type, unpack = 8, len(data), b"", struct.Struct(">I4s").unpack_from
    while chunk_type != b"IEND":
        if offset + 12 > size:
            raise options.fault("truncated: the file ends before the picture does")
        length, chunk_type = unpack(data, offset)
        start, offset = offset + 8, offset + 12 + length
        if not chunk_type.isalpha():
            raise options.fault("damaged: invalid chunk type")
        if offset > size:
            raise options.fault(f"truncated: {offset - size} bytes are missing")
        if chunk_type == b"IDAT" or _is_intact(data, chunk_type, start, start + length, options):
            yield chunk_type, start, start + length


def _is_intact(data: bytes, chunk_type: bytes, start: int, stop: int, options: ReadOptions) -> bool:
    """Whether the checksum is right. Errors: FileError where it is wrong, or unknown, in a critical chunk."""
    right = zlib.crc32(memoryview(data)[start - 4 : stop]) == int.from_bytes(data[stop : stop + 4], "big")
    if chunk_type[0] & 32:  # ancillary: the picture can do without it
        return right
    if not right:
        raise options.fault(f"damaged: wrong checksum in {chunk_type.decode()}")
    if chunk_type not in (b"IHDR", b"PLTE", b"IEND"):
        raise options.fault(f"it needs the chunk '{chunk_type.decode()}', which is not part of standard PNG")
    return True


def _header(chunk_type: bytes, body: bytes, options: ReadOptions) -> Header:
    if chunk_type != b"IHDR" or len(body) != 13:
        raise options.fault("damaged: it does not begin with a header")
    width, height, bits, color, compression, filters, interlace = struct.unpack(">IIBBBBB", body)
    if bits not in DEPTHS.get(color, ()) or compression or filters or interlace > 1:
        raise options.fault("damaged: its header is not that of a standard PNG")
    options.check(width, height)
    return Header(width, height, bits, color, bool(interlace))


class _Metadata:
    """Collects the metadata of ancillary chunks, within limits."""

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        self.size = 0
        self.fields: dict[str, Any] = {}  # of Meta
        self.text: list[tuple[str, str]] = []
        self.is_srgb = False

    def add(self, chunk_type: bytes, start: int, stop: int, data: bytes) -> None:
        reader = getattr(self, "_" + chunk_type.decode(), None)
        if reader is None:
            return
        self._count(stop - start)
        try:
            reader(data[start:stop])
        except (ValueError, IndexError, struct.error, zlib.error):
            return  # metadata that cannot be read is left out; the picture is whole

    def _count(self, size: int) -> None:
        self.size += size
        if self.size > KEPT:
            raise self.options.fault(f"its metadata is above the limit of {KEPT} bytes")

    def meta(self) -> Meta:
        """All of it. gAMA and cHRM count only without a profile and without sRGB, as the standard says."""
        if "icc" in self.fields or self.is_srgb:
            self.fields.update(gamma=None, chromaticities=None)
        return Meta(**self.fields, text=tuple(self.text))

    def _decompressed(self, packed: bytes) -> bytes:
        inflater = zlib.decompressobj()
        plain = inflater.decompress(packed, UNPACKED)
        if inflater.unconsumed_tail:
            raise self.options.fault(f"its metadata decompresses to more than the limit of {UNPACKED} bytes")
        self._count(len(plain))
        return plain

    def _iCCP(self, body: bytes) -> None:
        _, _, rest = body.partition(b"\0")
        self.fields["icc"] = self._decompressed(rest[1:])

    def _sRGB(self, body: bytes) -> None:
        self.is_srgb = True

    def _gAMA(self, body: bytes) -> None:
        (number,) = struct.unpack(">I", body)
        self.fields["gamma"] = number / 100_000 or None

    def _cHRM(self, body: bytes) -> None:
        self.fields["chromaticities"] = tuple(number / 100_000 for number in struct.unpack(">8I", body))

    def _eXIf(self, body: bytes) -> None:
        self.fields["exif"] = body

    def _pHYs(self, body: bytes) -> None:
        across, down, unit = struct.unpack(">IIB", body)
        if unit == 1:
            self.fields["dpi"] = (across * INCH, down * INCH)

    def _tEXt(self, body: bytes) -> None:
        key, _, value = body.partition(b"\0")
        self.text.append((key.decode("latin-1"), value.decode("latin-1")))

    def _zTXt(self, body: bytes) -> None:
        key, _, rest = body.partition(b"\0")
        self.text.append((key.decode("latin-1"), self._decompressed(rest[1:]).decode("latin-1")))

    def _iTXt(self, body: bytes) -> None:
        key, _, rest = body.partition(b"\0")
        packed, (_, _, value) = rest[0], _split(rest[2:])
        value = self._decompressed(value) if packed else value
        if key.decode("latin-1") == XMP:
            self.fields["xmp"] = value
        else:
            self.text.append((key.decode("latin-1"), value.decode()))


def _split(rest: bytes) -> tuple[bytes, bytes, bytes]:
    """Language, translated key and text of an iTXt."""
    language, _, rest = rest.partition(b"\0")
    translated, _, value = rest.partition(b"\0")
    return language, translated, value


def chunk(chunk_type: bytes, *bodies: bytes) -> bytes:
    """A chunk's bytes; the body may come in parts."""
    crc, size = isal_zlib.crc32(chunk_type), 0
    for body in bodies:
        crc, size = isal_zlib.crc32(body, crc), size + len(body)
    return b"".join([size.to_bytes(4, "big"), chunk_type, *bodies, crc.to_bytes(4, "big")])


def prefix(header: Header, meta: Meta) -> bytes:
    """Everything in front of the pixels: signature, header, metadata."""
    body = struct.pack(">IIBBBBB", header.width, header.height, header.bits, header.color, 0, 0, 0)
    parts = [SIGNATURE, chunk(b"IHDR", body)]
    if meta.icc:
        parts.append(chunk(b"iCCP", b"ICC Profile\0\0", zlib.compress(meta.icc)))
    if meta.dpi and all(0 < dots * 40 < 2**31 for dots in meta.dpi):
        across, down = (round(dots / INCH) for dots in meta.dpi)
        parts.append(chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if meta.exif:
        parts.append(chunk(b"eXIf", meta.exif))
    if meta.xmp:
        parts.append(chunk(b"iTXt", XMP.encode() + b"\0\0\0\0\0", meta.xmp))
    parts += [_text(key, value) for key, value in meta.text if _is_key(key)]
    return b"".join(parts)


def _is_key(key: str) -> bool:
    return 0 < len(key) < 80 and all(32 <= ord(c) < 127 or 161 <= ord(c) < 256 for c in key)


def _text(key: str, value: str) -> bytes:
    """tEXt where the text is Latin-1, else iTXt."""
    value = value.replace("\0", "")
    try:
        return chunk(b"tEXt", key.encode("latin-1") + b"\0", value.encode("latin-1"))
    except UnicodeEncodeError:
        return chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0", value.encode(errors="replace"))
