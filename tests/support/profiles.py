"""ICC profiles made byte by byte: matrix and curves for screens, tables for a press. No code is shared with imgconv."""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack

import numpy as np
from PIL import Image as Pillow

D50 = (0.9642, 1.0, 0.8249)
SRGB = np.array([[0.43604, 0.38512, 0.14305], [0.22249, 0.71690, 0.06061], [0.01392, 0.09706, 0.71393]])
P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
ROMM = np.array([[0.79768, 0.13519, 0.03133], [0.28805, 0.71187, 0.00008], [0.0, 0.0, 0.82490]])
CURVE = "curve of sRGB"


def profile(space: bytes, tags: dict[bytes, bytes], pcs: bytes = b"XYZ ", device: bytes = b"mntr") -> bytes:
    """A profile of version 2: header, table of tags, their bodies."""
    start, table, bodies = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        table += name + pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    head = pack(">I4sI", start + len(bodies), b"none", 0x02400000) + device + space + pcs
    head += pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + numbers(D50)
    return head.ljust(128, b"\0") + pack(">I", len(tags)) + table + bodies


def numbers(values: Iterable[float]) -> bytes:
    """Fixed-point numbers, 16 bits before and 16 after the point."""
    return b"".join(pack(">i", round(v * 65536)) for v in values)


def xyz(values: Iterable[float]) -> bytes:
    """A tag of one color in XYZ."""
    return b"XYZ \0\0\0\0" + numbers(values)


def named(name: str) -> bytes:
    """The description tag."""
    return b"desc\0\0\0\0" + pack(">I", len(name) + 1) + name.encode() + bytes(1 + 8 + 3 + 67)


def curve(gamma: float | str) -> bytes:
    """A curve tag: a power, or sRGB's curve as a table of 1024 numbers."""
    if gamma != CURVE:
        return b"curv" + pack(">4xIH", 1, round(gamma * 256))
    table = np.rint(light(np.arange(1024) / 1023) * 65535).astype(">u2")
    return b"curv" + pack(">4xI", 1024) + table.tobytes()


def screen(name: str, colorants: np.ndarray = P3, gamma: float | str = CURVE) -> bytes:
    """A profile of a screen: matrix and one curve for all three channels."""
    tags = {b"desc": named(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(D50)}
    tags |= {key: xyz(column) for key, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants.T, strict=True)}
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve(gamma)))


def gray(name: str, gamma: float | str) -> bytes:
    """A profile of one channel."""
    tags = {b"desc": named(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(D50), b"kTRC": curve(gamma)}
    return profile(b"GRAY", tags)


def press(name: str = "Press", dirt: float = 0.9) -> bytes:
    """A CMYK profile by tables of 5 and 9 steps a side; inks of `dirt` below 1 absorb too little light."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 5)] * 4, indexing="ij"), -1)
    rgb = (1 - dirt * grid[..., :3]) * (1 - 0.95 * grid[..., 3:])
    down = table(4, 3, 5, np.rint(lab(rgb)))
    side = np.stack(np.meshgrid(*[np.linspace(0, 255, 9)] * 3, indexing="ij"), -1)
    cmy = (1 - rgb_of_lab(side)) / dirt
    k = 0.5 * cmy.min(-1, keepdims=True)
    up = table(3, 4, 9, np.rint(255 * np.clip(np.concatenate([cmy - k, k], -1), 0, 1)))
    tags = {b"desc": named(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(D50)}
    both = {b"A2B0": down, b"A2B1": down, b"B2A0": up, b"B2A1": up, b"B2A2": up}
    return profile(b"CMYK", tags | both, b"Lab ", b"prtr")


def table(have: int, give: int, steps: int, values: np.ndarray) -> bytes:
    """A table tag (lut8Type) with straight curves, from `have` channels to `give`."""
    same = bytes(range(256))
    head = b"mft1\0\0\0\0" + bytes([have, give, steps, 0]) + numbers((1, 0, 0, 0, 1, 0, 0, 0, 1))
    return head + same * have + values.astype(np.uint8).tobytes() + same * give


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB of gamma 2.2, 0..1, to Lab of D50 in 8 bits."""
    t = np.cbrt(np.maximum(rgb**2.2 @ SRGB.T, 0) / D50)
    result = np.stack(
        [116 * t[..., 1] - 16, 500 * (t[..., 0] - t[..., 1]), 200 * (t[..., 1] - t[..., 2])], -1
    )
    return np.clip(result * (2.55, 1, 1) + (0, 128, 128), 0, 255)


def rgb_of_lab(values: np.ndarray) -> np.ndarray:
    """The inverse of `lab`."""
    f = (values[..., 0] / 2.55 + 16) / 116
    t = np.stack([f + (values[..., 1] - 128) / 500, f, f - (values[..., 2] - 128) / 200], -1)
    return np.clip(np.maximum(t, 0) ** 3 * D50 @ np.linalg.inv(SRGB).T, 0, 1) ** (1 / 2.2)


def light(v: np.ndarray) -> np.ndarray:
    """sRGB values of 0..1 to linear light."""
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def stored(v: np.ndarray) -> np.ndarray:
    """Linear light to sRGB values of 0..1."""
    v = np.clip(v, 0, 1)
    return np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)


def in_srgb(values: np.ndarray, colorants: np.ndarray = P3, gamma: float | str = CURVE) -> np.ndarray:
    """Values of 0..1 in a screen's profile as sRGB values, in float64."""
    linear = light(values) if gamma == CURVE else values**gamma
    return stored(linear @ (np.linalg.inv(SRGB) @ colorants).T)


def picture(path: object) -> Pillow.Image:
    """A file as Pillow reads it; the file is closed."""
    with Pillow.open(path) as image:
        image.load()
    return image
