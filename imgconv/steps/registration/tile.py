"""Tile: where a small part of the reference lies in another plate, to a part of a pixel.

By Gauss-Newton on the correlation of edges (G. Evangelidis and E. Psarakis, 2008): brightness and contrast do not
matter. What is over- or underexposed in either plate is left out.
"""

from __future__ import annotations

import numpy as np

from imgconv.steps.registration.edge_features import MARGIN, sound
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.warp import warped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles, Floats

    Fit = tuple[Doubles, Doubles, float]  # a shift, its information matrix, the correlation

REACH = 3  # pixels that a tile may stray from where it is expected
ROOM = REACH + 3  # and those that interpolation looks at
STEPS = 8  # of Gauss-Newton
CLOSE = 0.005  # pixels of a step that is the last
LEAST = 0.06  # of a tile's pixels that must be neither black nor white
FLAT = 1e4  # ratio of what is known along and across the edges of a tile from which it says nothing
WEAKEST = 0.25  # correlation of a tile that is believed


class Tile:
    """What one tile found: its center in the reference, where that lies, the inverse of the error, the correlation."""

    __slots__ = ("information", "match", "place", "point")

    def __init__(self, point: Doubles, place: Doubles, information: Doubles, match: float) -> None:
        self.point, self.place, self.information, self.match = point, place, information, match


def followed(
    fixed: Plate, moving: Plate, level: int, area: Rectangle, motion: Motion, trusting: bool
) -> Tile | None:
    """The tile over an area of a level, expected where `motion` says; None where it leads nowhere."""
    window = _window(area, motion)
    numbers = moving.levels[level]
    if not window.grown(MARGIN).inside(numbers.shape):
        return None
    wanted, trusted = sound(area.grown(MARGIN).of(fixed.levels[level]), *fixed.limits)
    seen, also = sound(window.grown(MARGIN).of(numbers), *moving.limits)
    local = Motion(motion.shift - [window.left, window.top], motion.linear)
    trusted *= warped(also, local, area) > 0.99
    if trusting:
        trusted[:] = 1
    found = _newton(wanted, seen, trusted, area, local) if trusted.mean() >= LEAST else None
    if found is None or found[2] < WEAKEST:
        return None
    moved, information, match = found
    center = np.array([area.left + area.right - 1, area.top + area.bottom - 1]) / 2
    return Tile(center, motion.at(center) + moved, information, match)


def _window(area: Rectangle, motion: Motion) -> Rectangle:
    """What a tile may look at."""
    corners = motion.at(np.array([[x, y] for x in (area.left, area.right) for y in (area.top, area.bottom)]))
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return Rectangle(int(low[0]), int(low[1]), int(high[0]), int(high[1])).grown(ROOM)


def _newton(wanted: Floats, seen: Floats, trusted: Floats, area: Rectangle, motion: Motion) -> Fit | None:
    """The shift that a tile needs beside the motion."""
    weight = trusted.ravel() / trusted.sum()
    centerd = wanted.ravel() - weight @ wanted.ravel()
    moved, fit = np.zeros(2), None
    for _ in range(STEPS):
        wide = warped(seen, Motion(motion.shift + moved, motion.linear), area.grown(1))
        fit = _step(centerd, wide, weight)
        if fit is None:
            return None
        moved = moved + np.clip(fit[0], -1, 1)
        if abs(moved).max() > REACH:
            return None
        if abs(fit[0]).max() < CLOSE:
            break
    return None if fit is None else (moved, fit[1], fit[2])


def _step(wanted: Floats, wide: Floats, weight: Floats) -> Fit | None:
    """One step of Gauss-Newton from a tile with a pixel around it; None where its edges do not tell the way."""
    here = wide[1:-1, 1:-1].ravel()
    slopes = np.stack([wide[1:-1, 2:] - wide[1:-1, :-2], wide[2:, 1:-1] - wide[:-2, 1:-1]]).reshape(2, -1) / 2
    here = here - weight @ here
    slopes = slopes - (slopes @ weight)[:, None]
    own, power, shared = (
        float(weight @ (a * b)) for a, b in ((here, here), (wanted, wanted), (here, wanted))
    )
    if min(own, power, shared) <= 0:
        return None
    gain = shared / own
    normal = (slopes * weight @ slopes.T).astype(np.float64) * gain**2
    if not np.linalg.cond(normal) < FLAT:
        return None
    pull = (slopes @ (weight * (wanted - gain * here))).astype(np.float64) * gain
    step: Doubles = np.linalg.solve(normal, pull).astype(np.float64, copy=False)
    noise = max(power - gain * shared, 1e-9 * power) / np.count_nonzero(weight)
    return step, normal / noise, shared / (own * power) ** 0.5
