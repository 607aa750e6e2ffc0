"""The store from outside: what it holds, filling it, emptying it."""

from __future__ import annotations

import os

from imgconv import jit, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def entries() -> tuple[str, list[tuple[str, int]]]:
    """The directory, and each entry's name and size."""
    place = store.directory()
    if not store.trusted(place):
        return place, []
    names = [name for name in sorted(os.listdir(place)) if name.endswith((".so", ".o"))]
    return place, [(name, os.lstat(os.path.join(place, name)).st_size) for name in names]


def clear() -> int:
    """Remove every entry, and what interrupted runs left; how many entries there were."""
    place, found = entries()
    if store.trusted(place):
        for name in os.listdir(place):
            if name.endswith((".so", ".o", ".tmp")):
                os.unlink(os.path.join(place, name))
    return len(found)


def warm() -> Iterator[tuple[int, int, str]]:
    """Compile every loop for every signature: how many are done, of how many, and which."""
    here = os.path.join(os.path.dirname(__file__), "loops")
    for file in sorted(os.listdir(here)):
        if file.endswith(".py") and file != "__init__.py":
            __import__(f"imgconv.loops.{file[:-3]}")
    work = [(loop, signature) for loop in jit.loops for signature in loop.signatures]
    for done, (loop, signature) in enumerate(work, 1):
        loop.load(signature)
        yield done, len(work), f"{loop.title} ({signature})"
