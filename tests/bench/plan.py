"""Benchmark of the convolution planner: its choice beside every other algorithm, over sizes and ranks of kernels.

    python -m tests.bench.plan [--rounds 5] [--json bench-plan.json] [SIZE ...]

The picture has 3 megapixels in RGB, 8 bits in, float32 out. Each round measures every algorithm that a kernel allows,
and every length of Fourier transform, once, so that a machine that drifts slows all of them. The ratio is the chosen
algorithm's time divided by the best one's, each the least of the rounds (other work of the machine only adds to a
time); it may be at most 1.2. Algorithms that the planner expects to take 3 times as long as the best are left out
unless `--all` is given: they would take most of the time, and are never near.
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
from imgconv.kernels.planner import Plan, Workload, candidates, plan
from imgconv.steps.convolution.conv import Conv
from imgconv.steps.convolution.fft import Fourier

SIZES = (3, 5, 7, 9, 11, 15, 21, 31, 51, 75, 101)
RANKS = (1, 2, 3, 0)  # 0: full
WIDTH, HEIGHT, CHANNELS, THREADS = 2000, 1500, 3, 2
BAR = 1.2
FAR = 3.0


class Fixed(Conv):
    """A convolution by one plan, not by the planner's choice."""

    chosen_plan: Any = None

    def plan(self, kernel: Kernel, spec: Spec, run: Run, transforms: bool = False) -> Plan:
        chosen: Plan = self.chosen_plan
        return chosen


def kernel_of(size: int, rank: int) -> Kernel:
    """Random weights of that rank (0: full); their absolute values sum to about 1."""
    rng = np.random.default_rng([size, rank])
    if rank == 0:
        weights = rng.normal(size=(size, size))
        return Kernel.from_rows((weights / abs(weights).sum()).tolist())
    columns, rows = (rng.integers(-9, 10, (rank, size)) | 1 for _ in range(2))
    weights = columns.T @ rows
    return Kernel(weights.tolist(), int(abs(weights).sum()))


def picture() -> Image:
    """Noise: no algorithm depends on the values."""
    a = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, CHANNELS), np.uint8)
    return Image.of_pixels(Pixels.of_array(a), Spec(*a.shape, "u1", space="rgb", alpha=False, white=255.0))


def step_of(kernel: Kernel, plan: Plan) -> Step:
    """The convolution as the plan says."""
    fixed = Fixed(kernel=kernel, chosen_plan=plan)
    spec = Spec(HEIGHT, WIDTH, CHANNELS, "u1", space="rgb", alpha=False, white=255.0)
    if not plan.length:
        return fixed
    return Fourier(kernel=kernel, kernel_window=fixed.window(spec), length=plan.length, edge=fixed.edge)


def seconds(image: Image, step: Step, clock: Callable[[], float] = time.perf_counter) -> float:
    """The time of one step over the image."""
    context = RunContext(Run(threads=THREADS), Report())
    chain = Chain(image.spec, [step])
    memory = MemorySink(chain.spec)
    start = clock()
    stream(image, chain, memory, context)
    return clock() - start


def measure(image: Image, size: int, rank: int, options: argparse.Namespace) -> dict[str, Any]:
    """Each candidate's time, and the chosen one's divided by the least."""
    workload = Workload(height=HEIGHT, items=WIDTH * CHANNELS, item_spacing=CHANNELS)
    kernel = kernel_of(size, rank)
    plans, chosen = candidates(kernel, workload=workload, every=True), plan(kernel, workload=workload)
    plans += [other for other in lengths(kernel, workload) if other not in plans]
    near = FAR * min(each.cost for each in plans)
    tried = [each for each in plans if options.all or each.cost <= near]
    steps = [step_of(kernel, each) for each in tried]
    clock = time.process_time if options.cpu else time.perf_counter
    for step in steps:
        seconds(image, step)
    times = zip(
        *([seconds(image, step, clock) for step in steps] for _ in range(options.rounds)), strict=True
    )
    least = [min(column) for column in times]
    ratio = least[tried.index(chosen)] / min(least)
    return {
        "size": size,
        "rank": rank or "full",
        "chosen": title(chosen),
        "best": title(tried[least.index(min(least))]),
        "ratio": round(ratio, 3),
        "ms": {title(each): round(s * 1e3, 2) for each, s in zip(tried, least, strict=True)},
        "cost": {title(each): round(each.cost, 1) for each in tried},
    }


def lengths(kernel: Kernel, workload: Workload) -> list[Plan]:
    """Plans with transforms of every length, not the cheapest alone."""
    plans, every = [], planning.LENGTHS
    try:
        for length in every:
            planning.LENGTHS = (length,)
            plans += planning.fft_plans(kernel, workload)
    finally:
        planning.LENGTHS = every
    return plans


def title(plan: Plan) -> str:
    """The algorithm, with the length of its transform if it has one."""
    return f"{plan.algorithm}-{plan.length}" if plan.length else plan.algorithm


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.plan", description="time the planner's choice beside the best algorithm"
    )
    parser.add_argument("sizes", nargs="*", type=int, metavar="SIZE", help="kernel sizes (3 to 101)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", default="bench-plan.json", metavar="FILE")
    parser.add_argument(
        "--all", action="store_true", help="measure algorithms that are expected to be far slower too"
    )
    parser.add_argument(
        "--cpu", action="store_true", help="measure the process's CPU time, for a machine that is busy"
    )
    options = parser.parse_args()
    image, rows = picture(), []
    for size in options.sizes or SIZES:
        for rank in RANKS:
            if rank < size:
                rows.append(measure(image, size, rank, options))
                row = rows[-1]
                times = "  ".join(f"{name} {ms:.1f}" for name, ms in row["ms"].items())
                slow = "  SLOW" if row["ratio"] > BAR else ""
                print(
                    f"{size:4} rank {row['rank']:<5} {row['ratio']:5.2f}  {row['chosen']:10} {times}{slow}",
                    flush=True,
                )
    worst = max(row["ratio"] for row in rows)
    print(f"worst {worst:.2f}")
    facts = {"imgconv": imgconv.__version__, "threads": THREADS, "worst": worst, "rows": rows}
    Path(options.json).write_text(json.dumps(facts, indent=1) + "\n")
    return int(worst > BAR)


if __name__ == "__main__":
    sys.exit(main())
