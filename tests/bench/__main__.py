"""Filters in process beside OpenCV: 8 bits in and out, the same threads for both, measured alternately.

    python -m tests.bench [--rounds 7] [--megapixels 12,1] [--threads 2,1] [--json FILE] [--chart FILE] [NAME ...]

The picture is the astronaut enlarged to 4:3 with noise. The ratio is OpenCV's time over imgconv's, the median of those
of single rounds: machines drift, but both drift alike. The first round, which compiles, does not count. Memory is what
the process takes beyond what it had before imgconv's run, the input not counted.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import imgconv
from imgconv.core import pixels
from tests.bench.lines import LINES, Line, gray

ROOT = Path(__file__).resolve().parent.parent.parent
NOISE = 4.0
SHORTEST = 0.4  # seconds for a line: small pictures get more rounds, as Python is slow at first
LONGEST = 4.0  # seconds for a line: slow ones get fewer rounds, but three


def picture(megapixels: float = 12) -> np.ndarray:
    """Looks like a photograph: smooth, with the noise of a camera."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5 / 12) * 12  # halves and thirds are whole
    small = imgconv.open(str(ROOT / "sample_images" / "astronaut.png")).array()
    size = (round(height * 4 / 3), height)
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, NOISE, large.shape).astype(np.float32)
    return np.clip(np.rint(large + noise), 0, 255).astype(np.uint8)


def measure(line: Line, image: np.ndarray, threads: int, rounds: int) -> dict[str, Any]:
    """Both in turn; milliseconds, the ratio, how far apart the answers are."""
    cv2.setNumThreads(threads)
    found, taken = with_memory(line, image, threads)
    wanted = line.opencv(image)
    times: list[tuple[float, float]] = []
    spent = 0.0
    while (len(times) < rounds or spent < SHORTEST) and (len(times) < 3 or spent < LONGEST):
        start = time.perf_counter()
        line.run(image, threads)
        middle = time.perf_counter()
        line.opencv(image)
        times.append((middle - start, time.perf_counter() - middle))
        spent += sum(times[-1])
    ours, theirs = (statistics.median(column) * 1e3 for column in zip(*times, strict=True))
    apart = np.abs(found.astype(float) - wanted.reshape(found.shape)).mean()
    return {
        "name": line.name,
        "threads": threads,
        "megapixels": round(image.shape[0] * image.shape[1] / 1e6, 1),
        "imgconv_ms": round(ours, 2),
        "opencv_ms": round(theirs, 2),
        "ratio": round(statistics.median(b / a for a, b in times), 2),
        "target": line.target,
        "mean_difference": round(float(apart), 4),
        "memory_mb": taken,
    }


def with_memory(line: Line, image: np.ndarray, threads: int) -> tuple[np.ndarray, float]:
    """imgconv's answer, and the megabytes that its second run takes beyond the answer itself."""
    line.run(image, threads)  # compiles
    pixels.release()  # what waits for the next image would hide what this one takes
    before = resident()
    reset_peak()
    found = line.run(image, threads)
    return found, round((peak() - before - found.nbytes) / 1e6, 1)


def resident() -> float:
    return status("VmRSS")


def peak() -> float:
    return status("VmHWM")


def status(key: str) -> float:
    """Bytes, as Linux counts them; 0 elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith(key + ":"))


def reset_peak() -> None:
    """Have Linux forget the largest size so far."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def show(row: dict[str, Any]) -> None:
    verdict = "" if row["ratio"] >= row["target"] else "  short"
    times = f"{row['imgconv_ms']:8.1f} {row['opencv_ms']:8.1f}"
    print(
        f"{row['name']:30} {times} {row['ratio']:7.2f} {row['target']:6.1f} {row['memory_mb']:7.0f}{verdict}",
        flush=True,
    )


def mean_ratio(rows: list[dict[str, Any]]) -> float:
    return round(statistics.geometric_mean(row["ratio"] for row in rows), 2)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="imgconv beside OpenCV, in process"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="lines whose name begins so (all)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megapixels", default="12,1", help="sizes of the picture, between commas")
    parser.add_argument("--threads", default="2,1", help="between commas")
    parser.add_argument("--json", default="bench.json", metavar="FILE")
    parser.add_argument("--chart", default="bench.png", metavar="FILE", help="bars of the ratios")
    given = parser.parse_args()
    lines = [line for line in LINES if not given.names or line.name.startswith(tuple(given.names))]
    if not lines:
        parser.error(f"no such line; there are: {', '.join(line.name for line in LINES)}")
    runs = []
    for megapixels in map(float, given.megapixels.split(",")):
        color = picture(megapixels)
        images = {"rgb": color, "gray": gray(color)}
        for threads in map(int, given.threads.split(",")):
            title = f"{megapixels:g} MP, {threads} thread{'s' * (threads > 1)}"
            print(f"{title:30} {'imgconv':>8} {'opencv':>8} {'ratio':>7} {'target':>6} {'MB':>7}")
            rows = []
            for line in lines:
                rows.append(measure(line, images[line.image], threads, given.rounds))
                show(rows[-1])
            print(f"{'geometric mean':48} {mean_ratio(rows):7.2f}\n")
            runs.append({"title": title, "geometric_mean": mean_ratio(rows), "lines": rows})
    facts = {"opencv": cv2.__version__, "imgconv": imgconv.__version__, "machine": platform.machine()}
    Path(given.json).write_text(json.dumps({**facts, "rounds": given.rounds, "runs": runs}, indent=1) + "\n")
    from tests.bench.chart import chart

    chart(runs[0]).save(given.chart)


if __name__ == "__main__":
    main()
