"""Pixels in memory, as loops take them. No NumPy; `__array_interface__` lets NumPy share the memory."""

from __future__ import annotations

import ctypes
import mmap
import sys

from imgconv.core.dtypes import DTYPES, SIZES
from imgconv.core.memo import memoize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

ORDER = "<" if sys.byteorder == "little" else ">"
CTYPES: dict[str, Any] = {code: getattr(ctypes, row.ctype) for code, row in DTYPES.items()}
PAGES = 1 << 16  # bytes from which memory comes directly from the system
# Shared memory, the default of mmap, gets no huge pages: first touch of 36 MB took 70 ms, not 10.
PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}
KEPT = 48 << 20  # bytes kept for the next image: first touch of 36 MB is a third of a 3x3 convolution
TYPES = 512  # array types of ctypes that are kept
HUGE = 4 << 20  # bytes from which huge pages pay: a page fault for each 4 kB costs more than the filter


def allocate(size: int) -> tuple[int, object]:
    """Zeroed memory: its address, and the object that keeps it alive."""
    if size < PAGES:
        block = _row("u1", max(size, 1))()
        return ctypes.addressof(block), block
    pages = mmap.mmap(-1, size, **PRIVATE)
    if size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    anchor = ctypes.c_char.from_buffer(pages)
    return ctypes.addressof(anchor), anchor


class Block:
    """Memory that is reused after its pixels are gone, so that its pages need not be requested and zeroed again."""

    __slots__ = ("address", "owner", "size")

    def __init__(self, size: int) -> None:
        try:
            self.address, self.owner = _free[size].pop()
        except (KeyError, IndexError):
            self.address, self.owner = allocate(size)
        self.size = size

    def __del__(self) -> None:
        if getattr(self, "size", KEPT + 1) <= KEPT:  # it has no size if the allocation failed
            _free.setdefault(self.size, []).append((self.address, self.owner))
            release(KEPT)


def release(most: int = 0) -> None:
    """Return free blocks to the system until they have `most` bytes; first the sizes unused for longest.

    Safe in any thread: a block is in one list, and is taken out of it before it is reused or returned.
    """
    free = list(_free.items())
    excess = sum(size * len(blocks) for size, blocks in free) - most
    for size, blocks in free:
        try:
            while excess > 0:
                blocks.pop(0)
                excess -= size
        except IndexError:
            pass
        if not blocks:
            _free.pop(size, None)  # so that it comes last when it is used again


_free: dict[int, list[tuple[int, object]]] = {}  # addresses and owners of free blocks, by size
_types: dict[tuple[str, int], Any] = {}  # ctypes makes a type anew, in 10 us, once nothing uses it


def _row(dtype: str, length: int) -> Any:
    """The ctypes array type of `length` numbers."""
    return memoize(_types, TYPES, (dtype, length), lambda: CTYPES[dtype] * length)


class Pixels:
    """height x width x channels numbers of one dtype, rows `stride` bytes apart, the channels of a pixel side by side.

    Views (`band`, `columns`) share the memory. `dtype` is a code of `DTYPES`. `owner` keeps the memory alive.
    """

    __slots__ = ("address", "channels", "dtype", "height", "memory", "owner", "size", "stride", "width")

    def __init__(
        self, address: int, height: int, width: int, channels: int, dtype: str, stride: int, owner: object
    ) -> None:
        self.address = address
        self.height = height
        self.width = width
        self.channels = channels
        self.dtype = dtype
        self.stride = stride
        self.owner = owner
        self.memory = (
            address,
            height,
            stride // SIZES[dtype],
        )  # address, rows, items from row to row: the arguments of a loop
        self.size = height * width * channels

    @classmethod
    def empty(cls, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """Pixels that are all 0."""
        stride = width * channels * SIZES[dtype]
        address, owner = allocate(height * stride)
        return cls(address, height, width, channels, dtype, stride, owner)

    @classmethod
    def unset(cls, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """Uninitialized pixels, for rows that will all be written."""
        stride = width * channels * SIZES[dtype]
        if height * stride < PAGES:
            return cls.empty(height, width, channels, dtype)
        block = Block(height * stride)
        return cls(block.address, height, width, channels, dtype, stride, block)

    @classmethod
    def of_bytes(cls, data: bytes, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """A copy of packed rows."""
        pixels = cls.empty(height, width, channels, dtype)
        if len(data) != pixels.nbytes:
            raise ValueError(f"{len(data)} bytes are not {height} x {width} x {channels} of {dtype}")
        ctypes.memmove(pixels.address, data, len(data))
        return pixels

    @classmethod
    def of_numbers(cls, rows: Sequence[Sequence[float]], channels: int, dtype: str) -> Pixels:
        """A copy of rows of numbers, the channels of a pixel side by side."""
        pixels = cls.empty(len(rows), len(rows[0]) // channels, channels, dtype)
        flat = [number for row in rows for number in row]
        block = _row(dtype, len(flat))(*flat)
        ctypes.memmove(pixels.address, block, pixels.nbytes)
        return pixels

    @classmethod
    def of_array(cls, array: Any) -> Pixels:
        """A NumPy array, H x W or H x W x C; its memory is shared if its pixels are packed, else copied."""
        import numpy as np

        if array.ndim == 2:
            array = array[:, :, None]
        code = array.dtype.newbyteorder("=").str[1:]
        size = SIZES[code]
        packed = array.strides[2] == size and array.strides[1] == size * array.shape[2]
        if not packed or array.strides[0] < 0 or array.strides[0] % size or not array.dtype.isnative:
            array = np.ascontiguousarray(array, dtype=code)
        height, width, channels = array.shape
        address = array.__array_interface__["data"][0]
        return cls(
            address, height, width, channels, code, max(array.strides[0], width * channels * size), array
        )

    @property
    def samples(self) -> int:
        """Numbers in a row."""
        return self.width * self.channels

    @property
    def row_bytes(self) -> int:
        return self.width * self.channels * SIZES[self.dtype]

    @property
    def nbytes(self) -> int:
        """Bytes of the pixels themselves, without gaps between rows."""
        return self.height * self.row_bytes

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    @property
    def is_packed(self) -> bool:
        return self.stride == self.row_bytes

    def band(self, start: int, stop: int) -> Pixels:
        """A view of rows start to stop."""
        address = self.address + start * self.stride
        return Pixels(address, stop - start, self.width, self.channels, self.dtype, self.stride, self.owner)

    def columns(self, start: int, stop: int) -> Pixels:
        """A view of columns start to stop."""
        address = self.address + start * self.channels * SIZES[self.dtype]
        return Pixels(address, self.height, stop - start, self.channels, self.dtype, self.stride, self.owner)

    def every(self, n: int) -> Pixels:
        """Every n-th row from the first one on, the same memory."""
        rows = -(-self.height // n)
        return Pixels(self.address, rows, self.width, self.channels, self.dtype, self.stride * n, self.owner)

    def reinterpret(self, dtype: str) -> Pixels:
        """The bytes of each row as numbers of that dtype, one channel, the same memory."""
        width = self.row_bytes // SIZES[dtype]
        return Pixels(self.address, self.height, width, 1, dtype, self.stride, self.owner)

    def flatten(self) -> Pixels:
        """Rows that lie one behind the other (`is_packed`) as one row of pixels, the same memory."""
        assert self.is_packed
        width = self.height * self.width
        return Pixels(self.address, 1, width, self.channels, self.dtype, self.nbytes, self.owner)

    def within(self, margin: int) -> Pixels:
        """A view without `margin` pixels on each side."""
        if not margin:
            return self
        return self.band(margin, self.height - margin).columns(margin, self.width - margin)

    def move(self, source: int, target: int, rows: int = 1) -> None:
        """Copy rows, with the gaps between them, from row `source` to row `target`; they may overlap."""
        stride = self.stride
        ctypes.memmove(self.address + target * stride, self.address + source * stride, rows * stride)

    def tobytes(self) -> bytes:
        """The pixels as packed rows."""
        if self.is_packed:
            return ctypes.string_at(self.address, self.nbytes)
        stride, size = self.stride, self.row_bytes
        return b"".join(ctypes.string_at(self.address + y * stride, size) for y in range(self.height))

    def numbers(self) -> list[tuple[float, ...]]:
        """Each row as Python numbers."""
        format: Any = DTYPES[self.dtype].format
        data, size = memoryview(self.tobytes()), self.row_bytes
        return [tuple(data[y * size : (y + 1) * size].cast(format)) for y in range(self.height)]

    @property
    def __array_interface__(self) -> dict[str, object]:
        size = SIZES[self.dtype]
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": ("|" if size == 1 else ORDER) + self.dtype,
            "data": (self.address, False),
            "strides": (self.stride, self.channels * size, size),
        }

    def items(self, exact: bool) -> Any:
        """A NumPy view of rows x items; `exact`: without the gaps between rows."""
        import numpy as np

        size = SIZES[self.dtype]
        items = self.samples if exact else self.stride // size
        return np.asarray(_View(self, (self.height, items), (self.stride, size)))


class Vector:
    """A 1-D array for a loop: weights, limits, counts."""

    __slots__ = ("block", "dtype", "memory", "size")

    def __init__(self, numbers: Iterable[float], dtype: str) -> None:
        values = list(numbers)
        self._set(_row(dtype, len(values))(*values), dtype)

    @classmethod
    def zeros(cls, length: int, dtype: str) -> Vector:
        """`length` zeros."""
        vector = cls.__new__(cls)
        vector._set(_row(dtype, length)(), dtype)
        return vector

    def _set(self, block: ctypes.Array[Any], dtype: str) -> None:
        self.block = block
        self.dtype = dtype
        self.size = len(block)
        self.memory = (ctypes.addressof(block), self.size)

    def __len__(self) -> int:
        return len(self.block)

    def __getitem__(self, index: int) -> Any:
        return self.block[index]

    def items(self, exact: bool) -> Any:
        """A NumPy view."""
        import numpy as np

        return np.ctypeslib.as_array(self.block)


class _View:
    """The memory of pixels in another shape, for NumPy."""

    def __init__(self, pixels: Pixels, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.owner = pixels
        self.__array_interface__ = {
            **pixels.__array_interface__,
            "shape": shape,
            "strides": strides,
        }
