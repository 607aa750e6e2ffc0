"""Names of outputs made from names of inputs: `out/{stem}.png`."""

from __future__ import annotations

import os

from imgconv.core.errors import FileError, UsageError
from imgconv.formats.files import shown

FIELDS = ("stem", "name", "ext", "parent", "index", "frame", "channel")


def has_fields(template: str) -> bool:
    """Whether a name differs from input to input."""
    return any(field for _, field in parts(template))


def expand_template(template: str, path: str, index: int = 0, frame: int = 0, channel: str = "") -> str:
    """The output's name for an input.

    Fields are `{stem} {name} {ext} {parent} {index} {frame} {channel}` and nothing else; `{{` and `}}` are braces. The
    result stays in the directory that the text before the first field names, also not through `..` or links.
    """
    pieces = parts(template)
    values = {**_values(path, index, frame), "channel": channel}
    made = "".join(text + _value(values, field, template) for text, field in pieces)
    if any(field for _, field in pieces):
        _check_inside(made, os.path.dirname(pieces[0][0]), template)
    return made


def parts(template: str) -> list[tuple[str, str]]:
    """Text and the field after it ("" at the end), again and again."""
    found, text, at = [], "", 0
    while at < len(template):
        here = template[at : at + 2]
        if here in ("{{", "}}"):
            text, at = text + here[0], at + 2
        elif here[0] == "{":
            end = template.find("}", at)
            found.append((text, _field(template, template[at + 1 : end] if end > 0 else "")))
            text, at = "", end + 1
        elif here[0] == "}":
            raise UsageError(f"{shown(template)}: a lone }}; a brace in a name is written twice")
        else:
            text, at = text + here[0], at + 1
    return [*found, (text, "")]


def _field(template: str, name: str) -> str:
    if name not in FIELDS:
        known = " ".join(f"{{{one}}}" for one in FIELDS)
        raise UsageError(f"{shown(template)}: '{{{name}}}' is no field; known are {known}")
    return name


def _values(path: str, index: int, frame: int) -> dict[str, str]:
    name = "stdin" if path == "-" else os.path.basename(path)
    stem, dot = os.path.splitext(name)
    parent = os.path.basename(os.path.dirname(os.path.abspath(path)))
    return {
        "stem": stem,
        "name": name,
        "ext": dot[1:],
        "parent": parent,
        "index": str(index),
        "frame": str(frame),
        "": "",
    }


def _value(values: dict[str, str], field: str, template: str) -> str:
    value = values[field]
    if "/" in value or "\0" in value or value in (".", ".."):
        raise FileError(f"cannot write {shown(template)}: {{{field}}} is {shown(value)} here, no plain name")
    return value


def _check_inside(made: str, fixed: str, template: str) -> None:
    """Neither the name as it stands nor the place that its links lead to may lie outside the fixed part."""
    if "\0" in made:
        raise FileError(f"cannot write {shown(made)}: no file can have this name")
    for resolve in (os.path.normpath, os.path.realpath):
        root, place = resolve(fixed or "."), resolve(made)
        inside = os.path.relpath(place, root)
        if inside in (".", "..") or inside.startswith("../"):
            where = f"{shown(template)} may write inside {shown(root)} only"
            raise FileError(f"cannot write {shown(made)}: {where}")
