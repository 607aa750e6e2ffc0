"""The plan's choices against every other algorithm, over sizes and ranks of kernels.

    python -m tests.bench.plan [--rounds 5] [--json bench-plan.json] [SIZE ...]

A picture of 3 megapixels in RGB, 8 bits in, float32 out. Every algorithm that a kernel allows, and every length of
transforms, is measured in turn, round after round, so that all drift alike. The ratio is the chosen one's time over the
best one's, the least of the rounds (whatever else the machine does only adds to a time); the bar is 1.2. Those whose
cost is more than 3 times the least one's are left out unless `--all` is given: they would take most of the time, and
are never near.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import imgconv
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.rows import MemorySink
from imgconv.core.spec import Spec
from imgconv.engine.chain import Chain
from imgconv.engine.evaluate import stream
from imgconv.engine.run_options import Run
from imgconv.engine.run_report import Report, RunContext
from imgconv.engine.step import Step
from imgconv.kernels import planner as planning
from imgconv.kernels.kernel import Kernel
from imgconv.kernels.planner import Place, Plan, candidates, plan
from imgconv.steps.convolution.conv import Conv
from imgconv.steps.convolution.fft import Fourier

SIZES = (3, 5, 7, 9, 11, 15, 21, 31, 51, 75, 101)
RANKS = (1, 2, 3, 0)  # 0: full
WIDTH, HEIGHT, CHANNELS, THREADS = 2000, 1500, 3, 2
BAR = 1.2
FAR = 3.0


class Fixed(Conv):
    """A convolution by one plan."""

    chosen_plan: Any = None

    def plan(self, kernel: Kernel, spec: Spec, run: Run, transforms: bool = False) -> Plan:
        found: Plan = self.chosen_plan
        return found


def kernel_of(size: int, rank: int) -> Kernel:
    """Random weights of that rank; the absolute ones sum to about 1."""
    rng = np.random.default_rng([size, rank])
    if rank == 0:
        weights = rng.normal(size=(size, size))
        return Kernel.from_rows((weights / abs(weights).sum()).tolist())
    columns, rows = (rng.integers(-9, 10, (rank, size)) | 1 for _ in range(2))
    weights = columns.T @ rows
    return Kernel(weights.tolist(), int(abs(weights).sum()))


def picture() -> Image:
    """Noise: no algorithm looks at the values."""
    a = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, CHANNELS), np.uint8)
    return Image.of_pixels(Pixels.of_array(a), Spec(*a.shape, "u1", space="rgb", alpha=False, white=255.0))


def step_of(kernel: Kernel, one: Plan) -> Step:
    fixed = Fixed(kernel=kernel, chosen_plan=one)
    spec = Spec(HEIGHT, WIDTH, CHANNELS, "u1", space="rgb", alpha=False, white=255.0)
    if not one.length:
        return fixed
    return Fourier(kernel=kernel, seen=fixed.window(spec), length=one.length, edge=fixed.edge)


def seconds(image: Image, step: Step, clock: Callable[[], float] = time.perf_counter) -> float:
    context = RunContext(Run(threads=THREADS), Report())
    chain = Chain(image.spec, [step])
    memory = MemorySink(chain.spec)
    start = clock()
    stream(image, chain, memory, context)
    return clock() - start


def measure(image: Image, size: int, rank: int, given: argparse.Namespace) -> dict[str, Any]:
    """Each candidate's time in turn, and the chosen one's over the least."""
    place = Place(height=HEIGHT, items=WIDTH * CHANNELS, beside=CHANNELS)
    kernel = kernel_of(size, rank)
    found, chosen = candidates(kernel, place=place, every=True), plan(kernel, place=place)
    found += [one for one in lengths(kernel, place) if one not in found]
    near = FAR * min(one.cost for one in found)
    tried = [one for one in found if given.all or one.cost <= near]
    steps = [step_of(kernel, one) for one in tried]
    clock = time.process_time if given.cpu else time.perf_counter
    for step in steps:
        seconds(image, step)
    times = zip(*([seconds(image, step, clock) for step in steps] for _ in range(given.rounds)), strict=True)
    least = [min(column) for column in times]
    ratio = least[tried.index(chosen)] / min(least)
    return {
        "size": size,
        "rank": rank or "full",
        "chosen": title(chosen),
        "best": title(tried[least.index(min(least))]),
        "ratio": round(ratio, 3),
        "ms": {title(one): round(s * 1e3, 2) for one, s in zip(tried, least, strict=True)},
        "cost": {title(one): round(one.cost, 1) for one in tried},
    }


def lengths(kernel: Kernel, place: Place) -> list[Plan]:
    """Transforms of every length, not the cheapest alone."""
    found, every = [], planning.LENGTHS
    try:
        for length in every:
            planning.LENGTHS = (length,)
            found += planning.transforms(kernel, place)
    finally:
        planning.LENGTHS = every
    return found


def title(one: Plan) -> str:
    return f"{one.algorithm}-{one.length}" if one.length else one.algorithm


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.plan", description="the plan's choice against the best algorithm"
    )
    parser.add_argument("sizes", nargs="*", type=int, metavar="SIZE", help="kernel sizes (3 to 101)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", default="bench-plan.json", metavar="PATH")
    parser.add_argument("--all", action="store_true", help="measure hopeless algorithms too")
    parser.add_argument("--cpu", action="store_true", help="process time, where others use the machine")
    given = parser.parse_args()
    image, rows = picture(), []
    for size in given.sizes or SIZES:
        for rank in RANKS:
            if rank < size:
                rows.append(measure(image, size, rank, given))
                row = rows[-1]
                told = "  ".join(f"{name} {ms:.1f}" for name, ms in row["ms"].items())
                late = "  LATE" if row["ratio"] > BAR else ""
                print(
                    f"{size:4} rank {row['rank']:<5} {row['ratio']:5.2f}  {row['chosen']:10} {told}{late}",
                    flush=True,
                )
    worst = max(row["ratio"] for row in rows)
    print(f"worst {worst:.2f}")
    facts = {"imgconv": imgconv.__version__, "threads": THREADS, "worst": worst, "rows": rows}
    Path(given.json).write_text(json.dumps(facts, indent=1) + "\n")
    return int(worst > BAR)


if __name__ == "__main__":
    sys.exit(main())
