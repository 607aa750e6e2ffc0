"""Kernels of a lower rank: against NumPy's decomposition, and the bound that is printed against what is filtered."""

from __future__ import annotations

import re

import numpy as np
import pytest

import imgconv
from imgconv.engine.run_options import Run
from imgconv.kernels.kernel import Kernel
from imgconv.kernels.library import kernel_of
from imgconv.kernels.low_rank import approximate, rounded_up
from imgconv.steps.convolution.conv import Conv
from tests.oracles import convolution as oracle
from tests.support.chains import check_bits, image_of, outcome, random, same_bits, steps_of
from tests.support.command import run

FULL = {"u1": 255.0, "u2": 65535.0, "f4": 1.0}


def disc(size: int) -> Kernel:
    y, x = np.mgrid[:size, :size] - size // 2
    return Kernel.from_rows((x**2 + y**2 <= (size / 2) ** 2).astype(int).tolist()).divided("auto")


def noise(*size: int) -> Kernel:
    return Kernel.from_rows(np.random.default_rng(size).normal(size=size).tolist())


KERNELS = {
    "disc": disc(11),
    "log5": kernel_of("log5"),
    "laplacian": kernel_of("laplacian8"),
    "motion": kernel_of("motion9"),
    "dense": noise(9, 9),
    "even": noise(6, 4),
    "wide": noise(3, 14),
    "huge": noise(5, 5).scaled(10**298),
    "tiny": noise(5, 5).scaled(1, 10**290),
}


def weights(kernel: Kernel) -> np.ndarray:
    return np.array(kernel.weights)


def summed(exact: np.ndarray, u: np.ndarray, s: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The truncation, and the shortest way from there to the sum: over both sides, the rows or the columns."""
    near = (u * s) @ v
    ones = np.ones(exact.shape)
    ways = [u @ u.T @ ones @ v.T @ v, u @ u.T @ ones, ones @ v.T @ v]
    steps = [way * (exact.sum() - near.sum()) / way.sum() for way in ways]
    lengths = [np.linalg.norm(step) for step in steps]
    best = 0 if lengths[0] <= 1.1 * min(lengths[1:]) else 1 if lengths[1] < lengths[2] else 2
    return near + steps[best] if lengths[best] < np.linalg.norm(exact) else near


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", KERNELS)
def test_it_is_the_nearest_of_its_rank_that_has_the_sum(name, rank) -> None:
    """NumPy's truncation, moved within its own columns and rows until the sum is right."""
    kernel = KERNELS[name]
    exact = weights(kernel)
    scale = abs(exact).max()
    u, s, v = np.linalg.svd(exact / scale)
    found = approximate(kernel, rank)
    if np.linalg.matrix_rank(exact / scale) <= rank:
        assert found is None
        return
    near = weights(found.kernel) / scale
    assert found.rank == np.linalg.matrix_rank(near, tol=1e-9) == rank
    assert found.full == np.linalg.matrix_rank(exact / scale)
    if s[rank - 1] > s[rank] * (1 + 1e-9):  # else the truncation is one of many
        wanted = summed(exact / scale, u[:, :rank], s[:rank], v[:rank])
        assert abs(near - wanted).max() < 1e-12
    assert np.linalg.norm(near - exact / scale) <= found.relative * np.linalg.norm(exact / scale) * (1 + 1e-9)
    assert np.linalg.norm(near - exact / scale) >= np.sqrt((s[rank:] ** 2).sum()) * (1 - 1e-9)


def test_a_blur_keeps_its_brightness_and_a_gradient_its_zero() -> None:
    """The truncation alone does not: that is why."""
    for size, rank in ((11, 1), (11, 2), (51, 1)):
        kernel = disc(size)
        u, s, v = np.linalg.svd(weights(kernel))
        assert abs(((u[:, :rank] * s[:rank]) @ v[:rank]).sum() - 1) > 1e-4
        assert approximate(kernel, rank).kernel.sum == 1
    for name, rank in (("log5", 1), ("log5", 2), ("laplacian8", 1)):
        found = approximate(kernel_of(name), rank).kernel
        assert found.sum == 0 and found.abs_sum > kernel_of(name).abs_sum / 4
    flat = np.full((30, 30, 1), 200, np.uint8)
    assert abs(outcome(flat, [Conv(kernel=disc(11), rank=2)]) - 200).max() < 1e-3


def test_a_sum_that_cannot_be_kept_is_told(capsys) -> None:
    """The larger product has columns and rows that sum to 0, and so has the kernel of rank 1."""
    lost = "9 -9 0; -9 9 0; 0 0 1"
    assert "the sum 1 becomes 0" in run(capsys, "show", lost, "--rank", "1").out
    explained = run(capsys, "open", "sample_images/camera.png", "conv", lost, "--rank", "1", "explain")
    assert "the sum 1 becomes 0" in explained.out
    assert "becomes" not in run(capsys, "show", "disc5", "--rank", "1").out


@pytest.mark.parametrize("algorithm", ["auto", "direct", "low-rank", "fft"])
@pytest.mark.parametrize("name", ["disc", "motion", "dense", "even", "wide"])
def test_every_algorithm_runs_the_approximation(name, algorithm) -> None:
    a = random((37, 45, 3), "u1")
    for rank in (1, 2):
        found = outcome(a, [Conv(kernel=KERNELS[name], rank=rank)], Run(algorithm=algorithm))
        kernel = approximate(KERNELS[name], rank).kernel
        wanted = oracle.correlate(a, weights(kernel))
        assert abs(found - wanted).max() <= 1e-5 * kernel.abs_sum * 255


@pytest.mark.parametrize("rank", [1, 3])
def test_the_same_bits_for_any_threads_and_strips(rank) -> None:
    check_bits(f"conv disc5*disc5*disc5 --rank {rank}", "u1", 3)


def test_more_products_than_the_plan_would_take_by_itself() -> None:
    a, step = random((37, 45, 3), "u1"), Conv(kernel=noise(31, 31), rank=6)
    chosen = step.plan(step.effective(), image_of(a).spec, Run(algorithm="low-rank"))
    assert chosen.algorithm == "low-rank" and len(chosen.terms) == 6
    wanted = oracle.correlate(a, weights(step.effective()))
    found = outcome(a, [step], Run(algorithm="low-rank"))
    assert abs(found - wanted).max() <= 1e-5 * step.effective().abs_sum * 255


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("name", ["disc", "log5", "laplacian", "motion", "dense", "even", "wide"])
def test_the_bound_holds_and_is_met(name, dtype) -> None:
    """By pictures, and by the worst one: full scale where the approximation's weight is too large, else 0."""
    kernel, full = KERNELS[name], FULL[dtype]
    camera = imgconv.open("sample_images/camera.png").array()[:90, :90, None]
    kind = {"u1": np.uint8, "u2": np.uint16, "f4": np.float32}[dtype]
    picture = (camera.astype(np.float64) * (full / 255)).astype(kind)
    for rank in (1, 2):
        bound = approximate(kernel, rank).bound * full if approximate(kernel, rank) else 0.0
        off = weights(Conv(kernel=kernel, rank=rank).effective()) - weights(kernel)
        rounding = 4e-6 * kernel.abs_sum * full
        worst = [np.where(sign * off > 0, full, 0).astype(kind)[..., None] for sign in (1, -1)]
        for a in (picture, *worst):
            exact, near = (outcome(a, [Conv(kernel=kernel, rank=one)]) for one in (None, rank))
            exact = oracle.correlate(a, weights(kernel)) if dtype == "f4" else exact
            assert abs(near - exact).max() <= bound + rounding
        center = (off.shape[0] // 2, off.shape[1] // 2)
        reached = [
            abs((outcome(a, [Conv(kernel=kernel, rank=rank)]) - oracle.correlate(a, weights(kernel)))[center])
            for a in worst
        ]
        assert max(reached) >= bound - rounding


@pytest.mark.parametrize(
    ("kernel", "rank"),
    [("sobel-x", 1), ("sobel-x", 7), ("disc5", 2), ("1 2 3 4", 1), ("1;2;5", 1), ("box5", 3)],
)
def test_a_rank_that_is_enough_changes_no_bit(kernel, rank, capsys) -> None:
    a = random((21, 33, 3), "u1")
    exact = outcome(a, [Conv(kernel=kernel_of(kernel))])
    assert same_bits(outcome(a, [Conv(kernel=kernel_of(kernel), rank=rank)]), exact)
    assert "the kernel is exact" in run(capsys, "show", kernel, "--rank", str(rank)).out


def test_floats_that_only_rounding_keeps_from_a_low_rank_stay_as_they_are() -> None:
    bell = np.exp(-(np.arange(-4, 5) ** 2) / 5.0)
    kernel = Kernel.from_rows(np.outer(bell, bell).tolist())
    assert kernel.rank() > 1 and approximate(kernel, 1) is None


def test_it_goes_with_divisor_flip_and_anchor() -> None:
    a = random((23, 31, 1), "u1")
    kernel = noise(6, 4)
    near = weights(approximate(kernel.divided("auto"), 2).kernel)
    step = Conv(kernel=kernel, rank=2, divisor="auto", flip=True, anchor=(0, 1))
    below, beside = 1, 0
    padded = np.pad(a[..., 0].astype(float), ((below, 5 - below), (beside, 3 - beside)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 4))
    wanted = (windows * near[::-1, ::-1]).sum(axis=(2, 3))
    assert abs(outcome(a, [step])[..., 0] - wanted).max() <= 4e-4 * abs(near).sum()


@pytest.mark.parametrize("name", ["disc5", "log5", "laplacian8"])
def test_rounding_makes_no_terms(name, capsys) -> None:
    """A small kernel's exact rank may be low enough for a sum that holds the rounding errors too."""
    told = run(capsys, "show", name, "--rank", "1").out
    assert told.count("factor ") == 1 and ", separable" in told and ", low-rank" not in told


def test_symmetric_kernels_stay_so_to_the_bit() -> None:
    near = approximate(disc(11), 1).kernel
    assert near.row_symmetry == near.column_symmetry == "even"


def test_words_presets_and_python_say_the_same(tmp_path, monkeypatch) -> None:
    a = random((23, 31, 3), "u1")
    (tmp_path / "fast-disc.toml").write_text('summary = "A disc"\nsteps = "disc5 --rank 1"\n')
    monkeypatch.setenv("IMGCONV_PRESETS", str(tmp_path))
    wanted = outcome(a, [Conv(kernel=kernel_of("disc5"), rank=1)])
    assert not same_bits(wanted, outcome(a, "conv disc5"))
    for found in (outcome(a, "conv disc5 --rank 1"), outcome(a, "fast-disc")):
        assert same_bits(found, wanted)
    assert same_bits(imgconv.open(a).conv("disc5", rank=1).array(), wanted)
    assert steps_of("conv disc5 --rank 1")[0].words()[-2:] == ["--rank", "1"]


@pytest.mark.parametrize("rank", ["0", "-1", "1.5", "many", ""])
@pytest.mark.parametrize("words", [("show", "disc5"), ("shape", "1x9x9", "conv", "disc5")])
def test_bad_ranks(words, rank, capsys) -> None:
    found = run(capsys, *words, "--rank", rank)
    assert found.code == 2 and len(found.lines) == 1 and "rank" in found.err


def test_what_has_no_weights_has_no_rank(capsys) -> None:
    assert "--rank" in run(capsys, "shape 1x9x9 conv --size 3 --rank 1").err
    assert run(capsys, "show median --rank 1").code == 2
    assert run(capsys, "show nonsense --rank 1").code == 2


def test_explain_and_show_print_the_bound_the_rank_and_the_gain_in_speed(capsys) -> None:
    open_ = ("--threads", "1", "open", "sample_images/camera.png")
    explained = run(capsys, *open_, "conv", "disc5 * disc5 * disc5", "--rank", "1", "explain").out
    shown = run(capsys, "show", "disc5 * disc5 * disc5", "--rank", "1").out
    kernel = kernel_of("disc5 * disc5 * disc5")
    found = approximate(kernel, 1)
    for text in (explained, shown):
        said = re.search(r"rank 1 of (\d+): .* at most (\S+) levels .* (\S+) % .*; (\S+) times as fast", text)
        assert said and int(said[1]) == found.full
        assert found.bound * 255 <= float(said[2]) <= found.bound * 255 * 1.02
        assert found.relative * 100 <= float(said[3]) <= found.relative * 102
        assert float(said[4]) > 2


def test_a_bound_is_printed_rounded_up() -> None:
    assert [rounded_up(value) for value in (0.0, 1.2345, 999.5, 12345.1)] == ["0", "1.24", "1000", "12346"]
    for value in np.random.default_rng(0).lognormal(0, 9, 2000):
        assert value <= float(rounded_up(value)) <= value * 1.011
