"""A slow oracle for rotation by any angle in float64, pixel by pixel, and for borders. Imports nothing of imgconv."""

from __future__ import annotations

from math import cos, floor, radians, sin

import numpy as np

from tests.oracles.resize import bicubic, bilinear

MODES = {"replicate": "edge", "symmetric": "symmetric", "reflect101": "reflect", "wrap": "wrap"}


def pad(a: np.ndarray, sides: tuple[int, int, int, int], mode: str, value: float = 0) -> np.ndarray:
    """top, right, bottom, left; a single row or column that is reflected goes on as it is."""
    top, right, bottom, left = sides
    for axis, around in ((0, (top, bottom)), (1, (left, right))):
        said = {"mode": "edge" if a.shape[axis] == 1 and mode != "constant" else MODES.get(mode, "constant")}
        if mode == "constant":
            said["constant_values"] = value
        a = np.pad(a, [around if at == axis else (0, 0) for at in range(3)], **said)
    return a


def rotate(
    a: np.ndarray,
    angle: float,
    kind: str = "bilinear",
    mode: str = "constant",
    value: float = 0,
    keep: bool = False,
) -> np.ndarray:
    height, width = a.shape[:2]
    c, s = cos(radians(angle)), sin(radians(angle))
    tall, wide = height, width
    if not keep:
        tall = max(floor(height * abs(c) + width * abs(s) + 0.5), 1)
        wide = max(floor(width * abs(c) + height * abs(s) + 0.5), 1)
    around = height + width + 4
    padded = pad(a.astype(np.float64), (around,) * 4, mode, value)
    reach, curve = {"nearest": (0, None), "bilinear": (1, bilinear), "bicubic": (2, bicubic)}[kind]
    out = np.empty((tall, wide, a.shape[2]))
    for y in range(tall):
        for x in range(wide):
            across, down = x - (wide - 1) / 2, y - (tall - 1) / 2
            u = c * across + s * down + (width - 1) / 2 + around
            v = -s * across + c * down + (height - 1) / 2 + around
            if not reach:
                out[y, x] = padded[floor(v + 0.5), floor(u + 0.5)]
                continue
            rows, columns = (np.arange(floor(at) - reach + 1, floor(at) + reach + 1) for at in (v, u))
            part = padded[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            out[y, x] = np.einsum("i,ijc,j->c", curve(v - rows), part, curve(u - columns))
    return out
