"""Rows for pools, whole windows and beyond the border, as PyTorch counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import tone as slow
from tests.peers.libraries import cv2, half, opencv, with_channels
from tests.peers.table import ALL, Peer, Timing


def mean_of_areas(a: np.ndarray, factor: int) -> np.ndarray:
    """OpenCV's mean of factor x factor pixels, rows and columns that are left over cut off."""
    size = (a.shape[1] // factor, a.shape[0] // factor)
    return cv2.resize(a[: size[1] * factor, : size[0] * factor], size, interpolation=cv2.INTER_AREA)


def dilated(a: np.ndarray, size: int, stride: int) -> np.ndarray:
    """OpenCV's largest of size x size pixels, every stride-th; whole windows only."""
    result = with_channels(cv2.dilate(a, np.ones((size, size), np.uint8), anchor=(0, 0)))
    return result[: a.shape[0] - size + 1 : stride, : a.shape[1] - size + 1 : stride]


def largest_of_four(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cv2.dilate(a, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2])


def pool(
    kind: str, size: int | tuple[int, int], stride: int | None = None, pad: int = 0, **options: Any
) -> Callable[[Any], Any]:
    """The oracle for one size of window, stride and padding, the same on all sides."""
    pair = size if isinstance(size, tuple) else (size, size)
    strides = None if stride is None else (stride, stride)
    return lambda a: slow.pool(a, kind, pair, strides, (pad,) * 4, **options)


def most(options: str, oracle: Callable[[Any], Any], **fields: Any) -> Peer:
    return Peer(f"max-pool {options}".strip(), oracle, tolerance=0.0, peer_dtypes=ALL, **fields)


def mean(options: str, oracle: Callable[[Any], Any], **fields: Any) -> Peer:
    return Peer(f"avg-pool {options}".strip(), oracle, peer_dtypes=("u1",), peer_tolerance=1.0, **fields)


ROWS = [
    most(
        "",
        pool("max", 2),
        opencv=opencv(lambda a: dilated(a, 2, 2)),
        timing=Timing("max-pool 2", largest_of_four),
    ),
    most("--size 3 --stride 2", pool("max", 3, 2), opencv=opencv(lambda a: dilated(a, 3, 2))),
    most("--size 3 --stride 1 --padding 1", pool("max", 3, 1, 1)),
    most("--size 3 --stride 1 --padding keep", pool("max", 3, 1, 1)),
    most("--size 3 --stride 2 --padding 1 --ceil", pool("max", 3, 2, 1, ceil=True)),
    most("--size 2 --stride 3 --dilation 2", pool("max", 2, 3, dilation=(2, 2))),
    most("--size 1x3 --stride 1", pool("max", (1, 3), 1)),
    most("--size 3x1 --stride 2", pool("max", (3, 1), 2)),
    most(
        "--size 4 --stride 5 --padding 1,0,2,1 --ceil",
        lambda a: slow.pool(a, "max", (4, 4), (5, 5), (1, 0, 2, 1), ceil=True),
    ),
    mean("", pool("avg", 2), opencv=opencv(lambda a: mean_of_areas(a, 2)), timing=Timing("avg-pool 2", half)),
    mean("--size 3", pool("avg", 3), opencv=opencv(lambda a: mean_of_areas(a, 3))),
    mean("--size 3 --stride 1 --padding 1", pool("avg", 3, 1, 1)),
    mean("--size 3 --stride 2 --padding 1 --ceil", pool("avg", 3, 2, 1, ceil=True)),
    mean(
        "--size 3 --stride 2 --padding 1 --ceil --count-include-pad",
        pool("avg", 3, 2, 1, ceil=True, count_pad=True),
    ),
    mean("--size 2 --stride 3 --dilation 3", pool("avg", 2, 3, dilation=(3, 3))),
    mean("--size 17 --stride 4 --padding 8", pool("avg", 17, 4, 8)),
]
