"""EXIF orientation: pixels are rotated and mirrored when a picture is opened, and the tag is reset to upright."""

from __future__ import annotations

import struct

from imgconv.core.image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta

TAG = 0x0112
PREFIX = b"Exif\0\0"  # JPEG and WebP put it in front; `Meta.exif` is without


def find(exif: bytes | None) -> tuple[int, int, str]:
    """The orientation (1 to 8), its offset in the bytes (0: there is none) and the byte order."""
    if not exif or exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1, 0, ""
    order = "<" if exif[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for offset in range(start + 2, start + 2 + 12 * count, 12):
            tag, field_type, size, value = struct.unpack_from(order + "HHIH", exif, offset)
            if (tag, field_type, size) == (TAG, 3, 1):
                return (value if 1 <= value <= 8 else 1), offset + 8, order
    except struct.error:
        pass
    return 1, 0, ""


def reset(meta: Meta) -> Meta:
    """The metadata with the orientation upright."""
    _, offset, order = find(meta.exif)
    if not offset or meta.exif is None:
        return meta
    upright = struct.pack(order + "H", 1)
    return meta.replace(exif=meta.exif[:offset] + upright + meta.exif[offset + 2 :])


def oriented(array: Any, orientation: int) -> Any:
    """An H x W x C array rotated and mirrored to be upright."""
    if orientation > 4:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def apply_orientation(image: Image) -> Image:
    """The upright picture; where it is upright already, the same one, without waiting for its rows."""
    orientation, _, _ = find(image.meta.exif)
    if orientation == 1:
        image.meta = reset(image.meta)
        return image
    import numpy as np

    from imgconv.core.pixels import Pixels

    pixels = Pixels.of_array(np.ascontiguousarray(oriented(np.asarray(image.pixels), orientation)))
    spec = image.spec.replace(height=pixels.height, width=pixels.width)
    return Image.of_pixels(pixels, spec, reset(image.meta), image.path)
