"""Edges: what plates of one scene share, however bright each is."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.steps.registration.plate import Floats, Numbers

MARGIN = 4  # pixels on each side that smoothing and differences look at, rounded up


def edges(a: Numbers) -> Floats:
    """Square root of the smoothed picture's gradient magnitude, without the outer `MARGIN` pixels.

    The magnitude forgets the sign, as an edge may be bright in one color and dark in another; the root keeps a few
    strong edges (scratches, borders) from outweighing the picture.
    """
    return _edges(_smooth(a.astype(np.float32)))


def sound(a: Numbers, dark: float, bright: float) -> tuple[Floats, Floats]:
    """The same; and 1 where it can be trusted: nothing near is as dark or as bright as the plate could hold.

    The edge of an overexposed part lies where the exposure put it, and not where the scene did.
    """
    smooth = _smooth(a.astype(np.float32))
    inside = ((smooth > dark) & (smooth < bright)).astype(np.float32)
    return _edges(smooth), (_smooth(inside) > 0.999).astype(np.float32)


def _edges(smooth: Floats) -> Floats:
    across = smooth[2:-2, 3:-1] - smooth[2:-2, 1:-3]
    down = smooth[3:-1, 2:-2] - smooth[1:-3, 2:-2]
    found: Floats = np.sqrt(np.hypot(across, down))
    return found


def _smooth(a: Floats) -> Floats:
    """Weighted 1 4 6 4 1 both ways, without the outer 2 pixels."""
    return _rows(_rows(a).T).T


def _rows(a: Floats) -> Floats:
    four, six = np.float32(4), np.float32(6)
    found: Floats = (a[:-4] + a[4:] + four * (a[1:-3] + a[3:-1]) + six * a[2:-2]) / np.float32(16)
    return found


def correlation(fixed: Floats, moving: Floats) -> tuple[Floats, Floats]:
    """Normalized cross-correlation for every shift, and how much of the smaller image overlaps.

    Entry [dy, dx] (negative from the end, as in an array) compares fixed[y, x] with moving[y + dy, x + dx] over the
    pixels that both have. D. Padfield, "Masked object registration in the Fourier domain", 2012.
    """
    size = (fixed.shape[0] + moving.shape[0], fixed.shape[1] + moving.shape[1])
    fixed, moving = fixed - fixed.mean(), moving - moving.mean()
    one, other = np.ones_like(fixed), np.ones_like(moving)

    def sums(a: Floats, b: Floats) -> Any:
        return np.fft.irfft2(np.conj(np.fft.rfft2(a, size)) * np.fft.rfft2(b, size), size)

    count = np.maximum(np.rint(sums(one, other)), 1)
    a, b = sums(fixed, other), sums(one, moving)
    power = (sums(fixed * fixed, other) - a * a / count) * (sums(one, moving * moving) - b * b / count)
    shared = (sums(fixed, moving) - a * b / count) / np.sqrt(np.maximum(power, 1e-12 * power.max() + 1e-30))
    return shared, count / min(fixed.size, moving.size)
