"""Tile tracking: where a small part of the reference lies in another plate, to a fraction of a pixel.

Gauss-Newton on the normalized correlation of edges (ECC: G. Evangelidis and E. Psarakis, 2008), so brightness and
contrast do not matter. Pixels that are over- or underexposed in either plate are left out.
"""

from __future__ import annotations

import numpy as np

from imgconv.steps.registration.edge_features import MARGIN, edges_and_mask
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.warp import warp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles, Floats

    Fit = tuple[Doubles, Doubles, float]  # shift (2), information matrix (2 x 2), correlation

MAX_DRIFT = 3  # pixels that a tile may lie away from its expected position
SEARCH_MARGIN = MAX_DRIFT + 3  # plus the pixels that interpolation needs
ITERATIONS = 8  # of Gauss-Newton, at most
CONVERGED = 0.005  # pixels: a smaller update is the last
MIN_EXPOSED = 0.06  # share of a tile's pixels that must be neither black nor white
MAX_CONDITION = 1e4  # of the normal matrix: above, edges run in one direction only and the tile is of no use
MIN_CORRELATION = 0.25  # of a tile that is used


class TrackedTile:
    """A tile of the reference that was located in the other plate.

    point: its center in the reference (x, y). position: where that lies in the other plate. information: the inverse
    of the covariance of the position's error, 2 x 2. match: the correlation of edges, up to 1.
    """

    __slots__ = ("information", "match", "point", "position")

    def __init__(self, point: Doubles, position: Doubles, information: Doubles, match: float) -> None:
        self.point, self.position, self.information, self.match = point, position, information, match


def track_tile(
    fixed: Plate, moving: Plate, level: int, area: Rectangle, motion: Motion, use_clipped: bool
) -> TrackedTile | None:
    """Track the tile over `area` of a pyramid level from where `motion` puts it; None where tracking fails.

    use_clipped: also look at pixels that are over- or underexposed.
    """
    window = _search_window(area, motion)
    samples = moving.pyramid[level]
    if not window.grown(MARGIN).fits(samples.shape):
        return None
    target, mask = edges_and_mask(area.grown(MARGIN).crop(fixed.pyramid[level]), *fixed.limits)
    searched, searched_mask = edges_and_mask(window.grown(MARGIN).crop(samples), *moving.limits)
    local = Motion(motion.shift - [window.left, window.top], motion.linear)
    mask *= warp(searched_mask, local, area) > 0.99
    if use_clipped:
        mask[:] = 1
    fit = _gauss_newton(target, searched, mask, area, local) if mask.mean() >= MIN_EXPOSED else None
    if fit is None or fit[2] < MIN_CORRELATION:
        return None
    shift, information, match = fit
    center = np.array([area.left + area.right - 1, area.top + area.bottom - 1]) / 2
    return TrackedTile(center, motion.apply(center) + shift, information, match)


def _search_window(area: Rectangle, motion: Motion) -> Rectangle:
    """The area of the moving plate that tracking may look at."""
    corners = motion.apply(
        np.array([[x, y] for x in (area.left, area.right) for y in (area.top, area.bottom)])
    )
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return Rectangle(int(low[0]), int(low[1]), int(high[0]), int(high[1])).grown(SEARCH_MARGIN)


def _gauss_newton(
    target: Floats, searched: Floats, mask: Floats, area: Rectangle, motion: Motion
) -> Fit | None:
    """The shift in pixels that the tile needs in addition to `motion`; None where it does not converge."""
    weight = mask.ravel() / mask.sum()
    centered = target.ravel() - weight @ target.ravel()
    shift, fit = np.zeros(2), None
    for _ in range(ITERATIONS):
        warped = warp(searched, Motion(motion.shift + shift, motion.linear), area.grown(1))
        fit = _gauss_newton_step(centered, warped, weight)
        if fit is None:
            return None
        shift = shift + np.clip(fit[0], -1, 1)
        if abs(shift).max() > MAX_DRIFT:
            return None
        if abs(fit[0]).max() < CONVERGED:
            break
    return None if fit is None else (shift, fit[1], fit[2])


def _gauss_newton_step(target: Floats, warped: Floats, weight: Floats) -> Fit | None:
    """One update of the shift; None where the tile's edges do not determine it.

    target: h w items with mean 0. warped: (h + 2) x (w + 2), one more pixel on each side for the gradient.
    weight: h w items with sum 1.
    """
    tile = warped[1:-1, 1:-1].ravel()
    gradient = np.stack([warped[1:-1, 2:] - warped[1:-1, :-2], warped[2:, 1:-1] - warped[:-2, 1:-1]])
    slopes = gradient.reshape(2, -1) / 2
    tile = tile - weight @ tile
    slopes = slopes - (slopes @ weight)[:, None]
    tile_power, target_power, covariance = (
        float(weight @ (a * b)) for a, b in ((tile, tile), (target, target), (tile, target))
    )
    if min(tile_power, target_power, covariance) <= 0:
        return None
    gain = covariance / tile_power
    normal = (slopes * weight @ slopes.T).astype(np.float64) * gain**2
    if not np.linalg.cond(normal) < MAX_CONDITION:
        return None
    residual = (slopes @ (weight * (target - gain * tile))).astype(np.float64) * gain
    update: Doubles = np.linalg.solve(normal, residual).astype(np.float64, copy=False)
    noise = max(target_power - gain * covariance, 1e-9 * target_power) / np.count_nonzero(weight)
    return update, normal / noise, covariance / (tile_power * target_power) ** 0.5
