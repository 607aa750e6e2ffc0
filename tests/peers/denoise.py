"""Rows for filters that smooth and keep edges: bilateral, guided, non-local means."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import denoise as slow
from tests.peers.libraries import cv2, opencv
from tests.peers.table import Peer, Timing

ALPHA = (2, 4)
FLOAT = 4e-4


def bilateral(
    options: str, space: float, near: float, radius: int, channels: tuple[int, ...] = (1, 3)
) -> Peer:
    """A row for one sigma in space, one of values (1 is full scale) and a radius."""

    def by_opencv(a: np.ndarray) -> np.ndarray:
        sigma = near * slow.full(a)
        return cv2.bilateralFilter(a, 2 * radius + 1, sigma, space, borderType=cv2.BORDER_REPLICATE)

    return Peer(
        f"bilateral {options}".strip(),
        lambda a: slow.bilateral(a, space, near, radius),
        opencv=opencv(by_opencv) if channels == (1, 3) else None,
        tolerance=FLOAT,
        peer_dtypes=("u1",),
        peer_tolerance=1.0,
        channels=channels,
    )


def guided(radius: int, eps: float, channels: tuple[int, ...] = (1, 3, 4), guide: str = "channel") -> Peer:
    oracle = slow.guided if guide == "channel" else slow.guided_by_color
    return Peer(
        f"guided --radius {radius} --eps {eps} --guide {guide}",
        lambda a: oracle(a, radius, eps),
        tolerance=FLOAT,
        channels=channels,
    )


def nlm(options: str, channels: tuple[int, ...] = (1, 3), **values: Any) -> Peer:
    """A row for non-local means; the values are the oracle's."""

    def by_opencv(a: np.ndarray) -> np.ndarray:
        return cv2.fastNlMeansDenoising(a, None, 255 * values["strength"], values["patch"], values["search"])

    return Peer(
        f"nlm {options}",
        lambda a: slow.nlm(a, **values),
        opencv=opencv(by_opencv) if values.get("edge") else None,
        peer_dtypes=("u1",),
        peer_tolerance=1.0,
        tolerance=2e-3,
        channels=channels,
    )


ROWS = [
    bilateral("", 3.0, 0.15, 4),
    bilateral("", 3.0, 0.15, 4, (5, *ALPHA)),
    bilateral("--sigma-range 0.7 --radius 1", 3.0, 0.7, 1),
    bilateral("--sigma-space 1.2 --sigma-range 0.4 --radius 5", 1.2, 0.4, 5),
    bilateral("--sigma-space 5", 5.0, 0.15, 8),
    Peer(
        "bilateral --radius 4 --sigma-space 3 --sigma-range 0.1",
        timing=Timing(
            "bilateral 9", lambda a: cv2.bilateralFilter(a, 9, 25.5, 3, borderType=cv2.BORDER_REPLICATE)
        ),
    ),
    guided(1, 0.01),
    guided(3, 0.05),
    guided(12, 0.0001, (2, 5)),
    guided(2, 0.01, (3, 4), "color"),
    guided(9, 0.0005, (3, 4), "color"),
    nlm("--patch 3 --search 5 --strength 0.5", patch=3, search=5, strength=0.5),
    nlm("--patch 3 --search 5 --strength 0.5", (5, *ALPHA), patch=3, search=5, strength=0.5),
    nlm("--strength 0.4 --sigma 0.25", strength=0.4, sigma=0.25),
    nlm(
        "--search 11 --strength 0.2 --edge reflect101",
        patch=7,
        search=11,
        strength=0.2,
        edge=("reflect101", 0.0),
    ),
    nlm("--patch 1 --search 9 --strength 0.3", patch=1, search=9, strength=0.3),
]
