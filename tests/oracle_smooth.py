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


def tables(plane: np.ndarray, tiles: tuple[int, int], limit: float, bins: int) -> np.ndarray:
    """The share of the counts up to each bin, for each tile of a plane of bins that the tiles divide."""
    height, width = plane.shape[0] // tiles[0], plane.shape[1] // tiles[1]
    most = max(int(limit * height * width / bins), 1) if limit else height * width
    found = np.zeros((*tiles, bins))
    for i, j in np.ndindex(*tiles):
        tile = plane[i * height : (i + 1) * height, j * width : (j + 1) * width]
        counts = np.bincount(tile.ravel(), minlength=bins)
        cut = int(np.maximum(counts - most, 0).sum())
        counts = np.minimum(counts, most) + cut // bins
        if cut % bins:
            counts[:: max(bins // (cut % bins), 1)][: cut % bins] += 1
        found[i, j] = np.cumsum(counts) / (height * width)
    return found


def around(length: int, tile: int, tiles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at = np.arange(length) / tile - 0.5
    before = np.floor(at).astype(int)
    return np.maximum(before, 0), np.minimum(before + 1, tiles - 1), at - before


def clahe(a: np.ndarray, tiles: tuple[int, int] = (8, 8), limit: float = 2.0) -> np.ndarray:
    bins = 65536 if a.dtype == np.uint16 else 256
    scale = full(a) if a.dtype.kind == "u" else 1.0
    sides = [-size % count for size, count in zip(a.shape, tiles, strict=False)]
    if any(sides):
        sides = [side or count for side, count in zip(sides, tiles, strict=True)]
    found = a.astype(np.float64)
    for c in range(opaque(a)[0]):
        place = np.clip(a[..., c : c + 1] / scale, 0, 1) * (bins - 1)
        wide = extended(place, ("reflect101", 0.0), (0, sides[1], sides[0], 0))[..., 0]
        made = tables(np.floor(wide + 0.5).astype(int), tiles, limit, bins) * scale
        if a.dtype.kind == "u":
            made = np.rint(made)
        up, down, share = around(a.shape[0], wide.shape[0] // tiles[0], tiles[0])
        left, right, part = around(a.shape[1], wide.shape[1] // tiles[1], tiles[1])
        low = np.floor(place[..., 0]).astype(int)
        mixed_ = np.zeros(a.shape[:2])
        for b, f in ((low, 1 - place[..., 0] + low), (np.minimum(low + 1, bins - 1), place[..., 0] - low)):
            for i, w in ((up, 1 - share), (down, share)):
                for j, v in ((left, 1 - part), (right, part)):
                    mixed_ += f * w[:, None] * v[None] * made[i[:, None], j[None], b]
        found[..., c] = np.rint(mixed_) if a.dtype.kind == "u" else mixed_
    return found
