"""doctor: is this installation sound?"""

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
    """Name, whether it is fine, and what was found."""
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

    how = {"auto": "machine code is kept and loaded", "object": "machine code through llvmlite"}
    yield "loops", True, how.get(mode(), f"mode {mode()}: slower starts, the same results")
    place, entries = cache.entries()
    yield (
        "store",
        True,
        f"{place}, {len(entries)} loops" + ("" if trusted(place) else " (not there yet)"),
    )
    yield "a loop", _one_loop(), "1 2 3 with kernel 1 1 1 gives 6"


def _one_loop() -> bool:
    import numpy as np

    from imgconv.api import open

    found = open(np.array([[1, 2, 3]], np.float32)).conv("1 1 1", padding="none").array()
    return bool(found.tolist() == [[6.0]])


def _presets() -> Iterator[tuple[str, bool, str]]:
    from imgconv.core.errors import UsageError
    from imgconv.kernels import library
    from imgconv.pipeline.presets import Names
    from imgconv.steps.registry import table

    bad = []
    for name in library.paths():
        try:
            Names().form(name).make({})
        except UsageError as error:
            bad.append(str(error))
        if name in table():
            bad.append(f"preset {name} bears a step's name, so it is never reached")
    count = len(library.paths())
    yield "presets", not bad and count > 0, "; ".join(bad) or f"{count} in {', '.join(library.directories())}"
