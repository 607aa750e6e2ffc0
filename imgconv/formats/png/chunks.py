"""The chunks of a PNG: what a file says of itself, checked before any pixel is touched, and how to say it."""

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
UNPACKED = 16 << 20  # bytes that a compressed text or profile may unpack to
KEPT = 64 << 20  # bytes of metadata in one file
XMP = "XML:com.adobe.xmp"
MOVING = (b"acTL", b"fcTL", b"fdAT")  # of an animation; the first of them stands before the pixels
INCH = 0.0254  # meters


class Header(Record):
    """IHDR. `step` is the bytes of a pixel as stored."""

    width: int
    height: int
    bits: int
    color: int
    interlaced: bool

    @property
    def channels(self) -> int:
        return CHANNELS[self.color]

    @property
    def step(self) -> int:
        return max(1, self.channels * self.bits // 8)


class Chunks(Record):
    """Header, where the compressed pixels lie (start, stop), and the rest.

    `animation_chunks` are the kinds and places of an animation's chunks; none, where the file is no animation.
    """

    header: Header
    spans: tuple[tuple[int, int], ...]
    palette: bytes
    transparent: bytes
    meta: Meta
    animation_chunks: tuple[tuple[bytes, int, int], ...] = ()


def parse(data: bytes, options: ReadOptions) -> Chunks:
    """All chunks of a file; FileError where they do not hold together."""
    spans: list[tuple[int, int]] = []
    animation_chunks: list[tuple[bytes, int, int]] = []
    found: dict[bytes, bytes] = {}
    notes = _Notes(options)
    header = None
    for kind, start, stop in _walk(data, options):
        if header is None:
            header = _header(kind, data[start:stop], options)
        elif kind == b"IDAT":
            spans.append((start, stop))
        elif kind in (b"PLTE", b"tRNS"):
            found.setdefault(kind, data[start:stop])
        elif kind in MOVING and (animation_chunks or (kind == b"acTL" and not spans)):
            animation_chunks.append((kind, start, stop))
        elif kind != b"IEND":
            notes.add(kind, start, stop, data)
    if header is None or not spans:
        raise options.fault("damaged: it holds no image data")
    palette = found.get(b"PLTE", b"")
    if header.color == PALETTE and (not palette or len(palette) % 3 or len(palette) > 768):
        raise options.fault("damaged: its palette is missing or has a wrong size")
    meta = notes.meta(header.color in (GRAY, GRAY_ALPHA))
    return Chunks(header, tuple(spans), palette, found.get(b"tRNS", b""), meta, tuple(animation_chunks))


def _walk(data: bytes, options: ReadOptions) -> Iterator[tuple[bytes, int, int]]:
    """Kind and place of each chunk up to IEND. Checksums: of IDAT while it is read, of the others here."""
    if data[:8] != SIGNATURE:
        raise options.fault("not a PNG")
    at, size, kind, unpack = 8, len(data), b"", struct.Struct(">I4s").unpack_from
    while kind != b"IEND":
        if at + 12 > size:
            raise options.fault("truncated: the file ends before the picture does")
        length, kind = unpack(data, at)
        start, at = at + 8, at + 12 + length
        if not kind.isalpha():
            raise options.fault("damaged: a chunk has no proper name")
        if at > size:
            raise options.fault(f"truncated: {at - size} bytes are missing")
        if kind == b"IDAT" or _whole(data, kind, start, start + length, options):
            yield kind, start, start + length


def _whole(data: bytes, kind: bytes, start: int, stop: int, options: ReadOptions) -> bool:
    """Whether a chunk's checksum is right; else one that the picture can do without is left out."""
    right = zlib.crc32(memoryview(data)[start - 4 : stop]) == int.from_bytes(data[stop : stop + 4], "big")
    if kind[0] & 32:
        return right
    if not right:
        raise options.fault(f"damaged: wrong checksum in {kind.decode()}")
    if kind not in (b"IHDR", b"PLTE", b"IEND"):
        raise options.fault(f"it needs '{kind.decode()}', which is no part of standard PNG")
    return True


def _header(kind: bytes, body: bytes, options: ReadOptions) -> Header:
    if kind != b"IHDR" or len(body) != 13:
        raise options.fault("damaged: it does not begin with a header")
    width, height, bits, color, compression, filters, interlace = struct.unpack(">IIBBBBB", body)
    if bits not in DEPTHS.get(color, ()) or compression or filters or interlace > 1:
        raise options.fault("damaged: its header describes no standard PNG")
    options.check(width, height)
    return Header(width, height, bits, color, bool(interlace))


class _Notes:
    """Metadata in the making, with limits."""

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        self.size = 0
        self.found: dict[str, Any] = {}
        self.text: list[tuple[str, str]] = []
        self.is_srgb = False
        self.gamma: float | None = None
        self.places: list[float] | None = None

    def add(self, kind: bytes, start: int, stop: int, data: bytes) -> None:
        reader = getattr(self, "_" + kind.decode(), None)
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

    def meta(self, is_gray: bool) -> Meta:
        """All of it; where gAMA and cHRM stand for a profile, a profile that says the same."""
        if "icc" not in self.found and not self.is_srgb and (self.gamma or self.places):
            from imgconv.steps.color.icc.chromaticities import screen

            self.found["icc"] = screen("gray" if is_gray else "rgb", self.gamma, self.places)
        return Meta(**self.found, text=tuple(self.text))

    def _unpacked(self, packed: bytes) -> bytes:
        inflater = zlib.decompressobj()
        plain = inflater.decompress(packed, UNPACKED)
        if inflater.unconsumed_tail:
            raise self.options.fault(f"its metadata unpacks to more than the limit of {UNPACKED} bytes")
        self._count(len(plain))
        return plain

    def _iCCP(self, body: bytes) -> None:
        _, _, rest = body.partition(b"\0")
        self.found["icc"] = self._unpacked(rest[1:])

    def _sRGB(self, body: bytes) -> None:
        self.is_srgb = True

    def _gAMA(self, body: bytes) -> None:
        (number,) = struct.unpack(">I", body)
        self.gamma = number / 100_000 or None

    def _cHRM(self, body: bytes) -> None:
        self.places = [number / 100_000 for number in struct.unpack(">8I", body)]

    def _eXIf(self, body: bytes) -> None:
        self.found["exif"] = body

    def _pHYs(self, body: bytes) -> None:
        across, down, unit = struct.unpack(">IIB", body)
        if unit == 1:
            self.found["dpi"] = (across * INCH, down * INCH)

    def _tEXt(self, body: bytes) -> None:
        key, _, value = body.partition(b"\0")
        self.text.append((key.decode("latin-1"), value.decode("latin-1")))

    def _zTXt(self, body: bytes) -> None:
        key, _, rest = body.partition(b"\0")
        self.text.append((key.decode("latin-1"), self._unpacked(rest[1:]).decode("latin-1")))

    def _iTXt(self, body: bytes) -> None:
        key, _, rest = body.partition(b"\0")
        packed, (_, _, value) = rest[0], _split(rest[2:])
        value = self._unpacked(value) if packed else value
        if key.decode("latin-1") == XMP:
            self.found["xmp"] = value
        else:
            self.text.append((key.decode("latin-1"), value.decode()))


def _split(rest: bytes) -> tuple[bytes, bytes, bytes]:
    """Language, translated key and text of an iTXt."""
    language, _, rest = rest.partition(b"\0")
    translated, _, value = rest.partition(b"\0")
    return language, translated, value


def chunk(kind: bytes, *bodies: bytes) -> bytes:
    """A chunk's bytes; the body may come in parts."""
    crc, size = isal_zlib.crc32(kind), 0
    for body in bodies:
        crc, size = isal_zlib.crc32(body, crc), size + len(body)
    return b"".join([size.to_bytes(4, "big"), kind, *bodies, crc.to_bytes(4, "big")])


def opening(header: Header, meta: Meta) -> bytes:
    """Everything in front of the pixels."""
    described = struct.pack(">IIBBBBB", header.width, header.height, header.bits, header.color, 0, 0, 0)
    parts = [SIGNATURE, chunk(b"IHDR", described)]
    if meta.icc:
        parts.append(chunk(b"iCCP", b"ICC Profile\0\0", zlib.compress(meta.icc)))
    if meta.dpi and all(0 < one * 40 < 2**31 for one in meta.dpi):
        across, down = (round(one / INCH) for one in meta.dpi)
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
