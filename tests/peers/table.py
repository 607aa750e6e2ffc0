"""The table of peers: each step beside a slow oracle, SciPy, OpenCV, scikit-image and Pillow.

One row a case. Oracle and peers take an image (H x W x C) and an edge (mode, value) and answer in float64, or None
where they cannot say; a library that is not installed has no answers. `ROWS` holds the filters over neighbors;
`every_row()` those of single values, colors, pools and geometry too.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from imgconv.engine.step import Step
from imgconv.pipeline import grammar
from imgconv.pipeline.presets import Names
from tests.oracles import convolution as oracle


def library(name: str) -> ModuleType | None:
    """A peer, if it is installed."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError:
        return None


cv2, ndimage = library("cv2"), library("scipy.ndimage")
filters, pillow = library("skimage.filters"), library("PIL.ImageFilter")

SCIPY = {
    "replicate": "nearest",
    "symmetric": "reflect",
    "reflect101": "mirror",
    "wrap": "wrap",
    "constant": "constant",
}
OPENCV = {
    "replicate": "BORDER_REPLICATE",
    "symmetric": "BORDER_REFLECT",
    "reflect101": "BORDER_REFLECT_101",
    "wrap": "BORDER_WRAP",
    "constant": "BORDER_CONSTANT",
}
EDGES = ("replicate", "symmetric", "reflect101", "wrap", "constant:7")
PEERS = ("scipy", "opencv", "skimage", "pillow")

Answer = Callable[[np.ndarray, tuple[str, float]], Any]


class Peer:
    """One row: the words of a step, who else can say the answer, and how far from it the result may be.

    `tolerance` is in units of full scale 255. `image` is what the benchmark uses; `turn` the period of angles.
    """

    def __init__(
        self,
        words: str,
        oracle: Answer,
        *,
        scipy: Answer | None = None,
        opencv: Answer | None = None,
        skimage: Answer | None = None,
        pillow: Answer | None = None,
        tolerance: float = 4e-4,
        peer_tolerance: float = 0.0,
        dtypes: tuple[str, ...] = ("u1", "u2", "f4"),
        channels: tuple[int, ...] = (1, 3, 4),
        edges: tuple[str, ...] = EDGES,
        image: str = "rgb",
        turn: float = 0.0,
    ) -> None:
        self.words, self.name = words, shlex.split(words)[0]
        self.oracle, self.scipy, self.opencv, self.skimage, self.pillow = (
            oracle,
            scipy,
            opencv,
            skimage,
            pillow,
        )
        self.tolerance, self.peer_tolerance = tolerance, peer_tolerance or tolerance
        self.dtypes, self.channels, self.edges = dtypes, channels, edges
        self.image, self.turn = image, turn

    def steps(self, edge: str | None = None) -> list[Step]:
        extra = [] if edge is None else ["--edge", edge]
        return grammar.parse([*shlex.split(self.words), *extra], Names())

    def answers(self) -> Iterator[tuple[str, Answer]]:
        """The peers that have one."""
        for name in PEERS:
            answer = getattr(self, name)
            if answer is not None:
                yield name, answer


def split_edge(text: str) -> tuple[str, float]:
    """`constant:7` -> ("constant", 7.0)."""
    mode, _, value = text.partition(":")
    return mode, float(value or 0)


def correlated(kernel: Any) -> Answer | None:
    """SciPy's correlation, channel by channel."""
    weights = np.array(kernel, np.float64)
    return ndimage and (
        lambda a, edge: ndimage.correlate(
            a.astype(np.float64), weights[:, :, None], mode=SCIPY[edge[0]], cval=edge[1]
        )
    )


def by_channel(call: Callable[[np.ndarray, dict[str, Any]], np.ndarray]) -> Answer | None:
    """A function of ndimage over each channel; it gets the edge in SciPy's words."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        said = {"mode": SCIPY[edge[0]], "cval": edge[1]}
        return np.dstack([call(a[:, :, c].astype(np.float64), said) for c in range(a.shape[2])])

    return ndimage and answer


def around(reach: int, call: Callable[[Any], Any]) -> Answer | None:
    """A function of OpenCV over the image with its border laid around it, cut to the image again."""

    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray:
        kind = getattr(cv2, OPENCV[edge[0]])
        wide = cv2.copyMakeBorder(a.astype(np.float64), *[reach] * 4, kind, value=[edge[1]] * 4)
        found = call(wide)
        found = found if found.ndim == 3 else found[:, :, None]
        return found[reach : reach + a.shape[0], reach : reach + a.shape[1]]

    return cv2 and answer


def filtered(kernel: Any) -> Answer | None:
    """OpenCV's filter2D in float64."""
    weights = np.array(kernel, np.float64)
    return around(max(weights.shape), lambda a: cv2.filter2D(a, cv2.CV_64F, weights))


def length(gx: np.ndarray, gy: np.ndarray) -> np.ndarray:
    return np.sqrt(gx * gx + gy * gy)


def conv(text: str, options: str = "", **said: Any) -> Peer:
    """A row for a kernel, given as the text that the step reads."""
    rows = np.array([[float(n) for n in row.split()] for row in text.split(";")])
    peers = {} if options else {"scipy": correlated(rows), "opencv": filtered(rows)}
    used = {key: said.pop(key) for key in list(said) if key in CONV_OPTIONS}
    flip = used.pop("flip", False)
    rows = (rows[::-1, ::-1] if flip else rows) / used.pop("divisor", 1.0)
    return Peer(
        f"conv '{text}' {options}".strip(),
        lambda a, edge: oracle.correlate(a, rows, edge, **used),
        **peers,
        **said,
    )


CONV_OPTIONS = ("stride", "dilation", "padding", "anchor", "bias", "flip", "divisor")
DENSE = "0.11 -0.07 0.02 0.13 0.05; 0.3 0.01 -0.2 0.09 0.17; 0.04 0.21 0.06 -0.12 0.03"
WIDE = "; ".join(
    " ".join(str(((7 * i * i + 5 * j + i * j) % 23 - 9) / 200) for j in range(9)) for i in range(7)
)
BINOMIAL = "; ".join(" ".join(str(a * b) for b in (1, 4, 6, 4, 1)) for a in (1, 4, 6, 4, 1))
SHARPEN = "0 -1 0; -1 5 -1; 0 -1 0"
DIAGONAL = "; ".join(" ".join("0.2" if i == j else "0" for j in range(5)) for i in range(5))


def gaussian(options: str, sigma: float, truncate: float = 4.0, size: int | None = None, **said: Any) -> Peer:
    radius = int(truncate * sigma + 0.5) if size is None else size // 2
    taps = 2 * radius + 1
    return Peer(
        f"gaussian {options}",
        lambda a, edge: oracle.gaussian(a, edge, sigma, truncate, size),
        scipy=ndimage
        and (
            lambda a, edge: ndimage.gaussian_filter(
                a.astype(np.float64),
                (sigma, sigma, 0),
                mode=SCIPY[edge[0]],
                cval=edge[1],
                radius=(radius, radius, 0),
            )
        ),
        opencv=around(radius + 1, lambda a: cv2.GaussianBlur(a, (taps, taps), sigma)),
        **said,
    )


def box(words: str, rows: int, columns: int, **said: Any) -> Peer:
    return Peer(
        f"box --size {words}",
        lambda a, edge: oracle.box(a, edge, rows, columns),
        scipy=ndimage
        and (
            lambda a, edge: ndimage.uniform_filter(
                a.astype(np.float64), (rows, columns, 1), mode=SCIPY[edge[0]], cval=edge[1]
            )
        ),
        opencv=around(max(rows, columns), lambda a: cv2.blur(a, (columns, rows))),
        **said,
    )


def mean_by_pillow(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
    """Pillow rounds, and knows one edge."""
    import PIL.Image

    if a.dtype != np.uint8 or edge[0] != "replicate" or a.shape[2] != 3:
        return None
    return np.asarray(PIL.Image.fromarray(a).filter(pillow.BoxBlur(1)))


def unsharp_by_skimage(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
    """scikit-image knows one edge."""
    if edge[0] != "symmetric":
        return None
    planes = np.moveaxis(a.astype(np.float64), 2, 0)
    return np.dstack([filters.unsharp_mask(plane, 1.0, 1.0, preserve_range=True) for plane in planes])


def gradient(name: str, part: str = "magnitude", unit: bool = False) -> Peer:
    side, middle = oracle.SIDES[name]
    words = name + (f" --part {part}" if part != "magnitude" else "") + (" --scale unit" if unit else "")
    row = Peer(
        words, lambda a, edge: oracle.gradient(a, edge, name, part, unit), tolerance=2e-3, image="gray"
    )
    if unit:
        return row
    both = _derivatives(name, side, middle)
    if part == "angle":
        row.tolerance, row.turn = 0.02, 360.0
    row.peer_tolerance = row.tolerance
    for peer, pair in both.items():
        setattr(row, peer, _part(peer, pair, part))
    return row


def _derivatives(name: str, side: float, middle: float) -> dict[str, Any]:
    """x and y by peers that have them."""
    smooth, change = np.array([side, middle, side], np.float64), np.array([-1.0, 0.0, 1.0])
    call = {"sobel": "Sobel", "scharr": "Scharr"}.get(name)
    if call:
        opencv = [around(3, lambda a, d=d: getattr(cv2, call)(a, cv2.CV_64F, *d)) for d in ((1, 0), (0, 1))]
    else:
        pairs = ((change, smooth), (smooth, change))
        opencv = [around(3, lambda a, pair=pair: cv2.sepFilter2D(a, cv2.CV_64F, *pair)) for pair in pairs]
    found = {"opencv": opencv}
    if ndimage and name in ("sobel", "prewitt"):
        one = getattr(ndimage, name)
        found["scipy"] = [by_channel(lambda a, said, axis=axis: one(a, axis, **said)) for axis in (1, 0)]
    return {peer: pair for peer, pair in found.items() if all(pair)}


def _part(peer: str, pair: Any, part: str) -> Answer:
    def answer(a: np.ndarray, edge: tuple[str, float]) -> np.ndarray | None:
        if edge[0] == "constant" and peer == "scipy":
            return None  # it lays the constant around the differences too
        if part == "angle" and a.dtype.kind == "f":
            return None  # where the gradient is 0, its last bit points anywhere
        gx, gy = (one(a, edge) for one in pair)
        if part == "angle":
            return np.degrees(np.arctan2(gy, gx)) % 360
        return {"x": gx, "y": gy, "magnitude": length(gx, gy), "abs-sum": abs(gx) + abs(gy)}[part]

    return answer


ROWS = [
    conv(SHARPEN),
    conv("1"),
    conv("1 0 -1"),
    conv("1; 2; 1"),
    conv(DENSE),
    conv(WIDE),
    conv("0.4 0.1; 0.2 0.3"),
    conv("0.1 0.2 0.3 0.4; 0.4 0.3 0.2 0.05"),
    conv(DIAGONAL),
    conv(BINOMIAL, "--divisor auto", divisor=256),
    conv("-1 -2 -1; 0 0 0; 1 2 1", tolerance=2e-3),
    conv("1 2 3; 2 4 6; 3 6 10", "--divisor 37", divisor=37),
    conv(DENSE, "--flip", flip=True),
    conv(DENSE, "--bias -20.5", bias=-20.5),
    conv(DENSE, "--anchor 0,2", anchor=(0, 2)),
    conv(DENSE, "--stride 2", stride=(2, 2)),
    conv(DENSE, "--stride 1x3 --padding 2,0,1,4", stride=(1, 3), padding=(2, 0, 1, 4)),
    conv(DENSE, "--dilation 2x3", dilation=(2, 3)),
    conv(BINOMIAL, "--dilation 3 --stride 2 --divisor 256", dilation=(3, 3), stride=(2, 2), divisor=256),
    conv(WIDE, "--padding none", padding="none"),
    conv("0.3 0.2; 0.1 0.4", "--padding 9", padding=(9, 9, 9, 9)),
    box("3", 3, 3, pillow=pillow and mean_by_pillow, peer_tolerance=1.0),
    box("1", 1, 1),
    box("4", 4, 4),
    box("2x5", 2, 5),
    box("15", 15, 15),
    box("41x7", 41, 7),
    gaussian("", 1.0),
    gaussian("--sigma 0.3", 0.3),
    gaussian("--sigma 1e-9", 1e-9),
    gaussian("--sigma 2.3", 2.3),
    gaussian("--sigma 5", 5.0, tolerance=0.4, peer_tolerance=0.4),  # on a grid
    gaussian("--sigma 2 --truncate 1.5", 2.0, 1.5),
    gaussian("--sigma 0.8 --size 7", 0.8, size=7),
    Peer("sharpen", oracle.sharpen, scipy=correlated([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])),
    Peer("sharpen --amount 0.3", lambda a, edge: oracle.sharpen(a, edge, 0.3)),
    Peer("unsharp", oracle.unsharp, skimage=filters and unsharp_by_skimage, tolerance=3e-4),
    Peer("unsharp --sigma 2 --amount 1.5", lambda a, edge: oracle.unsharp(a, edge, 2.0, 1.5)),
    Peer("unsharp --threshold 0.1", lambda a, edge: oracle.unsharp(a, edge, threshold=0.1)),
    *(gradient("sobel", part) for part in ("magnitude", "x", "y", "angle", "abs-sum")),
    *(gradient("prewitt", part) for part in ("magnitude", "x", "y")),
    *(gradient("scharr", part) for part in ("magnitude", "x", "y")),
    *(gradient(name, unit=True) for name in oracle.SIDES),
    gradient("sobel", "y", unit=True),
    Peer(
        "laplacian",
        oracle.laplacian,
        scipy=by_channel(lambda a, said: ndimage.laplace(a, **said)),
        opencv=around(2, lambda a: cv2.Laplacian(a, cv2.CV_64F)),
        tolerance=1e-3,
    ),
    Peer("laplacian --neighbors 8", lambda a, edge: oracle.laplacian(a, edge, 8), tolerance=2e-3),
    Peer("laplacian --neighbors 8 --scale unit", lambda a, edge: oracle.laplacian(a, edge, 8, True)),
    Peer(
        "motion-blur --length 5.5 --angle 30",
        lambda a, edge: oracle.motion_blur(a, edge, 5.5, 30),
        tolerance=3.0,
    ),
]


def every_row() -> list[Peer]:
    """The whole table: these, those of `edges`, and the rows of the others, which know no edges."""
    from tests.peers import edges

    found = [*ROWS, *edges.ROWS]
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in ("table", "edges", "__init__"):
            continue
        for row in __import__(f"tests.peers.{path.stem}", fromlist=["ROWS"]).ROWS:
            said = {name: _without_edge(row[name]) for name in PEERS if row.get(name)}
            limits = {key: row[key] for key in ("tolerance", "dtypes", "channels") if key in row}
            found.append(Peer(row["words"], _without_edge(row["oracle"]), edges=(), **said, **limits))
            found[-1].name = row.get("step", found[-1].name)
    return found


def _without_edge(call: Callable[[np.ndarray], Any]) -> Answer:
    return lambda a, edge: call(a)
