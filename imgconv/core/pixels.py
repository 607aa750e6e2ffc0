"""Memory with a shape: what loops work on. No NumPy; NumPy may look at it through `__array_interface__`."""

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
PAGES = 1 << 16  # bytes from which memory comes straight from the system
# Shared memory, which is what mmap makes unless told, gets no huge pages: first touch of 36 MB took 70 ms, not 10.
PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}
KEPT = 48 << 20  # bytes kept for the next image: first touch of 36 MB is a third of a 3x3 convolution
TYPES = 512  # of ctypes that are kept
HUGE = 4 << 20  # bytes from which huge pages pay: a page fault for each 4 kB costs more than the filter


def allocate(size: int) -> tuple[int, object]:
    """Zeroed memory: its address, and the object that keeps it alive."""
    if size < PAGES:
        block = _row("u1", max(size, 1))()
        return ctypes.addressof(block), block
    room = mmap.mmap(-1, size, **PRIVATE)
    if size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        room.madvise(mmap.MADV_HUGEPAGE)
    anchor = ctypes.c_char.from_buffer(room)
    return ctypes.addressof(anchor), anchor


class Block:
    """Memory that is lent again when its pixels are gone: its pages need not be asked for and zeroed once more."""

    __slots__ = ("address", "owner", "size")

    def __init__(self, size: int) -> None:
        try:
            self.address, self.owner = _free[size].pop()
        except (KeyError, IndexError):
            self.address, self.owner = allocate(size)
        self.size = size

    def __del__(self) -> None:
        if getattr(self, "size", KEPT + 1) <= KEPT:  # it has none where there was no memory
            _free.setdefault(self.size, []).append((self.address, self.owner))
            release(KEPT)


def release(most: int = 0) -> None:
    """Give the system what waits for the next image beyond so many bytes, sizes first that were not asked for longest.

    For any thread, at any moment: a block is in one list, and taken out of it before it is lent or given up.
    """
    held = list(_free.items())
    rest = sum(size * len(blocks) for size, blocks in held) - most
    for size, blocks in held:
        try:
            while rest > 0:
                blocks.pop(0)
                rest -= size
        except IndexError:
            pass
        if not blocks:
            _free.pop(size, None)  # comes back as the last


_free: dict[int, list[tuple[int, object]]] = {}  # by size
_types: dict[tuple[str, int], Any] = {}  # ctypes makes a type again once nothing is of it, in 10 us


def _row(dtype: str, length: int) -> Any:
    """ctypes' type of so many numbers."""
    return memoize(_types, TYPES, (dtype, length), lambda: CTYPES[dtype] * length)


class Pixels:
    """Rows x width x channels numbers of one dtype, rows `stride` bytes apart, channels last.

    Views (`band`, `columns`) share the memory. `dtype` is a code of `DTYPES`.
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
        self.memory = (address, height, stride // SIZES[dtype])  # what a loop is handed
        self.size = height * width * channels

    @classmethod
    def empty(cls, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """Memory of zeros."""
        stride = width * channels * SIZES[dtype]
        address, owner = allocate(height * stride)
        return cls(address, height, width, channels, dtype, stride, owner)

    @classmethod
    def unset(cls, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """Memory with whatever values it holds, for rows that will all be written."""
        stride = width * channels * SIZES[dtype]
        if height * stride < PAGES:
            return cls.empty(height, width, channels, dtype)
        block = Block(height * stride)
        return cls(block.address, height, width, channels, dtype, stride, block)

    @classmethod
    def of_bytes(cls, data: bytes, height: int, width: int, channels: int, dtype: str) -> Pixels:
        """A copy of packed rows."""
        made = cls.empty(height, width, channels, dtype)
        if len(data) != made.nbytes:
            raise ValueError(f"{len(data)} bytes are not {height} x {width} x {channels} of {dtype}")
        ctypes.memmove(made.address, data, len(data))
        return made

    @classmethod
    def of_numbers(cls, rows: Sequence[Sequence[float]], channels: int, dtype: str) -> Pixels:
        """Rows of numbers, the channels of a pixel side by side."""
        made = cls.empty(len(rows), len(rows[0]) // channels, channels, dtype)
        flat = [number for row in rows for number in row]
        block = _row(dtype, len(flat))(*flat)
        ctypes.memmove(made.address, block, made.nbytes)
        return made

    @classmethod
    def of_array(cls, array: Any) -> Pixels:
        """The memory of a NumPy array, H x W or H x W x C, without a copy where its pixels are packed."""
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
        """Bytes of the pixels themselves, without what lies between rows."""
        return self.height * self.row_bytes

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    @property
    def is_packed(self) -> bool:
        return self.stride == self.row_bytes

    def band(self, start: int, stop: int) -> Pixels:
        """Rows start to stop, the same memory."""
        at = self.address + start * self.stride
        return Pixels(at, stop - start, self.width, self.channels, self.dtype, self.stride, self.owner)

    def columns(self, start: int, stop: int) -> Pixels:
        """Columns start to stop, the same memory."""
        at = self.address + start * self.channels * SIZES[self.dtype]
        return Pixels(at, self.height, stop - start, self.channels, self.dtype, self.stride, self.owner)

    def within(self, margin: int) -> Pixels:
        """Without a margin on each side, the same memory."""
        if not margin:
            return self
        return self.band(margin, self.height - margin).columns(margin, self.width - margin)

    def move(self, source: int, target: int, count: int = 1) -> None:
        """Copy whole rows, with what lies between them, to another place in the same memory."""
        step = self.stride
        ctypes.memmove(self.address + target * step, self.address + source * step, count * step)

    def tobytes(self) -> bytes:
        """The pixels as packed rows."""
        if self.is_packed:
            return ctypes.string_at(self.address, self.nbytes)
        step, size = self.stride, self.row_bytes
        return b"".join(ctypes.string_at(self.address + y * step, size) for y in range(self.height))

    def numbers(self) -> list[tuple[float, ...]]:
        """Each row as plain numbers."""
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
        """Rows x items as a NumPy array: the samples of each row, or (not exact) all from row to row."""
        import numpy as np

        size = SIZES[self.dtype]
        across = self.samples if exact else self.stride // size
        look = _Look(self, (self.height, across), (self.stride, size))
        return np.asarray(look)


class Vector:
    """A row of numbers for a loop: weights, limits, counts."""

    __slots__ = ("block", "dtype", "memory", "size")

    def __init__(self, numbers: Iterable[float], dtype: str) -> None:
        values = list(numbers)
        self._hold(_row(dtype, len(values))(*values), dtype)

    @classmethod
    def zeros(cls, length: int, dtype: str) -> Vector:
        """Scratch memory."""
        made = cls.__new__(cls)
        made._hold(_row(dtype, length)(), dtype)
        return made

    def _hold(self, block: ctypes.Array[Any], dtype: str) -> None:
        self.block = block
        self.dtype = dtype
        self.size = len(block)
        self.memory = (ctypes.addressof(block), self.size)

    def __len__(self) -> int:
        return len(self.block)

    def __getitem__(self, at: int) -> Any:
        return self.block[at]

    def items(self, exact: bool) -> Any:
        import numpy as np

        return np.ctypeslib.as_array(self.block)


class _Look:
    """What NumPy sees of pixels: the same memory in another shape."""

    def __init__(self, pixels: Pixels, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.owner = pixels
        self.__array_interface__ = {
            **pixels.__array_interface__,
            "shape": shape,
            "strides": strides,
        }
