"""Disc blur: the weights, and the dense convolution with them."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.steps.blur.disc import coverage, total
from tests.oracles import edges as slow
from tests.support.chains import outcome, random, same_bits


@pytest.mark.parametrize("radius", [0.3, 0.5, 0.50001, 0.8, 1, 2**0.5 / 2, 2.5, 7.3, 100.1])
def test_coverage(radius: float) -> None:
    """The parts add up to the disc's area, lie between 0 and 1, and are those of a sampled disc."""
    parts = coverage(radius)
    if radius <= 0.5:
        assert parts == [[1.0]]
        return
    assert abs(total(parts) - pi * radius**2) < 1e-9 * radius**2 + 1e-12
    assert all(0 <= part <= 1 for column in parts for part in column)
    assert parts == [list(row) for row in zip(*parts, strict=True)] or np.allclose(
        parts, np.transpose(parts), atol=1e-9
    )
    if radius < 9:
        quarter = slow.disc_kernel(radius)[len(parts) - 1 :, len(parts) - 1 :]
        assert abs(np.array(parts) / total(parts) - quarter).max() < 1e-6


def test_the_disc_is_the_dense_convolution_of_its_weights() -> None:
    parts = np.array(coverage(4.4))
    right = np.vstack([parts[:0:-1], parts])
    kernel = np.hstack([right[:, :0:-1], right])
    a = random((30, 41, 3), "u2")
    wanted = slow.correlate(a, kernel / kernel.sum(), ("reflect101", 0.0))
    result = outcome(a, "disc-blur --radius 4.4 --edge reflect101", alpha=False, working="f8")
    assert abs(result - wanted).max() < 1e-8
    assert abs(outcome(np.full((9, 9, 1), 200, np.uint8), "disc-blur --radius 30") - 200).max() < 1e-4
    assert same_bits(outcome(a, "disc-blur --radius 0.4"), a.astype(np.float32))


@pytest.mark.parametrize(
    "words",
    [
        "disc-blur --radius 0",
        "disc-blur --radius 501",
    ],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)
