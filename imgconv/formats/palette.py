"""A picture in few colours: exactly, where it has no more than that; else by median cut and k-means."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HALF = 128  # alpha from which a pixel is shown
SETTLED = (
    32  # k-means ends when fewer than one pixel in so many changes its colour: +2.5 dB for twice the time
)


def indexed(picture: Any, most: int) -> tuple[Any, Any]:
    """Indices (H x W, uint8) and colours (N x 3, uint8, N up to `most`) of a picture of mode L, RGB or RGBA.

    A gray picture's colours are all 256 grays. Pixels of RGBA whose alpha is below half become index `most`.
    """
    if picture.mode == "L":
        return np.asarray(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    if picture.mode == "RGB":
        return _coloured(picture, most)
    alpha = np.asarray(picture.getchannel("A"))
    shown = alpha >= HALF
    opaque = np.where(shown[:, :, None], np.asarray(picture)[:, :, :3], _any_of(picture, shown))
    indices, colours = _coloured(Pillow.fromarray(np.ascontiguousarray(opaque)), most)
    padded = np.zeros((most + 1, 3), np.uint8)
    padded[: len(colours)] = colours
    return np.where(shown, indices, np.uint8(most)), padded


def _any_of(picture: Any, shown: Any) -> Any:
    """A colour that is in the picture anyway, for pixels that are not shown: they must not cost one."""
    if not shown.any():
        return np.zeros(3, np.uint8)
    return np.asarray(picture)[np.unravel_index(int(shown.argmax()), shown.shape)][:3]


def _coloured(picture: Any, most: int) -> tuple[Any, Any]:
    if (few := picture.getcolors(most)) is not None:
        return _exactly(picture, [colour for _, colour in few])
    pixels = picture.width * picture.height
    reduced = picture.quantize(
        most, Pillow.Quantize.MEDIANCUT, kmeans=max(1, pixels // SETTLED), dither=Pillow.Dither.NONE
    )
    colours = np.frombuffer(bytes(reduced.getpalette("RGB")), np.uint8).reshape(-1, 3)
    return np.asarray(reduced), colours[:most]


def _exactly(picture: Any, few: list[tuple[int, int, int]]) -> tuple[Any, Any]:
    wide = np.asarray(picture).astype(np.uint32)
    keys = wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]
    colours = np.array(sorted(few), np.uint8)
    sought = colours.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    return np.searchsorted(sought, keys).astype(np.uint8), colours
