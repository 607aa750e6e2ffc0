"""Band passes (highpass, difference of Gaussians, Laplacian of a Gaussian): what the table of peers does not show."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from tests.support.chains import outcome, random, same_bits


def test_alpha_stays() -> None:
    for dtype in ("u1", "f4"):
        a = random((25, 28, 4), dtype)
        for words in ("log", "dog", "highpass --sigma 5"):
            result = outcome(a, words)
            assert (result[:, :, 3] == a[:, :, 3]).all()
            assert same_bits(result[:, :, :3].copy(), outcome(a[:, :, :3].copy(), words))


def test_flat_areas_become_0() -> None:
    a = np.full((40, 30, 3), 77, np.uint8)
    for words in ("dog", "highpass", "highpass --sigma 6"):
        assert abs(outcome(a, words)).max() < 1e-3
    assert abs(outcome(a, "log")).max() < 2e-4 * 77


def test_spots() -> None:
    """The Laplacian of a Gaussian answers most, and to a dark spot positively, where sigma is radius / sqrt 2."""
    y, x = np.mgrid[-40:41, -40:41]
    spot = np.where(x * x + y * y <= 100, 0, 200).astype(np.uint8)[:, :, None]
    answers = {s: outcome(spot, f"log --sigma {s} --scale unit")[40, 40, 0] for s in (4, 5.5, 7, 8.5, 10)}
    assert max(answers, key=answers.__getitem__) == 7
    assert answers[7] > 0 > outcome(spot, "dog --sigma 7")[40, 40, 0]


@pytest.mark.parametrize(
    "words",
    [
        "dog --sigma 2 --sigma2 2",
        "dog --ratio 1",
        "log --sigma 600",
        "log --sigma 1e-200",
        "highpass --sigma 0",
        "dog --sigma 400",
    ],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)
