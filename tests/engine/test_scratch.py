"""Scratch memory: it grows, it is kept, and blocks are as long as said."""

from __future__ import annotations

import pytest

from imgconv.engine.scratch import Scratch, row_and_result
from imgconv.loops.round_and_store import BLOCK


def test_scratch_grows_and_is_kept() -> None:
    scratch = Scratch(5, 3, "f4")
    few = scratch.rows(2)
    assert few.shape == (2, 5, 3)
    assert few.dtype == "f4"
    assert scratch.rows(7).shape == (7, 5, 3)
    many = scratch.rows(7)
    assert scratch.rows(7).address == many.address == scratch.rows(1).address
    assert scratch.rows(0).height == 0


@pytest.mark.parametrize(
    ("n", "halo", "span"), [(10, 4, 10), (BLOCK + 1, 4, BLOCK), (1 << 20, BLOCK, 8 * BLOCK), (0, 2, 0)]
)
def test_a_block_is_as_long_as_the_cache_holds_and_wider_than_its_halo(n: int, halo: int, span: int) -> None:
    row, result = row_and_result(n, halo, "u2")
    assert (len(row), len(result)) == (span + halo, span)
    assert row.dtype == result.dtype == "u2"
