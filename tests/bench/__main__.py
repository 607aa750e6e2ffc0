"""Benchmark in one process: imgconv beside OpenCV, 8 bits in and out, the same threads, measured alternately.

    python -m tests.bench [--rounds 7] [--megapixels 12,1] [--threads 2,1] [--json FILE] [--chart FILE] [NAME ...]

The picture is the astronaut enlarged to 4:3 with noise. The lines are the timed rows of the table in `tests/peers`. The
ratio is OpenCV's time divided by imgconv's, the median over the rounds: a machine that drifts slows both. The first
run, which compiles, does not count. Memory is what one run of imgconv adds to the process, without its input and its
result.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

import imgconv
from imgconv.core import pixels
from tests.bench.lines import Line, lines

try:
    import cv2
except ImportError:
    raise SystemExit("the benchmark compares with OpenCV: pip install 'imgconv[bench]'") from None

ROOT = Path(__file__).resolve().parent.parent.parent
NOISE = 4.0
SHORTEST = 0.4  # seconds for a line: small pictures get more rounds, as Python is slow at first
LONGEST = 4.0  # seconds for a line: slow ones get fewer rounds, but three


def picture(megapixels: float = 12) -> np.ndarray:
    """H x W x 3 bytes that look like a photograph: smooth, with the noise of a camera."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5 / 12) * 12  # halves and thirds are whole
    small = imgconv.open(str(ROOT / "sample_images" / "astronaut.png")).array()
    size = (round(height * 4 / 3), height)
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, NOISE, large.shape).astype(np.float32)
    return np.clip(np.rint(large + noise), 0, 255).astype(np.uint8)


def measure(line: Line, image: np.ndarray, threads: int, rounds: int) -> dict[str, Any]:
    """Both libraries in turn: milliseconds, the ratio, and how far apart the results are."""
    cv2.setNumThreads(threads)
    result, megabytes = with_memory(line, image, threads)
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
    difference = np.abs(result.astype(float) - wanted.reshape(result.shape)).mean()
    return {
        "name": line.name,
        "threads": threads,
        "megapixels": round(image.shape[0] * image.shape[1] / 1e6, 1),
        "imgconv_ms": round(ours, 2),
        "opencv_ms": round(theirs, 2),
        "ratio": round(statistics.median(b / a for a, b in times), 2),
        "target": line.target,
        "mean_difference": round(float(difference), 4),
        "memory_mb": megabytes,
    }


def with_memory(line: Line, image: np.ndarray, threads: int) -> tuple[np.ndarray, float]:
    """imgconv's result, and the megabytes that its second run takes beyond the result itself."""
    line.run(image, threads)  # compiles
    pixels.release()  # memory kept for the next image would hide what this one takes
    before = resident()
    reset_peak()
    result = line.run(image, threads)
    return result, round((peak() - before - result.nbytes) / 1e6, 1)


def resident() -> float:
    """Bytes of memory that the process has now."""
    return status("VmRSS")


def peak() -> float:
    """The most bytes that the process has had since `reset_peak`."""
    return status("VmHWM")


def status(key: str) -> float:
    """A size in /proc/self/status, in bytes; 0 where there is no such file."""
    try:
        rows = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(float(row.split()[1]) * 1024 for row in rows if row.startswith(key + ":"))


def reset_peak() -> None:
    """Make Linux forget the largest size so far."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def show(row: dict[str, Any]) -> None:
    verdict = "" if row["ratio"] >= row["target"] else "  below target"
    times = f"{row['imgconv_ms']:8.1f} {row['opencv_ms']:8.1f}"
    print(
        f"{row['name']:30} {times} {row['ratio']:7.2f} {row['target']:6.1f} {row['memory_mb']:7.0f}{verdict}",
        flush=True,
    )


def mean_ratio(rows: list[dict[str, Any]]) -> float:
    """The geometric mean of the ratios."""
    return round(statistics.geometric_mean(row["ratio"] for row in rows), 2)


def by_size(chosen: list[Line], asked: str | None) -> list[tuple[float, list[Line]]]:
    """The sizes of picture, in megapixels, and the lines to time at each: those asked for, or each line's own."""
    if asked:
        return [(float(size), chosen) for size in asked.split(",")]
    sizes = sorted({size for line in chosen for size in line.megapixels}, reverse=True)
    return [(size, [line for line in chosen if size in line.megapixels]) for size in sizes]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="time imgconv beside OpenCV in one process"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only lines whose name begins with NAME")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megapixels", help="sizes of the picture, separated by commas (12,1)")
    parser.add_argument("--threads", default="2,1", help="numbers of threads, separated by commas")
    parser.add_argument("--json", default="bench.json", metavar="FILE")
    parser.add_argument("--chart", default="bench.png", metavar="FILE", help="picture of the ratios as bars")
    options = parser.parse_args()
    known = lines()
    chosen = [line for line in known if not options.names or line.name.startswith(tuple(options.names))]
    if not chosen:
        parser.error(f"no line has such a name; choose from: {'; '.join(line.name for line in known)}")
    runs = []
    for megapixels, sized in by_size(chosen, options.megapixels):
        color = picture(megapixels)
        images = {"rgb": color, "gray": cv2.cvtColor(color, cv2.COLOR_RGB2GRAY)}
        for threads in map(int, options.threads.split(",")):
            title = f"{megapixels:g} MP, {threads} thread{'s' * (threads > 1)}"
            print(f"{title:30} {'imgconv':>8} {'opencv':>8} {'ratio':>7} {'target':>6} {'MB':>7}")
            rows = []
            for line in sized:
                rows.append(measure(line, images[line.image], threads, options.rounds))
                show(rows[-1])
            print(f"{'geometric mean':48} {mean_ratio(rows):7.2f}\n")
            runs.append({"title": title, "geometric_mean": mean_ratio(rows), "lines": rows})
    facts = {"opencv": cv2.__version__, "imgconv": imgconv.__version__, "machine": platform.machine()}
    Path(options.json).write_text(
        json.dumps({**facts, "rounds": options.rounds, "runs": runs}, indent=1) + "\n"
    )
    from tests.bench.chart import chart

    chart(runs[0]).save(options.chart)


if __name__ == "__main__":
    main()
