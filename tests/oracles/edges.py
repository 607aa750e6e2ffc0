"""Reference implementations of edges and details: larger gradients, compasses, differences of blurs, discs, Canny.

Arrays are H x W x C; every result is float64. An edge is (mode, value). Nothing of imgconv is imported here.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, radians, sin

import numpy as np

from tests.oracles.convolution import correlate, extended, gaussian, gaussian_weights

BINOMIAL = {3: (1, 2, 1), 5: (1, 4, 6, 4, 1), 7: (1, 6, 15, 20, 15, 6, 1)}
CHANGE = {3: (-1, 0, 1), 5: (-1, -2, 0, 2, 1), 7: (-1, -4, -5, 0, 5, 4, 1)}
REPLICATE = ("replicate", 0.0)
RING = ((1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0), (0, 1), (0, 2))  # from the right downwards
FIRST = {"kirsch": (5, 5, -3, -3, -3, -3, -3, 5), "robinson": (2, 1, 0, -1, -2, -1, 0, 1)}


def derivatives(a: np.ndarray, edge: tuple[str, float], size: int) -> tuple[np.ndarray, np.ndarray]:
    smooth, change = BINOMIAL[size], CHANGE[size]
    return correlate(a, np.outer(smooth, change), edge), correlate(a, np.outer(change, smooth), edge)


def sobel(
    a: np.ndarray, edge: tuple[str, float], size: int, part: str = "magnitude", unit: bool = False
) -> np.ndarray:
    gx, gy = derivatives(a, edge, size)
    if part == "angle":
        return np.degrees(np.arctan2(gy, gx)) % 360
    parts = {"x": gx, "y": gy, "magnitude": np.sqrt(gx * gx + gy * gy), "abs-sum": abs(gx) + abs(gy)}
    return parts[part] / ({3: 4, 5: 48, 7: 640}[size] if unit else 1)


def compass_kernels(name: str) -> list[np.ndarray]:
    """The eight kernels: first that for the right, each next one turned by 45 degrees."""
    kernels = []
    for turn in range(8):
        kernel = np.zeros((3, 3))
        for index, pixel in enumerate(RING):
            kernel[pixel] = FIRST[name][(index - turn) % 8]
        kernels.append(kernel)
    return kernels


def compass(
    a: np.ndarray, edge: tuple[str, float], name: str, part: str = "magnitude", unit: bool = False
) -> np.ndarray:
    answers = np.stack([correlate(a, kernel, edge) for kernel in compass_kernels(name)])
    if part == "direction":
        return answers.argmax(0) * 45.0
    return answers.max(0) / ({"kirsch": 15, "robinson": 4}[name] if unit else 1)


def log(a: np.ndarray, edge: tuple[str, float], sigma: float, unit: bool = False) -> np.ndarray:
    smooth = gaussian_weights(sigma)
    x = np.arange(len(smooth)) - len(smooth) // 2
    curve = smooth * (x * x / sigma**4 - 1 / sigma**2)
    kernel = np.outer(smooth, curve) + np.outer(curve, smooth)
    return correlate(a, kernel, edge) * (sigma**2 if unit else 1)


def dog(a: np.ndarray, edge: tuple[str, float], sigma: float, wide: float) -> np.ndarray:
    return gaussian(a, edge, sigma) - gaussian(a, edge, wide)


def highpass(a: np.ndarray, edge: tuple[str, float], sigma: float) -> np.ndarray:
    return a - gaussian(a, edge, sigma)


@lru_cache
def disc_kernel(radius: float) -> np.ndarray:
    """The part of each pixel inside a disc, by adding up many thin upright strips; their sum 1."""
    size = max(0, int(np.ceil(radius - 0.5)))
    pixels = np.arange(-size, size + 1)
    x = pixels[:, None] + (np.arange(20000) + 0.5) / 20000 - 0.5
    half = np.sqrt(np.maximum(radius * radius - x * x, 0))
    top = np.minimum(half[None], pixels[:, None, None] + 0.5)
    kernel = np.maximum(top - np.maximum(-half[None], pixels[:, None, None] - 0.5), 0).mean(2)
    return kernel / kernel.sum()


def disc(a: np.ndarray, edge: tuple[str, float], radius: float) -> np.ndarray:
    return correlate(a, disc_kernel(radius), edge)


def relief(angle: float, depth: float, flat: bool = False) -> np.ndarray:
    y, x = np.mgrid[-1:2, -1:2]
    kernel = depth * (sin(radians(angle)) * y - cos(radians(angle)) * x)
    kernel[1, 1] += not flat
    return kernel


def canny(
    a: np.ndarray,
    low: float = 100,
    high: float = 200,
    l2: bool = False,
    size: int = 3,
    edge: tuple[str, float] = REPLICATE,
) -> np.ndarray:
    """OpenCV's algorithm, pixel by pixel."""
    full = float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0
    gx, gy = derivatives(a, edge, size)
    magnitude = np.sqrt(gx * gx + gy * gy) if l2 else abs(gx) + abs(gy)
    steepest = magnitude.argmax(2)[:, :, None]
    gx, gy, magnitude = (np.take_along_axis(a, steepest, 2)[:, :, 0] for a in (gx, gy, magnitude))
    around = extended(magnitude[:, :, None], ("constant", 0.0), (1, 1, 1, 1))[:, :, 0]
    crest = np.zeros(magnitude.shape, bool)
    for y, x in np.ndindex(*magnitude.shape):
        dy, dx, strict = _along(gx[y, x], gy[y, x])
        m, before, after = magnitude[y, x], around[y + 1 - dy, x + 1 - dx], around[y + 1 + dy, x + 1 + dx]
        crest[y, x] = m > before and (m > after if strict else m >= after)
    weak, strong = (crest & (magnitude > limit * full / 255) for limit in (low, high))
    return _joined(weak, strong)[:, :, None] * full


def _along(gx: float, gy: float) -> tuple[int, int, bool]:
    """The step to the neighbor along a gradient: rows, columns, and whether it must be smaller."""
    x, y = abs(gx), abs(gy) * 32768
    if y < x * 13573:
        return 0, 1, False
    if y > x * (13573 + 65536):
        return 1, 0, False
    return 1, (1 if (gx < 0) == (gy < 0) else -1), True


def _joined(weak: np.ndarray, strong: np.ndarray) -> np.ndarray:
    joined, waiting = strong.copy(), list(zip(*strong.nonzero(), strict=True))
    while waiting:
        y, x = waiting.pop()
        for v in range(max(y - 1, 0), min(y + 2, weak.shape[0])):
            for u in range(max(x - 1, 0), min(x + 2, weak.shape[1])):
                if weak[v, u] and not joined[v, u]:
                    joined[v, u] = True
                    waiting.append((v, u))
    return joined
