"""A bar chart of the benchmark's ratios, on a logarithmic scale of base 2."""

from __future__ import annotations

from math import log2
from typing import Any

from PIL import Image, ImageDraw, ImageFont

ROW, LEFT, WIDTH, TOP, MARGIN = 26, 300, 640, 50, 20
PAPER, INK, GRID = (250, 250, 248), (40, 40, 40), (205, 205, 200)
FASTER, SLOWER = (46, 125, 110), (200, 90, 50)


def chart(run: dict[str, Any]) -> Image.Image:
    """One bar for each line, to the right of 1 where imgconv is faster."""
    rows = run["lines"]
    low = min(-2.0, *(log2(row["ratio"]) for row in rows))
    high = max(3.0, *(log2(row["ratio"]) for row in rows))
    sheet = Image.new("RGB", (LEFT + WIDTH + 90, TOP + ROW * len(rows) + MARGIN), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)

    def position(power: float) -> float:
        """Where 2 to that power is, in pixels from the left."""
        return LEFT + (power - low) / (high - low) * WIDTH

    draw.text((MARGIN, 12), f"OpenCV's time / imgconv's: {run['title']}", INK, font)
    for power in range(int(low), int(high) + 1):
        x = position(power)
        draw.line([(x, TOP - 6), (x, sheet.height - MARGIN)], INK if power == 0 else GRID, 1)
        draw.text((x, TOP - 8), f"{2.0**power:g}", INK, ImageFont.load_default(12), anchor="ms")
    for index, row in enumerate(rows):
        y, power = TOP + index * ROW + ROW // 2, log2(row["ratio"])
        ends = sorted((position(0), position(power)))
        draw.rectangle([ends[0], y - 8, ends[1], y + 8], FASTER if power >= 0 else SLOWER)
        draw.text((LEFT - 12, y), row["name"], INK, font, anchor="rm")
        draw.text((max(ends[1], position(0)) + 6, y), f"{row['ratio']:.2f}", INK, font, anchor="lm")
    return sheet
