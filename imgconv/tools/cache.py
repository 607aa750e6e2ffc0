"""cache: what the cache of machine code holds, filling it, emptying it."""

from __future__ import annotations

import os

from imgconv.jit import loop as jit
from imgconv.jit.cache import directory, open_trusted
from imgconv.jit.signature import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def entries() -> tuple[str, list[tuple[str, int]]]:
    """The directory, and the name and size in bytes of each entry."""
    sizes = [(name, info.st_size) for name, info in _files() if name.endswith((".so", ".o"))]
    return directory() or "no directory", sorted(sizes)


def clear() -> int:
    """Remove every entry, and what interrupted runs left; how many entries there were."""
    removed = 0
    for name, _ in _files():
        if name.endswith((".so", ".o", ".tmp")):
            try:
                os.unlink(os.path.join(directory() or "", name))
                removed += not name.endswith(".tmp")
            except OSError:
                pass  # another run was faster
    return removed


def _files() -> Iterator[tuple[str, os.stat_result]]:
    """The files in the cache, if its directory can be trusted."""
    descriptor = open_trusted(directory())
    if descriptor is None:
        return
    try:
        for name in os.listdir(descriptor):
            try:
                yield name, os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            except OSError:
                pass  # removed meanwhile
    finally:
        os.close(descriptor)


def warm() -> Iterator[tuple[int, int, str]]:
    """Compile every loop for every signature; yields how many are done, of how many, and the last one."""
    import_loops()
    work = [(loop, signature) for loop in jit.loops for signature in loop.signatures]
    work += color_loops()
    for done, (loop, signature) in enumerate(work, 1):
        loop.load(signature)
        yield done, len(work), f"{loop.title} ({signature})"


def import_loops() -> None:
    """Import every module of `loops/`."""
    import pkgutil

    import imgconv.loops

    for module in pkgutil.walk_packages(imgconv.loops.__path__, "imgconv.loops."):
        __import__(module.name)


def color_loops() -> list[tuple[jit.Loop, str]]:
    """The loops that `to` makes when they are asked for: from RGB to floats of every space, and back."""
    from imgconv.loops.color.conversion import FORMULAS, conversion_loop
    from imgconv.steps.color.conversion_path import conversion_path

    work = []
    for space in sorted({space for pair in FORMULAS for space in pair} - {"rgb"}):
        there, back = conversion_path("rgb", space), conversion_path(space, "rgb")
        loops = [conversion_loop(there, decoded) for decoded in (False, *[True] * (there[1] == "linear"))]
        work += [(loop, signature) for loop in loops for signature in _signatures(loop, out="f4")]
        loop = conversion_loop(back, False)
        work += [(loop, signature) for signature in _signatures(loop, source="f4")]
    return work


def _signatures(loop: jit.Loop, out: str = "", source: str = "") -> Iterator[str]:
    """The signatures without float64 whose result, or whose source, is of that dtype."""
    for signature in loop.signatures:
        codes = [code for code, axes in arguments(signature) if axes]
        if "f8" not in codes and codes[-2] == codes[0] and out in ("", codes[0]) and source in ("", codes[1]):
            yield signature
