"""Ranks and morphology beside the slow oracle, OpenCV, SciPy and scikit-image; rows as in `peers_point`, all exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import rank as slow
from tests.peers.tone import ALL, cv2, opencv, row

try:
    from scipy import ndimage
except ImportError:
    ndimage = None
try:
    from skimage import morphology
except ImportError:
    morphology = None

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
Filter = Callable[[Any], Any] | None


def exact(words: str, oracle: Callable[[Any], Any], **peers: Any) -> dict[str, Any]:
    said = {"tolerance": 0.0, "peer_tolerance": 0.0, "peer_dtypes": ALL, "channels": (1, 3, 4)}
    return row(words, oracle, **{**said, **peers})


def median_by_opencv(size: int) -> Filter:
    """medianBlur takes 16 bits and floats up to 5 x 5 alone."""
    return opencv(lambda a: cv2.medianBlur(a, size))


def scipy_rank(cells: np.ndarray, at: int) -> Filter:
    """SciPy's answer where its border is right: a window far larger than the image reads beyond its memory there."""
    if ndimage is None:
        return None
    return lambda a: (
        ndimage.rank_filter(a, at, footprint=cells[:, :, None], mode="nearest")
        if min(a.shape[:2]) >= max(cells.shape)
        else slow.rank(a, cells, at)
    )


def morph(name: str, words: str, cells: np.ndarray, same_as_opencv: bool = True) -> dict[str, Any]:
    """A row; OpenCV does not turn the second neighborhood, so even sizes and odd forms differ there."""
    kinds = {"morph-gradient": "MORPH_GRADIENT", "opening": "MORPH_OPEN", "closing": "MORPH_CLOSE"}
    kinds |= {
        "erode": "MORPH_ERODE",
        "dilate": "MORPH_DILATE",
        "tophat": "MORPH_TOPHAT",
        "blackhat": "MORPH_BLACKHAT",
    }

    def call(a: np.ndarray) -> np.ndarray:
        return cv2.morphologyEx(
            a, getattr(cv2, kinds[name]), cells.astype(np.uint8), borderType=cv2.BORDER_REPLICATE
        )

    oracle = MORPHOLOGY[name]
    peers = {"opencv": opencv(call) if same_as_opencv else None}
    return exact(f"{name} {words}".strip(), lambda a: oracle(a, cells), **peers)


def skimage_disc(a: np.ndarray) -> np.ndarray:
    footprint = morphology.disk(3)
    return np.stack([morphology.dilation(a[:, :, c], footprint) for c in range(a.shape[2])], axis=2)


def median(words: str, cells: np.ndarray, **peers: Any) -> dict[str, Any]:
    middle = (int(cells.sum()) - 1) // 2
    return exact(
        f"median {words}".strip(), lambda a: slow.median(a, cells), scipy=scipy_rank(cells, middle), **peers
    )


def percentile(percent: float, words: str, cells: np.ndarray) -> dict[str, Any]:
    return exact(f"percentile {percent:g} {words}".strip(), lambda a: slow.percentile(a, cells, percent))


ROWS = [
    median("", slow.square(3), opencv=median_by_opencv(3)),
    median("--size 5", slow.square(5), opencv=median_by_opencv(5)),
    *(
        median(f"--size {size}", slow.square(size), opencv=median_by_opencv(size), peer_dtypes=("u1",))
        for size in (7, 9, 15, 51)
    ),
    *(median(f"--size {size}", slow.square(size)) for size in (1, 2, 4, 10)),
    median("--size 3x5", slow.square(3, 5)),
    median("--size 1x9", slow.square(1, 9)),
    median("--size 12x1", slow.square(12, 1)),
    median("--size 5 --shape disc", slow.disc(5)),
    median("--size 17 --shape disc", slow.disc(17)),
    median(f"--mask {MASK}", CELLS),
    exact("median --size 2 --mean", lambda a: slow.mean_median(a, slow.square(2)), dtypes=("u1", "u2")),
    exact("median --size 12 --mean", lambda a: slow.mean_median(a, slow.square(12)), dtypes=("u1", "u2")),
    exact("median --size 3 --mean", lambda a: slow.median(a, slow.square(3))),
    percentile(0, "", slow.square(3)),
    percentile(100, "--size 5", slow.square(5)),
    percentile(50, "--size 5", slow.square(5)),
    percentile(30, "--size 4", slow.square(4)),
    percentile(90, "--size 15", slow.square(15)),
    percentile(75, "--size 9 --shape disc", slow.disc(9)),
    *(morph(name, "", slow.square(3)) for name in MORPHOLOGY),
    *(morph(name, "--size 15", slow.square(15)) for name in MORPHOLOGY),
    *(
        morph(name, "--size 2x4", slow.square(2, 4), name in ("erode", "dilate", "morph-gradient"))
        for name in MORPHOLOGY
    ),
    *(morph(name, "--size 7 --shape disc", slow.disc(7)) for name in MORPHOLOGY),
    *(morph(name, f"--mask {MASK}", CELLS, name in ("erode", "dilate")) for name in MORPHOLOGY),
    morph("erode", "--size 1", slow.square(1)),
    morph("dilate", "--size 5", slow.square(5)),
    morph("erode", "--size 1x16", slow.square(1, 16)),
    morph("dilate", "--size 33x1", slow.square(33, 1)),
    morph("dilate", "--size 101", slow.square(101)),
]
for one in ROWS:
    one["ours"] = one["words"]
if morphology is not None:
    next(one for one in ROWS if one["words"] == "dilate --size 7 --shape disc")["skimage"] = skimage_disc
