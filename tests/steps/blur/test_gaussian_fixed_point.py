"""Gaussians in 16-bit fixed point: how far they are from the sampled weights, and where they are not used."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.run_options import Run
from imgconv.loops.blur import gaussian_fixed_point
from imgconv.steps.blur.gaussian_base import GRID_SIGMA
from imgconv.steps.blur.gaussian_fixed_point import BOUND, fixed_point_weights
from imgconv.steps.blur.gaussian_sampled import half_gaussian
from tests.oracles import convolution as oracle
from tests.support.chains import image_of, infer, outcome, random, same_bits, steps_of, stored

DIRECT = Run(algorithm="direct")
SIGMAS = [0.3, 0.5, 0.8, 1, 1.3, 2, 2.99, 3.9]
EDGES = ["replicate", "symmetric", "reflect101", "wrap", "constant:7"]
SHAPES = [(40, 33, 3), (1, 1, 1), (5, 7, 3), (90, 1, 1), (1, 200, 3), (61, 530, 1), (19, 400, 3)]


def images(shape):
    """Noise, and noise of black and white alone."""
    noise = random(shape, "u1")
    return noise, np.where(noise > 127, 255, 0).astype(np.uint8)


def sampled(sigma: float) -> list[float]:
    return half_gaussian(sigma, int(4 * sigma + 0.5))


def bound(weights: tuple[int, ...], exact: list[float]) -> float:
    """Weights off by e, sum |e| = E, move two axes by at most 255 E; each term is cut off by half a unit at most."""
    apart = [abs(w - f / 65536) for w, f in zip(exact, [*weights, *[0] * len(exact)], strict=False)]
    return 255 * (apart[0] + 2 * sum(apart[1:])) + len(weights) / (1 << gaussian_fixed_point.BITS)


def test_no_8_bit_image_comes_out_half_a_level_apart() -> None:
    for sigma in [*np.arange(0.2, GRID_SIGMA, 0.01), GRID_SIGMA]:
        exact = sampled(sigma)
        weights = fixed_point_weights(exact)
        assert weights[0] + 2 * sum(weights[1:]) == 65536
        assert (min(weights) >= 0 and max(weights) < 65536) or len(weights) == 1
        if len(weights) > 1:
            assert bound(weights, exact) < BOUND, sigma


def test_the_guard_can_fail() -> None:
    exact = sampled(2)
    weights = fixed_point_weights(exact)
    assert bound(weights, exact) < BOUND
    assert bound((weights[0] + 2 * weights[-1], *weights[1:-1]), exact) > BOUND


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("sigma", SIGMAS)
def test_beside_float64(sigma, edge) -> None:
    for shape in SHAPES:
        for a in images(shape):
            mode, _, value = edge.partition(":")
            exact = oracle.gaussian(a, (mode, float(value or 0)), sigma)
            apart = stored(a, f"gaussian --sigma {sigma} --edge {edge}") - exact
            assert np.abs(apart).max() < 0.5 + BOUND
            assert a.size < 9000 or abs(apart.mean()) < 0.025  # neither darker nor brighter
            sharp = np.clip(a + 1.5 * (a - exact), 0, 255)
            result = stored(a, f"unsharp --sigma {sigma} --amount 1.5 --edge {edge}")
            assert np.abs(result - sharp).max() < 0.5 + 1.5 * BOUND


def test_flat_stays_flat() -> None:
    for value in range(256):
        a = np.full((3, 70, 1), value, np.uint8)
        for words in ("gaussian --sigma 1", "gaussian --sigma 3.6", "unsharp --sigma 2"):
            assert np.array_equal(stored(a, words), a), (value, words)


@pytest.mark.parametrize(
    "words", ["gaussian --sigma 1.3", "gaussian --sigma 3.9", "unsharp --sigma 2 --amount 1.2"]
)
def test_same_bits_for_any_strips_and_threads(words) -> None:
    a = random((167, 700, 3), "u1")
    wanted = stored(a, words, run=Run(threads=1))
    for threads, strip in ((1, 1), (1, 7), (2, 64), (3, 1), (99, 0), (2, 1 << 20)):
        assert same_bits(stored(a, words, run=Run(threads=threads, strip=strip)), wanted)


@pytest.mark.parametrize(
    ("words", "run", "dtype", "channels"),
    [
        ("gaussian --sigma 2", DIRECT, "u1", 3),
        ("gaussian --sigma 2", Run(algorithm="separable"), "u1", 3),
        ("gaussian --sigma 2 --truncate 3", Run(), "u1", 3),
        ("gaussian --sigma 2 --size 9", Run(), "u1", 1),
        ("gaussian --sigma 1e-9", Run(), "u1", 3),
        ("gaussian --sigma 2", Run(), "u2", 3),
        ("unsharp --sigma 2 --threshold 0.01", Run(), "u1", 3),
        ("unsharp --sigma 2 --amount 4", Run(), "u1", 3),
        ("unsharp --sigma 5 --amount 4", Run(), "u1", 3),
        ("gaussian --sigma 4", Run(), "u1", 3),
        ("unsharp --sigma 4", Run(), "u1", 1),
    ],
)
def test_where_the_result_is_that_of_floats_rounded(words, run, dtype, channels) -> None:
    a = random((61, 530, channels), dtype)
    floats = infer(image_of(a).spec, steps_of(words)).dtype
    assert floats == "f4"
    top = np.iinfo(a.dtype).max
    wanted = np.clip(np.rint(outcome(a, words, run)), 0, top).astype(a.dtype)
    assert same_bits(stored(a, words, dtype, run), wanted)


def test_the_plain_function_says_the_same() -> None:
    a, weights = random((9, 150, 1), "u1")[..., 0], fixed_point_weights(sampled(0.9))
    height, n = 9 - 2 * (len(weights) - 1), 150 - 2 * (len(weights) - 1)
    source = Pixels.of_numbers(a.tolist(), 1, "u1")
    result = Pixels.empty(height, n, 1, "u1")

    def operands():
        return gaussian_fixed_point.operands(Vector(weights, "u2"), channel_stride=1, n=n)

    gaussian_fixed_point.gaussian(result, source, *operands())
    plain = np.zeros((height, n), np.uint8)
    arrays = [np.array(v.block, np.uint16) if isinstance(v, Vector) else v for v in operands()]
    gaussian_fixed_point.gaussian.function(plain, a, *arrays)
    assert np.array_equal(np.asarray(result)[..., 0], plain)
