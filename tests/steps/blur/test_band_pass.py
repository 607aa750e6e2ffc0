"""Compass filters, band-pass filters, disc blurs and emboss: what the table of peers does not show."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.steps.blur.disc import coverage, total
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


def test_alpha_stays() -> None:
    for dtype in ("u1", "f4"):
        a = random((25, 28, 4), dtype)
        for words in ("sobel --size 7", "kirsch", "log", "dog", "highpass --sigma 5", "emboss --flat"):
            result = outcome(a, words)
            assert (result[:, :, 3] == a[:, :, 3]).all()
            assert same_bits(result[:, :, :3].copy(), outcome(a[:, :, :3].copy(), words))


def test_flat_areas_become_nothing() -> None:
    a = np.full((40, 30, 3), 77, np.uint8)
    for words in ("kirsch", "robinson", "sobel --size 5", "sobel --size 7"):
        assert not outcome(a, words).any()
    for words in ("dog", "highpass", "highpass --sigma 6", "emboss --flat"):
        assert abs(outcome(a, words)).max() < 1e-3
    assert abs(outcome(a, "log")).max() < 2e-4 * 77


def test_spots() -> None:
    """The Laplacian of a Gaussian answers most, and to a dark spot positively, where sigma is radius / sqrt 2."""
    y, x = np.mgrid[-40:41, -40:41]
    spot = np.where(x * x + y * y <= 100, 0, 200).astype(np.uint8)[:, :, None]
    answers = {s: outcome(spot, f"log --sigma {s} --scale unit")[40, 40, 0] for s in (4, 5.5, 7, 8.5, 10)}
    assert max(answers, key=answers.__getitem__) == 7
    assert answers[7] > 0 > outcome(spot, "dog --sigma 7")[40, 40, 0]


def test_emboss_of_the_usual_light_is_the_preset() -> None:
    a = random((12, 15, 1), "u1")
    assert abs(outcome(a, "emboss --depth 1.41421356") - outcome(a, "conv emboss3")).max() < 1e-3


@pytest.mark.parametrize(
    "words",
    [
        "sobel --size 4",
        "dog --sigma 2 --sigma2 2",
        "dog --ratio 1",
        "log --sigma 600",
        "highpass --sigma 0",
        "dog --sigma 400",
        "disc-blur --radius 0",
        "disc-blur --radius 501",
        "emboss --angle 400",
    ],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)
