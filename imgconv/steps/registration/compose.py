"""Compose: aligned plates as one picture, cut to what all of them show, their brightness balanced."""

from __future__ import annotations

import numpy as np

from imgconv.core.errors import FileError
from imgconv.core.pixels import Pixels
from imgconv.steps.registration import border_detection
from imgconv.steps.registration.align import align
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.warp import warped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.steps.registration.plate import Numbers

    Colors = dict[str, Plate]

RGB = ("red", "green", "blue")
STRIP = 256  # rows moved at a time
LARGEST = 4.0  # gain of a plate
BRIGHT = 99.0  # percent of a plate's values are below what becomes white
SAMPLES = 1 << 20  # pixels of a plate that are enough to measure its brightness


def of_scan(scan: Numbers, order: Sequence[str]) -> Colors:
    """The plates of a scan; `order`: their colors from the top."""
    return dict(zip(order, border_detection.cut(scan), strict=True))


def of_files(pictures: dict[str, Numbers]) -> Colors:
    return {color: Plate(numbers, 0) for color, numbers in pictures.items()}


class Composition:
    """The plates of one picture, what was found of them, and the picture."""

    def __init__(self, plates: Colors, reference: str, model: str) -> None:
        self.plates = plates
        self.reference = reference
        _check(plates)
        border_detection.find(list(plates.values()))
        self.motions: dict[str, Motion] = {}
        self.matches: dict[str, float] = {}
        for color, plate in plates.items():
            self.motions[color], self.matches[color] = self._aligned(color, plate, model)
        self.area = self.covered()
        self.gains = dict.fromkeys(RGB, 1.0)

    def _aligned(self, color: str, plate: Plate, model: str) -> tuple[Motion, float]:
        if color == self.reference:
            return Motion(np.zeros(2)), 1.0
        motion, match = align(self.plates[self.reference], plate, model)
        if not match:
            raise FileError(
                f"plates: the {color} and the {self.reference} plate show nothing in common; "
                f"this takes three exposures of one scene, one above the other"
            )
        return motion, match

    def covered(self) -> Rectangle:
        """What all three plates show, in pixels of the reference."""
        area = whole = self.plates[self.reference].frame
        for color, plate in self.plates.items():
            area = area.within(_seen(plate.frame, self.motions[color]))
        if min(area.width / whole.width, area.height / whole.height) < 0.5:
            raise FileError("plates: the three plates have less than half of the picture in common")
        return area

    def keep_borders(self) -> None:
        """All of the reference plate as the picture."""
        self.area = self.plates[self.reference].whole

    def picture(self, dtype: str, balance: str, full: float | None) -> Pixels:
        """Red, green and blue; `full`: the value of white, beyond which nothing is raised."""
        pixels = Pixels.empty(self.area.height, self.area.width, 3, dtype)
        room: Any = np.asarray(pixels)
        for channel, color in enumerate(RGB):
            self._lay(room[:, :, channel], color)
        self._balance(room, balance, full)
        return pixels

    def _lay(self, room: Any, color: str) -> None:
        """One plate moved onto the reference. Interpolation makes nothing darker or brighter than the plate."""
        numbers, area = self.plates[color].numbers, self.area
        least, most = numbers.min(), numbers.max()
        for y in range(0, area.height, STRIP):
            stop = min(y + STRIP, area.height)
            strip = Rectangle(area.left, area.top + y, area.right, area.top + stop)
            np.clip(warped(numbers, self.motions[color], strip), least, most, out=room[y:stop])

    def _balance(self, room: Any, balance: str, full: float | None) -> None:
        if balance == "none":
            return
        step = max(1, round((room.shape[0] * room.shape[1] / SAMPLES) ** 0.5))
        few = room[::step, ::step].reshape(-1, 3)
        levels = np.percentile(few, BRIGHT, axis=0) if balance == "white" else few.mean(axis=0)
        for channel, color in enumerate(RGB):
            if levels[channel] > 0:
                self.gains[color] = min(float(levels.max() / levels[channel]), LARGEST)
        for y in range(0, len(room), STRIP):
            strip = room[y : y + STRIP]
            strip *= np.array([self.gains[color] for color in RGB], strip.dtype)
            if full is not None:
                np.minimum(strip, strip.dtype.type(full), out=strip)

    def facts(self) -> dict[str, object]:
        """What was found, in plain numbers."""
        first = self.plates[self.reference].first
        found = {color: self._facts(color, plate) for color, plate in self.plates.items()}
        area = self.area.moved(0, -first)
        return {"reference": self.reference, "plates": found, "crop": area.numbers}

    def _facts(self, color: str, plate: Plate) -> dict[str, object]:
        motion, reference = self.motions[color], self.plates[self.reference]
        shift = motion.at(np.array([0.0, reference.first])) - [0, plate.first]
        turn = np.degrees(np.arctan2(motion.linear[1, 0], motion.linear[0, 0]))
        return {
            "top": plate.top,
            "offset": [round(float(value), 3) for value in shift],
            "rotation": round(float(turn), 4),
            "linear": [[round(float(value), 7) for value in row] for row in motion.linear],
            "match": round(self.matches[color], 3),
            "frame": plate.frame.moved(0, -plate.first).numbers,
            "gain": round(self.gains[color], 4),
        }


def _seen(frame: Rectangle, motion: Motion) -> Rectangle:
    """The largest upright rectangle of the reference whose points all lie in a plate's frame, nearly."""
    left, top, right, bottom = frame.left, frame.top, frame.right - 1, frame.bottom - 1
    corners = motion.back(np.array([[left, top], [right, top], [left, bottom], [right, bottom]], np.float64))
    x, y = corners[:, 0], corners[:, 1]
    low = np.ceil([max(x[0], x[2]), max(y[0], y[1])]).astype(int)
    high = np.floor([min(x[1], x[3]), min(y[2], y[3])]).astype(int) + 1
    return Rectangle(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _check(plates: Colors) -> None:
    """Refuse plates that show nothing."""
    for color, plate in plates.items():
        height, width = plate.numbers.shape
        inside = plate.numbers[height // 4 : -(height // 4) : 2, width // 4 : -(width // 4) : 2]
        if plate.numbers.dtype.kind == "f" and not np.isfinite(plate.numbers).all():
            raise FileError(f"plates: the {color} plate holds values that are no numbers")
        if inside.min() == inside.max():
            raise FileError(f"plates: the {color} plate shows nothing: all its values are the same")
