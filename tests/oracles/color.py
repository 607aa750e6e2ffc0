"""Every color space by its formula, in float64 and one after the other. Nothing of imgconv is imported here.

`of_rgb(space, v)` takes sRGB values of 0..1, ... x 3.
"""

from __future__ import annotations

import numpy as np

MATRIX = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
FULL_SCALE = MATRIX.sum(axis=1)
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OK = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(v: np.ndarray) -> np.ndarray:
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def xyz(v: np.ndarray) -> np.ndarray:
    return linear(v) @ MATRIX.T


def lab(v: np.ndarray) -> np.ndarray:
    t = xyz(v) / FULL_SCALE
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def luv(v: np.ndarray) -> np.ndarray:
    def chromaticity(t: np.ndarray) -> np.ndarray:
        total = t @ (1, 15, 3)
        total = np.where(total == 0, 1, total)
        return np.stack([4 * t[..., 0] / total, 9 * t[..., 1] / total], -1)

    light = lab(v)[..., :1]
    return np.concatenate([light, 13 * light * (chromaticity(xyz(v)) - chromaticity(FULL_SCALE))], -1)


def oklab(v: np.ndarray) -> np.ndarray:
    return np.cbrt(linear(v) @ TO_LMS.T) @ TO_OK.T


def polar(v: np.ndarray) -> np.ndarray:
    turn = np.degrees(np.arctan2(v[..., 2], v[..., 1])) % 360
    return np.stack([v[..., 0], np.hypot(v[..., 1], v[..., 2]), turn], -1)


def hue(v: np.ndarray) -> np.ndarray:
    r, g, b = np.moveaxis(v, -1, 0)
    top, spread = v.max(-1), np.ptp(v, axis=-1)
    d = np.where(spread == 0, 1, spread)
    sector = np.where(top == r, (g - b) / d, np.where(top == g, 2 + (b - r) / d, 4 + (r - g) / d))
    return np.where(spread == 0, 0, 60 * sector % 360)


def hsv(v: np.ndarray) -> np.ndarray:
    top = v.max(-1)
    return np.stack([hue(v), np.ptp(v, axis=-1) / np.where(top == 0, 1, top), top], -1)


def hsl(v: np.ndarray) -> np.ndarray:
    total = v.max(-1) + v.min(-1)
    room = 1 - abs(total - 1)
    return np.stack([hue(v), np.ptp(v, axis=-1) / np.where(room == 0, 1, room), total / 2], -1)


def hcy(v: np.ndarray) -> np.ndarray:
    return np.stack([hue(v), np.ptp(v, axis=-1), v @ (0.298839, 0.586811, 0.114350)], -1)


def ycbcr(v: np.ndarray) -> np.ndarray:
    y = v @ (0.299, 0.587, 0.114)
    return np.stack([y, (v[..., 2] - y) / 1.772, (v[..., 0] - y) / 1.402], -1)


def cmyk(v: np.ndarray, gcr: float = 1.0) -> np.ndarray:
    k = gcr * (1 - v).min(-1, keepdims=True)
    rest = np.where(k == 1, 1, 1 - k)
    return np.concatenate([np.where(k == 1, 0, (1 - v - k) / rest), k], -1)


SPACES = {
    "xyz": xyz,
    "lab": lab,
    "luv": luv,
    "lch": lambda v: polar(lab(v)),
    "hcl": lambda v: polar(luv(v))[..., ::-1],
    "hcy": hcy,
    "hsv": hsv,
    "hsl": hsl,
    "ycbcr": ycbcr,
    "oklab": oklab,
    "oklch": lambda v: polar(oklab(v)),
    "cmyk": cmyk,
}
HUES = {"lch": 2, "hcl": 0, "hcy": 0, "hsv": 0, "hsl": 0, "oklch": 2}  # where the hue is
CHROMAS = {"lch": 1, "hcl": 1, "hcy": 1, "hsv": 1, "hsl": 1, "oklch": 1}


def apart(found: np.ndarray, wanted: np.ndarray, space: str) -> float:
    """The largest difference; of hues as far as it moves the color: the chord, at its chroma."""
    difference = abs(found.astype(np.float64) - wanted)
    if space in HUES:
        turn, chroma = difference[..., HUES[space]], wanted[..., CHROMAS[space]]
        difference[..., HUES[space]] = 2 * chroma * abs(np.sin(np.radians(turn) / 2))
    return float(difference.max())


def full(a: np.ndarray) -> float:
    return float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0


def of_rgb(space: str, a: np.ndarray, **said: float) -> np.ndarray:
    """What `to SPACE` gives of an image."""
    found: np.ndarray = SPACES[space](a.astype(np.float64) / full(a), **said)
    return found * unit(space, a)


def unit(space: str, a: np.ndarray) -> float:
    """What 1 of the formulas is: inks keep the full scale of the source."""
    return full(a) if space == "cmyk" else 1.0
