"""Time by size: Gaussians of sigma 1 to 200 and medians of 3 to 201 pixels, on 12 megapixels, 8 bits in and out.

    python -m tests.bench.sizes [--rounds 5] [--step median] [--json bench-sizes.json]

Each round measures every size once, so that a machine that drifts slows all of them; the table has the medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import imgconv
from tests.bench.__main__ import picture

SIGMAS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200)
SIZES = (3, 5, 7, 9, 11, 15, 21, 31, 51, 101, 151, 201)
THREADS = 2


def measure(name: str, key: str, values: tuple[int, ...], rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of a step for each value of one option."""
    image = picture()
    times: dict[int, list[float]] = {value: [] for value in values}
    for number in range(rounds + 1):
        for value in values:
            start = time.perf_counter()
            opened = imgconv.open(image, threads=THREADS, quiet=True)
            getattr(opened, name)(**{key: value}).array(dtype="uint8")
            if number:  # the first round compiles
                times[value].append(time.perf_counter() - start)
    return [
        {"step": name, key: value, "ms": round(statistics.median(seconds) * 1e3, 1)}
        for value, seconds in times.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.sizes", description="time by size of the filter"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", default="bench-sizes.json", metavar="FILE")
    parser.add_argument("--step", choices=("gaussian", "median"), help="only this one")
    options = parser.parse_args()
    rows = []
    for name, key, values in (("gaussian", "sigma", SIGMAS), ("median", "size", SIZES)):
        if options.step not in (None, name):
            continue
        for row in measure(name, key, values, options.rounds):
            rows.append(row)
            print(f"{name} {key} {row[key]:4} {row['ms']:8.1f} ms", flush=True)
    Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
