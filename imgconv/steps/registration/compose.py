"""Composition: aligned plates merged into one color picture, cropped to the common area, colors balanced."""

from __future__ import annotations

import numpy as np

from imgconv.core.errors import FileError
from imgconv.core.pixels import Pixels
from imgconv.steps.registration import border_detection
from imgconv.steps.registration.align import align
from imgconv.steps.registration.plate import Motion, Plate, Rectangle
from imgconv.steps.registration.warp import warp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.steps.registration.plate import Samples

    Plates = dict[str, Plate]  # by color: red, green, blue

RGB = ("red", "green", "blue")
STRIP = 256  # rows warped at a time
MAX_GAIN = 4.0  # of a plate
WHITE_PERCENTILE = 99.0  # of a plate's values: what becomes white
SAMPLES = 1 << 20  # pixels of a plate that are enough to measure its brightness


def plates_of_scan(scan: Samples, order: Sequence[str]) -> Plates:
    """The plates of a scan (rows x columns); `order`: their colors from the top."""
    return dict(zip(order, border_detection.split_scan(scan), strict=True))


def plates_of_files(samples: dict[str, Samples]) -> Plates:
    """Plates that are images of their own (rows x columns), by color."""
    return {color: Plate(plate, 0) for color, plate in samples.items()}


class Composition:
    """Three plates, their motions and correlations against the reference, and the color picture they give.

    Errors: FileError for plates that are blank or show nothing in common.
    """

    def __init__(self, plates: Plates, reference: str, model: str) -> None:
        self.plates = plates
        self.reference = reference
        _check(plates)
        border_detection.find_frames(list(plates.values()))
        self.motions: dict[str, Motion] = {}
        self.matches: dict[str, float] = {}
        for color, plate in plates.items():
            self.motions[color], self.matches[color] = self._align(color, plate, model)
        self.area = self.common_area()
        self.gains = dict.fromkeys(RGB, 1.0)

    def _align(self, color: str, plate: Plate, model: str) -> tuple[Motion, float]:
        if color == self.reference:
            return Motion(np.zeros(2)), 1.0
        motion, match = align(self.plates[self.reference], plate, model)
        if not match:
            raise FileError(
                f"plates: the {color} and the {self.reference} plate show nothing in common; "
                f"expected three exposures of one scene, one above the other"
            )
        return motion, match

    def common_area(self) -> Rectangle:
        """The area that all three plates show, in pixels of the reference."""
        area = whole = self.plates[self.reference].frame
        for color, plate in self.plates.items():
            area = area.intersection(_inscribed_rectangle(plate.frame, self.motions[color]))
        if min(area.width / whole.width, area.height / whole.height) < 0.5:
            raise FileError("plates: the three plates have less than half of the picture in common")
        return area

    def keep_borders(self) -> None:
        """Make the picture as large as the whole reference plate."""
        self.area = self.plates[self.reference].whole

    def render(self, dtype: str, balance: str, full_scale: float | None) -> Pixels:
        """The RGB picture; balanced values are limited to `full_scale` (None: not limited)."""
        pixels = Pixels.empty(self.area.height, self.area.width, 3, dtype)
        picture: Any = np.asarray(pixels)
        for channel, color in enumerate(RGB):
            self._warp_plate(picture[:, :, channel], color)
        self._balance(picture, balance, full_scale)
        return pixels

    def _warp_plate(self, out: Any, color: str) -> None:
        """Warp one plate onto the reference; interpolation stays within the plate's own range."""
        samples, area = self.plates[color].samples, self.area
        least, most = samples.min(), samples.max()
        for y in range(0, area.height, STRIP):
            stop = min(y + STRIP, area.height)
            strip = Rectangle(area.left, area.top + y, area.right, area.top + stop)
            np.clip(warp(samples, self.motions[color], strip), least, most, out=out[y:stop])

    def _balance(self, picture: Any, balance: str, full_scale: float | None) -> None:
        """White balance in place: multiply each channel so that its level is that of the brightest."""
        if balance == "none":
            return
        stride = max(1, round((picture.shape[0] * picture.shape[1] / SAMPLES) ** 0.5))
        sampled = picture[::stride, ::stride].reshape(-1, 3)
        levels = (
            np.percentile(sampled, WHITE_PERCENTILE, axis=0) if balance == "white" else sampled.mean(axis=0)
        )
        for channel, color in enumerate(RGB):
            if levels[channel] > 0:
                self.gains[color] = min(float(levels.max() / levels[channel]), MAX_GAIN)
        for y in range(0, len(picture), STRIP):
            strip = picture[y : y + STRIP]
            strip *= np.array([self.gains[color] for color in RGB], strip.dtype)
            if full_scale is not None:
                np.minimum(strip, strip.dtype.type(full_scale), out=strip)

    def facts(self) -> dict[str, object]:
        """Offsets, frames and gains as plain numbers, for JSON."""
        plates = {color: self._plate_facts(color, plate) for color, plate in self.plates.items()}
        area = self.area.translated(0, -self.plates[self.reference].third_start)
        return {"reference": self.reference, "plates": plates, "crop": area.xywh}

    def _plate_facts(self, color: str, plate: Plate) -> dict[str, object]:
        motion, reference = self.motions[color], self.plates[self.reference]
        offset = motion.apply(np.array([0.0, reference.third_start])) - [0, plate.third_start]
        rotation = np.degrees(np.arctan2(motion.linear[1, 0], motion.linear[0, 0]))
        return {
            "top": plate.top,
            "offset": [round(float(value), 3) for value in offset],
            "rotation": round(float(rotation), 4),
            "linear": [[round(float(value), 7) for value in row] for row in motion.linear],
            "match": round(self.matches[color], 3),
            "frame": plate.frame.translated(0, -plate.third_start).xywh,
            "gain": round(self.gains[color], 4),
        }


def _inscribed_rectangle(frame: Rectangle, motion: Motion) -> Rectangle:
    """Nearly the largest axis-aligned rectangle of the reference whose points all lie in a plate's frame."""
    left, top, right, bottom = frame.left, frame.top, frame.right - 1, frame.bottom - 1
    corners = motion.invert(
        np.array([[left, top], [right, top], [left, bottom], [right, bottom]], np.float64)
    )
    x, y = corners[:, 0], corners[:, 1]
    low = np.ceil([max(x[0], x[2]), max(y[0], y[1])]).astype(int)
    high = np.floor([min(x[1], x[3]), min(y[2], y[3])]).astype(int) + 1
    return Rectangle(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _check(plates: Plates) -> None:
    """Refuse plates that are blank or hold NaN or infinity."""
    for color, plate in plates.items():
        height, width = plate.samples.shape
        inside = plate.samples[height // 4 : -(height // 4) : 2, width // 4 : -(width // 4) : 2]
        if plate.samples.dtype.kind == "f" and not np.isfinite(plate.samples).all():
            raise FileError(f"plates: the {color} plate has values that are NaN or infinite")
        if inside.min() == inside.max():
            raise FileError(f"plates: the {color} plate is blank: all its values are the same")
