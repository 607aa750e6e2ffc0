"""What the benchmark compares: steps of imgconv, and the calls of OpenCV that do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import imgconv

try:
    import cv2
except ImportError:
    raise SystemExit("the benchmark compares with OpenCV: pip install 'imgconv[bench]'") from None

REPLICATE = cv2.BORDER_REPLICATE
Call = Callable[[np.ndarray], Any]


class Line:
    """One comparison: the steps in imgconv, the calls in OpenCV, and the ratio that is wanted."""

    def __init__(
        self,
        name: str,
        ours: Callable[[Any], Any],
        opencv: Call,
        target: float = 1.0,
        image: str = "rgb",
        dtype: str | None = "uint8",
    ) -> None:
        self.name, self.ours, self.opencv, self.target = name, ours, opencv, target
        self.image, self.dtype = image, dtype

    def run(self, image: np.ndarray, threads: int) -> np.ndarray:
        """imgconv's answer."""
        opened = imgconv.open(image, threads=threads, quiet=True)
        found: np.ndarray = self.ours(opened).array(dtype=self.dtype)
        return found


# ---- linear filters ------------------------------------------------------------------------------------------


def dense(size: int) -> np.ndarray:
    """Random weights of full rank: nothing to factor."""
    weights = np.random.default_rng(size).normal(size=(size, size))
    return np.round(weights / abs(weights).sum(), 6)


def conv(size: int) -> Line:
    weights = dense(size)
    floats = weights.astype(np.float32)
    return Line(
        f"conv {size}x{size}",
        lambda image: image.conv(weights.tolist()),
        lambda a: cv2.filter2D(a, -1, floats, borderType=REPLICATE),
    )


def separable() -> Line:
    column = np.array([1, 4, 6, 4, 1])
    floats = (column / 16).astype(np.float32)
    return Line(
        "separable 5x5",
        lambda image: image.conv(np.outer(column, column).tolist(), divisor="256"),
        lambda a: cv2.sepFilter2D(a, -1, floats, floats, borderType=REPLICATE),
    )


def soft(a: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(a, (0, 0), sigma, borderType=REPLICATE)


def gaussian(sigma: float, target: float = 1.0) -> Line:
    return Line(
        f"gaussian {sigma:g}", lambda image: image.gaussian(sigma=sigma), lambda a: soft(a, sigma), target
    )


def box(size: int) -> Line:
    return Line(
        f"box {size}",
        lambda image: image.box(size=size),
        lambda a: cv2.blur(a, (size, size), borderType=REPLICATE),
    )


def sharpened(a: np.ndarray, sigma: float, amount: float = 1.0) -> np.ndarray:
    return cv2.addWeighted(a, 1 + amount, soft(a, sigma), -amount, 0)


def slope(a: np.ndarray) -> np.ndarray:
    return cv2.Sobel(a, cv2.CV_16S, 1, 0, borderType=REPLICATE)


def sobel(a: np.ndarray) -> np.ndarray:
    """OpenCV's calls for the magnitude of Sobel's gradient."""
    gx = cv2.Sobel(a, cv2.CV_32F, 1, 0, borderType=REPLICATE)
    gy = cv2.Sobel(a, cv2.CV_32F, 0, 1, borderType=REPLICATE)
    return cv2.convertScaleAbs(cv2.magnitude(gx, gy))


LINEAR = [
    *map(conv, (3, 5, 7, 15, 51)),
    separable(),
    *map(gaussian, (1, 2, 5, 20)),
    gaussian(50, 30),
    *map(box, (3, 15, 101)),
    Line("unsharp 2", lambda image: image.unsharp(sigma=2), lambda a: sharpened(a, 2)),
    Line("sobel x", lambda image: image.sobel(part="x"), slope, image="gray", dtype=None),
    Line("sobel magnitude", lambda image: image.sobel(), sobel, image="gray"),
]


# ---- filters that look at values -----------------------------------------------------------------------------


def clahe(a: np.ndarray) -> np.ndarray:
    return cv2.createCLAHE(2.0, (8, 8)).apply(a)


VALUES = [
    Line(
        "bilateral 9",
        lambda image: image.bilateral(radius=4, sigma_space=3, sigma_range=0.1),
        lambda a: cv2.bilateralFilter(a, 9, 25.5, 3, borderType=REPLICATE),
    ),
    Line(
        "canny",
        lambda image: image.canny(low=100, high=200),
        lambda a: cv2.Canny(a, 100, 200),
        image="gray",
    ),
    Line("local contrast", lambda image: image.local_contrast(limit=2), clahe, image="gray"),
    Line("equalize", lambda image: image.equalize(), cv2.equalizeHist, image="gray"),
]


# ---- ranks, pools, sizes -------------------------------------------------------------------------------------


def median(size: int, target: float = 1.0) -> Line:
    return Line(
        f"median {size}", lambda image: image.median(size=size), lambda a: cv2.medianBlur(a, size), target
    )


def dilate(size: int) -> Line:
    square = np.ones((size, size), np.uint8)
    return Line(
        f"dilate {size}",
        lambda image: image.dilate(size=size),
        lambda a: cv2.dilate(a, square, borderType=REPLICATE),
    )


def largest(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cv2.dilate(a, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2])


def area(a: np.ndarray, width: int) -> np.ndarray:
    height = round(a.shape[0] * width / a.shape[1])
    return cv2.resize(a, (width, height), interpolation=cv2.INTER_AREA)


def half(a: np.ndarray) -> np.ndarray:
    return area(a, a.shape[1] // 2)


NEIGHBOURS = [
    *map(median, (3, 5)),
    median(15, 10),
    median(51, 10),
    *map(dilate, (3, 15, 101)),
    Line("max-pool 2", lambda image: image.max_pool(size=2), largest),
    Line("avg-pool 2", lambda image: image.avg_pool(size=2), half),
    Line("resize half, area", lambda image: image.resize(scale=0.5, filter="area"), half),
    Line("resize 800, area", lambda image: image.resize(width=800, filter="area"), lambda a: area(a, 800)),
]


# ---- color --------------------------------------------------------------------------------------------------


def gray(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)


def space(name: str, code: int) -> Line:
    """8 bits to the space in 8 bits."""
    return Line(
        f"to {name}, 8 bits",
        lambda image: image.to(name, scaled=True),
        lambda a: cv2.cvtColor(a, code),
        1.5,
    )


def lab_floats(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)


def crisp(lab: np.ndarray) -> np.ndarray:
    """Unsharp on L."""
    lightness, *rest = cv2.split(lab)
    return cv2.merge([sharpened(lightness, 1), *rest])


def crisp_bytes(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(crisp(cv2.cvtColor(a, cv2.COLOR_RGB2Lab)), cv2.COLOR_Lab2RGB)


def crisp_floats(a: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(cv2.cvtColor(crisp(lab_floats(a)), cv2.COLOR_Lab2RGB), alpha=255)


COLOR = [
    Line("gray", lambda image: image.gray(), gray),
    space("lab", cv2.COLOR_RGB2Lab),
    space("luv", cv2.COLOR_RGB2Luv),
    space("hsv", cv2.COLOR_RGB2HSV_FULL),
    space("ycbcr", cv2.COLOR_RGB2YCrCb),
    Line("to lab, floats", lambda image: image.to("lab"), lab_floats, 1.5, dtype=None),
]


# ---- chains --------------------------------------------------------------------------------------------------


def edges(a: np.ndarray) -> np.ndarray:
    return sobel(soft(gray(a), 2))


def closed(a: np.ndarray) -> np.ndarray:
    _, mask = cv2.threshold(cv2.blur(a, (15, 15), borderType=REPLICATE), 127, 255, cv2.THRESH_BINARY)
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8), borderType=REPLICATE)


def pooled(a: np.ndarray) -> np.ndarray:
    laplace = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
    return half(cv2.filter2D(cv2.medianBlur(a, 3), -1, laplace, borderType=REPLICATE))


CHAINS = [
    Line("gray, gaussian 2, sobel", lambda image: image.gray().gaussian(sigma=2).sobel(), edges, 2.5),
    Line("lab, unsharp on L (8 bits)", lambda image: image.to("lab").unsharp(on="L"), crisp_bytes, 2.5),
    Line("lab, unsharp on L (floats)", lambda image: image.to("lab").unsharp(on="L"), crisp_floats, 2.5),
    Line(
        "box 15, threshold, closing 5",
        lambda image: image.box(size=15).threshold(0.5).closing(size=5),
        closed,
        2.5,
    ),
    Line(
        "median 3, sharpen, avg-pool",
        lambda image: image.median(size=3).sharpen().avg_pool(size=2),
        pooled,
        2.5,
    ),
    Line(
        "resize half, unsharp 1",
        lambda image: image.resize(scale=0.5, filter="area").unsharp(sigma=1),
        lambda a: sharpened(half(a), 1),
        2.5,
    ),
]

LINES = [*LINEAR, *VALUES, *NEIGHBOURS, *COLOR, *CHAINS]
