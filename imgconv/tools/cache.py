"""The store from outside: what it holds, filling it, emptying it."""

from __future__ import annotations

import os

from imgconv.jit import loop as jit
from imgconv.jit.cache import directory, open_trusted
from imgconv.jit.signature import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def entries() -> tuple[str, list[tuple[str, int]]]:
    """The directory, and each entry's name and size."""
    found = []
    for name, info in _files():
        if name.endswith((".so", ".o")):
            found.append((name, info.st_size))
    return directory() or "no directory", sorted(found)


def clear() -> int:
    """Remove every entry, and what interrupted runs left; how many entries there were."""
    count = 0
    for name, _ in _files():
        if name.endswith((".so", ".o", ".tmp")):
            try:
                os.unlink(os.path.join(directory() or "", name))
                count += not name.endswith(".tmp")
            except OSError:
                pass  # another run was faster
    return count


def _files() -> Iterator[tuple[str, os.stat_result]]:
    """Files in the store, if it is to be trusted."""
    place = open_trusted(directory())
    if place is None:
        return
    try:
        for name in os.listdir(place):
            try:
                yield name, os.stat(name, dir_fd=place, follow_symlinks=False)
            except OSError:
                pass  # gone
    finally:
        os.close(place)


def warm() -> Iterator[tuple[int, int, str]]:
    """Compile every loop for every signature: how many are done, of how many, and which."""
    import_loops()
    work = [(loop, signature) for loop in jit.loops for signature in loop.signatures]
    work += ways()
    for done, (loop, signature) in enumerate(work, 1):
        loop.load(signature)
        yield done, len(work), f"{loop.title} ({signature})"


def import_loops() -> None:
    """Import every module of `loops/`."""
    import pkgutil

    import imgconv.loops

    for module in pkgutil.walk_packages(imgconv.loops.__path__, "imgconv.loops."):
        __import__(module.name)


def ways() -> list[tuple[jit.Loop, str]]:
    """Loops of colors are made when they are asked for: from RGB to floats of every space, and from those back."""
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
    """Those of 32-bit floats in which the result, stored as its dtype says, or the source is of that dtype."""
    for signature in loop.signatures:
        codes = [code for code, axes in arguments(signature) if axes]
        if "f8" not in codes and codes[-2] == codes[0] and out in ("", codes[0]) and source in ("", codes[1]):
            yield signature
