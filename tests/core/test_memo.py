"""The memo of computed values."""

from __future__ import annotations

from imgconv.core.memo import memoize


def test_made_once_and_no_more_than_so_many_kept() -> None:
    cache: dict[int, str] = {}
    calls: list[int] = []

    def of(key: int) -> str | None:
        return memoize(cache, 3, key, lambda: calls.append(key) or f"{key}")

    assert [of(1), of(2), of(1), of(3), of(2)] == ["1", "2", "1", "3", "2"]
    assert calls == [1, 2, 3]
    assert of(4) == "4" and cache == {4: "4"}
    assert of(1) == "1" and calls == [1, 2, 3, 4, 1]


def test_nothing_is_a_value_too() -> None:
    cache: dict[str, None] = {}
    calls: list[int] = []
    for _ in range(2):
        assert memoize(cache, 3, "a", lambda: calls.append(1)) is None
    assert calls == [1]
