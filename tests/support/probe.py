"""Run one loop out of a store, without Numba: `probe.py OBJECT` compiles by handing over the object in that file.

It says in one line what the loop computed, how often it was compiled, and what was imported. `test_cache` starts it
where the process itself has to be different: read-only or full disks, limits, kernels that refuse memory.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

from imgconv.core.pixels import Vector
from imgconv.jit.loop import loop


@loop("f4[:], i8")
def doubled(out, times):
    """Each number twice, `times` over."""
    for _ in range(times):
        for x in range(out.shape[0]):
            out[x] = out[x] * 2


@loop("f4[:], i8")
def planted(out, times):
    """What must never be loaded."""
    for x in range(out.shape[0]):
        out[x] = 666


def result(one) -> list[float]:
    numbers = Vector([1, 2, 3], "f4")
    one(numbers, 2)
    return [numbers[at] for at in range(3)]


def hand_over(path: str) -> list[str]:
    """Stand in for the compiler; the list grows by one for each loop that is compiled."""
    compiled: list[str] = []
    stand_in = types.ModuleType("imgconv.jit.compiler")

    def machine_code(one, signature):
        compiled.append(signature)
        return Path(path).read_bytes()

    stand_in.machine_code = machine_code
    sys.modules["imgconv.jit.compiler"] = stand_in
    return compiled


def main() -> None:
    compiled = hand_over(sys.argv[1])

    numbers = result(doubled)
    print(*numbers, len(compiled), *(name for name in ("numba", "llvmlite") if name in sys.modules))


if __name__ == "__main__":
    sys.modules["tests.support.probe"] = sys.modules["__main__"]
    doubled.function.__module__ = "tests.support.probe"
    main()
