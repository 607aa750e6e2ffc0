"""The table of steps, sources and sinks, read from their `@register` lines without importing their modules.

A module is imported when one of its steps is used: a command line imports what it names and nothing else.
"""

from __future__ import annotations

import os

from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = os.path.dirname(os.path.dirname(__file__))
ROOMS = ("steps", "io")  # the folders whose files, at any depth, are read
MARK = b"\n@register"
ROLES = {"": "step", "_source": "source", "_sink": "sink"}  # by what follows the mark
LARGEST = 1 << 20  # bytes of a source file
_loaded: dict[str, type[Step]] = {}


def register(name: str, summary: str) -> Callable[[type[Step]], type[Step]]:
    """Mark a class as the step of that name. The line is also what the table is read from: literals only."""

    def mark(cls: type[Step]) -> type[Step]:
        cls.name, cls.summary = name, summary
        _loaded[name] = cls
        return cls

    return mark


register_source = register_sink = register


class Row:
    """One row of the table; `family` is the folder that the step's module lies in, `role` step, source or sink."""

    __slots__ = ("family", "module", "name", "role", "summary")

    def __init__(self, name: str, module: str, summary: str, role: str) -> None:
        self.name, self.module, self.summary, self.role = name, module, summary, role
        self.family = module.rpartition(".")[0].rpartition(".")[2]


_table: dict[str, Row] = {}


def table() -> dict[str, Row]:
    """Every built-in step's name, module, summary and role, without importing the modules."""
    if not _table:
        for room in ROOMS:
            for path in _files(f"{PACKAGE}/{room}"):
                _scan(path, "imgconv" + path[len(PACKAGE) : -3].replace("/", "."))
    return _table


def _files(folder: str) -> Iterator[str]:
    """The Python files of a folder and of the folders in it."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            yield f"{folder}/{name}"
        elif "." not in name and name != "__pycache__":
            yield from _files(f"{folder}/{name}")


def _scan(path: str, module: str) -> None:
    """Read the rows of one file, by bytes: a text file for each would take a millisecond of a warm run."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = os.read(descriptor, LARGEST)
    finally:
        os.close(descriptor)
    for piece in content.split(MARK)[1:]:
        suffix, _, arguments = piece.partition(b'")\n')[0].decode().partition('("')
        name, _, summary = arguments.partition('", "')
        _table[name] = Row(name, module, summary, ROLES[suffix])


def find(name: str) -> type[Step] | None:
    """The class of a built-in step; None where there is none of that name."""
    if name not in _loaded:
        row = table().get(name)
        if row is None:
            return None
        __import__(row.module)
    return _loaded[name]
