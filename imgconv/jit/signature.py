"""Signatures of loops: alternatives written out, arguments, dtypes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def alternatives(text: str) -> Iterator[str]:
    """`{a,b}[:], i8` -> `a[:], i8` and `b[:], i8`."""
    head, brace, rest = text.partition("{")
    if not brace:
        yield text
        return
    inside, _, tail = rest.partition("}")
    for choice in inside.split(","):
        yield from alternatives(head + choice.strip() + tail)


def arguments(signature: str) -> list[tuple[str, int]]:
    """Each argument's dtype and number of axes: 0 for a number."""
    parts = signature.replace("[:,:]", "#2").replace("[:]", "#1").split(",")
    return [(code, int(axes or 0)) for code, _, axes in (part.strip().partition("#") for part in parts)]


def dtypes(signature: str) -> str:
    """The arrays' dtypes in order: what tells the signatures of one loop apart."""
    return "".join(code for code, axes in arguments(signature) if axes)
