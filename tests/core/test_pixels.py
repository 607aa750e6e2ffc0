"""Memory with a shape."""

from __future__ import annotations

import gc

import pytest

from imgconv.core import pixels
from imgconv.core.pixels import KEPT, PAGES, Pixels


def test_memory_is_lent_again():
    first = Pixels.unset(1, 10 * PAGES, 1, "u1")
    address = first.address
    del first
    assert Pixels.unset(1, 10 * PAGES, 1, "u1").address == address
    assert not any(Pixels.empty(1, 10 * PAGES, 1, "u1").tobytes())
    large = [Pixels.unset(1, KEPT // 2 + 1, 1, "u1") for _ in range(3)]
    addresses = {one.address for one in large}
    del large
    again = [Pixels.unset(1, KEPT // 2 + 1, 1, "u1") for _ in range(3)]
    assert len(addresses & {one.address for one in again}) >= 1


def test_what_came_back_longest_ago_is_given_up_first():
    """Sizes of a picture before must not keep those of the next from being lent again."""
    pixels.release()
    old, new = [Pixels.unset(1, KEPT // 4, 1, "u1") for _ in range(4)], Pixels.unset(1, KEPT // 2, 1, "u1")
    del old
    assert waiting() == {KEPT // 4: 4}
    del new
    assert waiting() == {KEPT // 4: 2, KEPT // 2: 1}
    huge = Pixels.unset(1, KEPT + 1, 1, "u1")
    del huge
    assert waiting() == {KEPT // 4: 2, KEPT // 2: 1}
    pixels.release()
    assert waiting() == {}


def waiting() -> dict[int, int]:
    """How many blocks of each size wait to be lent."""
    return {size: len(blocks) for size, blocks in pixels._free.items() if blocks}


def test_sizes_that_are_gone_are_forgotten():
    pixels.release()
    for size in range(PAGES, PAGES + 50):
        Pixels.unset(1, size, 1, "u1")
        del pixels._free[size][:]
    pixels.release(KEPT)
    assert not pixels._free


def test_no_memory_is_told_once(monkeypatch, capsys):
    def fail(size):
        raise MemoryError

    monkeypatch.setattr(pixels, "allocate", fail)
    with pytest.raises(MemoryError):
        Pixels.unset(1, 3 * PAGES + 5, 1, "u1")
    gc.collect()
    assert not capsys.readouterr().err
