"""Assemble bands of a fixed height from rows that come in any order, in any pieces, from several threads."""

from __future__ import annotations

import _thread
import ctypes

from imgconv.core.pixels import Pixels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgconv.core.spec import Spec


class BandAssembler:
    """Makes `count` bands of `rows` rows each; the last one has the rows that are left."""

    def __init__(self, spec: Spec, rows: int) -> None:
        self.spec = spec
        self.rows = rows
        self.count = -(-spec.height // rows)
        self._partial: dict[int, _Partial] = {}
        self._lock = _thread.allocate_lock()

    def completed(self, y0: int, piece: Pixels) -> Iterator[tuple[int, Pixels]]:
        """Index and pixels of each band that the rows from y0 on complete. Whole bands are not copied."""
        for index in range(y0 // self.rows, -(-(y0 + piece.height) // self.rows)):
            start = max(y0, index * self.rows)
            stop = min(y0 + piece.height, (index + 1) * self.rows)
            band = self._add(index, start, piece.band(start - y0, stop - y0))
            if band is not None:
                yield index, band

    def _add(self, index: int, start: int, piece: Pixels) -> Pixels | None:
        top = index * self.rows
        height = min(self.rows, self.spec.height - top)
        if piece.height == height:
            return piece
        with self._lock:
            if index not in self._partial:
                self._partial[index] = _Partial(self.spec, height)
            if not self._partial[index].add(start - top, piece):
                return None
            return self._partial.pop(index).pixels


class _Partial:
    """A band with missing rows."""

    def __init__(self, spec: Spec, height: int) -> None:
        self.pixels = Pixels.empty(height, spec.width, spec.channels, spec.dtype)
        self.missing = height

    def add(self, start: int, piece: Pixels) -> bool:
        """Copy rows in; whether the band is complete now."""
        size, address = piece.row_bytes, self.pixels.address
        for y in range(piece.height):
            ctypes.memmove(address + (start + y) * size, piece.address + y * piece.stride, size)
        self.missing -= piece.height
        return not self.missing
