"""Rows for edges: gradients of 3 to 7 taps, compasses, the Laplacian, and Canny, where every pixel is OpenCV's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import convolution as oracle
from tests.oracles import edges as slow
from tests.peers.libraries import around, by_channel, cv2, length, ndimage, opencv, sobel_magnitude
from tests.peers.table import EDGES, Answer, Peer, Timing

FILTER: dict[str, Any] = {"channels": (1, 3, 4), "edges": EDGES}
MORE = {"tolerance": 4e-2, "channels": (1, 3), "edges": EDGES}  # gradients are up to 640 times a difference
ANGLE = {"tolerance": 0.02, "turn": 360.0}


def gradient(name: str, part: str = "magnitude", unit: bool = False, timing: Timing | None = None) -> Peer:
    """Sobel, Prewitt or Scharr over 3 x 3 pixels."""
    words = name + (f" --part {part}" if part != "magnitude" else "") + (" --scale unit" if unit else "")
    peers = {} if unit else {peer: _part(peer, pair, part) for peer, pair in _derivatives(name).items()}
    limits = ANGLE if part == "angle" and not unit else {"tolerance": 2e-3}
    return Peer(
        words,
        lambda a, edge: oracle.gradient(a, edge, name, part, unit),
        **{**FILTER, **limits, **peers},
        timing=timing,
    )


def _derivatives(name: str) -> dict[str, list[Answer]]:
    """The derivatives in x and y by the peers that have them."""
    side, middle = oracle.SIDES[name]
    smooth, change = np.array([side, middle, side], np.float64), np.array([-1.0, 0.0, 1.0])
    call = {"sobel": "Sobel", "scharr": "Scharr"}.get(name)
    if call:
        opencv = [around(3, lambda a, d=d: getattr(cv2, call)(a, cv2.CV_64F, *d)) for d in ((1, 0), (0, 1))]
    else:
        pairs = ((change, smooth), (smooth, change))
        opencv = [around(3, lambda a, pair=pair: cv2.sepFilter2D(a, cv2.CV_64F, *pair)) for pair in pairs]
    if name not in ("sobel", "prewitt"):
        return {"opencv": opencv}
    scipy = [
        by_channel(lambda a, options, axis=axis: getattr(ndimage, name)(a, axis, **options))
        for axis in (1, 0)
    ]
    return {"opencv": opencv, "scipy": scipy}


def _part(peer: str, pair: list[Answer], part: str) -> Answer:
    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
        if edge[0] == "constant" and peer == "scipy":
            return None  # it lays the constant around the differences too
        if part == "angle" and a.dtype.kind == "f":
            return None  # where the gradient is 0, its last bit points anywhere
        gx, gy = (derivative(a, edge) for derivative in pair)
        if part == "angle":
            return np.degrees(np.arctan2(gy, gx)) % 360
        return {"x": gx, "y": gy, "magnitude": length(gx, gy), "abs-sum": abs(gx) + abs(gy)}[part]

    return answer


def sobel(size: int, part: str = "magnitude", unit: bool = False) -> Peer:
    """Sobel over 5 x 5 or 7 x 7 pixels."""
    directions = {"x": ((1, 0),), "y": ((0, 1),)}.get(part, ((1, 0), (0, 1)))

    def by_opencv(a: np.ndarray) -> np.ndarray:
        derivatives = [cv2.Sobel(a, cv2.CV_64F, *d, ksize=size) for d in directions]
        if part == "magnitude":
            return length(*derivatives)
        return abs(derivatives[0]) + abs(derivatives[1]) if part == "abs-sum" else derivatives[0]

    fields = {**MORE, **ANGLE} if part == "angle" else dict(MORE)
    if not unit and part != "angle":
        fields["opencv"] = around(size, by_opencv)
    words = f"sobel --size {size} --part {part}" + " --scale unit" * unit
    return Peer(words, lambda a, edge: slow.sobel(a, edge, size, part, unit), **fields)


def compass(name: str, unit: bool = False) -> Peer:
    kernels = slow.compass_kernels(name)

    def by_opencv(a: np.ndarray) -> np.ndarray:
        return np.max([cv2.filter2D(a, cv2.CV_64F, kernel) for kernel in kernels], axis=0)

    return Peer(
        name + " --scale unit" * unit,
        lambda a, edge: slow.compass(a, edge, name, unit=unit),
        opencv=None if unit else around(1, by_opencv),
        tolerance=2e-3,
        **FILTER,
    )


def laplacian(options: str, neighbors: int, unit: bool, tolerance: float, **peers: Any) -> Peer:
    return Peer(
        f"laplacian {options}".strip(),
        lambda a, edge: oracle.laplacian(a, edge, neighbors, unit),
        tolerance=tolerance,
        **FILTER,
        **peers,
    )


def canny(
    low: float, high: float, l2: bool = False, size: int = 3, edge: str = "replicate", **fields: Any
) -> Peer:
    def by_opencv(a: np.ndarray) -> np.ndarray:
        return cv2.Canny(a, low, high, apertureSize=size, L2gradient=l2)

    return Peer(
        f"canny --low {low:g} --high {high:g} --size {size} --edge {edge}" + " --l2" * l2,
        lambda a: slow.canny(a, low, high, l2, size, (edge, 0.0)),
        opencv=opencv(by_opencv) if edge == "replicate" else None,
        peer_dtypes=("u1",),
        tolerance=0.0,
        **fields,
    )


def slope(a: np.ndarray) -> np.ndarray:
    return cv2.Sobel(a, cv2.CV_16S, 1, 0, borderType=cv2.BORDER_REPLICATE)


CANNY = Timing("canny", lambda a: cv2.Canny(a, 100, 200), image="gray")
SOBEL = Timing("sobel magnitude", sobel_magnitude, image="gray")
SOBEL_X = Timing("sobel x", slope, image="gray", dtype=None)

ROWS = [
    gradient("sobel", timing=SOBEL),
    gradient("sobel", "x", timing=SOBEL_X),
    *(gradient("sobel", part) for part in ("y", "angle", "abs-sum")),
    *(gradient("prewitt", part) for part in ("magnitude", "x", "y")),
    *(gradient("scharr", part) for part in ("magnitude", "x", "y")),
    *(gradient(name, unit=True) for name in oracle.SIDES),
    gradient("sobel", "y", unit=True),
    sobel(5),
    sobel(5, "x"),
    sobel(7, "y"),
    *(sobel(7, part) for part in ("magnitude", "angle", "abs-sum")),
    sobel(5, unit=True),
    sobel(7, "x", unit=True),
    laplacian(
        "",
        4,
        False,
        1e-3,
        scipy=by_channel(lambda a, options: ndimage.laplace(a, **options)),
        opencv=around(2, lambda a: cv2.Laplacian(a, cv2.CV_64F)),
    ),
    laplacian("--neighbors 8", 8, False, 2e-3),
    laplacian("--neighbors 8 --scale unit", 8, True, 4e-4),
    compass("kirsch"),
    compass("robinson"),
    compass("kirsch", unit=True),
    compass("robinson", unit=True),
    canny(100, 200, timing=CANNY),
    canny(100, 200, l2=True),
    canny(80.3, 612.7),
    canny(80.3, 612.7, l2=True),
    canny(0, 0),
    canny(900, 6000, size=5),
    canny(900, 6000.5, l2=True, size=5),
    canny(150, 700, edge="wrap"),
    canny(150, 700, edge="reflect101"),
]
