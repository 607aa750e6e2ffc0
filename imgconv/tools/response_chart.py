"""A kernel's frequency response as a picture: a map of it, and its cuts."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

from imgconv.core.errors import UsageError
from imgconv.formats.files import Output
from imgconv.kernels.frequency_response import along, magnitudes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.kernels.kernel import Kernel

SIDE, TOP, LEFT, GAP, RIGHT, BOTTOM = 361, 70, 70, 150, 40, 64  # pixels
WIDE = 480  # of the cuts
RANGE = 60.0  # dB that the map shows, below the largest
PAPER, INK, GRID = (250, 250, 248), (40, 40, 40), (215, 215, 210)
CUTS = (  # name, u and v of a wave of 1 cycle a pixel, color; thick below thin, so that none hides another
    ("across", 1.0, 0.0, (90, 150, 210)),
    ("down", 0.0, 1.0, (230, 150, 60)),
    ("diagonal, falling", 0.5**0.5, 0.5**0.5, (46, 125, 80)),
    ("diagonal, rising", 0.5**0.5, -(0.5**0.5), (150, 30, 60)),
)


def write(kernel: Kernel, path: str) -> None:
    """The picture as a PNG, whole or not at all. Errors: UsageError for another name, FileError."""
    if not path.lower().endswith(".png"):
        raise UsageError(f"show: --response: '{path}' is no name of a PNG; write one that ends in .png")
    with Output(path) as output:
        from io import BytesIO

        held = BytesIO()
        chart(kernel).save(held, "PNG")
        output.write(held.getbuffer())
        output.commit()


def chart(kernel: Kernel) -> Any:
    """The map on the left, the cuts on the right."""
    from PIL import Image

    sheet = Image.new("RGB", (LEFT + SIDE + GAP + WIDE + RIGHT, TOP + SIDE + BOTTOM), PAPER)
    _text(sheet, (LEFT, 12), f"|H(u, v)| of {_short(kernel.name)}", 18)
    most = _map(sheet, kernel)
    said = f"{kernel.height} x {kernel.width} weights, DC gain {kernel.sum:.6g}; 0 dB: {most:.6g}"
    _text(sheet, (LEFT, 40), said, 13)
    _cuts(sheet, kernel)
    return sheet


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _map(sheet: Any, kernel: Kernel) -> float:
    """Gray by decibels below the largest |H|, which is given back; 0 in the middle, v downwards as in the image."""
    import numpy as np
    from PIL import Image

    places = np.linspace(-0.5, 0.5, SIDE)
    found = magnitudes(kernel, places, places)
    gray = _gray(found, max(float(found.max()), 1e-300))
    sheet.paste(Image.fromarray(gray), (LEFT, TOP))
    _frame(sheet, LEFT, SIDE)
    for tick in (-0.5, -0.25, 0.0, 0.25, 0.5):
        at = round((tick + 0.5) * (SIDE - 1))
        _line(sheet, [(LEFT + at, TOP + SIDE), (LEFT + at, TOP + SIDE + 5)])
        _text(sheet, (LEFT + at, TOP + SIDE + 8), f"{tick:g}", 12, "ma")
        _line(sheet, [(LEFT - 6, TOP + at), (LEFT - 1, TOP + at)])
        _text(sheet, (LEFT - 8, TOP + at), f"{tick:g}", 12, "rm")
    _text(sheet, (LEFT + SIDE // 2, TOP + SIDE + 30), "u, cycles a pixel across", 13, "ma")
    _text(sheet, (8, TOP - 22), "v, down", 13)
    _scale(sheet)
    return float(found.max())


def _gray(found: Any, most: float) -> Any:
    """Black at RANGE decibels below the largest, white at the largest."""
    import numpy as np

    decibels = 20 * np.log10(np.maximum(found / most, 1e-12))
    return np.rint(255 * np.clip(1 + decibels / RANGE, 0, 1)).astype(np.uint8)


def _scale(sheet: Any) -> None:
    """What gray means."""
    x = LEFT + SIDE + 14
    for y in range(SIDE):
        level = round(255 * (1 - y / (SIDE - 1)))
        _line(sheet, [(x, TOP + y), (x + 12, TOP + y)], (level, level, level))
    for decibels in range(0, int(RANGE) + 1, 20):
        y = TOP + round(decibels / RANGE * (SIDE - 1))
        _text(sheet, (x + 18, y), f"{-decibels} dB", 12, "lm")


def _cuts(sheet: Any, kernel: Kernel) -> None:
    """|H| over cycles a pixel along four directions, linear."""
    import numpy as np

    x0, places = LEFT + SIDE + GAP, np.linspace(0, 0.5, WIDE)
    cuts = [along(kernel, places * u, places * v) for _, u, v, _ in CUTS]
    step = _step(max(float(max(cut.max() for cut in cuts)), 1e-300))
    top = step * ceil(max(float(cut.max()) for cut in cuts) / step - 1e-9) or step

    def height(value: float) -> float:
        return TOP + (SIDE - 1) * (1 - value / top)

    for i in range(round(top / step) + 1):
        _line(sheet, [(x0, height(i * step)), (x0 + WIDE - 1, height(i * step))], GRID)
        _text(sheet, (x0 - 8, height(i * step)), f"{i * step:.6g}", 12, "rm")
    for tick in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        x = x0 + round(tick * 2 * (WIDE - 1))
        _line(sheet, [(x, TOP), (x, TOP + SIDE + 5)], GRID)
        _text(sheet, (x, TOP + SIDE + 8), f"{tick:g}", 12, "ma")
    for i, ((name, _, _, color), cut) in enumerate(zip(CUTS, cuts, strict=True)):
        points = [(x0 + x, height(float(value))) for x, value in enumerate(cut)]
        _line(sheet, points, color, 8 - 2 * i)
        x = x0 + i * 120
        _line(sheet, [(x, TOP - 16), (x + 18, TOP - 16)], color, 8 - 2 * i)
        _text(sheet, (x + 24, TOP - 16), name, 12, "lm")
    _frame(sheet, x0, WIDE)
    _text(sheet, (x0 + WIDE // 2, TOP + SIDE + 30), "cycles a pixel, along the direction", 13, "ma")
    _text(sheet, (x0, 40), "|H|, linear", 13, "ls")


def _step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are 4 to 10 lines up to the largest."""
    unit = 10.0 ** floor(log10(most / 4))
    return next(unit * times for times in (5, 2, 1) if most / (unit * times) >= 4)


def _frame(sheet: Any, x: int, width: int) -> None:
    from PIL import ImageDraw

    ImageDraw.Draw(sheet).rectangle([x - 1, TOP - 1, x + width, TOP + SIDE], None, INK)


def _line(
    sheet: Any, points: Sequence[tuple[float, float]], color: tuple[int, ...] = INK, width: int = 1
) -> None:
    from PIL import ImageDraw

    ImageDraw.Draw(sheet).line(points, color, width, joint="curve")


def _text(sheet: Any, at: tuple[float, float], text: str, size: int, anchor: str = "la") -> None:
    from PIL import ImageDraw, ImageFont

    ImageDraw.Draw(sheet).text(at, text, INK, ImageFont.load_default(size), anchor)
