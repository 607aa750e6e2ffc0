"""Benchmark of whole processes: imgconv beside vips, and beside a script that uses `@njit(cache=True)`.

    python -m tests.bench.process [--rounds 15] [--json bench-process.json]

Runs the `imgconv` that is installed beside this Python, with its loops already compiled. The processes take turns. vips
is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ASTRONAUT = ROOT / "sample_images" / "astronaut.png"

# What a careful person would write with Numba's own cache: PNG by Pillow, the same separable filter.
NJIT = """
import sys
import numpy as np
from numba import njit
from PIL import Image

@njit(cache=True, fastmath=True)
def blur(padded, weights, out):
    height, width, channels = out.shape
    taps = weights.shape[0]
    row = np.empty((width + taps - 1, channels), np.float32)
    for y in range(height):
        row[:] = 0
        for i in range(taps):
            for x in range(width + taps - 1):
                for c in range(channels):
                    row[x, c] += padded[y + i, x, c] * weights[i]
        for x in range(width):
            for c in range(channels):
                total = np.float32(0)
                for j in range(taps):
                    total += row[x + j, c] * weights[j]
                out[y, x, c] = np.uint8(min(max(np.rint(total), 0), 255))

image = np.asarray(Image.open(sys.argv[1]))
x = np.arange(-8, 9)
weights = np.exp(-x * x / 8.0)
weights = (weights / weights.sum()).astype(np.float32)
out = np.empty_like(image)
blur(np.pad(image, ((8, 8), (8, 8), (0, 0)), mode="edge"), weights, out)
Image.fromarray(out).save(sys.argv[2], compress_level=1)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.process", description="time whole processes beside vips and Numba"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        rows = [*small(folder, options.rounds), *large(folder, max(3, options.rounds // 3))]
    for row in rows:
        print(f"{row['job']:44} {row['who']:28} {row['ms']:8.1f} ms   {row['ratio']:6.2f} x imgconv's time")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def imgconv() -> str:
    """The path of the command."""
    path = shutil.which("imgconv", path=os.path.dirname(sys.executable))
    if not path:
        sys.exit("imgconv is not installed beside this Python; run `make bench`")
    return path


def small(folder: Path, rounds: int) -> list[dict]:
    """One filter on a 512 x 512 RGB PNG."""
    script = folder / "blur.py"
    script.write_text(NJIT)
    source, out = str(ASTRONAUT), str(folder / "out.png")
    jobs = {"imgconv": [imgconv(), "open", source, "gaussian", "--sigma", "2", "save", out]}
    if shutil.which("vips"):
        jobs["vips gaussblur"] = ["vips", "gaussblur", source, out, "2"]
    jobs["script with njit(cache=True)"] = [sys.executable, str(script), source, out]
    jobs["python -c pass"] = [sys.executable, "-c", "pass"]
    rows = compare("512 x 512 RGB PNG, Gaussian 2", jobs, rounds)
    home = {**os.environ, "IMGCONV_CACHE_DIR": str(folder / "objects"), "IMGCONV_JIT": "object"}
    rows += compare("the same, loops loaded through llvmlite", jobs, rounds, home)[:1]
    return rows


def large(folder: Path, rounds: int) -> list[dict]:
    """One filter on a 12-megapixel PNG."""
    from PIL import Image

    source, out = folder / "large.png", str(folder / "out.png")
    photograph().save(source, compress_level=1)
    jobs = {"imgconv": [imgconv(), "open", str(source), "gaussian", "--sigma", "2", "save", out]}
    if shutil.which("vips"):
        jobs["vips gaussblur"] = ["vips", "gaussblur", str(source), str(folder / "vips.png"), "2"]
    rows = compare("12 MP RGB PNG, Gaussian 2", jobs, rounds)
    Image.open(out).save(folder / "pillow.png", compress_level=1)
    ratio = os.path.getsize(out) / os.path.getsize(folder / "pillow.png")
    print(f"size of the 12 MP result: {ratio:.3f} of Pillow's at level 1")
    return rows


def photograph():
    """A 4000 x 3000 picture with a photograph's detail and noise."""
    import numpy as np
    from PIL import Image

    base = Image.open(ASTRONAUT).resize((4000, 3000), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 2, (3000, 4000, 3))
    return Image.fromarray(np.clip(np.asarray(base) + noise, 0, 255).astype(np.uint8))


def compare(
    job: str, jobs: dict[str, list[str]], rounds: int, env: dict[str, str] | None = None
) -> list[dict]:
    """Medians of whole processes that take turns in each round; ratios are to the first one."""
    times: dict[str, list[float]] = {who: [] for who in jobs}
    for number in range(rounds + 2):
        for who, words in jobs.items():
            start = time.perf_counter()
            subprocess.run(words, check=True, capture_output=True, env=env)
            if number >= 2:  # the first two compile and warm
                times[who].append(time.perf_counter() - start)
    medians = {who: 1000 * statistics.median(seconds) for who, seconds in times.items()}
    ours = next(iter(medians.values()))
    return [
        {"job": job, "who": who, "ms": round(ms, 1), "ratio": round(ms / ours, 2)}
        for who, ms in medians.items()
    ]


if __name__ == "__main__":
    main()
