"""Alignment: the motion that maps the reference plate to another plate.

Coarse to fine over an image pyramid. At the smallest level, normalized cross-correlation of edges over all shifts gives
a whole-pixel shift. At each larger level, tiles spread over the picture are tracked, and a robust least squares fit
finds the one motion that explains them best. Tiles led astray by a scratch or by something that moved count little.
"""

from __future__ import annotations

import numpy as np

from imgconv.steps.registration.edge_features import MARGIN, cross_correlation, edge_strength
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.tile import MAX_DRIFT, TrackedTile, track_tile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles

MIN_LEVEL_SIZE = 96  # pixels: the smaller side of the smallest level, at least
MAX_SHIFT = 0.17  # of a plate's height: a little more than 5 % of the scan's
MIN_TILES = 4  # that a fit needs
MIN_OVERLAP = 0.4  # of the smaller picture
TILES_ACROSS = 6  # and down
TILE_SIDE = (28, 192)  # pixels: least and most
MAX_LINEAR = 0.06  # largest difference of the linear part from the identity (as a rotation: radians)
AGREEMENT = 1.0  # pixels at the second smallest level: tiles this near to the motion agree with it
MIN_AGREEING = 0.6  # share of the tiles that must agree
ERROR_FLOOR = 0.03  # pixels: error of a tile's position that its noise does not explain
OUTLIER = 0.25  # pixels from the common motion at which a tile counts a quarter (Geman-McClure)
FIT_ITERATIONS = 20


def pyramid_depth(reference: Plate) -> int:
    """The index of the smallest pyramid level; 0 is full size."""
    depth = 0
    while reference.size >> (depth + 1) >= MIN_LEVEL_SIZE:
        depth += 1
    return depth


def align(reference: Plate, plate: Plate, model: str) -> tuple[Motion, float]:
    """The motion (model: shift, rotate or affine) and the tiles' median correlation; 0 where nothing matches."""
    smallest = pyramid_depth(reference)
    reference.build_pyramid(smallest)
    plate.build_pyramid(smallest)
    motion, match = coarse_shift(reference, plate, smallest), 0.0
    for level in range(smallest, -1, -1):
        motion = motion.upsampled() if level < smallest else motion
        tiles = track_tiles(reference, plate, level, motion)  # few where most is over- or underexposed
        if len(tiles) < MIN_TILES:
            tiles = track_tiles(reference, plate, level, motion, use_clipped=True)
        if len(tiles) >= MIN_TILES:
            fit = fit_motion(tiles, motion, "shift" if level == smallest and smallest else model)
            motion = fit if abs(fit.linear - np.eye(2)).max() < MAX_LINEAR else motion
            match = float(np.median([tile.match for tile in tiles]))
        if level == max(smallest - 1, 0) and not most_agree(tiles, motion, model):
            return motion, 0.0
    return motion, match


def most_agree(tiles: list[TrackedTile], motion: Motion, model: str) -> bool:
    """Whether most tiles fit one motion, with a rotation at least; tiles matched by chance do not."""
    if len(tiles) < MIN_TILES:
        return False
    fit = fit_motion(tiles, motion, "affine" if model == "affine" else "rotate")
    agreeing = [bool(np.linalg.norm(tile.position - fit.apply(tile.point)) < AGREEMENT) for tile in tiles]
    return sum(agreeing) >= max(MIN_AGREEING * len(tiles), MIN_TILES - 1)


def coarse_shift(reference: Plate, plate: Plate, level: int) -> Motion:
    """The peak of the normalized cross-correlation of edges: a shift in whole pixels of a pyramid level."""
    factor = 1 << level
    fixed, moving = reference.frame.downsampled(factor), plate.frame.downsampled(factor)
    correlation, overlap = cross_correlation(
        edge_strength(fixed.crop(reference.pyramid[level])), edge_strength(moving.crop(plate.pyramid[level]))
    )
    origin = np.array([moving.left - fixed.left, moving.top - fixed.top])
    down, across = (np.rint(np.fft.fftfreq(n, 1 / n)) for n in correlation.shape)
    nominal = (plate.third_start - reference.third_start) / factor
    limit = MAX_SHIFT * reference.whole.height / factor + 2
    too_far = (abs(across + origin[0]) > limit) | (abs(down + origin[1] - nominal) > limit)[:, None]
    correlation[too_far | (overlap < MIN_OVERLAP)] = -1
    y, x = np.unravel_index(int(correlation.argmax()), correlation.shape)
    return Motion(np.array([across[x], down[y]]) + origin)


def track_tiles(
    reference: Plate, plate: Plate, level: int, motion: Motion, use_clipped: bool = False
) -> list[TrackedTile]:
    """The tiles of a pyramid level that could be tracked; use_clipped: also by over- and underexposed pixels."""
    tiles = (
        track_tile(reference, plate, level, area, motion, use_clipped)
        for area in tile_grid(reference, plate, level, motion)
    )
    return [tile for tile in tiles if tile is not None]


def tile_grid(reference: Plate, plate: Plate, level: int, motion: Motion) -> list[Rectangle]:
    """Squares spread over the area that both frames show, in pixels of the reference's pyramid level."""
    factor, margin = 1 << level, MARGIN + MAX_DRIFT + 1
    moving = plate.frame.downsampled(factor)
    corners = motion.invert(np.array([[moving.left, moving.top], [moving.right, moving.bottom]], np.float64))
    (left, top), (right, bottom) = np.ceil(corners[0]).astype(int), np.floor(corners[1]).astype(int)
    visible = Rectangle(int(left), int(top), int(right), int(bottom))
    shared = reference.frame.downsampled(factor).intersection(visible).grown(-margin)
    side = min(max(min(shared.width, shared.height) // TILES_ACROSS, TILE_SIDE[0]), TILE_SIDE[1])
    if min(shared.width, shared.height) < 2 * side:
        return []
    across = np.linspace(shared.left, shared.right - side, TILES_ACROSS).astype(int).tolist()
    down = np.linspace(shared.top, shared.bottom - side, TILES_ACROSS).astype(int).tolist()
    return [Rectangle(x, y, x + side, y + side) for y in down for x in across]


def fit_motion(tiles: list[TrackedTile], motion: Motion, model: str) -> Motion:
    """Robust fit: iteratively reweighted least squares with Geman-McClure weights, linearized around `motion`.

    model shift: the linear part of `motion` is kept. Otherwise the linear part is fitted anew.
    """
    points = np.array([tile.point for tile in tiles])
    center = points.mean(axis=0)
    covariance = np.array([np.linalg.inv(tile.information) for tile in tiles]) + ERROR_FLOOR**2 * np.eye(2)
    information = np.linalg.inv(covariance)
    jacobian = np.array([_jacobian(point - center, model) for point in points])
    linear = motion.linear if model == "shift" else np.eye(2)
    target = np.array([tile.position for tile in tiles]) - center - (points - center) @ linear.T
    weights = np.ones(len(tiles))
    for _ in range(FIT_ITERATIONS):
        weighted = information * weights[:, None, None]
        normal = np.einsum("kia,kij,kjb->ab", jacobian, weighted, jacobian)
        right_side = np.einsum("kia,kij,kj->a", jacobian, weighted, target)
        parameters = np.linalg.lstsq(normal, right_side, rcond=1e-12)[0]  # tiles in one line: rank-deficient
        residual = target - jacobian @ parameters
        weights = 1 / (1 + (residual**2).sum(axis=1) / OUTLIER**2) ** 2
    linear = linear + _linear_change(parameters[2:], model)
    return Motion(parameters[:2] + center - linear @ center, linear)


def _jacobian(point: Doubles, model: str) -> Doubles:
    """Derivatives of a point's position (2 rows, x and y) by the parameters of the model (columns)."""
    x, y = point
    if model == "shift":
        return np.eye(2)
    if model == "rotate":
        return np.array([[1, 0, -y], [0, 1, x]])
    return np.array([[1, 0, x, y, 0, 0], [0, 1, 0, 0, x, y]])


def _linear_change(parameters: Doubles, model: str) -> Doubles:
    """What the parameters after the shift add to the linear part, 2 x 2."""
    if model == "shift":
        return np.zeros((2, 2))
    if model == "affine":
        return parameters.reshape(2, 2)
    angle = np.arctan(parameters[0])
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) - np.eye(2)
