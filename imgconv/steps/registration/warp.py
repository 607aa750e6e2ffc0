"""Warp: a plate's pixels at the places that a motion names."""

from __future__ import annotations

import math

import numpy as np

from imgconv.steps.registration.plate import Motion, Rectangle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles, Floats, Numbers

LOBES = 3  # of the windowed sinc, each side


def warped(a: Numbers, motion: Motion, area: Rectangle) -> Floats:
    """out(x, y) = a(motion(x, y)) over the area; beyond its border `a` goes on as its last pixel.

    A shift: Lanczos, three lobes. Otherwise: cubic convolution (R. Keys, 1981), rows first, then columns.
    """
    if not motion.is_shift:
        return _turned(a, motion, area)
    left, x = _whole(motion.shift[0])
    top, y = _whole(motion.shift[1])
    window = _window(a, area.moved(left, top), LOBES)
    return _filtered(_filtered(window, y).T, x).T


def _whole(shift: float) -> tuple[int, float]:
    """Whole pixels, and the rest from 0 to 1; rests below a thousandth of a pixel are none."""
    whole = math.floor(shift + 0.0005)
    return whole, max(shift - whole, 0.0) if abs(shift - whole) > 0.0005 else 0.0


def _window(a: Numbers, area: Rectangle, more: int) -> Floats:
    """Floats of an area and `more` pixels around it, which may lie beyond the border."""
    rows = np.arange(area.top - more, area.bottom + more).clip(0, a.shape[0] - 1)
    columns = np.arange(area.left - more, area.right + more).clip(0, a.shape[1] - 1)
    band = a[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if band.shape != (len(rows), len(columns)):
        band = band[np.ix_(rows - rows[0], columns - columns[0])]
    return band.astype(np.float32)


def _filtered(a: Floats, part: float) -> Floats:
    """Rows moved up by a part of a pixel, without the outer `LOBES` ones."""
    inner = a[LOBES : a.shape[0] - LOBES]
    if not part:
        return inner
    found = np.zeros_like(inner)
    for tap, weight in enumerate(lanczos(part), 1 - LOBES):
        found += weight * a[LOBES + tap : LOBES + tap + len(inner)]
    return found


def lanczos(part: float) -> Floats:
    """Weights of the samples from 1 - LOBES to LOBES for a place between samples 0 and 1; their sum is 1."""
    distance = np.arange(1 - LOBES, LOBES + 1) - part
    weights = np.sinc(distance) * np.sinc(distance / LOBES)
    found: Floats = (weights / weights.sum()).astype(np.float32)
    return found


def _turned(a: Numbers, motion: Motion, area: Rectangle) -> Floats:
    """By two passes (Catmull and Smith, 1980): along the rows, then along the columns."""
    (xx, xy), (yx, yy) = motion.linear
    x = np.arange(area.left, area.right, dtype=np.float64)
    y = np.arange(area.top, area.bottom, dtype=np.float64)[:, None]
    places = yx * x + yy * y + motion.shift[1]  # rows of a
    top, bottom = math.floor(places.min()) - 1, math.floor(places.max()) + 3
    rows = np.arange(top, bottom, dtype=np.float64)[:, None]
    across = xx * x + xy * (rows - yx * x - motion.shift[1]) / yy + motion.shift[0]
    left, right = math.floor(across.min()) - 1, math.floor(across.max()) + 3
    window = _window(a, Rectangle(left, top, right, bottom), 0)
    level = _gathered(window, across - left, 1)
    return _gathered(level, places - top, level.shape[1])


def _gathered(a: Floats, places: Doubles, step: int) -> Floats:
    """Cubic convolution at fractional places along a row (step 1) or a column (step: the row's length)."""
    whole = np.floor(places)
    part = (places - whole).astype(np.float32)
    lines = np.arange(a.shape[0])[:, None] * a.shape[1] if step == 1 else np.arange(a.shape[1])
    base = whole.astype(np.int64) * step + lines
    flat = a.ravel()
    found = np.zeros(places.shape, np.float32)
    for tap, weight in enumerate(cubic(part), -1):
        found += weight * flat.take(base + tap * step)
    return found


def cubic(part: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights of the samples at -1, 0, 1 and 2 for places between 0 and 1."""
    half, rest = np.float32(0.5), 1 - part
    return (
        -half * part * rest * rest,
        1 + part * part * (3 * half * part - 5 * half),
        1 + rest * rest * (3 * half * rest - 5 * half),
        -half * rest * part * part,
    )
