"""Reference implementations of denoising filters and of local contrast, slow and plain, in float64; no imgconv."""

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


def weighted_mean(a: np.ndarray, wide: np.ndarray, taps: list[tuple[int, int]], weigh) -> np.ndarray:
    """The mean over taps (down, across from the top left of `wide`), `weigh(tap)` being their weights; alpha stays."""
    height, width = a.shape[:2]
    colors, alpha = opaque(a)
    sums, total = np.zeros((height, width, colors)), np.zeros((height, width))
    for y, x in taps:
        there = wide[y : y + height, x : x + width]
        w = weigh((y, x)) * (1.0 if alpha is None else np.maximum(there[..., -1], 0))
        sums += w[..., None] * there[..., :colors]
        total += w
    result = a.astype(np.float64)
    some = total > 0
    result[some, :colors] = sums[some] / total[some][:, None]
    return result


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

    return weighted_mean(a, wide, taps, weigh)


def tables(plane: np.ndarray, tiles: tuple[int, int], limit: float, bins: int) -> np.ndarray:
    """The share of the counts up to each bin, for each tile of a plane of bins that the tiles divide."""
    height, width = plane.shape[0] // tiles[0], plane.shape[1] // tiles[1]
    most = max(int(limit * height * width / bins), 1) if limit else height * width
    result = np.zeros((*tiles, bins))
    for i, j in np.ndindex(*tiles):
        tile = plane[i * height : (i + 1) * height, j * width : (j + 1) * width]
        counts = np.bincount(tile.ravel(), minlength=bins)
        cut = int(np.maximum(counts - most, 0).sum())
        counts = np.minimum(counts, most) + cut // bins
        if cut % bins:
            counts[:: max(bins // (cut % bins), 1)][: cut % bins] += 1
        result[i, j] = np.cumsum(counts) / (height * width)
    return result


def around(length: int, tile: int, tiles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    position = np.arange(length) / tile - 0.5
    before = np.floor(position).astype(int)
    return np.maximum(before, 0), np.minimum(before + 1, tiles - 1), position - before


def clahe(a: np.ndarray, tiles: tuple[int, int] = (8, 8), limit: float = 2.0) -> np.ndarray:
    bins = 65536 if a.dtype == np.uint16 else 256
    scale = full(a) if a.dtype.kind == "u" else 1.0
    sides = [-size % count for size, count in zip(a.shape, tiles, strict=False)]
    if any(sides):
        sides = [side or count for side, count in zip(sides, tiles, strict=True)]
    result = a.astype(np.float64)
    for c in range(opaque(a)[0]):
        levels = np.clip(a[..., c : c + 1] / scale, 0, 1) * (bins - 1)
        wide = extended(levels, ("reflect101", 0.0), (0, sides[1], sides[0], 0))[..., 0]
        curves = tables(np.floor(wide + 0.5).astype(int), tiles, limit, bins) * scale
        if a.dtype.kind == "u":
            curves = np.rint(curves)
        up, down, share = around(a.shape[0], wide.shape[0] // tiles[0], tiles[0])
        left, right, part = around(a.shape[1], wide.shape[1] // tiles[1], tiles[1])
        low = np.floor(levels[..., 0]).astype(int)
        blended = np.zeros(a.shape[:2])
        for b, f in ((low, 1 - levels[..., 0] + low), (np.minimum(low + 1, bins - 1), levels[..., 0] - low)):
            for i, w in ((up, 1 - share), (down, share)):
                for j, v in ((left, 1 - part), (right, part)):
                    blended += f * w[:, None] * v[None] * curves[i[:, None], j[None], b]
        result[..., c] = np.rint(blended) if a.dtype.kind == "u" else blended
    return result


def means(a: np.ndarray, radius: int) -> np.ndarray:
    """The mean of the pixels of each box that are in the image."""
    height, width = a.shape[:2]
    result = np.empty(a.shape)
    for y, x in np.ndindex(height, width):
        box = a[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1]
        result[y, x] = box.mean((0, 1))
    return result


def guided(a: np.ndarray, radius: int, eps: float) -> np.ndarray:
    colors, _ = opaque(a)
    result = a.astype(np.float64)
    v = result[..., :colors]
    mean = means(v, radius)
    var = means(v * v, radius) - mean * mean
    slope = var / (var + eps * full(a) ** 2)
    result[..., :colors] = means(slope, radius) * v + means(mean - slope * mean, radius)
    return result


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
    return weighted_mean(a, wide, taps, weigh)


def guided_by_color(a: np.ndarray, radius: int, eps: float) -> np.ndarray:
    result = a.astype(np.float64)
    v = result[..., :3]
    mean = means(v, radius)
    pairs = (v[..., :, None] * v[..., None, :]).reshape(*v.shape[:2], 9)
    cov = means(pairs, radius).reshape(*v.shape, 3) - mean[..., :, None] * mean[..., None, :]
    slope = np.linalg.solve(cov + eps * full(a) ** 2 * np.eye(3), cov)
    base = mean - np.einsum("yxdc,yxd->yxc", slope, mean)
    slope = means(slope.reshape(*v.shape[:2], 9), radius).reshape(*v.shape, 3)
    result[..., :3] = np.einsum("yxdc,yxd->yxc", slope, v) + means(base, radius)
    return result
