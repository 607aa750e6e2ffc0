"""Rows for steps over two images: the image at the mark is the source, the other its blur."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import convolution as oracle
from tests.peers.libraries import cv2, opencv
from tests.peers.table import Peer

EDGE = ("replicate", 0.0)


def soft(a: np.ndarray) -> np.ndarray:
    return oracle.box(a, EDGE, 3, 3)


def two(step: str, options: str, call: Any, peer: Any = None, about: str = "") -> Peer:
    """A row for a step that meets a mark; it is about that step, or another. OpenCV works on floats."""

    def by_opencv(a: np.ndarray) -> np.ndarray:
        floats = a.astype(np.float32)
        return peer(cv2.blur(floats, (3, 3), borderType=cv2.BORDER_REPLICATE), floats)

    return Peer(
        f"mark a box {step} a {options}".strip(),
        lambda a: call(soft(a), a.astype(np.float64)),
        opencv=opencv(by_opencv) if peer else None,
        peer_dtypes=("f4",),
        peer_tolerance=0.01,
        tolerance=2e-3,
        step=about or step,
    )


ROWS = [
    two("mix", "--amount 0.3", lambda v, w: v + 0.3 * (w - v), about="mark"),
    two(
        "mix",
        "--amount 1.7",
        lambda v, w: v + 1.7 * (w - v),
        lambda v, w: cv2.addWeighted(v, -0.7, w, 1.7, 0),
    ),
    two("subtract", "--amount 2", lambda v, w: 2 * (v - w), lambda v, w: 2 * cv2.subtract(v, w)),
    two("difference", "", lambda v, w: abs(v - w), cv2.function("absdiff")),
]
