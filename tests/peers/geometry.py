"""Rows for geometry: what moves values, rotation by any angle, and resizing beside dense matrices of weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import resize as scaling
from tests.oracles import rotate as turns
from tests.oracles import tone as slow
from tests.peers.libraries import area, cv2, half, ndimage, opencv, pillow
from tests.peers.table import ALL, Peer, Timing

ROTATE_MODES = {
    "replicate": "nearest",
    "symmetric": "reflect",
    "reflect101": "mirror",
    "wrap": "grid-wrap",
    "constant": "grid-constant",
}
STORED = 0.51  # a rounded result beside floats
ANY = {"peer_dtypes": ALL, "peer_tolerance": 0.0}


def exact(words: str, oracle: Callable[[Any], Any], peer: Callable[[Any], Any] | None = None) -> Peer:
    """A row for what moves values and computes none."""
    return Peer(words, oracle, opencv=opencv(peer) if peer else None, tolerance=0.0, **ANY)


def quarter(angle: int, code: str) -> Peer:
    return exact(
        f"rotate {angle}", lambda a: slow.rotate(a, angle), lambda a: cv2.rotate(a, getattr(cv2, code))
    )


def pad(text: str, edge: str = "replicate", border: str = "") -> Peer:
    """A row for a border of one width or of four; `border` is OpenCV's name for the edge."""
    sides = tuple(int(part) for part in text.split(",")) * (1 if "," in text else 4)
    mode, _, value = edge.partition(":")
    top, right, bottom, left = sides

    def by_opencv(a: np.ndarray) -> np.ndarray:
        code = getattr(cv2, f"BORDER_{border}")
        return cv2.copyMakeBorder(a, top, bottom, left, right, code, value=[float(value or 0)] * 4)

    return exact(
        f"pad {text}" + ("" if edge == "replicate" else f" --edge {edge}"),
        lambda a: turns.pad(a, sides, mode, float(value or 0)),
        by_opencv if border else None,
    )


def rotate(angle: str, kind: str = "bilinear", edge: str = "constant:0", keep: bool = False) -> Peer:
    mode, _, value = edge.partition(":")

    def by_scipy(a: np.ndarray) -> np.ndarray:
        options = {"reshape": not keep, "order": 1, "prefilter": False}
        floats = a.astype(np.float64)
        return ndimage.rotate(
            floats, -float(angle), mode=ROTATE_MODES[mode], cval=float(value or 0), **options
        )

    words = f"rotate {angle}" + (" --keep-size" if keep else "")
    words += "" if kind == "bilinear" else f" --filter {kind}"
    return Peer(
        words + ("" if edge == "constant:0" else f" --edge {edge}"),
        lambda a: turns.rotate(a, float(angle), kind, mode, float(value or 0), keep),
        scipy=by_scipy if kind == "bilinear" else None,
        peer_tolerance=STORED,
        peer_dtypes=ALL,
        tolerance=0.0 if kind == "nearest" else 3e-4,
        channels=(3,),
        dtypes=("u1", "f4"),
    )


def resize_by_pillow(oracle: Callable[[Any], Any], kind: str) -> Callable[[Any], Any]:
    """Pillow's resize of float images to the size that the oracle finds; it would round and clip bytes on the way."""
    name = {"lanczos3": "LANCZOS", "bicubic": "BICUBIC", "bilinear": "BILINEAR"}[kind]

    def answer(a: np.ndarray) -> np.ndarray:
        height, width = oracle(a).shape[:2]
        method = getattr(pillow.Resampling, name)
        planes = [pillow.fromarray(plane.astype(np.float32)) for plane in np.moveaxis(a, 2, 0)]
        result = np.dstack([np.asarray(plane.resize((width, height), method)) for plane in planes])
        return np.clip(result, 0, 255) if a.dtype == np.uint8 else result  # what `save` writes

    return answer


def resize(options: str, oracle: Callable[[Any], Any], kind: str, **fields: Any) -> Peer:
    usual = {"peer_tolerance": STORED, "peer_dtypes": ALL, "tolerance": 3e-4}
    if kind in scaling.CURVES:
        usual["pillow"] = resize_by_pillow(oracle, kind)
    words = options if kind == "lanczos3" else f"{options} --filter {kind}"
    return Peer(f"resize {words}", oracle, **{**usual, **fields})


def scale(text: str, kind: str = "lanczos3", **fields: Any) -> Peer:
    """A row for factors across and down."""
    factors = [float(part) for part in text.split(",")]
    return resize(
        f"--scale {text}", lambda a: scaling.scaled(a, factors[0], factors[-1], kind), kind, **fields
    )


def half_by_opencv(a: np.ndarray) -> np.ndarray:
    """Means of areas to half the size, rounded up."""
    size = tuple(max(int(n * 0.5 + 0.5), 1) for n in a.shape[1::-1])
    return cv2.resize(a, size, interpolation=cv2.INTER_AREA)


MOVES = [
    exact("crop 0,0,1,1", lambda a: slow.crop(a, 0, 0, 1, 1)),
    exact("crop 2,1,3,4", lambda a: slow.crop(a, 2, 1, 3, 4)),
    exact("flip horizontal", lambda a: slow.flip(a, "horizontal"), lambda a: cv2.flip(a, 1)),
    exact("flip vertical", lambda a: slow.flip(a, "vertical"), lambda a: cv2.flip(a, 0)),
    quarter(90, "ROTATE_90_CLOCKWISE"),
    quarter(180, "ROTATE_180"),
    quarter(270, "ROTATE_90_COUNTERCLOCKWISE"),
    exact("rotate -90", lambda a: slow.rotate(a, -90)),
    pad("3", border="REPLICATE"),
    pad("1,0,2,5", "constant:7", "CONSTANT"),
    pad("0,90,100,0", "symmetric"),
    pad("30", "reflect101"),
    pad("0,3,7,1", "wrap"),
    pad("0"),
    Peer(
        "tile 2x3",
        lambda a: np.tile(a, (2, 3, 1)),
        tolerance=0.0,
        opencv=opencv(lambda a: cv2.repeat(a, 2, 3)),
        peer_dtypes=("u1",),
    ),
    exact("tile 1", lambda a: a),
]

ROWS = [
    *MOVES,
    rotate("7.5"),
    rotate("-33", edge="replicate"),
    rotate("100", edge="reflect101"),
    rotate("200.25", edge="constant:9", keep=True),
    rotate("359", edge="wrap"),
    rotate("45", "bicubic", "symmetric"),
    rotate("-12.5", "bicubic", keep=True),
    rotate("61", "nearest", "constant:7"),
    scale("0.5"),
    scale("0.37"),
    scale("2"),
    scale("1"),
    scale("0.6,1.7", "bicubic"),
    scale("0.25", "bicubic"),
    scale("3", "bicubic"),
    scale("0.3", "bilinear"),
    scale("1.3", "bilinear"),
    scale(
        "0.5",
        "area",
        opencv=opencv(half_by_opencv),
        peer_dtypes=("u1", "f4"),
        peer_tolerance=1.0,
        timing=Timing("resize half, area", half),
    ),
    scale("0.3,0.71", "area"),
    scale("1.5,2", "area"),
    scale("0.4", "nearest", tolerance=0.0),
    scale("2.5", "nearest", tolerance=0.0),
    resize("--width 10", lambda a: scaling.fit(a, 10, np.inf, "lanczos3"), "lanczos3"),
    resize("--height 10", lambda a: scaling.fit(a, np.inf, 10, "lanczos3"), "lanczos3"),
    resize("--width 9 --height 50", lambda a: scaling.resize(a, 50, 9, "lanczos3"), "lanczos3"),
    resize("--fit 16x12", lambda a: scaling.fit(a, 16, 12, "lanczos3"), "lanczos3"),
    resize("--fill 9x8", lambda a: scaling.fill(a, 9, 8, "lanczos3"), "lanczos3", pillow=None),
    resize("--fill 8x9", lambda a: scaling.fill(a, 8, 9, "area"), "area"),
    Peer("resize --width 800 --filter area", timing=Timing("resize 800, area", lambda a: area(a, 800))),
]
