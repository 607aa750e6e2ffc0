"""Edge features: what plates of one scene have in common, however bright each one is."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.steps.registration.plate import Floats, Samples

MARGIN = 4  # pixels on each side that smoothing and differences need, rounded up


def edge_strength(a: Samples) -> Floats:
    """Square root of the gradient magnitude of the smoothed image: (h, w) -> (h - 2 MARGIN, w - 2 MARGIN).

    The magnitude has no sign, because an edge may be bright in one color and dark in another. The root keeps a few
    strong edges (scratches, borders) from outweighing the scene.
    """
    return _root_of_gradient(_smooth(a.astype(np.float32)))


def edges_and_mask(a: Samples, dark: float, bright: float) -> tuple[Floats, Floats]:
    """Edge strength, and a mask of the same shape: 1 where all samples nearby are above `dark` and below `bright`.

    The edge of an overexposed area lies where the exposure put it, not where the scene did.
    """
    smooth = _smooth(a.astype(np.float32))
    exposed = ((smooth > dark) & (smooth < bright)).astype(np.float32)
    return _root_of_gradient(smooth), (_smooth(exposed) > 0.999).astype(np.float32)


def _root_of_gradient(smooth: Floats) -> Floats:
    """Square root of the gradient magnitude by central differences, without the outer 2 pixels."""
    across = smooth[2:-2, 3:-1] - smooth[2:-2, 1:-3]
    down = smooth[3:-1, 2:-2] - smooth[1:-3, 2:-2]
    strength: Floats = np.sqrt(np.hypot(across, down))
    return strength


def _smooth(a: Floats) -> Floats:
    """Binomial filter 1 4 6 4 1 in both directions, without the outer 2 pixels."""
    return _smooth_columns(_smooth_columns(a).T).T


def _smooth_columns(a: Floats) -> Floats:
    """Binomial filter 1 4 6 4 1 down each column, without the outer 2 rows."""
    four, six = np.float32(4), np.float32(6)
    smooth: Floats = (a[:-4] + a[4:] + four * (a[1:-3] + a[3:-1]) + six * a[2:-2]) / np.float32(16)
    return smooth


def cross_correlation(fixed: Floats, moving: Floats) -> tuple[Floats, Floats]:
    """Normalized cross-correlation for every shift, and the overlap as a fraction of the smaller image.

    Both results have the shape (h1 + h2, w1 + w2). Entry [dy, dx] (negative counts from the end, as in an array)
    compares fixed[y, x] with moving[y + dy, x + dx] over the pixels that both have. D. Padfield, "Masked object
    registration in the Fourier domain", 2012.
    """
    size = (fixed.shape[0] + moving.shape[0], fixed.shape[1] + moving.shape[1])
    fixed, moving = fixed - fixed.mean(), moving - moving.mean()
    fixed_mask, moving_mask = np.ones_like(fixed), np.ones_like(moving)

    def correlate(a: Floats, b: Floats) -> Any:
        return np.fft.irfft2(np.conj(np.fft.rfft2(a, size)) * np.fft.rfft2(b, size), size)

    count = np.maximum(np.rint(correlate(fixed_mask, moving_mask)), 1)
    a, b = correlate(fixed, moving_mask), correlate(fixed_mask, moving)
    power = (correlate(fixed * fixed, moving_mask) - a * a / count) * (
        correlate(fixed_mask, moving * moving) - b * b / count
    )
    covariance = correlate(fixed, moving) - a * b / count
    correlation = covariance / np.sqrt(np.maximum(power, 1e-12 * power.max() + 1e-30))
    return correlation, count / min(fixed.size, moving.size)
