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


def test_every_second_row_is_a_view():
    a = Pixels.of_numbers([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], 2, "u2")
    assert a.every(2).numbers() == [(1, 2, 3, 4), (9, 10, 11, 12)]
    assert a.band(1, 3).every(2).numbers() == [(5, 6, 7, 8)]
    assert a.every(1).numbers() == a.numbers() and a.every(3).numbers() == [(1, 2, 3, 4)]
    assert a.every(2).shape == (2, 2, 2) and a.every(2).address == a.address


def test_bytes_of_rows_as_numbers_of_another_dtype():
    a = Pixels.of_numbers([[1.0, -2.0], [0.0, 4.0]], 2, "f4")
    bits = a.reinterpret("i4")
    assert bits.shape == (2, 2, 1) and bits.tobytes() == a.tobytes()
    assert bits.reinterpret("f4").numbers() == a.numbers()
    left = Pixels.of_numbers([[1, 2, 3, 4, 5, 6]] * 2, 3, "u1").columns(1, 2)
    assert left.reinterpret("u1").numbers() == [(4, 5, 6)] * 2


def test_packed_rows_as_one():
    a = Pixels.of_numbers([[1, 2, 3, 4], [5, 6, 7, 8]], 2, "u1")
    assert a.flatten().shape == (1, 4, 2) and a.flatten().numbers() == [(1, 2, 3, 4, 5, 6, 7, 8)]
    with pytest.raises(AssertionError):
        a.columns(0, 1).flatten()
