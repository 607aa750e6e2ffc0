"""Slow and plain reference results for borders, convolution, blurs and gradients.

Arrays are H x W x C; every result is float64. An edge is (mode, value). Nothing of imgconv is imported here.
"""

from __future__ import annotations

from math import exp

import numpy as np

SIDES = {"sobel": (1, 2), "prewitt": (1, 1), "scharr": (3, 10)}


def border_indices(mode: str, length: int, before: int, after: int) -> list[int | None]:
    """The index in 0..length-1 that fills each index from -before to length + after - 1; None for the constant."""
    inside = list(range(length))
    if mode in ("constant", "replicate"):
        first, last = (None, None) if mode == "constant" else (0, length - 1)
        return [first] * before + inside + [last] * after
    back = inside[::-1] if mode == "symmetric" else inside[-2:0:-1]
    period = inside if mode == "wrap" else inside + back
    return [period[i % len(period)] for i in range(-before, length + after)]


def extended(a: np.ndarray, edge: tuple[str, float], sides: tuple[int, int, int, int]) -> np.ndarray:
    """The image with `sides` = top, right, bottom, left pixels added around it."""
    top, right, bottom, left = sides
    rows = border_indices(edge[0], a.shape[0], top, bottom)
    columns = border_indices(edge[0], a.shape[1], left, right)
    padded = np.full((len(rows), len(columns), a.shape[2]), edge[1], np.float64)
    inside = [x for x, column in enumerate(columns) if column is not None]
    for y, row in enumerate(rows):
        if row is not None:
            padded[y, inside] = a[row, [columns[x] for x in inside]]
    return padded


def correlate(
    a: np.ndarray,
    kernel: np.ndarray,
    edge: tuple[str, float] = ("replicate", 0.0),
    *,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    padding: str | tuple[int, int, int, int] = "keep",
    anchor: tuple[int, int] | None = None,
    bias: float = 0.0,
) -> np.ndarray | None:
    """bias + sum of kernel[i, j] in[y + i, x + j], in row-major order of the weights; None where no output is left."""
    height, width = kernel.shape
    down, across = dilation
    if padding == "keep":
        x, y = anchor or (width // 2, height // 2)
        sides = (y * down, (width - 1 - x) * across, (height - 1 - y) * down, x * across)
    else:
        sides = (0, 0, 0, 0) if padding == "none" else padding
    padded = extended(a, edge, sides)
    rows = padded.shape[0] - (height - 1) * down
    columns = padded.shape[1] - (width - 1) * across
    if rows < 1 or columns < 1:
        return None
    total = np.full((rows, columns, a.shape[2]), bias, np.float64)
    for i in range(height):
        for j in range(width):
            total = (
                total + padded[i * down : i * down + rows, j * across : j * across + columns] * kernel[i, j]
            )
    return total[:: stride[0], :: stride[1]]


def gaussian_weights(sigma: float, truncate: float = 4.0, size: int | None = None) -> np.ndarray:
    """Samples of a Gaussian that sum to 1."""
    radius = int(truncate * sigma + 0.5) if size is None else size // 2
    weights = np.array([exp(-0.5 * (i / sigma) * (i / sigma)) for i in range(-radius, radius + 1)])
    return weights / weights.sum()


def gaussian(
    a: np.ndarray, edge: tuple[str, float], sigma: float, truncate: float = 4.0, size=None
) -> np.ndarray:
    weights = gaussian_weights(sigma, truncate, size)
    return correlate(correlate(a, weights[:, None], edge), weights[None, :], edge)


def box(a: np.ndarray, edge: tuple[str, float], rows: int, columns: int) -> np.ndarray:
    return correlate(a, np.ones((rows, columns)), edge) / (rows * columns)


def sharpen(a: np.ndarray, edge: tuple[str, float], amount: float = 1.0) -> np.ndarray:
    return a.astype(np.float64) - amount * laplacian(a, edge)


def unsharp(a: np.ndarray, edge: tuple[str, float], sigma=1.0, amount=1.0, threshold=0.0) -> np.ndarray:
    full = float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0
    difference = a.astype(np.float64) - gaussian(a, edge, sigma)
    return a + np.where(abs(difference) >= threshold * full, amount * difference, 0.0)


def gradient(
    a: np.ndarray, edge: tuple[str, float], name: str, part: str = "magnitude", unit: bool = False
) -> np.ndarray:
    side, middle = SIDES[name]
    smooth, change = np.array([side, middle, side]), np.array([-1, 0, 1])
    gx = correlate(a, np.outer(smooth, change), edge)
    gy = correlate(a, np.outer(change, smooth), edge)
    if part == "angle":
        return np.degrees(np.arctan2(gy, gx)) % 360
    parts = {"x": gx, "y": gy, "magnitude": np.sqrt(gx * gx + gy * gy), "abs-sum": abs(gx) + abs(gy)}
    return parts[part] / (2 * side + middle if unit else 1)


def laplacian(a: np.ndarray, edge: tuple[str, float], neighbors: int = 4, unit: bool = False) -> np.ndarray:
    corner = 1 if neighbors == 8 else 0
    kernel = np.array([[corner, 1, corner], [1, -neighbors, 1], [corner, 1, corner]], np.float64)
    return correlate(a, kernel, edge) / (neighbors if unit else 1)


def motion_blur(a: np.ndarray, edge: tuple[str, float], length: float, angle: float) -> np.ndarray:
    """The mean along a line, drawn with very many points; each is shared by the four pixels around it."""
    reach = int(length) // 2 + 1
    t = np.linspace(-(length - 1) / 2, (length - 1) / 2, 20001)
    x, y = reach + t * np.cos(np.radians(angle)), reach - t * np.sin(np.radians(angle))
    kernel = np.zeros((2 * reach + 2, 2 * reach + 2))
    j, i = x.astype(int), y.astype(int)
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = (1 - abs(y - i - down)) * (1 - abs(x - j - across))
        np.add.at(kernel, (i + down, j + across), share)
    return correlate(a, kernel[:-1, :-1] / kernel.sum(), edge)
