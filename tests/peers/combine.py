"""Steps over two images beside the slow oracle and OpenCV; the image at the mark is the source, the other its blur."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import convolution as oracle
from tests.peers.tone import opencv, row

try:
    import cv2
except ImportError:
    cv2 = None

EDGE = ("replicate", 0.0)


def soft(a: np.ndarray) -> np.ndarray:
    return oracle.box(a, EDGE, 3, 3)


def two(step: str, options: str, call: Any, peer: Any = None) -> dict[str, Any]:
    """A row for a step that meets a mark; OpenCV works on floats."""
    words = f"mark a box {step} a {options}".strip()

    def by_opencv(a: np.ndarray) -> np.ndarray:
        floats = a.astype(np.float32)
        return peer(cv2.blur(floats, (3, 3), borderType=cv2.BORDER_REPLICATE), floats)

    said = {"opencv": opencv(by_opencv)} if peer else {}
    limits = {"tolerance": 2e-3, "peer_tolerance": 0.01, "peer_dtypes": ("f4",), "channels": (1, 3)}
    return {**row(words, lambda a: call(soft(a), a.astype(np.float64)), **said, **limits), "step": step}


ROWS = [
    {**two("mix", "--amount 0.3", lambda v, w: v + 0.3 * (w - v)), "step": "mark"},
    two(
        "mix",
        "--amount 1.7",
        lambda v, w: v + 1.7 * (w - v),
        lambda v, w: cv2.addWeighted(v, -0.7, w, 1.7, 0),
    ),
    two("subtract", "--amount 2", lambda v, w: 2 * (v - w), lambda v, w: 2 * cv2.subtract(v, w)),
    two("difference", "", lambda v, w: abs(v - w), cv2 and cv2.absdiff),
]
for one in ROWS:
    one["ours"] = one["words"]
