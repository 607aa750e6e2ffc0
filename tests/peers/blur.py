"""Rows for blurs and what is made of them: box, Gaussian, sharpening, band passes, discs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracles import convolution as oracle
from tests.oracles import edges as slow
from tests.peers.libraries import (
    SCIPY,
    around,
    by_plane,
    correlated,
    cv2,
    filtered,
    filters,
    ndimage,
    pillow,
    sharpened,
    soft,
)
from tests.peers.table import EDGES, Peer, Timing

FEW = ("replicate", "constant:7")
FILTER: dict[str, Any] = {"tolerance": 4e-4, "channels": (1, 3, 4), "edges": EDGES}
ON_A_GRID = {"tolerance": 0.4}  # wide Gaussians are computed on a coarser grid


def gaussian(
    options: str, sigma: float, truncate: float = 4.0, size: int | None = None, **fields: Any
) -> Peer:
    radius = int(truncate * sigma + 0.5) if size is None else size // 2
    taps = 2 * radius + 1

    def by_scipy(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        return ndimage.gaussian_filter(
            a.astype(np.float64),
            (sigma, sigma, 0),
            mode=SCIPY[edge[0]],
            cval=edge[1],
            radius=(radius, radius, 0),
        )

    return Peer(
        f"gaussian {options}",
        lambda a, edge: oracle.gaussian(a, edge, sigma, truncate, size),
        scipy=by_scipy,
        opencv=around(radius + 1, lambda a: cv2.GaussianBlur(a, (taps, taps), sigma)),
        **{**FILTER, **fields},
    )


def gaussian_timing(sigma: float, target: float = 1.0) -> Timing:
    return Timing(f"gaussian {sigma:g}", lambda a: soft(a, sigma), target=target)


def box(size: str, rows: int, columns: int, **fields: Any) -> Peer:
    def by_scipy(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        return ndimage.uniform_filter(
            a.astype(np.float64), (rows, columns, 1), mode=SCIPY[edge[0]], cval=edge[1]
        )

    return Peer(
        f"box --size {size}",
        lambda a, edge: oracle.box(a, edge, rows, columns),
        scipy=by_scipy,
        opencv=around(max(rows, columns), lambda a: cv2.blur(a, (columns, rows))),
        **{**FILTER, **fields},
    )


def box_timing(size: int) -> Timing:
    return Timing(f"box {size}", lambda a: cv2.blur(a, (size, size), borderType=cv2.BORDER_REPLICATE))


def mean_by_pillow(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
    """Pillow rounds, and knows one edge."""
    if a.dtype != np.uint8 or edge[0] != "replicate" or a.shape[2] != 3:
        return None
    from PIL import ImageFilter

    return np.asarray(pillow.fromarray(a).filter(ImageFilter.BoxBlur(1)))


def unsharp_by_skimage(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
    """scikit-image knows one edge."""
    if edge[0] != "symmetric":
        return None
    planes = np.moveaxis(a.astype(np.float64), 2, 0)
    return np.dstack([filters.unsharp_mask(plane, 1.0, 1.0, preserve_range=True) for plane in planes])


def log(sigma: float, unit: bool = False, **fields: Any) -> Peer:
    """Laplacian of a Gaussian."""
    peer = by_plane(lambda plane, mode: ndimage.gaussian_laplace(plane, sigma, mode=mode))
    return Peer(
        f"log --sigma {sigma:g}" + " --scale unit" * unit,
        lambda a, edge: slow.log(a, edge, sigma, unit),
        scipy=None if unit else peer,
        **{**FILTER, **fields},
    )


def dog(options: str, sigma: float, wide: float, **fields: Any) -> Peer:
    """Difference of Gaussians."""
    return Peer(
        f"dog {options}",
        lambda a, edge: slow.dog(a, edge, sigma, wide),
        skimage=by_plane(lambda plane, mode: filters.difference_of_gaussians(plane, sigma, wide, mode=mode)),
        **{**FILTER, **fields},
    )


def highpass(sigma: float, **fields: Any) -> Peer:
    return Peer(
        f"highpass --sigma {sigma:g}",
        lambda a, edge: slow.highpass(a, edge, sigma),
        scipy=by_plane(lambda plane, mode: plane - ndimage.gaussian_filter(plane, sigma, mode=mode)),
        **{**FILTER, **fields},
    )


def disc(radius: float, **fields: Any) -> Peer:
    return Peer(
        f"disc-blur --radius {radius:g}",
        lambda a, edge: slow.disc(a, edge, radius),
        opencv=filtered(slow.disc_kernel(radius)),
        **{**FILTER, **fields},
    )


ROWS = [
    box("3", 3, 3, pillow=mean_by_pillow, peer_tolerance=1.0, timing=box_timing(3)),
    box("1", 1, 1),
    box("4", 4, 4),
    box("2x5", 2, 5),
    box("15", 15, 15, timing=box_timing(15)),
    box("41x7", 41, 7),
    Peer("box --size 101", timing=box_timing(101)),
    gaussian("", 1.0, timing=gaussian_timing(1)),
    gaussian("--sigma 0.3", 0.3),
    gaussian("--sigma 1e-9", 1e-9),
    gaussian("--sigma 2.3", 2.3),
    gaussian("--sigma 5", 5.0, **ON_A_GRID, timing=gaussian_timing(5)),
    gaussian("--sigma 2 --truncate 1.5", 2.0, 1.5),
    gaussian("--sigma 0.8 --size 7", 0.8, size=7),
    Peer("gaussian --sigma 2", timing=gaussian_timing(2)),
    Peer("gaussian --sigma 20", timing=gaussian_timing(20)),
    Peer("gaussian --sigma 50", timing=gaussian_timing(50, 30)),
    Peer("sharpen", oracle.sharpen, scipy=correlated([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), **FILTER),
    Peer("sharpen --amount 0.3", lambda a, edge: oracle.sharpen(a, edge, 0.3), **FILTER),
    Peer("unsharp", oracle.unsharp, skimage=unsharp_by_skimage, **{**FILTER, "tolerance": 3e-4}),
    Peer("unsharp --sigma 2 --amount 1.5", lambda a, edge: oracle.unsharp(a, edge, 2.0, 1.5), **FILTER),
    Peer("unsharp --threshold 0.1", lambda a, edge: oracle.unsharp(a, edge, threshold=0.1), **FILTER),
    Peer("unsharp --sigma 2", timing=Timing("unsharp 2", lambda a: sharpened(a, 2))),
    log(1.0),
    log(2.6, unit=True, channels=(1,), edges=FEW),
    dog("", 1.0, 1.6),
    dog("--sigma 0.7 --ratio 3", 0.7, 0.7 * 3, channels=(1,), edges=FEW),
    dog("--sigma 3 --sigma2 5", 3.0, 5.0, channels=(1,), edges=EDGES[:3], **ON_A_GRID),
    highpass(1.5),
    highpass(5.0, channels=(1,), edges=EDGES[:3], **ON_A_GRID),
    disc(1.0),
    disc(2.3),
    disc(0.5, edges=FEW),
    disc(9.5, channels=(1,), edges=FEW),
]
