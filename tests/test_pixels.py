"""Memory with a shape."""

from __future__ import annotations

from imgconv.pixels import KEPT, PAGES, Pixels


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
