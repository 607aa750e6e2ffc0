"""Rows on their way: a buffer that slides down, so that rows which are wanted again stay."""

from __future__ import annotations

from ctypes import memmove

from imgconv.core.pixels import Pixels


class RowBuffer:
    """Rows `first` to `stop` of something taller; each is known by its number there.

    `slack`: how many times as tall as what is asked for the buffer is, so that rows are seldom moved.
    """

    __slots__ = ("base", "channels", "dtype", "first", "pixels", "slack", "stop", "width")

    def __init__(self, width: int, channels: int, dtype: str, slack: int = 1) -> None:
        self.width, self.channels, self.dtype, self.slack = width, channels, dtype, slack
        self.pixels: Pixels | None = None
        self.base = self.first = self.stop = 0  # base: the number of the buffer's first row

    def move(self, start: int, stop: int) -> tuple[Pixels, int]:
        """Room for rows start to stop, and the first of them that does not hold its values yet."""
        kept = self.stop if self.first <= start < self.stop else start
        buffer = self._grown(stop - start, start, kept)
        if kept == start:
            self.base = start
        elif stop - self.base > buffer.height:
            buffer.move(start - self.base, 0, kept - start)
            self.base = start
        self.first, self.stop = start, max(kept, stop)
        return buffer.band(start - self.base, stop - self.base), kept

    def _grown(self, rows: int, start: int, kept: int) -> Pixels:
        """A buffer of at least so many rows, with rows start to kept in it."""
        old = self.pixels
        if old is None or old.height < rows:
            self.pixels = Pixels.unset(rows * self.slack, self.width, self.channels, self.dtype)
            if old is not None:
                band = old.band(start - self.base, kept - self.base) if kept > start else old.band(0, 0)
                memmove(self.pixels.address, band.address, band.height * band.stride)
                self.base = start
        assert self.pixels is not None
        return self.pixels
