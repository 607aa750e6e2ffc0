"""The lines of the benchmark: the timed rows of the table of peers."""

from __future__ import annotations

import numpy as np

import imgconv
from tests.peers.table import Peer, Timing, every_row


class Line:
    """One comparison: the words of a row in imgconv, and OpenCV's call."""

    def __init__(self, row: Peer, timing: Timing) -> None:
        self.name, self.target, self.image = timing.name, timing.target, timing.image
        self.opencv, self.megapixels = timing.call, timing.megapixels
        self.mean_difference = timing.mean_difference
        self._dtype, self._steps = timing.dtype, row.steps()

    def run(self, image: np.ndarray, threads: int) -> np.ndarray:
        """imgconv's result for H x W or H x W x 3 bytes."""
        opened = imgconv.open(image, threads=threads, quiet=True)
        result: np.ndarray = opened._then(self._steps).array(dtype=self._dtype)
        return result


def lines() -> list[Line]:
    """Every timed row, in the order of the table."""
    return [Line(row, row.timing) for row in every_row() if row.timing]
