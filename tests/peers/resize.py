"""Resizing beside dense matrices of weights, Pillow's float images and OpenCV: rows as in `peers_point`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import resize as slow
from tests.peers.tone import ALL, cv2, opencv, pillow, row

STORED = 0.51  # a rounded result beside floats


def by_pillow(oracle: Callable[[Any], Any], kind: str) -> Callable[[Any], Any] | None:
    """Pillow's resize of float images to the size that the oracle finds; it would round and clip bytes on the way."""
    if pillow is None:
        return None
    words = {"lanczos3": "LANCZOS", "bicubic": "BICUBIC", "bilinear": "BILINEAR"}
    how = getattr(pillow.Resampling, words[kind])

    def answer(a: np.ndarray) -> np.ndarray:
        height, width = oracle(a).shape[:2]
        planes = [pillow.fromarray(plane.astype(np.float32)) for plane in np.moveaxis(a, 2, 0)]
        found = np.dstack([np.asarray(plane.resize((width, height), how)) for plane in planes])
        return np.clip(found, 0, 255) if a.dtype == np.uint8 else found  # what `save` writes

    return answer


def resize(options: str, oracle: Callable[[Any], Any], kind: str, **said: Any) -> dict[str, Any]:
    if kind in slow.CURVES and "pillow" not in said:
        said["pillow"] = by_pillow(oracle, kind)
    usual = {"peer_tolerance": STORED, "peer_dtypes": ALL, "tolerance": 3e-4}
    shown = options if kind == "lanczos3" else f"{options} --filter {kind}"
    return row(f"resize {shown}", oracle, **{**usual, **said})


def scale(text: str, kind: str = "lanczos3", **said: Any) -> dict[str, Any]:
    numbers = [float(part) for part in text.split(",")]
    return resize(f"--scale {text}", lambda a: slow.scaled(a, numbers[0], numbers[-1], kind), kind, **said)


def lowest(a: np.ndarray) -> np.ndarray:
    size = tuple(max(int(n * 0.5 + 0.5), 1) for n in a.shape[1::-1])
    return cv2.resize(a, size, interpolation=cv2.INTER_AREA)


ROWS = [
    scale("0.5"),
    scale("0.37"),
    scale("2"),
    scale("1"),
    scale("0.6,1.7", "bicubic"),
    scale("0.25", "bicubic"),
    scale("3", "bicubic"),
    scale("0.3", "bilinear"),
    scale("1.3", "bilinear"),
    scale("0.5", "area", opencv=opencv(lowest), peer_dtypes=("u1", "f4"), peer_tolerance=1.0),
    scale("0.3,0.71", "area"),
    scale("1.5,2", "area"),
    scale("0.4", "nearest", tolerance=0.0),
    scale("2.5", "nearest", tolerance=0.0),
    resize("--width 10", lambda a: slow.fit(a, 10, np.inf, "lanczos3"), "lanczos3"),
    resize("--height 10", lambda a: slow.fit(a, np.inf, 10, "lanczos3"), "lanczos3"),
    resize("--width 9 --height 50", lambda a: slow.resize(a, 50, 9, "lanczos3"), "lanczos3"),
    resize("--fit 16x12", lambda a: slow.fit(a, 16, 12, "lanczos3"), "lanczos3"),
    resize("--fill 9x8", lambda a: slow.fill(a, 9, 8, "lanczos3"), "lanczos3", pillow=None),
    resize("--fill 8x9", lambda a: slow.fill(a, 8, 9, "area"), "area"),
]
for one in ROWS:
    one["ours"] = one["words"]
