"""Borders, copies and turns beside slow oracles, SciPy and OpenCV: rows as in `peers_point`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import rotate as slow
from tests.peers.tone import ALL, cv2, opencv, row

try:
    from scipy import ndimage
except ImportError:
    ndimage = None

SCIPY = {
    "replicate": "nearest",
    "symmetric": "reflect",
    "reflect101": "mirror",
    "wrap": "grid-wrap",
    "constant": "grid-constant",
}
STORED = 0.51  # a rounded result beside floats


def pad(text: str, edge: str = "replicate", by_opencv: str = "") -> dict[str, Any]:
    sides = tuple(int(part) for part in text.split(",")) * (1 if "," in text else 4)
    mode, _, value = edge.partition(":")
    top, right, bottom, left = sides

    def theirs(a: np.ndarray) -> np.ndarray:
        kind = getattr(cv2, f"BORDER_{by_opencv}")
        return cv2.copyMakeBorder(a, top, bottom, left, right, kind, value=[float(value or 0)] * 4)

    return row(
        f"pad {text}" + ("" if edge == "replicate" else f" --edge {edge}"),
        lambda a: slow.pad(a, sides, mode, float(value or 0)),
        opencv=opencv(theirs) if by_opencv else None,
        tolerance=0.0,
        peer_tolerance=0.0,
        peer_dtypes=ALL,
    )


def turn(angle: str, kind: str = "bilinear", edge: str = "constant:0", keep: bool = False) -> dict[str, Any]:
    mode, _, value = edge.partition(":")

    def theirs(a: np.ndarray) -> np.ndarray:
        said = {"reshape": not keep, "order": 1, "prefilter": False}
        return ndimage.rotate(
            a.astype(np.float64), -float(angle), mode=SCIPY[mode], cval=float(value or 0), **said
        )

    words = f"rotate {angle}" + (" --keep-size" if keep else "")
    words += "" if kind == "bilinear" else f" --filter {kind}"
    return row(
        words + ("" if edge == "constant:0" else f" --edge {edge}"),
        lambda a: slow.rotate(a, float(angle), kind, mode, float(value or 0), keep),
        scipy=theirs if ndimage and kind == "bilinear" else None,
        peer_tolerance=STORED,
        peer_dtypes=ALL,
        tolerance=0.0 if kind == "nearest" else 3e-4,
        channels=(3,),
        dtypes=("u1", "f4"),
    )


ROWS = [
    pad("3", by_opencv="REPLICATE"),
    pad("1,0,2,5", "constant:7", "CONSTANT"),
    pad("0,90,100,0", "symmetric"),
    pad("30", "reflect101"),
    pad("0,3,7,1", "wrap"),
    pad("0"),
    row(
        "tile 2x3",
        lambda a: np.tile(a, (2, 3, 1)),
        tolerance=0.0,
        opencv=opencv(lambda a: cv2.repeat(a, 2, 3)),
        peer_tolerance=0.0,
    ),
    row("tile 1", lambda a: a, tolerance=0.0),
    turn("7.5"),
    turn("-33", edge="replicate"),
    turn("100", edge="reflect101"),
    turn("200.25", edge="constant:9", keep=True),
    turn("359", edge="wrap"),
    turn("45", "bicubic", "symmetric"),
    turn("-12.5", "bicubic", keep=True),
    turn("61", "nearest", "constant:7"),
]
for one in ROWS:
    one["ours"] = one["words"]
