"""Encode a PNG: each band of rows is filtered and deflated by itself, in the thread that brings it.

The height of a band depends on the picture's geometry alone, and no band depends on another. So the bytes are the same
for any number of threads and for any strips of the caller.
"""

from __future__ import annotations

import _thread
import ctypes
import zlib

from isal import isal_zlib

from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink
from imgconv.formats.band_assembler import BandAssembler
from imgconv.formats.decoder_thread import prepare
from imgconv.formats.png import chunks
from imgconv.formats.png.chunks import Header, chunk
from imgconv.loops.codecs import png as loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output

BAND = 1 << 19  # bytes of pixels deflated together
COLORS = {(1, False): 0, (3, False): 2, (1, True): 4, (3, True): 6}
ADLER = 65521


class PngWriter(RowSink):
    """Writes bands in the file's order as they are done; `unit` is a band's height."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, level: int) -> None:
        self.spec = spec
        self.output = output
        self.level = level
        bits = {"u1": 8, "u2": 16}[spec.dtype]
        header = Header(spec.width, spec.height, bits, COLORS[spec.colors, spec.alpha], False)
        self.pixel_bytes = header.pixel_bytes
        self.size = spec.width * header.pixel_bytes
        self.unit = max(1, BAND // self.size)
        self.bands = BandAssembler(spec, self.unit)
        self.count = self.bands.count
        self._next, self._adler = 0, 1
        self._waiting: dict[int, tuple[bytes, int, int]] = {}
        self._scratch: list[_Scratch] = []
        self._lock = _thread.allocate_lock()
        prepare(loops.filtered, *((loops.swapped,) if bits == 16 else ()))
        self.begin(header, meta)

    def begin(self, header: Header, meta: Meta) -> None:
        """Write what stands before the pixels."""
        self.output.write(chunks.prefix(header, meta))

    def put(self, *parts: bytes) -> None:
        """Write some of the compressed pixels."""
        self.output.write(chunk(b"IDAT", *parts))

    def commit(self, start: int, band: Pixels) -> None:
        """Whole bands are encoded as they are; parts of a band are gathered first."""
        for index, rows in self.bands.completed(start, band):
            self._emit(index, self._encoded(index, rows))

    def finish(self) -> None:
        if self._next != self.count:
            raise RuntimeError(f"{self._next} of {self.count} bands were written")
        self.end()

    def end(self) -> None:
        """Write what stands behind the pixels."""
        self.output.write(chunk(b"IEND"))

    def _encoded(self, index: int, rows: Pixels) -> tuple[bytes, int, int]:
        """Deflated bytes of a band, with the checksum and size of the plain bytes."""
        scratch = self._scratch.pop() if self._scratch else _Scratch(self.unit, self.size)
        plain = scratch.filtered(rows, self.size, self.pixel_bytes)
        deflater: Any = (isal_zlib if self.level < 4 else zlib).compressobj(self.level, 8, -15)
        is_last = index == self.count - 1
        deflated = deflater.compress(plain) + deflater.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)
        checksum, size = isal_zlib.adler32(plain), len(plain)
        self._scratch.append(scratch)
        return deflated, checksum, size

    def _emit(self, index: int, band: tuple[bytes, int, int]) -> None:
        """Write this band and those that waited for it."""
        with self._lock:
            self._waiting[index] = band
            while self._next in self._waiting:
                self._write_next(*self._waiting.pop(self._next))

    def _write_next(self, deflated: bytes, adler: int, size: int) -> None:
        self._adler = adler32_combine(self._adler, adler, size)
        head = b"\x78\x01" if self._next == 0 else b""
        self._next += 1
        tail = self._adler.to_bytes(4, "big") if self._next == self.count else b""
        self.put(head, deflated, tail)


class _Scratch:
    """Memory of one thread: the filtered band, three rows to try filters in, and a band with its bytes swapped."""

    def __init__(self, rows: int, size: int) -> None:
        self.out = Pixels.empty(rows, size + 1, 1, "u1")
        self.trial = Pixels.empty(3, size, 1, "u1")
        self.swapped: Pixels | None = None

    def filtered(self, rows: Pixels, size: int, pixel_bytes: int) -> memoryview:
        """A band's rows as PNG stores them before deflating: each with its filter byte in front."""
        if rows.dtype == "u2":
            if self.swapped is None:
                self.swapped = Pixels.empty(self.out.height, size // 2, 1, "u2")
            loops.swapped(rows, self.swapped.band(0, rows.height), size // 2)
            rows = self.swapped.band(0, rows.height)
        loops.filtered(rows.reinterpret("u1"), self.out.band(0, rows.height), self.trial, size, pixel_bytes)
        block = (ctypes.c_ubyte * (rows.height * (size + 1))).from_address(self.out.address)
        return memoryview(block).cast("B")


def adler32_combine(first: int, second: int, size: int) -> int:
    """The Adler-32 of two byte strings together, from that of each and the size of the second."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)
    return high % ADLER << 16 | low % ADLER
