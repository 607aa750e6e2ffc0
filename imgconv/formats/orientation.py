"""EXIF orientation: pixels are turned when a picture is opened, and the tag says so."""

from __future__ import annotations

import struct

from imgconv.core.image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta

TAG = 0x0112
PREFIX = b"Exif\0\0"  # what JPEG and WebP put in front; `Meta.exif` is without


def find(exif: bytes | None) -> tuple[int, int, str]:
    """The orientation (1 to 8), where in the bytes it stands (0: nowhere) and the byte order."""
    if not exif or exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1, 0, ""
    order = "<" if exif[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, size, value = struct.unpack_from(order + "HHIH", exif, at)
            if (tag, kind, size) == (TAG, 3, 1):
                return (value if 1 <= value <= 8 else 1), at + 8, order
    except struct.error:
        pass
    return 1, 0, ""


def reset(meta: Meta) -> Meta:
    """Metadata that calls the picture upright."""
    _, at, order = find(meta.exif)
    if not at or meta.exif is None:
        return meta
    return meta.replace(exif=meta.exif[:at] + struct.pack(order + "H", 1) + meta.exif[at + 2 :])


def turned(array: Any, orientation: int) -> Any:
    """An H x W x C array as it is meant to be seen."""
    if orientation > 4:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def apply_orientation(image: Image) -> Image:
    """The picture turned as its EXIF says; itself, not even waited for, where there is nothing to turn."""
    orientation, _, _ = find(image.meta.exif)
    if orientation == 1:
        image.meta = reset(image.meta)
        return image
    import numpy as np

    from imgconv.core.pixels import Pixels

    pixels = Pixels.of_array(np.ascontiguousarray(turned(np.asarray(image.pixels), orientation)))
    spec = image.spec.replace(height=pixels.height, width=pixels.width)
    return Image.of_pixels(pixels, spec, reset(image.meta), image.path)
