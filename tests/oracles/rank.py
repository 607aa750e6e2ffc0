"""Reference implementations of rank filters and morphology, slow and plain: every window is written out and sorted.

Arrays are H x W x C, footprints arrays of truth values. Nothing of imgconv is imported here.
"""

from __future__ import annotations

from math import floor

import numpy as np

PAD = {"replicate": "edge", "symmetric": "symmetric", "reflect101": "reflect", "wrap": "wrap"}
Center = tuple[int, int] | None


def square(height: int, width: int | None = None) -> np.ndarray:
    return np.ones((height, width or height), bool)


def disc(size: int) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    return x * x + y * y <= (size // 2) ** 2


def padded(a: np.ndarray, sides: tuple[tuple[int, int], ...], edge: str) -> np.ndarray:
    mode, _, value = edge.partition(":")
    if mode == "constant":
        return np.pad(a, sides, constant_values=a.dtype.type(float(value)))
    return np.pad(a, sides, mode=PAD[mode])


def windows(a: np.ndarray, footprint: np.ndarray, edge: str, center: Center = None) -> np.ndarray:
    """Values of the neighborhood x height x width x channels."""
    (rows, columns), (height, width) = footprint.shape, a.shape[:2]
    x, y = center or (columns // 2, rows // 2)
    extended = padded(a, ((y, rows - 1 - y), (x, columns - 1 - x), (0, 0)), edge)
    return np.array([extended[i : i + height, j : j + width] for i, j in np.argwhere(footprint)])


def rank(
    a: np.ndarray, footprint: np.ndarray, position: int, edge: str = "replicate", center: Center = None
) -> np.ndarray:
    """Value number `position` of the neighborhood; NumPy sorts NaN last."""
    return np.sort(windows(a, footprint, edge, center), axis=0)[position]


def median(
    a: np.ndarray, footprint: np.ndarray, edge: str = "replicate", center: Center = None
) -> np.ndarray:
    return rank(a, footprint, (int(footprint.sum()) - 1) // 2, edge, center)


def mean_median(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    values = windows(a, footprint, edge)
    return np.median(values, axis=0) if len(values) % 2 == 0 else median(a, footprint, edge)


def percentile(a: np.ndarray, footprint: np.ndarray, percent: float, edge: str = "replicate") -> np.ndarray:
    return rank(a, footprint, floor(percent / 100 * (int(footprint.sum()) - 1) + 0.5), edge)


def erode(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate", center: Center = None) -> np.ndarray:
    return windows(a, footprint, edge, center).min(axis=0)


def dilate(
    a: np.ndarray, footprint: np.ndarray, edge: str = "replicate", center: Center = None
) -> np.ndarray:
    return windows(a, footprint, edge, center).max(axis=0)


def mirrored(footprint: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The neighborhood turned around its center, and where that is then."""
    rows, columns = footprint.shape
    return footprint[::-1, ::-1], ((columns - 1) // 2, (rows - 1) // 2)


def opening(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    turned, center = mirrored(footprint)
    return dilate(erode(a, footprint, edge), turned, edge, center)


def closing(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    turned, center = mirrored(footprint)
    return erode(dilate(a, footprint, edge), turned, edge, center)


def difference(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """high - low; in integers not below 0."""
    if high.dtype.kind == "f":
        return high - low
    return np.maximum(high.astype(np.int64) - low, 0).astype(high.dtype)


def gradient(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(dilate(a, footprint, edge), erode(a, footprint, edge))


def tophat(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(a, opening(a, footprint, edge))


def blackhat(a: np.ndarray, footprint: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(closing(a, footprint, edge), a)
