"""Slow and plain answers for smoothing that keeps edges, and for local contrast, in float64; nothing of imgconv."""

from __future__ import annotations

import numpy as np

from tests.oracles.convolution import extended

REPLICATE = ("replicate", 0.0)


def full(a: np.ndarray) -> float:
    return float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0


def opaque(a: np.ndarray) -> tuple[int, np.ndarray | None]:
    """How many channels are colors, and the alpha of two or four channels."""
    alpha = a.shape[2] in (2, 4)
    return a.shape[2] - alpha, a[..., -1].astype(np.float64) if alpha else None


def mixed(a: np.ndarray, wide: np.ndarray, taps: list[tuple[int, int]], weigh) -> np.ndarray:
    """The mean over taps (down, across from the top left of `wide`), `weigh(tap)` being their weights; alpha stays."""
    height, width = a.shape[:2]
    colors, alpha = opaque(a)
    sums, total = np.zeros((height, width, colors)), np.zeros((height, width))
    for y, x in taps:
        there = wide[y : y + height, x : x + width]
        w = weigh((y, x)) * (1.0 if alpha is None else np.maximum(there[..., -1], 0))
        sums += w[..., None] * there[..., :colors]
        total += w
    found = a.astype(np.float64)
    some = total > 0
    found[some, :colors] = sums[some] / total[some][:, None]
    return found


def bilateral(a: np.ndarray, space: float, near: float, radius: int, edge=REPLICATE) -> np.ndarray:
    height, width = a.shape[:2]
    wide = extended(a, edge, (radius,) * 4)
    colors, _ = opaque(a)
    around = range(-radius, radius + 1)
    taps = [(radius + i, radius + j) for i in around for j in around if i * i + j * j <= radius * radius]

    def weigh(tap: tuple[int, int]) -> np.ndarray:
        y, x = tap
        apart = wide[y : y + height, x : x + width, :colors] - a[..., :colors]
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


def means(a: np.ndarray, radius: int) -> np.ndarray:
    """The mean of the pixels of each box that are in the image."""
    height, width = a.shape[:2]
    found = np.empty(a.shape)
    for y, x in np.ndindex(height, width):
        box = a[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1]
        found[y, x] = box.mean((0, 1))
    return found


def guided(a: np.ndarray, radius: int, eps: float) -> np.ndarray:
    colors, _ = opaque(a)
    found = a.astype(np.float64)
    v = found[..., :colors]
    mean = means(v, radius)
    var = means(v * v, radius) - mean * mean
    slope = var / (var + eps * full(a) ** 2)
    found[..., :colors] = means(slope, radius) * v + means(mean - slope * mean, radius)
    return found


def nlm(
    a: np.ndarray,
    patch: int = 7,
    search: int = 21,
    strength: float = 0.04,
    sigma: float = 0.0,
    edge=REPLICATE,
) -> np.ndarray:
    height, width = a.shape[:2]
    half, around_ = search // 2, patch // 2
    wide = extended(a, edge, (half + around_,) * 4)
    colors, _ = opaque(a)
    inner = wide[half : half + height + 2 * around_, half : half + width + 2 * around_, :colors]

    def weigh(tap: tuple[int, int]) -> np.ndarray:
        y, x = tap[0] - around_, tap[1] - around_
        there = wide[y : y + height + 2 * around_, x : x + width + 2 * around_, :colors]
        apart = ((there - inner) ** 2).mean(2)
        total = sum(apart[i : i + height, j : j + width] for i in range(patch) for j in range(patch))
        distance = total / patch**2 - 2 * (sigma * full(a)) ** 2
        return np.exp(-np.maximum(distance, 0) / (strength * full(a)) ** 2)

    taps = [(around_ + i, around_ + j) for i in range(search) for j in range(search)]
    return mixed(a, wide, taps, weigh)


def guided_by_color(a: np.ndarray, radius: int, eps: float) -> np.ndarray:
    found = a.astype(np.float64)
    v = found[..., :3]
    mean = means(v, radius)
    pairs = (v[..., :, None] * v[..., None, :]).reshape(*v.shape[:2], 9)
    cov = means(pairs, radius).reshape(*v.shape, 3) - mean[..., :, None] * mean[..., None, :]
    slope = np.linalg.solve(cov + eps * full(a) ** 2 * np.eye(3), cov)
    base = mean - np.einsum("yxdc,yxd->yxc", slope, mean)
    slope = means(slope.reshape(*v.shape[:2], 9), radius).reshape(*v.shape, 3)
    found[..., :3] = np.einsum("yxdc,yxd->yxc", slope, v) + means(base, radius)
    return found
