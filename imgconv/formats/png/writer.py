"""Encoding a PNG: each band of rows is filtered and deflated by itself, in the thread that brings it.

Bands have a height that depends on the picture's geometry alone and know nothing of each other, so that the
bytes are the same however many threads there are and however the caller cuts its strips.
"""

from __future__ import annotations

import _thread
import ctypes
import zlib

from isal import isal_zlib

from imgconv.core.pixels import Pixels
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


class PngWriter:
    """Writes bands in the file's order as they are done; `rows` is a band's height."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, level: int) -> None:
        self.output = output
        self.level = level
        bits = {"u1": 8, "u2": 16}[spec.dtype]
        header = Header(spec.width, spec.height, bits, COLORS[spec.colors, spec.alpha], False)
        self.step = header.step
        self.size = spec.width * header.step
        self.rows = max(1, BAND // self.size)
        self.bands = BandAssembler(spec, self.rows)
        self.count = self.bands.count
        self._next, self._adler = 0, 1
        self._done: dict[int, tuple[bytes, int, int]] = {}
        self._scratch: list[_Scratch] = []
        self._lock = _thread.allocate_lock()
        prepare(loops.filtered, *((loops.swapped,) if bits == 16 else ()))
        self.begin(header, meta)

    def begin(self, header: Header, meta: Meta) -> None:
        """What stands before the pixels."""
        self.output.write(chunks.opening(header, meta))

    def put(self, *parts: bytes) -> None:
        """Some of the compressed pixels."""
        self.output.write(chunk(b"IDAT", *parts))

    def write(self, y0: int, band: Pixels) -> None:
        """Rows from y0 on. Whole bands are taken as they are; pieces of one are gathered first."""
        for index, rows in self.bands.whole(y0, band):
            self._emit(index, self._packed(index, rows))

    def finish(self) -> None:
        if self._next != self.count:
            raise RuntimeError(f"{self._next} of {self.count} bands were written")
        self.end()

    def end(self) -> None:
        """What stands behind the pixels."""
        self.output.write(chunk(b"IEND"))

    def _packed(self, index: int, rows: Pixels) -> tuple[bytes, int, int]:
        """Deflated bytes of a band, with the checksum and size of what they hold."""
        scratch = self._scratch.pop() if self._scratch else _Scratch(self.rows, self.size)
        plain = scratch.filtered(rows, self.size, self.step)
        deflater: Any = (isal_zlib if self.level < 4 else zlib).compressobj(self.level, 8, -15)
        is_last = index == self.count - 1
        packed = deflater.compress(plain) + deflater.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)
        done = packed, isal_zlib.adler32(plain), len(plain)
        self._scratch.append(scratch)
        return done

    def _emit(self, index: int, done: tuple[bytes, int, int]) -> None:
        """Write this band and those that waited for it."""
        with self._lock:
            self._done[index] = done
            while self._next in self._done:
                self._write_next(*self._done.pop(self._next))

    def _write_next(self, packed: bytes, adler: int, size: int) -> None:
        self._adler = adler32_combine(self._adler, adler, size)
        head = b"\x78\x01" if self._next == 0 else b""
        self._next += 1
        tail = self._adler.to_bytes(4, "big") if self._next == self.count else b""
        self.put(head, packed, tail)


class _Scratch:
    """Memory of one thread: the filtered band, rows under trial, and a band with its bytes swapped."""

    def __init__(self, rows: int, size: int) -> None:
        self.out = Pixels.empty(rows, size + 1, 1, "u1")
        self.trial = Pixels.empty(3, size, 1, "u1")
        self.swapped: Pixels | None = None

    def filtered(self, rows: Pixels, size: int, step: int) -> memoryview:
        """A band's rows as PNG holds them before deflating."""
        if rows.dtype == "u2":
            if self.swapped is None:
                self.swapped = Pixels.empty(self.out.height, size // 2, 1, "u2")
            loops.swapped(rows, self.swapped.band(0, rows.height), size // 2)
            rows = self.swapped.band(0, rows.height)
        plain = Pixels(rows.address, rows.height, size, 1, "u1", rows.stride, rows.owner)
        loops.filtered(plain, self.out.band(0, rows.height), self.trial, size, step)
        block = (ctypes.c_ubyte * (rows.height * (size + 1))).from_address(self.out.address)
        return memoryview(block).cast("B")


def adler32_combine(first: int, second: int, size: int) -> int:
    """The checksum of two byte strings in a row, from the checksum of each and the size of the second."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)
    return high % ADLER << 16 | low % ADLER
