"""Run one loop from a cache, without Numba: `probe.py OBJECT` hands the object in that file to whoever compiles.

It prints in one line what the loop computed, how often it was compiled, and which compilers were imported. `test_cache`
starts it where the process itself must differ: read-only or full disks, limits, kernels that refuse memory.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

from imgconv.core.pixels import Vector
from imgconv.jit.loop import Loop, loop


@loop("f4[:], i8")
def doubled(out, times):
    """Double each number, `times` times."""
    for _ in range(times):
        for x in range(out.shape[0]):
            out[x] = out[x] * 2


@loop("f4[:], i8")
def planted(out, times):
    """Code that must never be loaded."""
    for x in range(out.shape[0]):
        out[x] = 666


def result(tested: Loop) -> list[float]:
    """What the loop makes of 1, 2, 3."""
    numbers = Vector([1, 2, 3], "f4")
    tested(numbers, 2)
    return [numbers[i] for i in range(3)]


def hand_over(path: str) -> list[str]:
    """Replace the compiler; the list that is returned grows by one for each loop that is compiled."""
    compiled: list[str] = []
    stand_in = types.ModuleType("imgconv.jit.compiler")

    def machine_code(asked, signature):
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
