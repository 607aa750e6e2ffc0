"""Align: where a plate lies against the reference.

Coarse: the best shift of the smallest copies' edges, by normalized correlation over all shifts. Then, from copies to
twice as large ones: the shifts of tiles spread over the picture, and the one motion that explains them best. Tiles
that a scratch or something that moved leads astray count little.
"""

from __future__ import annotations

import numpy as np

from imgconv.steps.registration.edge_features import MARGIN, correlation, edges
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.tile import REACH, Tile, followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.registration.plate import Doubles

SMALLEST = 96  # pixels of the smallest copy's smaller side, at least
FARTHEST = 0.17  # of a plate's height: the largest shift, a little more than 5 % of the scan's
ENOUGH = 4  # tiles
OVERLAP = 0.4  # of the smaller picture: what two have in common at least
GRID = 6  # tiles in a row and in a column
TILE = (28, 192)  # pixels of a tile's side, least and most
TURN = 0.06  # radians: the largest rotation, and what goes beside it
TOGETHER = 1.0  # pixels of the copy before the smallest: tiles that agree are no farther from the motion
MOST = 0.6  # of the tiles must agree
DOUBT = 0.03  # pixels of a tile's error that its noise does not explain
STRAY = 0.25  # pixels from the common motion at which a tile counts half


def levels(reference: Plate) -> int:
    """How often plates are halved."""
    count = 0
    while reference.size >> (count + 1) >= SMALLEST:
        count += 1
    return count


def align(reference: Plate, plate: Plate, model: str) -> tuple[Motion, float]:
    """The motion (model: shift, rotate or affine) and the correlation of the tiles; 0 where nothing matches."""
    top = levels(reference)
    for one in (reference, plate):
        one.build(top)
    motion, match = coarse(reference, plate, top), 0.0
    for level in range(top, -1, -1):
        motion = motion.finer() if level < top else motion
        tiles = measured(reference, plate, level, motion)  # few where most is over- or underexposed
        if len(tiles) < ENOUGH:
            tiles = measured(reference, plate, level, motion, trusting=True)
        if len(tiles) >= ENOUGH:
            found = fitted(tiles, motion, "shift" if level == top and top else model)
            motion = found if abs(found.linear - np.eye(2)).max() < TURN else motion
            match = float(np.median([tile.match for tile in tiles]))
        if level == max(top - 1, 0) and not agree(tiles, motion, model):
            return motion, 0.0
    return motion, match


def agree(tiles: list[Tile], motion: Motion, model: str) -> bool:
    """Whether most tiles lie where one motion puts them, perhaps a turned one; by chance they do not."""
    if len(tiles) < ENOUGH:
        return False
    free = fitted(tiles, motion, "affine" if model == "affine" else "rotate")
    near = [bool(np.linalg.norm(tile.place - free.at(tile.point)) < TOGETHER) for tile in tiles]
    return sum(near) >= max(MOST * len(tiles), ENOUGH - 1)


def coarse(reference: Plate, plate: Plate, level: int) -> Motion:
    """The shift in whole pixels of a level."""
    factor = 1 << level
    first, second = reference.frame.reduced(factor), plate.frame.reduced(factor)
    shared, overlap = correlation(
        edges(first.of(reference.levels[level])), edges(second.of(plate.levels[level]))
    )
    origin = np.array([second.left - first.left, second.top - first.top])
    down, across = (np.rint(np.fft.fftfreq(n, 1 / n)) for n in shared.shape)
    nominal = (plate.first - reference.first) / factor
    farthest = FARTHEST * reference.whole.height / factor + 2
    far = (abs(across + origin[0]) > farthest) | (abs(down + origin[1] - nominal) > farthest)[:, None]
    shared[far | (overlap < OVERLAP)] = -1
    y, x = np.unravel_index(int(shared.argmax()), shared.shape)
    return Motion(np.array([across[x], down[y]]) + origin)


def measured(
    reference: Plate, plate: Plate, level: int, motion: Motion, trusting: bool = False
) -> list[Tile]:
    """What the tiles of a level say; trusting: also of what is black or white."""
    tiles = (
        followed(reference, plate, level, area, motion, trusting)
        for area in grid(reference, plate, level, motion)
    )
    return [tile for tile in tiles if tile is not None]


def grid(reference: Plate, plate: Plate, level: int, motion: Motion) -> list[Rectangle]:
    """Squares spread over what both frames show."""
    factor, room = 1 << level, MARGIN + REACH + 1
    moving = plate.frame.reduced(factor)
    corners = motion.back(np.array([[moving.left, moving.top], [moving.right, moving.bottom]], np.float64))
    (left, top), (right, bottom) = np.ceil(corners[0]).astype(int), np.floor(corners[1]).astype(int)
    shown = Rectangle(int(left), int(top), int(right), int(bottom))
    shared = reference.frame.reduced(factor).within(shown).grown(-room)
    side = min(max(min(shared.width, shared.height) // GRID, TILE[0]), TILE[1])
    if min(shared.width, shared.height) < 2 * side:
        return []
    across = np.linspace(shared.left, shared.right - side, GRID).astype(int).tolist()
    down = np.linspace(shared.top, shared.bottom - side, GRID).astype(int).tolist()
    return [Rectangle(x, y, x + side, y + side) for y in down for x in across]


def fitted(tiles: list[Tile], motion: Motion, model: str) -> Motion:
    """The motion that the tiles agree on: least squares, again and again with less weight for those that stray."""
    points = np.array([tile.point for tile in tiles])
    center = points.mean(axis=0)
    errors = np.array([np.linalg.inv(tile.information) for tile in tiles]) + DOUBT**2 * np.eye(2)
    certain = np.linalg.inv(errors)
    rows = np.array([_equations(point - center, model) for point in points])
    linear = motion.linear if model == "shift" else np.eye(2)
    wanted = np.array([tile.place for tile in tiles]) - center - (points - center) @ linear.T
    weights = np.ones(len(tiles))
    for _ in range(20):
        heavy = certain * weights[:, None, None]
        normal = np.einsum("kia,kij,kjb->ab", rows, heavy, rows)
        pull = np.einsum("kia,kij,kj->a", rows, heavy, wanted)
        found = np.linalg.lstsq(normal, pull, rcond=1e-12)[0]  # tiles in one line tell nothing across it
        left = wanted - rows @ found
        weights = 1 / (1 + (left**2).sum(axis=1) / STRAY**2) ** 2
    linear = linear + _linear(found[2:], model)
    return Motion(found[:2] + center - linear @ center, linear)


def _equations(point: Doubles, model: str) -> Doubles:
    """What each unknown moves a point by, as columns."""
    x, y = point
    if model == "shift":
        return np.eye(2)
    if model == "rotate":
        return np.array([[1, 0, -y], [0, 1, x]])
    return np.array([[1, 0, x, y, 0, 0], [0, 1, 0, 0, x, y]])


def _linear(unknowns: Doubles, model: str) -> Doubles:
    """What the unknowns after the shift add to the linear part."""
    if model == "shift":
        return np.zeros((2, 2))
    if model == "affine":
        return unknowns.reshape(2, 2)
    turn = np.arctan(unknowns[0])
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) - np.eye(2)
