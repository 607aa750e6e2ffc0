"""The Gaussian on a grid: its weights and its images against those of the sampled Gaussian."""

from __future__ import annotations

import numpy as np
import pytest

import imgconv
from imgconv.core.border import Border
from imgconv.engine.run_options import Run
from imgconv.engine.step import Step
from imgconv.steps.blur.gaussian_base import GRID_SIGMA
from imgconv.steps.blur.gaussian_grid import Grid, border_taps, half_spline
from tests.oracles import convolution as oracle
from tests.support.chains import check_bits, differs, outcome, random, stored

DIRECT = Run(algorithm="direct")
SIGMAS = [4, 4.4, 5, 5.99, 6, 7.9, 8, 11.3, 20, 33, 50, 127.5]


def weights(grid: Grid, phase: int) -> np.ndarray:
    """The weights of the input pixels, from the far left on, in an output pixel `phase` behind a grid point."""
    spline = np.array(grid.spline[:0:-1] + grid.spline)
    gaussian = np.array(grid.gaussian[:0:-1] + grid.gaussian)
    h, r, half = grid.spacing, grid.radius, len(grid.spline) - 1
    center = grid.reach + 2 * h
    total = np.zeros(2 * center + 1)
    for k in range(-1, 3):
        near = abs(phase - k * h)
        if near > half:
            continue
        for t in range(-r, r + 1):
            x = center + (k + t) * h - phase - half
            total[x : x + len(spline)] += grid.spline[near] * h * gaussian[t + r] * spline
    return total


@pytest.mark.parametrize("sigma", [*SIGMAS, 300, 511])
def test_no_8_bit_image_comes_out_half_a_level_apart(sigma) -> None:
    """An axis' weights are off by e, with sum |e| = E: two axes by at most 2 E, on 0..255 by 255 E."""
    grid = Grid(sigma)
    sampled = oracle.gaussian_weights(sigma)
    for phase in {0, grid.spacing // 3, grid.spacing // 2, grid.spacing - 1}:
        by_grid = weights(grid, phase)
        assert abs(by_grid.sum() - 1) < 1e-9
        exact = np.zeros_like(by_grid)
        center, radius = len(exact) // 2, len(sampled) // 2
        exact[center - radius : center + radius + 1] = sampled
        assert abs(by_grid - exact).sum() * 255 < 0.4


def test_the_guard_can_fail() -> None:
    grid = Grid(8)
    grid.spacing = 5
    assert abs(weights(grid, 0).sum() - 1) > 1e-3


def test_spline() -> None:
    for h in (2, 3, 8):
        box = np.ones(h)
        whole = np.convolve(np.convolve(np.convolve(box, box), box), box) / h**4
        assert np.allclose(half_spline(h), whole[len(whole) // 2 :], atol=1e-15)


@pytest.mark.parametrize("sigma", SIGMAS[::3])
@pytest.mark.parametrize("edge", ["replicate", "symmetric", "reflect101", "wrap", "constant:7"])
def test_beside_the_sampled_weights(sigma, edge) -> None:
    words = f"gaussian --sigma {sigma} --edge {edge}"
    for shape in ((40, 33, 3), (1, 1, 1), (5, 7, 4), (90, 1, 1), (1, 200, 3), (61, 530, 3)):
        a = random(shape, "u1")
        assert differs(outcome(a, words), outcome(a, words, DIRECT)) < 0.4


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_photographs_and_patterns(dtype) -> None:
    for name in ("camera", "zone-plate"):
        a = imgconv.open(f"sample_images/{name}.png").crop("0,0,256,200").array().reshape(200, 256, -1)
        a = {"u1": a, "u2": a.astype(np.uint16) * 257, "f4": a.astype(np.float32) / np.float32(255)}[dtype]
        full = {"u1": 255, "u2": 65535, "f4": 1}[dtype]
        for words in ("gaussian --sigma 4", "gaussian --sigma 9", "unsharp --sigma 6 --amount 0.8"):
            apart = differs(outcome(a, words), outcome(a, words, DIRECT))
            assert apart < 0.2 * full / 255


def test_a_constant_stays() -> None:
    for sigma in SIGMAS:
        result = outcome(np.full((50, 60, 3), 200, np.uint8), f"gaussian --sigma {sigma}")
        assert abs(result - 200).max() < 1e-3
        assert (stored(np.full((50, 60, 3), 200, np.uint8), f"gaussian --sigma {sigma}") == 200).all()


def test_sampled_where_the_weights_are_asked_for() -> None:
    a = random((40, 33, 3), "u1")
    exact = outcome(a, "gaussian --sigma 6", DIRECT)
    assert differs(outcome(a, "gaussian --sigma 6"), exact) > 1e-3
    assert differs(outcome(a, "gaussian --sigma 6 --size 49"), exact) == 0
    double = outcome(a, "gaussian --sigma 6", Run(precision="double"), working="f8")
    assert differs(double, exact.astype(float)) < 1e-3
    valid = outcome(random((70, 70, 1), "u1"), "gaussian --sigma 6 --padding none")
    assert valid.shape == (70 - 48, 70 - 48, 1)
    assert (
        outcome(a, "gaussian --sigma 3.9").tobytes() == outcome(a, "gaussian --sigma 3.9", DIRECT).tobytes()
    )
    assert GRID_SIGMA == 4


@pytest.mark.parametrize("words", ["gaussian --sigma 4", "gaussian --sigma 9", "unsharp --sigma 5"])
@pytest.mark.parametrize("edge", ["", " --edge wrap", " --edge reflect101"])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_same_bits(words, edge, dtype) -> None:
    for channels in (1, 3, 4):
        check_bits(words + edge, dtype, channels)


@pytest.mark.parametrize("edge", ["replicate", "symmetric", "reflect101", "constant:0"])
@pytest.mark.parametrize("words", ["gaussian --sigma 4", "gaussian --sigma 17.3", "unsharp --sigma 40"])
def test_a_folded_border_is_that_of_a_padded_source(words, edge, monkeypatch) -> None:
    for shape in ((37, 400, 3), (300, 21, 1), (1, 1, 3), (3, 90, 1)):
        a = random(shape, "u1")
        result = outcome(a, f"{words} --edge {edge}")
        with monkeypatch.context() as patch:
            patch.setattr("imgconv.steps.blur.gaussian_base.GaussianFilter.expand", Step.expand)
            assert differs(result, outcome(a, f"{words} --edge {edge}")) < 3e-4, shape


@pytest.mark.parametrize("edge", [Border(), Border("symmetric"), Border("reflect101"), Border("constant")])
@pytest.mark.parametrize(("h", "length"), [(2, 40), (5, 7), (3, 1), (4, 13)])
def test_folded_weights(edge, h, length) -> None:
    """The weights of each point are those over the padded axis, added to the pixels that fill the padding."""
    begin, stop, whole = -9, length // h + 9, [*half_spline(h)[:0:-1], *half_spline(h)]
    taps = border_taps(half_spline(h), h, begin, stop, length, edge, "f8")
    table = np.asarray(taps.table)[..., 0]
    for k in range(begin, stop):
        wanted = np.zeros(length)
        for x, weight in enumerate(whole, k * h - (2 * h - 2)):
            if (source := edge.map_index(x, length)) >= 0:
                wanted[source] += weight
        first, row = taps.firsts[k - begin], taps.table_rows[k - begin]
        weights = np.array(whole) if row < 0 else table[row, : taps.lengths[row]]
        folded = np.zeros(length)
        folded[first : first + len(weights)] = weights
        assert np.allclose(folded, wanted, atol=1e-15), k
    assert -1 in taps.table_rows.block or length < 4 * h
