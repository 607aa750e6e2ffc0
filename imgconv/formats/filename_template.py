"""File name templates: names of outputs made from names of inputs, as `out/{stem}.png`."""

from __future__ import annotations

import os

from imgconv.core.errors import FileError, UsageError, quote_path

FIELDS = ("stem", "name", "ext", "parent", "index", "frame", "channel")


def expand_template(template: str, path: str, index: int = 0, frame: int = 0, channel: str = "") -> str:
    """The output's name for an input.

    Fields are `{stem} {name} {ext} {parent} {index} {frame} {channel}`; `{{` and `}}` are braces. The result never
    leaves the directory that the text before the first field names, not through `..` or links either.
    Errors: UsageError for an unknown field, FileError for a name that leaves that directory.
    """
    pieces = parts(template)
    values = {**_values(path, index, frame), "channel": channel}
    target = "".join(text + _value(values, field, template) for text, field in pieces)
    if any(field for _, field in pieces):
        _check_inside(target, os.path.dirname(pieces[0][0]), template)
    return target


def parts(template: str) -> list[tuple[str, str]]:
    """The template as pairs of text and the field after it; the last field is ""."""
    pieces, text, i = [], "", 0
    while i < len(template):
        pair = template[i : i + 2]
        if pair in ("{{", "}}"):
            text, i = text + pair[0], i + 2
        elif pair[0] == "{":
            end = template.find("}", i)
            pieces.append((text, _field(template, template[i + 1 : end] if end > 0 else "")))
            text, i = "", end + 1
        elif pair[0] == "}":
            raise UsageError(f"{quote_path(template)}: single }}; write }}}} for a brace in a name")
        else:
            text, i = text + pair[0], i + 1
    return [*pieces, (text, "")]


def _field(template: str, name: str) -> str:
    if name not in FIELDS:
        known = " ".join(f"{{{field}}}" for field in FIELDS)
        raise UsageError(f"{quote_path(template)}: '{{{name}}}' is not a field; the fields are {known}")
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
        what = f"{{{field}}} is {quote_path(value)} here, which is not a file name"
        raise FileError(f"cannot write {quote_path(template)}: {what}")
    return value


def _check_inside(path: str, fixed: str, template: str) -> None:
    """Refuse a path that lies, as it is written or with links followed, outside the directory `fixed`."""
    if "\0" in path:
        raise FileError(f"cannot write {quote_path(path)}: a file name cannot hold a null character")
    for resolve in (os.path.normpath, os.path.realpath):
        root = resolve(fixed or ".")
        relative = os.path.relpath(resolve(path), root)
        if relative in (".", "..") or relative.startswith("../"):
            where = f"{quote_path(template)} may write only inside {quote_path(root)}"
            raise FileError(f"cannot write {quote_path(path)}: {where}")
