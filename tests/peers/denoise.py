"""Smoothing that keeps edges and local contrast beside the slow oracle, OpenCV and scikit-image; rows as in
`peers_point`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import denoise as slow
from tests.peers.tone import cv2, opencv, row

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


def contrast(
    tiles: tuple[int, int], limit: float, dtype: str, channels: tuple[int, ...] = (1,)
) -> dict[str, Any]:
    """Whole numbers equal OpenCV's; the oracle in float64 rounds a tie now and then to the other side."""
    peer = opencv(lambda a: cv2.createCLAHE(limit, tiles[::-1]).apply(a[..., 0]))
    return row(
        f"local-contrast --tiles {tiles[0]}x{tiles[1]} --limit {limit}",
        lambda a: slow.clahe(a, tiles, limit),
        opencv=peer if channels == (1,) and dtype != "f4" else None,
        dtypes=(dtype,),
        peer_dtypes=(dtype,),
        channels=channels,
        tolerance={"u1": 1.0, "u2": 1 / 257, "f4": FLOAT}[dtype],
        peer_tolerance=0.0,
    )


def guided(
    radius: int, eps: float, channels: tuple[int, ...] = (1, 3, 4), guide: str = "channel"
) -> dict[str, Any]:
    words = f"guided --radius {radius} --eps {eps} --guide {guide}"
    oracle = slow.guided if guide == "channel" else slow.guided_by_color
    return row(words, lambda a: oracle(a, radius, eps), tolerance=FLOAT, channels=channels)


def nlm(words: str, channels: tuple[int, ...] = (1, 3), **said: Any) -> dict[str, Any]:
    def by_opencv(a: np.ndarray) -> np.ndarray:
        return cv2.fastNlMeansDenoising(a, None, 255 * said["strength"], said["patch"], said["search"])

    peer = opencv(by_opencv) if said.get("edge") else None
    usual = {"tolerance": 2e-3, "channels": channels, "opencv": peer}
    return row(f"nlm {words}", lambda a: slow.nlm(a, **said), **usual)


ROWS = [
    bilateral("", 3.0, 0.15, 4),
    bilateral("", 3.0, 0.15, 4, (5, *ALPHA)),
    bilateral("--sigma-range 0.7 --radius 1", 3.0, 0.7, 1),
    bilateral("--sigma-space 1.2 --sigma-range 0.4 --radius 5", 1.2, 0.4, 5),
    bilateral("--sigma-space 5", 5.0, 0.15, 8),
    *(contrast((8, 8), 2.0, dtype) for dtype in ("u1", "u2", "f4")),
    *(contrast((8, 8), 2.0, dtype, (3, 4)) for dtype in ("u1", "f4")),
    *(contrast((1, 1), 0.0, dtype) for dtype in ("u1", "u2", "f4")),
    contrast((3, 5), 4.5, "u1"),
    contrast((2, 2), 0.3, "u2"),
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
for one in ROWS:
    one["ours"] = one["words"]
