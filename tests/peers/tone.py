"""Rows for tone: steps on single values, histograms, local contrast."""

from __future__ import annotations

import numpy as np

from tests.oracles import denoise
from tests.oracles import tone as slow
from tests.peers.libraries import cv2, opencv
from tests.peers.table import FLOAT, INTEGERS, Peer, Timing

STORED = 0.5 + FLOAT


def equalize_by_opencv(a: np.ndarray) -> np.ndarray:
    planes = [np.ascontiguousarray(a[:, :, c]) for c in range(a.shape[2])]
    return cv2.merge([cv2.equalizeHist(plane) for plane in planes])


def contrast(
    tiles: tuple[int, int],
    limit: float,
    dtype: str,
    channels: tuple[int, ...] = (1,),
    timing: Timing | None = None,
) -> Peer:
    """A row for CLAHE: integers equal OpenCV's; the oracle in float64 rounds a tie now and then to the other side."""

    def by_opencv(a: np.ndarray) -> np.ndarray:
        return cv2.createCLAHE(limit, tiles[::-1]).apply(a[..., 0])

    return Peer(
        f"local-contrast --tiles {tiles[0]}x{tiles[1]} --limit {limit}",
        lambda a: denoise.clahe(a, tiles, limit),
        opencv=opencv(by_opencv) if channels == (1,) and dtype != "f4" else None,
        dtypes=(dtype,),
        channels=channels,
        tolerance={"u1": 1.0, "u2": 1 / 257, "f4": 4e-4}[dtype],
        peer_tolerance=0.0,
        timing=timing,
    )


CLAHE = Timing("local contrast", lambda a: cv2.createCLAHE(2.0, (8, 8)).apply(a), image="gray")
EQUALIZE = Timing("equalize", cv2.function("equalizeHist"), image="gray")

ROWS = [
    Peer("scale 1.5", lambda a: slow.scale(a, 1.5)),
    Peer("scale -0.5 --shift 0.25", lambda a: slow.scale(a, -0.5, 0.25)),
    Peer(
        "invert",
        slow.invert,
        opencv=opencv(lambda a: 255 - a if a.dtype == np.uint8 else 65535 - a),
        peer_tolerance=0.0,
        peer_dtypes=INTEGERS,
    ),
    Peer("abs", lambda a: abs(a.astype(float)), tolerance=0.0),
    Peer("relu", slow.relu, tolerance=0.0),
    Peer("round", lambda a: np.rint(a.astype(float)), tolerance=0.0),
    Peer("clip", slow.clip, tolerance=0.0),
    Peer("clip --low 20 --high 200", lambda a: slow.clip(a, 20, 200), tolerance=0.0),
    Peer("clip --low 20.5 --high 99.25", lambda a: slow.clip(a, 20.5, 99.25), tolerance=0.0),
    Peer("clip --low -5 --high 1e6", lambda a: slow.clip(a, -5, 1e6), tolerance=0.0),
    Peer(
        "threshold 0.5",
        lambda a: slow.threshold(a, 0.5),
        opencv=opencv(lambda a: cv2.threshold(a, 127, 255, cv2.THRESH_BINARY)[1]),
        peer_dtypes=("u1",),
        tolerance=0.0,
    ),
    Peer("threshold 0", lambda a: slow.threshold(a, 0.0), tolerance=0.0),
    Peer("threshold 1", lambda a: slow.threshold(a, 1.0), tolerance=0.0),
    Peer("gamma 2.2", lambda a: slow.gamma(a, 2.2)),
    Peer("gamma 0.5", lambda a: slow.gamma(a, 0.5)),
    Peer(
        "normalize",
        slow.normalize,
        opencv=opencv(lambda a: cv2.normalize(a, None, 0, 255, cv2.NORM_MINMAX)),
        peer_dtypes=("u1",),
        peer_tolerance=1.0,
        tolerance=2 * FLOAT,
    ),
    Peer(
        "equalize",
        slow.equalize,
        opencv=opencv(equalize_by_opencv),
        dtypes=INTEGERS,
        peer_dtypes=("u1",),
        tolerance=STORED,
        peer_tolerance=0.0,
        timing=EQUALIZE,
    ),
    Peer("histogram", slow.histogram, tolerance=0.0),
    Peer("histogram --log --size 40x100", lambda a: slow.histogram(a, 40, 100, True), tolerance=0.0),
    contrast((8, 8), 2.0, "u1", timing=CLAHE),
    *(contrast((8, 8), 2.0, dtype) for dtype in ("u2", "f4")),
    *(contrast((8, 8), 2.0, dtype, (3, 4)) for dtype in ("u1", "f4")),
    *(contrast((1, 1), 0.0, dtype) for dtype in ("u1", "u2", "f4")),
    contrast((3, 5), 4.5, "u1"),
    contrast((2, 2), 0.3, "u2"),
]
