"""What a process remembers of what it made, a few at a time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Key = TypeVar("Key")
    Value = TypeVar("Value")


def memoize(held: dict[Key, Value], most: int, key: Key, make: Callable[[], Value]) -> Value:
    """What `make` gave for the key, now or before; where there are `most`, all others are forgotten. For any thread."""
    try:
        return held[key]
    except KeyError:
        found = make()
    if len(held) >= most:
        held.clear()
    held[key] = found
    return found
