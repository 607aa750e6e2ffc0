"""Warp: resample a plate at the positions that a motion gives."""

from __future__ import annotations

import math

import numpy as np

from imgconv.steps.registration.plate import Motion, Rectangle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles, Floats, Samples

LOBES = 3  # of the Lanczos kernel, on each side


def warp(a: Samples, motion: Motion, area: Rectangle) -> Floats:
    """out(x, y) = a(motion(x, y)) for the pixels of `area`; the border of `a` is replicated.

    A shift: Lanczos resampling, three lobes. Otherwise: cubic convolution (R. Keys, 1981), rows first, then columns.
    """
    if not motion.is_shift:
        return _warp_affine(a, motion, area)
    left, x = _split_shift(motion.shift[0])
    top, y = _split_shift(motion.shift[1])
    window = _window(a, area.translated(left, top), LOBES)
    return _lanczos_shift(_lanczos_shift(window, y).T, x).T


def _split_shift(shift: float) -> tuple[int, float]:
    """Whole pixels, and the fraction from 0 to 1; fractions nearer to 0 than 0.0005 pixels count as 0."""
    whole = math.floor(shift + 0.0005)
    return whole, max(shift - whole, 0.0) if abs(shift - whole) > 0.0005 else 0.0


def _window(a: Samples, area: Rectangle, margin: int) -> Floats:
    """Floats of an area and `margin` pixels around it; beyond the border of `a` its last pixel is repeated."""
    rows = np.arange(area.top - margin, area.bottom + margin).clip(0, a.shape[0] - 1)
    columns = np.arange(area.left - margin, area.right + margin).clip(0, a.shape[1] - 1)
    band = a[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if band.shape != (len(rows), len(columns)):
        band = band[np.ix_(rows - rows[0], columns - columns[0])]
    return band.astype(np.float32)


def _lanczos_shift(a: Floats, fraction: float) -> Floats:
    """Rows moved up by a fraction of a pixel: (h, w) -> (h - 2 LOBES, w)."""
    inner = a[LOBES : a.shape[0] - LOBES]
    if not fraction:
        return inner
    moved = np.zeros_like(inner)
    for tap, weight in enumerate(lanczos_weights(fraction), 1 - LOBES):
        moved += weight * a[LOBES + tap : LOBES + tap + len(inner)]
    return moved


def lanczos_weights(fraction: float) -> Floats:
    """Lanczos weights of the samples 1 - LOBES to LOBES for a position between samples 0 and 1; their sum is 1."""
    distance = np.arange(1 - LOBES, LOBES + 1) - fraction
    weights = np.sinc(distance) * np.sinc(distance / LOBES)
    normalized: Floats = (weights / weights.sum()).astype(np.float32)
    return normalized


def _warp_affine(a: Samples, motion: Motion, area: Rectangle) -> Floats:
    """Two-pass affine warp (E. Catmull and A. R. Smith, 1980): along the rows, then along the columns."""
    (xx, xy), (yx, yy) = motion.linear
    x = np.arange(area.left, area.right, dtype=np.float64)
    y = np.arange(area.top, area.bottom, dtype=np.float64)[:, None]
    down = yx * x + yy * y + motion.shift[1]  # row of `a` for each pixel of the area
    top, bottom = math.floor(down.min()) - 1, math.floor(down.max()) + 3
    rows = np.arange(top, bottom, dtype=np.float64)[:, None]
    across = xx * x + xy * (rows - yx * x - motion.shift[1]) / yy + motion.shift[0]
    left, right = math.floor(across.min()) - 1, math.floor(across.max()) + 3
    window = _window(a, Rectangle(left, top, right, bottom), 0)
    resampled_rows = _interpolate_cubic(window, across - left, 1)
    return _interpolate_cubic(resampled_rows, down - top, resampled_rows.shape[1])


def _interpolate_cubic(a: Floats, positions: Doubles, stride: int) -> Floats:
    """Cubic convolution at fractional positions; stride in items: 1 along rows, the row's length down columns."""
    whole = np.floor(positions)
    fraction = (positions - whole).astype(np.float32)
    lines = np.arange(a.shape[0])[:, None] * a.shape[1] if stride == 1 else np.arange(a.shape[1])
    base = whole.astype(np.int64) * stride + lines
    flat = a.ravel()
    sums = np.zeros(positions.shape, np.float32)
    for tap, weight in enumerate(cubic_weights(fraction), -1):
        sums += weight * flat.take(base + tap * stride)
    return sums


def cubic_weights(fraction: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Cubic convolution weights of the samples at -1, 0, 1 and 2 for positions between 0 and 1."""
    half, rest = np.float32(0.5), 1 - fraction
    return (
        -half * fraction * rest * rest,
        1 + fraction * fraction * (3 * half * fraction - 5 * half),
        1 + rest * rest * (3 * half * rest - 5 * half),
        -half * rest * fraction * fraction,
    )
