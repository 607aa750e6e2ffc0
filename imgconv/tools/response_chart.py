"""A chart of a kernel's frequency response: a map of |H(u, v)| and its profiles along four directions."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

from imgconv.core.errors import UsageError
from imgconv.formats.files import Output
from imgconv.kernels.frequency_response import magnitudes, profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.kernels.kernel import Kernel

SIDE, TOP, LEFT, GAP, RIGHT, BOTTOM = 361, 70, 70, 150, 40, 64  # pixels
PROFILE = 480  # pixels, the width of the profiles
RANGE = 60.0  # dB below the largest |H| that the map shows
PAPER, INK, GRID = (250, 250, 248), (40, 40, 40), (215, 215, 210)
PROFILES = (  # name, direction (u, v), color; thick lines below thin ones, so that none hides another
    ("across", 1.0, 0.0, (90, 150, 210)),
    ("down", 0.0, 1.0, (230, 150, 60)),
    ("diagonal, falling", 0.5**0.5, 0.5**0.5, (46, 125, 80)),
    ("diagonal, rising", 0.5**0.5, -(0.5**0.5), (150, 30, 60)),
)


def write(kernel: Kernel, path: str) -> None:
    """Write the chart as a PNG. Errors: UsageError where the name does not end in .png, FileError."""
    if not path.lower().endswith(".png"):
        raise UsageError(f"show: --response: '{path}' is not the name of a PNG; give one that ends in .png")
    with Output(path) as output:
        from io import BytesIO

        png = BytesIO()
        chart(kernel).save(png, "PNG")
        output.write(png.getbuffer())
        output.commit()


def chart(kernel: Kernel) -> Any:
    """The chart as a Pillow image: the map on the left, the profiles on the right."""
    from PIL import Image

    sheet = Image.new("RGB", (LEFT + SIDE + GAP + PROFILE + RIGHT, TOP + SIDE + BOTTOM), PAPER)
    _text(sheet, (LEFT, 12), f"|H(u, v)| of {_short(kernel.name)}", 18)
    largest = _map(sheet, kernel)
    caption = f"{kernel.height} x {kernel.width} weights, DC gain {kernel.sum:.6g}; 0 dB: {largest:.6g}"
    _text(sheet, (LEFT, 40), caption, 13)
    _profiles(sheet, kernel)
    return sheet


def _short(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= 80 else printable[:77] + "..."


def _map(sheet: Any, kernel: Kernel) -> float:
    """Draw |H| as gray, in decibels below its largest value, which is returned; 0 in the middle, v downwards."""
    import numpy as np
    from PIL import Image

    frequencies = np.linspace(-0.5, 0.5, SIDE)
    response = magnitudes(kernel, frequencies, frequencies)
    gray = _gray(response, max(float(response.max()), 1e-300))
    sheet.paste(Image.fromarray(gray), (LEFT, TOP))
    _frame(sheet, LEFT, SIDE)
    for tick in (-0.5, -0.25, 0.0, 0.25, 0.5):
        offset = round((tick + 0.5) * (SIDE - 1))
        _line(sheet, [(LEFT + offset, TOP + SIDE), (LEFT + offset, TOP + SIDE + 5)])
        _text(sheet, (LEFT + offset, TOP + SIDE + 8), f"{tick:g}", 12, "ma")
        _line(sheet, [(LEFT - 6, TOP + offset), (LEFT - 1, TOP + offset)])
        _text(sheet, (LEFT - 8, TOP + offset), f"{tick:g}", 12, "rm")
    _text(sheet, (LEFT + SIDE // 2, TOP + SIDE + 30), "u, cycles per pixel across", 13, "ma")
    _text(sheet, (8, TOP - 22), "v, down", 13)
    _scale(sheet)
    return float(response.max())


def _gray(response: Any, largest: float) -> Any:
    """Black at RANGE decibels below the largest, white at the largest."""
    import numpy as np

    decibels = 20 * np.log10(np.maximum(response / largest, 1e-12))
    return np.rint(255 * np.clip(1 + decibels / RANGE, 0, 1)).astype(np.uint8)


def _scale(sheet: Any) -> None:
    """Draw the scale of grays."""
    x = LEFT + SIDE + 14
    for y in range(SIDE):
        level = round(255 * (1 - y / (SIDE - 1)))
        _line(sheet, [(x, TOP + y), (x + 12, TOP + y)], (level, level, level))
    for decibels in range(0, int(RANGE) + 1, 20):
        y = TOP + round(decibels / RANGE * (SIDE - 1))
        _text(sheet, (x + 18, y), f"{-decibels} dB", 12, "lm")


def _profiles(sheet: Any, kernel: Kernel) -> None:
    """Draw |H| along four directions over cycles per pixel, on a linear axis."""
    import numpy as np

    x0, frequencies = LEFT + SIDE + GAP, np.linspace(0, 0.5, PROFILE)
    curves = [profile(kernel, frequencies * u, frequencies * v) for _, u, v, _ in PROFILES]
    largest = max(float(curve.max()) for curve in curves)
    spacing = _grid_spacing(max(largest, 1e-300))
    top = spacing * ceil(largest / spacing - 1e-9) or spacing

    def height(value: float) -> float:
        return TOP + (SIDE - 1) * (1 - value / top)

    for i in range(round(top / spacing) + 1):
        _line(sheet, [(x0, height(i * spacing)), (x0 + PROFILE - 1, height(i * spacing))], GRID)
        _text(sheet, (x0 - 8, height(i * spacing)), f"{i * spacing:.6g}", 12, "rm")
    for tick in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        x = x0 + round(tick * 2 * (PROFILE - 1))
        _line(sheet, [(x, TOP), (x, TOP + SIDE + 5)], GRID)
        _text(sheet, (x, TOP + SIDE + 8), f"{tick:g}", 12, "ma")
    for i, ((name, _, _, color), curve) in enumerate(zip(PROFILES, curves, strict=True)):
        points = [(x0 + x, height(float(value))) for x, value in enumerate(curve)]
        _line(sheet, points, color, 8 - 2 * i)
        x = x0 + i * 120
        _line(sheet, [(x, TOP - 16), (x + 18, TOP - 16)], color, 8 - 2 * i)
        _text(sheet, (x + 24, TOP - 16), name, 12, "lm")
    _frame(sheet, x0, PROFILE)
    _text(sheet, (x0 + PROFILE // 2, TOP + SIDE + 30), "cycles per pixel along the direction", 13, "ma")
    _text(sheet, (x0, 40), "|H|, linear", 13, "ls")


def _grid_spacing(largest: float) -> float:
    """1, 2 or 5 times a power of ten, which gives 4 to 10 grid lines."""
    unit = 10.0 ** floor(log10(largest / 4))
    return next(unit * times for times in (5, 2, 1) if largest / (unit * times) >= 4)


def _frame(sheet: Any, x: int, width: int) -> None:
    from PIL import ImageDraw

    ImageDraw.Draw(sheet).rectangle([x - 1, TOP - 1, x + width, TOP + SIDE], None, INK)


def _line(
    sheet: Any, points: Sequence[tuple[float, float]], color: tuple[int, ...] = INK, width: int = 1
) -> None:
    from PIL import ImageDraw

    ImageDraw.Draw(sheet).line(points, color, width, joint="curve")


def _text(sheet: Any, position: tuple[float, float], text: str, size: int, anchor: str = "la") -> None:
    from PIL import ImageDraw, ImageFont

    ImageDraw.Draw(sheet).text(position, text, INK, ImageFont.load_default(size), anchor)
