"""The first stage without a padded copy gives the bits of the one with it."""

from __future__ import annotations

import numpy as np
import pytest
from chains import random, same_bits

from imgconv import split
from imgconv.api import open as opened

WORDS = [
    {"conv": {"kernel": "1 2 3; 4 5 6; 7 8 9.5"}},
    {"conv": {"kernel": "1 2 3 4; 4 5 6 7; 7 8 9.5 1; 1 1 1 1"}},
    {"conv": {"kernel": "1 0 -1", "anchor": "0,0", "dilation": 2}},
    {"conv": {"kernel": "1 2 1 x -1 0 1", "stride": "2x1"}},
    {"box": {"size": 5}},
    {"gaussian": {"sigma": 1.3}},
    {"unsharp": {"sigma": 2}},
    {"sobel": {}},
    {"laplacian": {}},
    {"motion_blur": {"length": 5, "angle": 30}},
    {"gaussian": {"sigma": 4.5}},
]
EDGES = ("replicate", "symmetric", "reflect101", "wrap", "constant:7")


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("said", WORDS, ids=str)
def test_the_bits_of_a_padded_copy(said, dtype, edge, monkeypatch):
    ((name, options),) = said.items()
    image = random((41, 331, 3), dtype)

    def answer() -> np.ndarray:
        return getattr(opened(image, threads=2, strip=7), name)(**options, edge=edge).array()

    found = answer()
    monkeypatch.setattr(split, "splits", lambda stage, image: False)
    assert same_bits(found, answer())


def test_it_is_used_where_it_may_be(monkeypatch):
    """A guard: were nothing split, the test above would compare a thing with itself."""
    asked = []
    real = split.splits
    monkeypatch.setattr(split, "splits", lambda stage, image: asked.append(real(stage, image)) or asked[-1])
    image = random((20, 331, 3), "u1")
    opened(image).gaussian(sigma=1).array()
    opened(image).gaussian(sigma=1, edge="wrap").array()
    opened(image).gaussian(sigma=30).array()
    opened(image).max_pool(size=3, stride=1, padding=1).array()
    assert set(asked) == {True, False} and asked[0] and not any(asked[len(asked) // 2 :])
