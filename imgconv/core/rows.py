"""Where an image's rows come from, and where computed rows go: the two contracts that the engine is closed over.

Memory, a decoder that is still at work, a stage of a chain, a tap and two inputs are sources; memory and every writer
of a file are sinks. Row numbers count from the image's first row; `start` belongs, `stop` does not.
"""

from __future__ import annotations

from ctypes import memmove

from imgconv.core.pixels import Pixels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imgconv.core.spec import Spec


class RowSource:
    """Rows of an image, computed or read when they are asked for.

    `spec` says what the rows are. `in_order`: they can be read only once, each after the one before it (a pipe, a
    decoder); otherwise any rows can be asked for, again and again, by several threads.
    """

    spec: Spec
    in_order = False

    def view(self, start: int, stop: int) -> Pixels | None:
        """Rows start to stop where they lie in memory, without a copy; None where they do not."""
        return None

    def read(self, out: Pixels, start: int, stop: int) -> None:
        """Put rows start to stop into out: as many rows, of the spec's width, channels and dtype."""
        raise NotImplementedError(type(self).__name__)

    def described(self, spec: Spec) -> RowSource:
        """The same rows, said to be something else (another color space, full scale, marks)."""
        return DescribedRows(self, spec)


class RowSink:
    """Takes computed rows, in any order and from several threads.

    `spec` says what the rows are. `unit`: bands begin at multiples of it; 0: anywhere.
    """

    spec: Spec
    unit = 0

    def reserve(self, start: int, stop: int) -> Pixels:
        """Memory for rows start to stop; they are computed into it."""
        return Pixels.unset(stop - start, self.spec.width, self.spec.channels, self.spec.dtype)

    def commit(self, start: int, band: Pixels) -> None:
        """The band, which `reserve` gave for rows from `start` on, holds its values."""

    def finish(self) -> None:
        """All rows were committed."""


def _at_once(rows: int) -> None:
    """Rows that are in memory need no waiting."""


class MemoryRows(RowSource):
    """Rows in memory, from row `first` on. `ready(n)` returns once rows 0 to n hold their values."""

    def __init__(
        self, pixels: Pixels, spec: Spec, ready: Callable[[int], None] | None = None, first: int = 0
    ) -> None:
        self.pixels = pixels
        self.spec = spec
        self.ready = ready or _at_once
        self.first = first

    def view(self, start: int, stop: int) -> Pixels:
        if start < self.first or stop - self.first > self.pixels.height:
            held = f"{self.first} to {self.first + self.pixels.height}"
            raise IndexError(f"rows {start} to {stop} were asked for, and {held} are in memory")
        self.ready(stop)
        return self.pixels.band(start - self.first, stop - self.first)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        copy_rows(out, self.view(start, stop))

    def described(self, spec: Spec) -> MemoryRows:
        return MemoryRows(self.pixels, spec, self.ready, self.first)


class DescribedRows(RowSource):
    """The rows of another source under another spec."""

    def __init__(self, source: RowSource, spec: Spec) -> None:
        self.source, self.spec, self.in_order = source, spec, source.in_order

    def view(self, start: int, stop: int) -> Pixels | None:
        return self.source.view(start, stop)

    def read(self, out: Pixels, start: int, stop: int) -> None:
        self.source.read(out, start, stop)


class StreamedRows(RowSource):
    """Rows that an iterator gives band by band, from the first to the last: each can be read once."""

    in_order = True

    def __init__(self, bands: Iterable[Pixels], spec: Spec) -> None:
        self.spec = spec
        self._bands: Iterator[Pixels] = iter(bands)
        self._band: Pixels | None = None  # what is left of the band at hand
        self._next = 0  # the row that comes next

    def read(self, out: Pixels, start: int, stop: int) -> None:
        """Errors: IndexError for rows that are not the next ones, EOFError where the iterator ends too early."""
        if start != self._next:
            raise IndexError(f"row {start} was asked for, and row {self._next} comes next")
        while start < stop:
            band = self._band or next(self._bands, None)
            if band is None:
                raise EOFError(f"the rows end at {start} of {self.spec.height}")
            rows = min(band.height, stop - start)
            copy_rows(out.band(start - self._next, start - self._next + rows), band.band(0, rows))
            self._band = band.band(rows, band.height) if rows < band.height else None
            start += rows
        self._next = stop


class MemorySink(RowSink):
    """A whole image in memory."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.pixels = Pixels.unset(spec.height, spec.width, spec.channels, spec.dtype)

    def reserve(self, start: int, stop: int) -> Pixels:
        return self.pixels.band(start, stop)

    def commit(self, start: int, band: Pixels) -> None:
        """Nothing is left to do; rows from elsewhere are copied."""
        own = self.pixels.band(start, start + band.height)
        if band.address != own.address:
            copy_rows(own, band)

    @property
    def rows(self) -> MemoryRows:
        """What was computed, as a source."""
        return MemoryRows(self.pixels, self.spec)


def copy_rows(out: Pixels, source: Pixels) -> None:
    """Copy rows of one dtype, width and number of channels."""
    if out.is_packed and source.is_packed:
        memmove(out.address, source.address, source.nbytes)
        return
    for y in range(source.height):
        memmove(out.address + y * out.stride, source.address + y * source.stride, source.row_bytes)
