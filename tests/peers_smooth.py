"""Smoothing that keeps edges and local contrast beside the slow oracle, OpenCV and scikit-image; rows as in
`peers_point`."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle_smooth as slow
from peers_point import cv2, opencv, row

ALPHA = (2, 4)
FLOAT = 4e-4


def bilateral(
    words: str, space: float, near: float, radius: int, channels: tuple[int, ...] = (1, 3), **said: Any
) -> dict[str, Any]:
    def by_opencv(a: np.ndarray) -> np.ndarray:
        like = near * slow.full(a)
        return cv2.bilateralFilter(a, 2 * radius + 1, like, space, borderType=cv2.BORDER_REPLICATE)

    peer = opencv(by_opencv) if channels == (1, 3) else None
    usual = {"opencv": peer, "tolerance": FLOAT, "peer_tolerance": 1.0, "peer_dtypes": ("u1",)}
    return row(
        f"bilateral {words}".strip(),
        lambda a: slow.bilateral(a, space, near, radius),
        **{**usual, "channels": channels, **said},
    )


ROWS = [
    bilateral("", 3.0, 0.15, 4),
    bilateral("", 3.0, 0.15, 4, (5, *ALPHA)),
    bilateral("--sigma-range 0.7 --radius 1", 3.0, 0.7, 1),
    bilateral("--sigma-space 1.2 --sigma-range 0.4 --radius 5", 1.2, 0.4, 5),
    bilateral("--sigma-space 5", 5.0, 0.15, 8),
]
for one in ROWS:
    one["ours"] = one["words"]
