"""Compass gradients and larger Sobel gradients: what the table of peers does not show."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from tests.oracles import edges as slow
from tests.support.chains import outcome, random, same_bits


@pytest.mark.parametrize("name", ["kirsch", "robinson"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_compass_directions(name: str, dtype: str) -> None:
    """Whole numbers are compared exactly, so equal responses give the first direction."""
    for shape in ((1, 1, 1), (3, 2, 3), (31, 40, 3)):
        a = random(shape, dtype) // 40
        wanted = slow.compass(a, slow.REPLICATE, name, "direction")
        assert (outcome(a, f"{name} --part direction") == wanted).all()
    ramp = np.tile(np.arange(9, dtype=np.uint8), (9, 1))
    for turns in range(4):
        turned = np.ascontiguousarray(np.rot90(ramp, -turns))[:, :, None]
        assert outcome(turned, f"{name} --part direction")[4, 4, 0] == 90 * turns


@pytest.mark.parametrize("name", ["kirsch", "robinson"])
def test_a_compass_is_the_largest_of_its_presets(name: str) -> None:
    a = random((12, 15, 1), "u1")
    ways = ("e", "se", "s", "sw", "w", "nw", "n", "ne")
    answers = np.stack([outcome(a, f"conv {name}-{way}") for way in ways])
    assert (outcome(a, name) == answers.max(0)).all()
    assert (outcome(a, f"{name} --part direction") == answers.argmax(0) * 45).all()


def test_alpha_stays() -> None:
    for dtype in ("u1", "f4"):
        a = random((25, 28, 4), dtype)
        for words in ("sobel --size 7", "kirsch"):
            result = outcome(a, words)
            assert (result[:, :, 3] == a[:, :, 3]).all()
            assert same_bits(result[:, :, :3].copy(), outcome(a[:, :, :3].copy(), words))


def test_flat_areas_become_0() -> None:
    a = np.full((40, 30, 3), 77, np.uint8)
    for words in ("kirsch", "robinson", "sobel --size 5", "sobel --size 7"):
        assert not outcome(a, words).any()


def test_an_even_size_is_refused() -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), "sobel --size 4")
