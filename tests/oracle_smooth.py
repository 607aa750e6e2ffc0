"""Slow and plain answers for smoothing that keeps edges, and for local contrast, in float64; nothing of imgconv."""

from __future__ import annotations

import numpy as np
from oracle import extended

REPLICATE = ("replicate", 0.0)


def full(a: np.ndarray) -> float:
    return float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0


def opaque(a: np.ndarray) -> tuple[int, np.ndarray | None]:
    """How many channels are colours, and the alpha of two or four channels."""
    alpha = a.shape[2] in (2, 4)
    return a.shape[2] - alpha, a[..., -1].astype(np.float64) if alpha else None


def mixed(a: np.ndarray, wide: np.ndarray, taps: list[tuple[int, int]], weigh) -> np.ndarray:
    """The mean over taps (down, across from the top left of `wide`), `weigh(tap)` being their weights; alpha stays."""
    height, width = a.shape[:2]
    colours, alpha = opaque(a)
    sums, total = np.zeros((height, width, colours)), np.zeros((height, width))
    for y, x in taps:
        there = wide[y : y + height, x : x + width]
        w = weigh((y, x)) * (1.0 if alpha is None else np.maximum(there[..., -1], 0))
        sums += w[..., None] * there[..., :colours]
        total += w
    found = a.astype(np.float64)
    some = total > 0
    found[some, :colours] = sums[some] / total[some][:, None]
    return found


def bilateral(a: np.ndarray, space: float, near: float, radius: int, edge=REPLICATE) -> np.ndarray:
    height, width = a.shape[:2]
    wide = extended(a, edge, (radius,) * 4)
    colours, _ = opaque(a)
    around = range(-radius, radius + 1)
    taps = [(radius + i, radius + j) for i in around for j in around if i * i + j * j <= radius * radius]

    def weigh(tap: tuple[int, int]) -> np.ndarray:
        y, x = tap
        apart = wide[y : y + height, x : x + width, :colours] - a[..., :colours]
        distance = (y - radius) ** 2 + (x - radius) ** 2
        likeness = np.exp(-(np.abs(apart).sum(2) ** 2) / (2 * (near * full(a)) ** 2))
        return np.exp(-distance / (2 * space**2)) * likeness

    return mixed(a, wide, taps, weigh)
