"""Filters in process beside OpenCV: 12 megapixels, 8 bits in and out, 2 threads both, measured alternately.

    python -m tests.bench [--rounds 9] [--json bench.json] [NAME ...]

The picture is the astronaut enlarged to 4000 x 3000 with noise. The ratio is OpenCV's time over imgconv's, the median
of those of single rounds: machines drift, but both drift alike. The first round, which compiles, does not count.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import imgconv

try:
    import cv2
except ImportError:
    sys.exit("the benchmark compares with OpenCV: pip install 'imgconv[bench]'")

ROOT = Path(__file__).resolve().parent.parent
THREADS = 2
WIDTH, HEIGHT = 4000, 3000
NOISE = 4.0
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
        self.name, self.ours, self.opencv, self.target, self.image = name, ours, opencv, target, image
        self.dtype = dtype

    def run_ours(self, image: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.ours(imgconv.open(image, threads=THREADS, quiet=True)).array(
            dtype=self.dtype
        )
        return found


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


def gaussian(sigma: float) -> Line:
    return Line(
        f"gaussian {sigma:g}",
        lambda image: image.gaussian(sigma=sigma),
        lambda a: cv2.GaussianBlur(a, (0, 0), sigma, borderType=REPLICATE),
    )


def box(size: int) -> Line:
    return Line(
        f"box {size}",
        lambda image: image.box(size=size),
        lambda a: cv2.blur(a, (size, size), borderType=REPLICATE),
    )


def sobel(gray: np.ndarray) -> np.ndarray:
    """OpenCV's calls for the magnitude of Sobel's gradient."""
    gx = cv2.Sobel(gray, cv2.CV_32F, 1, 0, borderType=REPLICATE)
    gy = cv2.Sobel(gray, cv2.CV_32F, 0, 1, borderType=REPLICATE)
    return cv2.convertScaleAbs(cv2.magnitude(gx, gy))


def gray(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)


def edges(a: np.ndarray) -> np.ndarray:
    """Gray, Gaussian and gradient, one call after the other."""
    return sobel(cv2.GaussianBlur(gray(a), (0, 0), 2, borderType=REPLICATE))


def largest(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cv2.dilate(a, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2])


def mean(a: np.ndarray) -> np.ndarray:
    return cv2.resize(a, (a.shape[1] // 2, a.shape[0] // 2), interpolation=cv2.INTER_AREA)


def space(name: str, code: int, target: float = 1.5) -> Line:
    """8 bits to the space in 8 bits."""
    return Line(
        f"to {name} 8 bits",
        lambda image: image.to(name, scaled=True),
        lambda a: cv2.cvtColor(a, code),
        target,
    )


def crisp(a: np.ndarray) -> np.ndarray:
    """Unsharp on L of a Lab image: in its units in 8 bits and in floats."""
    lightness, *rest = cv2.split(a)
    soft = cv2.GaussianBlur(lightness, (0, 0), 1, borderType=REPLICATE)
    return cv2.merge([cv2.addWeighted(lightness, 2, soft, -1, 0), *rest])


def crisp_bytes(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(crisp(cv2.cvtColor(a, cv2.COLOR_RGB2Lab)), cv2.COLOR_Lab2RGB)


def crisp_floats(a: np.ndarray) -> np.ndarray:
    lab = cv2.cvtColor(a.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)
    return cv2.convertScaleAbs(cv2.cvtColor(crisp(lab), cv2.COLOR_Lab2RGB), alpha=255)


def lab_floats(a: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(a.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)


def smaller(a: np.ndarray) -> np.ndarray:
    return cv2.resize(a, (1921, 1441), interpolation=cv2.INTER_AREA)


LINES = [
    *map(conv, (3, 5, 7)),
    separable(),
    *map(gaussian, (1, 2, 5)),
    *map(box, (3, 15)),
    Line("gray", lambda image: image.gray(), gray),
    Line("sobel magnitude", lambda image: image.sobel(), sobel, image="gray"),
    Line("max-pool 2", lambda image: image.max_pool(size=2), largest),
    Line("avg-pool 2", lambda image: image.avg_pool(size=2), mean),
    space("lab", cv2.COLOR_RGB2Lab),
    space("luv", cv2.COLOR_RGB2Luv),
    space("hsv", cv2.COLOR_RGB2HSV_FULL),
    space("ycbcr", cv2.COLOR_RGB2YCrCb),
    Line("to lab floats", lambda image: image.to("lab"), lab_floats, 1.5, dtype=None),
    Line("unsharp on L, 8-bit Lab", lambda image: image.to("lab").unsharp(on="L"), crisp_bytes, 2.0),
    Line("unsharp on L, float Lab", lambda image: image.to("lab").unsharp(on="L"), crisp_floats, 2.0),
    Line("resize 1921 area", lambda image: image.resize(width=1921, height=1441, filter="area"), smaller),
    Line("gray+gaussian 2+sobel", lambda image: image.gray().gaussian(sigma=2).sobel(), edges, target=2.5),
]


def picture() -> np.ndarray:
    """Looks like a photograph of 12 megapixels: smooth, with the noise of a camera."""
    small = imgconv.open(str(ROOT / "sample_images" / "astronaut.png")).array()
    large = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, NOISE, large.shape).astype(np.float32)
    return np.clip(np.rint(large + noise), 0, 255).astype(np.uint8)


def measure(line: Line, image: np.ndarray, rounds: int) -> dict[str, Any]:
    """Both in turn; milliseconds and the ratio."""
    found = line.run_ours(image), line.opencv(image)
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        start = time.perf_counter()
        line.run_ours(image)
        middle = time.perf_counter()
        line.opencv(image)
        times.append((middle - start, time.perf_counter() - middle))
    ours, theirs = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    apart = np.abs(found[0].astype(float) - found[1].reshape(found[0].shape)).mean()
    return {
        "name": line.name,
        "imgconv_ms": round(ours, 2),
        "opencv_ms": round(theirs, 2),
        "ratio": round(ratio, 2),
        "target": line.target,
        "mean_difference": round(float(apart), 4),
    }


def show(row: dict[str, Any]) -> None:
    verdict = "" if row["ratio"] >= row["target"] else "  short"
    times = f"{row['imgconv_ms']:8.1f} {row['opencv_ms']:8.1f}"
    print(f"{row['name']:22} {times} {row['ratio']:7.2f} {row['target']:7.1f}{verdict}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="imgconv beside OpenCV, in process"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="lines whose name begins so (all)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", default="bench.json", metavar="PATH")
    given = parser.parse_args()
    lines = [line for line in LINES if not given.names or line.name.startswith(tuple(given.names))]
    if not lines:
        parser.error(f"no such line; there are: {', '.join(line.name for line in LINES)}")
    cv2.setNumThreads(THREADS)
    colour = picture()
    images = {"rgb": colour, "gray": gray(colour)}
    print(f"{'ms, 12 MP, 2 threads':22} {'imgconv':>8} {'opencv':>8} {'ratio':>7} {'target':>7}")
    rows = []
    for line in lines:
        rows.append(measure(line, images[line.image], given.rounds))
        show(rows[-1])
    mean_ratio = statistics.geometric_mean(row["ratio"] for row in rows)
    print(f"{'geometric mean':39} {mean_ratio:7.2f}")
    facts = {
        "opencv": cv2.__version__,
        "imgconv": imgconv.__version__,
        "machine": platform.machine(),
        "threads": THREADS,
    }
    Path(given.json).write_text(json.dumps({**facts, "rounds": given.rounds, "lines": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
