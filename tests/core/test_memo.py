"""What a process remembers."""

from __future__ import annotations

from imgconv.core.memo import memoize


def test_made_once_and_no_more_than_so_many_kept() -> None:
    held: dict[int, str] = {}
    made: list[int] = []

    def of(key: int) -> str | None:
        return memoize(held, 3, key, lambda: made.append(key) or f"{key}")

    assert [of(1), of(2), of(1), of(3), of(2)] == ["1", "2", "1", "3", "2"]
    assert made == [1, 2, 3]
    assert of(4) == "4" and held == {4: "4"}
    assert of(1) == "1" and made == [1, 2, 3, 4, 1]


def test_nothing_is_a_value_too() -> None:
    held: dict[str, None] = {}
    made: list[int] = []
    for _ in range(2):
        assert memoize(held, 3, "a", lambda: made.append(1)) is None
    assert made == [1]
