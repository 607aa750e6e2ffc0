"""A spool: rows in a temporary file, for a second pass over what is read only once and too large for memory."""

from __future__ import annotations

import os
from ctypes import c_char

from imgconv.core.errors import FileError
from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink, RowSource, copy_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec


class Spool(RowSink):
    """Takes rows into a temporary file, which is gone once nothing reads it."""

    def __init__(self, spec: Spec) -> None:
        from tempfile import mkstemp

        self.spec = spec
        self.descriptor, path = mkstemp(prefix="imgconv-")
        os.unlink(path)

    def __del__(self) -> None:
        os.close(self.descriptor)

    def commit(self, start: int, band: Pixels) -> None:
        """Errors: FileError where the disk is full."""
        left, offset = _bytes(band), start * band.row_bytes
        try:
            while left:
                written = os.pwrite(self.descriptor, left, offset)
                left, offset = left[written:], offset + written
        except OSError as error:
            raise FileError(
                f"cannot keep rows in a temporary file: {(error.strerror or str(error)).lower()}"
            ) from None

    @property
    def rows(self) -> SpooledRows:
        """What was taken, as a source that can be asked for any rows."""
        return SpooledRows(self)


class SpooledRows(RowSource):
    """The rows of a spool."""

    def __init__(self, spool: Spool) -> None:
        self.spec = spool.spec
        self._spool = spool  # which keeps the file

    def read(self, out: Pixels, start: int, stop: int) -> None:
        target = out if out.is_packed else Pixels.unset(*out.shape, out.dtype)
        left, offset = _bytes(target), start * out.row_bytes
        while left:
            count = os.preadv(self._spool.descriptor, [left], offset)
            if not count:
                raise FileError("cannot read rows back from a temporary file: it was cut")
            left, offset = left[count:], offset + count
        if target is not out:
            copy_rows(out, target)


def _bytes(pixels: Pixels) -> memoryview:
    """The bytes of packed rows."""
    return memoryview((c_char * pixels.nbytes).from_address(pixels.address)).cast("B")
