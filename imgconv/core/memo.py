"""A bounded memo of computed values."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Key = TypeVar("Key")
    Value = TypeVar("Value")


def memoize(cache: dict[Key, Value], limit: int, key: Key, make: Callable[[], Value]) -> Value:
    """The value of the key: cached, or made now. A cache of `limit` values is emptied first. Safe in any thread."""
    try:
        return cache[key]
    except KeyError:
        value = make()
    if len(cache) >= limit:
        cache.clear()
    cache[key] = value
    return value
