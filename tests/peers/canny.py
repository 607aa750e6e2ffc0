"""Canny beside the slow oracle and OpenCV: every pixel the same; rows as in `peers_point`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import edges as slow
from tests.peers.tone import cv2, opencv, row


def canny(
    low: float, high: float, l2: bool = False, size: int = 3, edge: str = "replicate"
) -> dict[str, Any]:
    words = f"canny --low {low:g} --high {high:g} --size {size} --edge {edge}" + " --l2" * l2

    def call(a: np.ndarray) -> np.ndarray:
        found = cv2.Canny(a, low, high, apertureSize=size, L2gradient=l2)
        return found[:, :, None]

    said = {"tolerance": 0.0, "peer_tolerance": 0.0, "opencv": opencv(call) if edge == "replicate" else None}
    return row(words, lambda a: slow.canny(a, low, high, l2, size, (edge, 0.0)), **said)


ROWS = [
    canny(100, 200),
    canny(100, 200, l2=True),
    canny(80.3, 612.7),
    canny(80.3, 612.7, l2=True),
    canny(0, 0),
    canny(900, 6000, size=5),
    canny(900, 6000.5, l2=True, size=5),
    canny(150, 700, edge="wrap"),
    canny(150, 700, edge="reflect101"),
]
for one in ROWS:
    one["ours"] = one["words"]
