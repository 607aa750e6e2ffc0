"""Rows for rank filters and morphology, all exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import rank as slow
from tests.peers.libraries import cv2, morphology, ndimage, opencv
from tests.peers.table import ALL, INTEGERS, Answer, Peer, Timing

MASK = "0,1,0,0;1,1,1,1;0,0,1,0"  # no symmetry, even width
CELLS = np.array([[0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 0]], bool)
MORPHOLOGY = {
    "erode": slow.erode,
    "dilate": slow.dilate,
    "morph-gradient": slow.gradient,
    "opening": slow.opening,
    "closing": slow.closing,
    "tophat": slow.tophat,
    "blackhat": slow.blackhat,
}
CODES = {
    "erode": "MORPH_ERODE",
    "dilate": "MORPH_DILATE",
    "morph-gradient": "MORPH_GRADIENT",
    "opening": "MORPH_OPEN",
    "closing": "MORPH_CLOSE",
    "tophat": "MORPH_TOPHAT",
    "blackhat": "MORPH_BLACKHAT",
}


def exact(words: str, oracle: Callable[[Any], Any], **fields: Any) -> Peer:
    usual: dict[str, Any] = {"tolerance": 0.0, "peer_dtypes": ALL, "channels": (1, 3, 4)}
    return Peer(words.strip(), oracle, **{**usual, **fields})


def median_by_opencv(size: int) -> Answer:
    """medianBlur takes 16 bits and floats up to 5 x 5 alone."""
    return opencv(lambda a: cv2.medianBlur(a, size))


def rank_by_scipy(cells: np.ndarray, rank: int) -> Answer:
    """SciPy's answer where its border is right: a window far larger than the image reads beyond its memory there."""

    def answer(a: np.ndarray) -> np.ndarray | None:
        if min(a.shape[:2]) < max(cells.shape):
            return None
        return ndimage.rank_filter(a, rank, footprint=cells[:, :, None], mode="nearest")

    return answer


def morph(name: str, options: str, cells: np.ndarray, same_as_opencv: bool = True, **fields: Any) -> Peer:
    """A row; OpenCV does not turn the second neighborhood, so even sizes and odd forms differ there."""
    oracle = MORPHOLOGY[name]

    def by_opencv(a: np.ndarray) -> np.ndarray:
        code, element = getattr(cv2, CODES[name]), cells.astype(np.uint8)
        return cv2.morphologyEx(a, code, element, borderType=cv2.BORDER_REPLICATE)

    if same_as_opencv:
        fields["opencv"] = opencv(by_opencv)
    return exact(f"{name} {options}", lambda a: oracle(a, cells), **fields)


def disc_by_skimage(a: np.ndarray) -> np.ndarray:
    footprint = morphology.disk(3)
    return np.stack([morphology.dilation(a[:, :, c], footprint) for c in range(a.shape[2])], axis=2)


def median(options: str, cells: np.ndarray, **fields: Any) -> Peer:
    middle = (int(cells.sum()) - 1) // 2
    return exact(
        f"median {options}",
        lambda a: slow.median(a, cells),
        scipy=rank_by_scipy(cells, middle),
        **fields,
    )


def square_median(options: str, size: int, target: float | None = None, **fields: Any) -> Peer:
    """A row for a size that OpenCV has; with a target it is timed."""
    if target:
        fields["timing"] = Timing(f"median {size}", lambda a: cv2.medianBlur(a, size), target=target)
    return median(options, slow.square(size), opencv=median_by_opencv(size), **fields)


def percentile(percent: float, options: str, cells: np.ndarray) -> Peer:
    return exact(f"percentile {percent:g} {options}", lambda a: slow.percentile(a, cells, percent))


def dilate_timing(size: int) -> Timing:
    square = np.ones((size, size), np.uint8)
    return Timing(f"dilate {size}", lambda a: cv2.dilate(a, square, borderType=cv2.BORDER_REPLICATE))


def timed_if_dilate(name: str, size: int) -> dict[str, Timing]:
    return {"timing": dilate_timing(size)} if name == "dilate" else {}


ROWS = [
    square_median("", 3, 1.0),
    square_median("--size 5", 5, 1.0),
    square_median("--size 7", 7, peer_dtypes=("u1",)),
    square_median("--size 9", 9, peer_dtypes=("u1",)),
    square_median("--size 15", 15, 10.0, peer_dtypes=("u1",)),
    square_median("--size 51", 51, 10.0, peer_dtypes=("u1",)),
    *(median(f"--size {size}", slow.square(size)) for size in (1, 2, 4, 10)),
    median("--size 3x5", slow.square(3, 5)),
    median("--size 1x9", slow.square(1, 9)),
    median("--size 12x1", slow.square(12, 1)),
    median("--size 5 --shape disc", slow.disc(5)),
    median("--size 17 --shape disc", slow.disc(17)),
    median(f"--mask {MASK}", CELLS),
    exact("median --size 2 --mean", lambda a: slow.mean_median(a, slow.square(2)), dtypes=INTEGERS),
    exact("median --size 12 --mean", lambda a: slow.mean_median(a, slow.square(12)), dtypes=INTEGERS),
    exact("median --size 3 --mean", lambda a: slow.median(a, slow.square(3))),
    percentile(0, "", slow.square(3)),
    percentile(100, "--size 5", slow.square(5)),
    percentile(50, "--size 5", slow.square(5)),
    percentile(30, "--size 4", slow.square(4)),
    percentile(90, "--size 15", slow.square(15)),
    percentile(75, "--size 9 --shape disc", slow.disc(9)),
    *(morph(name, "", slow.square(3), **timed_if_dilate(name, 3)) for name in MORPHOLOGY),
    *(morph(name, "--size 15", slow.square(15), **timed_if_dilate(name, 15)) for name in MORPHOLOGY),
    *(
        morph(name, "--size 2x4", slow.square(2, 4), name in ("erode", "dilate", "morph-gradient"))
        for name in MORPHOLOGY
    ),
    *(
        morph(name, "--size 7 --shape disc", slow.disc(7), **peers)
        for name in MORPHOLOGY
        for peers in [{"skimage": disc_by_skimage} if name == "dilate" else {}]
    ),
    *(morph(name, f"--mask {MASK}", CELLS, name in ("erode", "dilate")) for name in MORPHOLOGY),
    morph("erode", "--size 1", slow.square(1)),
    morph("dilate", "--size 5", slow.square(5)),
    morph("erode", "--size 1x16", slow.square(1, 16)),
    morph("dilate", "--size 33x1", slow.square(33, 1)),
    morph("dilate", "--size 101", slow.square(101), timing=dilate_timing(101)),
]
