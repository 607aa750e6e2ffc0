"""Rows for whole chains beside the calls of OpenCV that do the same; timed, as a user would write them.

OpenCV rounds to bytes after each call, imgconv once: hence the differences.
"""

from __future__ import annotations

import numpy as np

from tests.peers.libraries import cv2, gray, half, lab_floats, sharpened, sobel_magnitude, soft
from tests.peers.table import Peer, Timing


def edges(a: np.ndarray) -> np.ndarray:
    return sobel_magnitude(soft(gray(a), 2))


def unsharp_lightness(lab: np.ndarray) -> np.ndarray:
    lightness, *others = cv2.split(lab)
    return cv2.merge([sharpened(lightness, 1), *others])


def unsharp_lightness_bytes(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(unsharp_lightness(cv2.cvtColor(a, cv2.COLOR_RGB2Lab)), cv2.COLOR_Lab2RGB)


def unsharp_lightness_floats(a: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(cv2.cvtColor(unsharp_lightness(lab_floats(a)), cv2.COLOR_Lab2RGB), alpha=255)


def closed_mask(a: np.ndarray) -> np.ndarray:
    soft = cv2.blur(a, (15, 15), borderType=cv2.BORDER_REPLICATE)
    _, mask = cv2.threshold(soft, 127, 255, cv2.THRESH_BINARY)
    square = np.ones((5, 5), np.uint8)
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE)


def pooled(a: np.ndarray) -> np.ndarray:
    kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
    return half(cv2.filter2D(cv2.medianBlur(a, 3), -1, kernel, borderType=cv2.BORDER_REPLICATE))


ROWS = [
    Peer(
        "gray gaussian --sigma 2 sobel",
        timing=Timing("gray, gaussian 2, sobel", edges, target=2.5, mean_difference=1.5),
    ),
    Peer(
        "to lab unsharp --on L",
        timing=Timing("lab, unsharp on L (8 bits)", unsharp_lightness_bytes, target=2.5, mean_difference=1),
    ),
    Peer(
        "to lab unsharp --on L",
        timing=Timing("lab, unsharp on L (floats)", unsharp_lightness_floats, target=2.5),
    ),
    Peer(
        "box --size 15 threshold 0.5 closing --size 5",
        timing=Timing("box 15, threshold, closing 5", closed_mask, target=2.5),
    ),
    Peer(
        "median --size 3 sharpen avg-pool --size 2",
        timing=Timing("median 3, sharpen, avg-pool", pooled, target=2.5, mean_difference=0.7),
    ),
    Peer(
        "resize --scale 0.5 --filter area unsharp --sigma 1",
        timing=Timing(
            "resize half, unsharp 1", lambda a: sharpened(half(a), 1), target=2.5, mean_difference=0.7
        ),
    ),
]
