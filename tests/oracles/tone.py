"""Slow and plain answers for the steps on single values, colors, pools and geometry.

Arrays are H x W x C; every result is float64 unless it says otherwise. Nothing of imgconv is imported here.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, isnan

import numpy as np


def full(a: np.ndarray) -> float:
    """Full scale: of whole numbers the largest, of others 1."""
    return float(np.iinfo(a.dtype).max) if a.dtype.kind == "u" else 1.0


def stored(values: np.ndarray, dtype: str) -> np.ndarray:
    """What `save` would write: rounded half to even, clipped."""
    top = float(np.iinfo(dtype).max)
    return np.clip(np.rint(values.astype(np.float64)), 0, top).astype(dtype)


# ---- tone -------------------------------------------------------------------------------------------------------


def scale(a: np.ndarray, factor: float, shift: float = 0.0) -> np.ndarray:
    return a.astype(np.float64) * factor + shift


def invert(a: np.ndarray) -> np.ndarray:
    return full(a) - a.astype(np.float64)


def relu(a: np.ndarray) -> np.ndarray:
    v = a.astype(np.float64)
    return np.where(v < 0, 0, v)


def clip(a: np.ndarray, low: float = 0.0, high: float | None = None) -> np.ndarray:
    v = a.astype(np.float64)
    high = full(a) if high is None else high
    return np.where(v < low, low, np.where(v > high, high, v))


def threshold(a: np.ndarray, level: float) -> np.ndarray:
    v = a.astype(np.float64)
    return np.where(np.isnan(v), v, np.where(v >= level * full(a), full(a), 0.0))


def gamma(a: np.ndarray, exponent: float) -> np.ndarray:
    v = a.astype(np.float64)
    return full(a) * (np.where(v < 0, 0, v) / full(a)) ** (1 / exponent)


def normalize(a: np.ndarray) -> np.ndarray:
    v = a.astype(np.float64)
    least, largest = v[np.isfinite(v)].min(), v[np.isfinite(v)].max()
    return (v - least) * (full(a) / (largest - least) if largest > least else 0.0)


def equalize(a: np.ndarray) -> np.ndarray:
    """Whole numbers; each channel by itself, in exact fractions."""
    out = np.empty(a.shape)
    for c in range(a.shape[2]):
        channel = a[:, :, c]
        values, counts = np.unique(channel, return_counts=True)
        left = int(counts.sum() - counts[0])
        total = np.cumsum(counts) - counts[0]
        even = {
            int(v): float(Fraction(int(t)) * int(full(a)) / left) if left else float(v)
            for v, t in zip(values, total, strict=True)
        }
        out[:, :, c] = [[even[int(v)] for v in row] for row in channel]
    return out


def bins(a: np.ndarray) -> list[list[int]]:
    """Counts of each channel: 256 bins from 0 to full scale for whole numbers, else between the channel's extremes."""
    found = []
    for c in range(a.shape[2]):
        values = [v for v in a[:, :, c].ravel().tolist() if not isnan(v) and abs(v) != inf]
        low, high = (0.0, full(a)) if a.dtype.kind == "u" else (min(values), max(values))
        counts = [0] * 256
        for v in values:
            counts[min(int((v - low) * (256 / (high - low))), 255) if high > low else 0] += 1
        found.append(counts)
    return found


def histogram(a: np.ndarray, rows: int = 256, columns: int = 512, log: bool = False) -> np.ndarray | None:
    """The picture of the bins, pixel by pixel."""
    if a.shape[2] not in (1, 3):
        return None
    counts = bins(a)
    most = max(map(max, counts))
    out = np.zeros((rows, columns, a.shape[2]))
    for x in range(columns):
        first = x * 256 // columns
        last = max(first, (x + 1) * 256 // columns - 1)
        for c, one in enumerate(counts):
            count = max(one[first : last + 1])
            part = np.log1p(count) / np.log1p(most) if log else count / most
            out[rows - int(np.ceil(rows * part - 1e-9)) :, x, c] = 255
    return out


# ---- color -----------------------------------------------------------------------------------------------------


def gray(a: np.ndarray, weights: tuple[float, ...] = (299, 587, 114)) -> np.ndarray:
    v = a.astype(np.float64)
    return (sum(w * v[:, :, c] for c, w in enumerate(weights)) / sum(weights))[:, :, None]


def gray_stored(a: np.ndarray) -> np.ndarray:
    """Rec. 601 of bytes in whole numbers alone: (299 R + 587 G + 114 B) / 1000 half to even."""
    total = sum(w * a[:, :, c].astype(np.int64) for c, w in enumerate((299, 587, 114)))
    half, rest = np.divmod(total, 1000)
    up = (rest > 500) | ((rest == 500) & (half % 2 == 1))
    return (half + up).astype(np.uint8)[:, :, None]


def to_linear(a: np.ndarray) -> np.ndarray:
    v = a.astype(np.float64) / full(a)
    return full(a) * np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def from_linear(a: np.ndarray) -> np.ndarray:
    v = a.astype(np.float64) / full(a)
    return full(a) * np.where(v <= 0.0031308, v * 12.92, 1.055 * np.maximum(v, 0) ** (1 / 2.4) - 0.055)


def luminance(a: np.ndarray) -> np.ndarray:
    return gray(to_linear(a) / full(a), (0.2126, 0.7152, 0.0722))


def gray_linear(a: np.ndarray) -> np.ndarray:
    return full(a) * from_linear(luminance(a))


def gray_lightness(a: np.ndarray) -> np.ndarray:
    y = luminance(a)
    lightness = np.where(y <= 216 / 24389, y * 24389 / 27, 116 * np.cbrt(y) - 16)
    return full(a) * lightness / 100


# ---- pools ------------------------------------------------------------------------------------------------------


def pool_length(
    length: int, size: int, stride: int, before: int, after: int, dilation: int, ceil: bool
) -> int:
    """PyTorch's number of windows: the last one begins inside the input or the padding before it."""
    room = length + before + after - dilation * (size - 1) - 1
    if not ceil:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= length + before else count


def pool(
    a: np.ndarray,
    kind: str,
    size: tuple[int, int] = (2, 2),
    stride: tuple[int, int] | None = None,
    padding: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilation: tuple[int, int] = (1, 1),
    ceil: bool = False,
    count_pad: bool = False,
) -> np.ndarray:
    """Window by window, tap by tap; padding is top, right, bottom, left."""
    top, right, bottom, left = padding
    (height, width), (rows, columns) = a.shape[:2], stride or size
    m = pool_length(height, size[0], rows, top, bottom, dilation[0], ceil)
    n = pool_length(width, size[1], columns, left, right, dilation[1], ceil)
    out = np.empty((m, n, a.shape[2]))
    for y in range(m):
        for x in range(n):
            places = [
                (y * rows - top + i * dilation[0], x * columns - left + j * dilation[1])
                for i in range(size[0])
                for j in range(size[1])
            ]
            seen = [(p, q) for p, q in places if 0 <= p < height and 0 <= q < width]
            padded = [(p, q) for p, q in places if -top <= p < height + bottom and -left <= q < width + right]
            for c in range(a.shape[2]):
                values = [float(a[p, q, c]) for p, q in seen]
                out[y, x, c] = (
                    largest(values)
                    if kind == "max"
                    else sum(values) / max(len(padded if count_pad else seen), 1)
                )
    return out


def largest(values: list[float]) -> float:
    """NaN where there is one."""
    best = -inf
    for value in values:
        if isnan(value):
            return value
        best = max(best, value)
    return best


# ---- geometry ---------------------------------------------------------------------------------------------------


def crop(a: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    return a[y : y + height, x : x + width]


def flip(a: np.ndarray, direction: str) -> np.ndarray:
    return a[:, ::-1] if direction == "horizontal" else a[::-1]


def rotate(a: np.ndarray, angle: int) -> np.ndarray:
    """Clockwise, pixel by pixel."""
    height, width = a.shape[:2]
    quarter = angle % 360 // 90
    shape = (height, width) if quarter == 2 else (width, height)
    out = np.empty((*shape, a.shape[2]), a.dtype)
    for y in range(height):
        for x in range(width):
            place = {1: (x, height - 1 - y), 2: (height - 1 - y, width - 1 - x), 3: (width - 1 - x, y)}[
                quarter
            ]
            out[place] = a[y, x]
    return out
