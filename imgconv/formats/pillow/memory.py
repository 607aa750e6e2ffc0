"""The memory of a Pillow image as pixels, through the Arrow interface: ten times as fast as `tobytes`."""

from __future__ import annotations

import ctypes

from PIL import Image as Pillow
from PIL import _imaging as core
from PIL.ImageFile import ImageFile

from imgconv.core.dtypes import SIZES
from imgconv.core.pixels import Pixels
from imgconv.loops.codecs import pillow as loops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.jit.loop import Loop

MODES = {(1, "u1"): "L", (2, "u1"): "LA", (3, "u1"): "RGB", (4, "u1"): "RGBA", (1, "u2"): "I;16"}
SHAPES = {mode: shape for shape, mode in MODES.items()} | {"CMYK": (4, "u1")}


class _Array(ctypes.Structure):
    """https://arrow.apache.org/docs/format/CDataInterface.html"""


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
]

_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def in_one_block() -> None:
    """Let Pillow store each picture in one block of memory; the Arrow interface needs it."""
    core.set_use_block_allocator(1)


def memory(picture: Pillow.Image) -> Pixels:
    """The picture's memory: rows of 1 or 4 bytes a pixel, or of one 16-bit number a pixel."""
    _, capsule = picture.__arrow_c_array__()
    array = ctypes.cast(_pointer(capsule, b"arrow_array"), ctypes.POINTER(_Array)).contents
    data = array.children[0].contents if array.n_children else array
    width, height = picture.size
    channels, dtype = (1, SHAPES[picture.mode][1]) if picture.mode in ("L", "I;16") else (4, "u1")
    size = width * channels * SIZES[dtype]
    return Pixels(data.buffers[1] or 0, height, width, channels, dtype, size, capsule)


def packed_pixels(picture: Any) -> Pixels:
    """Pixels for the packed rows, in the picture's own memory: new memory would cost more than all the rest.

    Rows must be packed from the top down: a packed row never reaches beyond its own unpacked one.
    """
    if isinstance(picture, ImageFile):
        picture.load_prepare()
    stored = memory(picture)
    channels, dtype = SHAPES[picture.mode]
    size = stored.width * channels * SIZES[dtype]
    return Pixels(stored.address, stored.height, stored.width, channels, dtype, size, stored.owner)


def loops_for(channels: int) -> tuple[Loop, ...]:
    """The loops that unpack and pack pixels of so many channels; none where Pillow stores them as we do."""
    return {
        2: (loops.gray_alpha_packed, loops.gray_alpha_spread),
        3: (loops.rgb_packed, loops.rgb_spread),
    }.get(channels, ())


def unpack(stored: Pixels, out: Pixels) -> None:
    """Copy rows of Pillow's memory into an image's rows."""
    _move(stored, out, *loops_for(out.channels)[:1])


def pack(rows: Pixels, stored: Pixels) -> None:
    """Copy an image's rows into rows of Pillow's memory."""
    _move(rows, stored, *loops_for(rows.channels)[1:])


def _move(source: Pixels, target: Pixels, loop: Loop | None = None) -> None:
    if loop is not None:
        loop(source, target, source.width)
        return
    if source.address == target.address:
        return
    for y in range(source.height):
        to, start = target.address + y * target.stride, source.address + y * source.stride
        ctypes.memmove(to, start, source.row_bytes)
