"""Rows of the table of peers for edges and details: larger gradients, compasses, differences of blurs, discs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import edges as slow
from tests.peers.table import EDGES, SCIPY, Peer, around, cv2, filtered, filters, length, ndimage

FEW = ("replicate", "constant:7")
MORE = {"tolerance": 4e-2, "image": "gray", "channels": (1, 3)}  # gradients are up to 640 times a difference


def sobel(size: int, part: str = "magnitude", unit: bool = False) -> Peer:
    words = f"sobel --size {size} --part {part}" + " --scale unit" * unit
    said: dict[str, Any] = dict(MORE)
    if part == "angle":
        said |= {"tolerance": 0.02, "turn": 360.0}
    if not unit and part != "angle":
        calls = {"x": ((1, 0),), "y": ((0, 1),)}.get(part, ((1, 0), (0, 1)))
        said["opencv"] = around(
            size, lambda a: _part(part, [cv2.Sobel(a, cv2.CV_64F, *d, ksize=size) for d in calls])
        )
    return Peer(words, lambda a, edge: slow.sobel(a, edge, size, part, unit), **said)


def _part(part: str, found: list[np.ndarray]) -> np.ndarray:
    if part == "magnitude":
        return length(*found)
    return abs(found[0]) + abs(found[1]) if part == "abs-sum" else found[0]


def compass(name: str, unit: bool = False) -> Peer:
    kernels = slow.compass_kernels(name)
    opencv = around(1, lambda a: np.max([cv2.filter2D(a, cv2.CV_64F, kernel) for kernel in kernels], axis=0))
    return Peer(
        name + " --scale unit" * unit,
        lambda a, edge: slow.compass(a, edge, name, unit=unit),
        opencv=None if unit else opencv,
        tolerance=2e-3,
        image="gray",
    )


def by_plane(call: Callable[[np.ndarray, str], np.ndarray]) -> Any:
    """A function over each channel, in SciPy's words; a constant it would lay around each of its passes."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
        if edge[0] == "constant":
            return None
        planes = np.moveaxis(a.astype(np.float64), 2, 0)
        return np.dstack([call(plane, SCIPY[edge[0]]) for plane in planes])

    return answer


def log(sigma: float, unit: bool = False, **said: Any) -> Peer:
    peer = by_plane(lambda plane, mode: ndimage.gaussian_laplace(plane, sigma, mode=mode))
    return Peer(
        f"log --sigma {sigma:g}" + " --scale unit" * unit,
        lambda a, edge: slow.log(a, edge, sigma, unit),
        scipy=peer if ndimage and not unit else None,
        **said,
    )


def dog(words: str, sigma: float, wide: float, **said: Any) -> Peer:
    peer = by_plane(lambda plane, mode: filters.difference_of_gaussians(plane, sigma, wide, mode=mode))
    return Peer(
        f"dog {words}",
        lambda a, edge: slow.dog(a, edge, sigma, wide),
        skimage=filters and peer,
        **said,
    )


def highpass(sigma: float, **said: Any) -> Peer:
    peer = by_plane(lambda plane, mode: plane - ndimage.gaussian_filter(plane, sigma, mode=mode))
    return Peer(
        f"highpass --sigma {sigma:g}",
        lambda a, edge: slow.highpass(a, edge, sigma),
        scipy=ndimage and peer,
        **said,
    )


def disc(radius: float, **said: Any) -> Peer:
    return Peer(
        f"disc-blur --radius {radius:g}",
        lambda a, edge: slow.disc(a, edge, radius),
        opencv=filtered(slow.disc_kernel(radius)),
        **said,
    )


def emboss(words: str, *said: Any) -> Peer:
    return Peer(
        f"emboss {words}",
        lambda a, edge: slow.correlate(a, slow.relief(*said), edge),
        opencv=filtered(slow.relief(*said)),
        channels=(1, 3),
        edges=FEW,
    )


ROWS = [
    sobel(5),
    sobel(5, "x"),
    sobel(7, "y"),
    *(sobel(7, part) for part in ("magnitude", "angle", "abs-sum")),
    sobel(5, unit=True),
    sobel(7, "x", unit=True),
    compass("kirsch"),
    compass("robinson"),
    compass("kirsch", unit=True),
    compass("robinson", unit=True),
    log(1.0),
    log(2.6, unit=True, channels=(1,), edges=FEW),
    dog("", 1.0, 1.6),
    dog("--sigma 0.7 --ratio 3", 0.7, 0.7 * 3, channels=(1,), edges=FEW),
    dog("--sigma 3 --sigma2 5", 3.0, 5.0, channels=(1,), edges=EDGES[:3], tolerance=0.4),  # one on a grid
    highpass(1.5),
    highpass(5.0, channels=(1,), edges=EDGES[:3], tolerance=0.4),  # on a grid
    disc(1.0),
    disc(2.3),
    disc(0.5, edges=FEW),
    disc(9.5, channels=(1,), edges=FEW),
    emboss("", 135.0, 1.0),
    emboss("--angle 20 --depth 2.5 --flat", 20.0, 2.5, True),
]
