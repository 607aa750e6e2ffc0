"""An ICC profile from a gamma and chromaticities: PNG's gAMA and cHRM chunks, of files without a profile.

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
TOLERANCE = 0.01  # of a gamma or a chromaticity: programs write sRGB in many ways
BRADFORD = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]


def screen(space: str, gamma: float | None, chromaticities: Sequence[float] | None) -> bytes | None:
    """The profile of such a screen; None where it is sRGB within the tolerance, or not possible.

    `gamma` is the exponent from light to stored values; `chromaticities` are x and y of white, red, green and blue.
    """
    usual = gamma is None or abs(gamma - GAMMA) < TOLERANCE
    if usual and all(abs(a - b) < TOLERANCE for a, b in zip(chromaticities or SRGB, SRGB, strict=True)):
        return None
    if not (0.1 <= (gamma or 1) <= 10 and all(0.2 < v < 0.5 for v in (chromaticities or SRGB)[:2])):
        return None
    try:
        colorants = _colorants(chromaticities or SRGB)
        curve = CURVE if gamma is None else b"curv" + pack(">4xIHxx", 1, round(256 / gamma))
        tags = {b"desc": text("gAMA and cHRM of a PNG"), b"cprt": text("No copyright"), b"wtpt": xyz(D50)}
        if space == "gray":
            return None if usual else profile(space, {**tags, b"kTRC": curve})
        names = (b"rXYZ", b"gXYZ", b"bXYZ")
        tags.update((name, xyz(column)) for name, column in zip(names, colorants, strict=True))
        return profile(space, {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)})
    except (
        ArithmeticError,
        StructError,
    ):  # a triangle without area, or numbers that do not fit into a profile
        return None


def _colorants(chromaticities: Sequence[float]) -> Matrix:
    """X, Y, Z of red, green and blue under D50."""
    pairs = zip(chromaticities[::2], chromaticities[1::2], strict=True)
    white, *colors = ([x / y, 1.0, (1 - x - y) / y] for x, y in pairs)
    amounts = _solve(_transpose(colors), white)
    white_cones, d50_cones = _times(BRADFORD, white), _times(BRADFORD, list(D50))
    colorants = []
    for color, amount in zip(colors, amounts, strict=True):
        cones = _times(BRADFORD, [amount * v for v in color])
        adapted = [v * b / a for v, a, b in zip(cones, white_cones, d50_cones, strict=True)]
        colorants.append(_solve(BRADFORD, adapted))
    return colorants


def _times(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _transpose(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _solve(matrix: Matrix, vector: list[float]) -> list[float]:
    """x of matrix x = vector, by Cramer's rule."""
    columns, whole = _transpose(matrix), _determinant(matrix)
    replaced = ([vector if i == j else columns[j] for j in range(3)] for i in range(3))
    return [_determinant(rows) / whole for rows in replaced]


def _determinant(rows: Matrix) -> float:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
