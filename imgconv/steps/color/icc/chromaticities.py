"""A profile from what older files say of their colors: PNG's gAMA and cHRM, where they have no profile.

https://www.w3.org/TR/png-3/#11gAMA. The white is adapted to D50 by Bradford's matrix.
"""

from __future__ import annotations

from struct import error as StructError
from struct import pack

from imgconv.steps.color.icc.srgb import CURVE, D50, profile, text, xyz

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Matrix = list[list[float]]

SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # x and y of white, red, green and blue
GAMMA = 1 / 2.2
NEAR = 0.01  # of a gamma or a chromaticity: programs write sRGB in many ways
BRADFORD = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]


def screen(space: str, gamma: float | None, places: Sequence[float] | None) -> bytes | None:
    """The profile of such a screen; None where it is as good as sRGB, or where no screen can be like that.

    `gamma` is the exponent from light to stored values, `places` are x and y of white, red, green and blue.
    """
    usual = gamma is None or abs(gamma - GAMMA) < NEAR
    if usual and (places is None or all(abs(a - b) < NEAR for a, b in zip(places, SRGB, strict=True))):
        return None
    if not (0.1 <= (gamma or 1) <= 10 and all(0.2 < v < 0.5 for v in (places or SRGB)[:2])):
        return None
    try:
        colorants = _colorants(places or SRGB)
        curve = CURVE if gamma is None else b"curv" + pack(">4xIHxx", 1, round(256 / gamma))
        tags = {b"desc": text("gAMA and cHRM of a PNG"), b"cprt": text("No copyright"), b"wtpt": xyz(D50)}
        if space == "gray":
            return None if usual else profile(space, {**tags, b"kTRC": curve})
        names = (b"rXYZ", b"gXYZ", b"bXYZ")
        tags.update((name, xyz(column)) for name, column in zip(names, colorants, strict=True))
        return profile(space, {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)})
    except (ArithmeticError, StructError):  # a triangle without area, numbers that no profile holds
        return None


def _colorants(places: Sequence[float]) -> Matrix:
    """X, Y, Z of red, green and blue under D50."""
    white, *colors = ([x / y, 1.0, (1 - x - y) / y] for x, y in zip(places[::2], places[1::2], strict=True))
    amounts = _solved(_turned(colors), white)
    cones = _times(BRADFORD, white)
    wanted = _times(BRADFORD, list(D50))
    found = []
    for color, amount in zip(colors, amounts, strict=True):
        seen = _times(BRADFORD, [amount * v for v in color])
        adapted = [v * b / a for v, a, b in zip(seen, cones, wanted, strict=True)]
        found.append(_solved(BRADFORD, adapted))
    return found


def _times(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _turned(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _solved(matrix: Matrix, vector: list[float]) -> list[float]:
    """x of matrix x = vector, by Cramer's rule."""
    columns, whole = _turned(matrix), _volume(matrix)
    return [_volume([vector if at == one else columns[one] for one in range(3)]) / whole for at in range(3)]


def _volume(rows: Matrix) -> float:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
