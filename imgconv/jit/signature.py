"""Signatures of loops: their alternatives, arguments and dtypes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def alternatives(text: str) -> Iterator[str]:
    """The signatures of a text with alternatives: `{a,b}[:], i8` gives `a[:], i8` and `b[:], i8`."""
    head, brace, rest = text.partition("{")
    if not brace:
        yield text
        return
    inside, _, tail = rest.partition("}")
    for alternative in inside.split(","):
        yield from alternatives(head + alternative.strip() + tail)


def arguments(signature: str) -> list[tuple[str, int]]:
    """The dtype and the number of axes of each argument; a number has 0 axes."""
    parts = signature.replace("[:,:]", "#2").replace("[:]", "#1").split(",")
    return [(code, int(axes or 0)) for code, _, axes in (part.strip().partition("#") for part in parts)]


def dtypes(signature: str) -> str:
    """The dtypes of the arrays in order, which tell the signatures of a loop apart."""
    return "".join(code for code, axes in arguments(signature) if axes)
