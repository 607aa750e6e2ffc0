"""Slow and plain answers for ranks and morphology: every window written out and sorted.

Arrays are H x W x C, neighborhoods arrays of truth values. Nothing of imgconv is imported here.
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


def windows(a: np.ndarray, cells: np.ndarray, edge: str, center: Center = None) -> np.ndarray:
    """Values of the neighborhood x height x width x channels."""
    (rows, columns), (height, width) = cells.shape, a.shape[:2]
    x, y = center or (columns // 2, rows // 2)
    wide = padded(a, ((y, rows - 1 - y), (x, columns - 1 - x), (0, 0)), edge)
    return np.array([wide[i : i + height, j : j + width] for i, j in np.argwhere(cells)])


def rank(
    a: np.ndarray, cells: np.ndarray, at: int, edge: str = "replicate", center: Center = None
) -> np.ndarray:
    """Value number `at` of the neighborhood; NumPy sorts NaN last."""
    return np.sort(windows(a, cells, edge, center), axis=0)[at]


def median(a: np.ndarray, cells: np.ndarray, edge: str = "replicate", center: Center = None) -> np.ndarray:
    return rank(a, cells, (int(cells.sum()) - 1) // 2, edge, center)


def mean_median(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    found = windows(a, cells, edge)
    return np.median(found, axis=0) if len(found) % 2 == 0 else median(a, cells, edge)


def percentile(a: np.ndarray, cells: np.ndarray, percent: float, edge: str = "replicate") -> np.ndarray:
    return rank(a, cells, floor(percent / 100 * (int(cells.sum()) - 1) + 0.5), edge)


def erode(a: np.ndarray, cells: np.ndarray, edge: str = "replicate", center: Center = None) -> np.ndarray:
    return windows(a, cells, edge, center).min(axis=0)


def dilate(a: np.ndarray, cells: np.ndarray, edge: str = "replicate", center: Center = None) -> np.ndarray:
    return windows(a, cells, edge, center).max(axis=0)


def mirrored(cells: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The neighborhood turned around its center, and where that is then."""
    rows, columns = cells.shape
    return cells[::-1, ::-1], ((columns - 1) // 2, (rows - 1) // 2)


def opening(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    turned, center = mirrored(cells)
    return dilate(erode(a, cells, edge), turned, edge, center)


def closing(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    turned, center = mirrored(cells)
    return erode(dilate(a, cells, edge), turned, edge, center)


def difference(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """high - low; whole numbers stop at 0."""
    if high.dtype.kind == "f":
        return high - low
    return np.maximum(high.astype(np.int64) - low, 0).astype(high.dtype)


def gradient(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(dilate(a, cells, edge), erode(a, cells, edge))


def tophat(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(a, opening(a, cells, edge))


def blackhat(a: np.ndarray, cells: np.ndarray, edge: str = "replicate") -> np.ndarray:
    return difference(closing(a, cells, edge), a)
