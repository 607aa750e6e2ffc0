"""doctor: checks of this installation."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (
    "numpy",
    "numba",
    "llvmlite",
    "pillow",
    "click",
    "isal",
    "tifffile",
    "platformdirs",
    "imagecodecs",
)
OPTIONAL = ("imagecodecs",)


def checks() -> Iterator[tuple[str, bool, str]]:
    """For each check its name, whether it passed, and what was seen."""
    yield "python", sys.version_info >= (3, 11), sys.version.split()[0]
    yield from _packages()
    yield from _machine_code()
    yield from _presets()


def _packages() -> Iterator[tuple[str, bool, str]]:
    from importlib.metadata import PackageNotFoundError, version

    for name in PACKAGES:
        try:
            yield name, True, version(name)
        except PackageNotFoundError:
            yield name, name in OPTIONAL, "not installed" + (" (optional)" if name in OPTIONAL else "")


def _machine_code() -> Iterator[tuple[str, bool, str]]:
    from imgconv.jit.cache import trusted
    from imgconv.jit.loop import mode
    from imgconv.tools import cache

    modes = {
        "auto": "machine code is stored and loaded",
        "object": "machine code is loaded through llvmlite",
    }
    yield "loops", True, modes.get(mode(), f"mode {mode()}: slower starts, the same results")
    directory, entries = cache.entries()
    state = "" if trusted(directory) else " (not there yet, or not yours alone)"
    yield "cache", True, f"{directory}, {len(entries)} loops{state}"
    yield "a loop", _loop_works(), "the sum of 1 2 3 by the kernel 1 1 1 is 6"


def _loop_works() -> bool:
    import numpy as np

    from imgconv.api import open

    result = open(np.array([[1, 2, 3]], np.float32)).conv("1 1 1", padding="none").array()
    return bool(result.tolist() == [[6.0]])


def _presets() -> Iterator[tuple[str, bool, str]]:
    from imgconv.core.errors import UsageError
    from imgconv.kernels import library
    from imgconv.pipeline.presets import Names
    from imgconv.steps.registry import table

    faults = []
    for name in library.paths():
        try:
            Names().form(name).make({})
        except UsageError as error:
            faults.append(str(error))
        if name in table():
            faults.append(f"preset '{name}' has the name of a step, so it is never used; rename its file")
    number = len(library.paths())
    text = "; ".join(faults) or f"{number} in {', '.join(library.directories())}"
    yield "presets", not faults and number > 0, text
