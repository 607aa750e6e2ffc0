"""Plans: what is picked, that every algorithm computes the same, and double precision to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.engine.run_options import Run
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.planner import Workload, candidates, describe_plan, plan
from imgconv.steps.convolution.conv import Conv
from tests.oracles import convolution as oracle
from tests.peers.libraries import correlated, filtered
from tests.peers.table import EDGES, every_row, installed, split_edge
from tests.support.chains import image_of, outcome, random, same_bits

BOX = "1 1 1; 1 1 1; 1 1 1"
SOBEL = "-1 0 1; -2 0 2; -1 0 1"
LAPLACE = "0 1 0; 1 -4 1; 0 1 0"
BINOMIAL = "[1 4 6 4 1 x 1 4 6 4 1] / 256"
BINOMIAL7 = "[1 6 15 20 15 6 1 x 1 6 15 20 15 6 1] / 4096"
TWO = "; ".join(" ".join(str(i * j + (i - 3) * (j % 3)) for j in range(1, 10)) for i in range(1, 10))
DENSE = "1 2 3; 4 5 6; 7 8 10"
DIAGONAL = "; ".join(" ".join("1" if i == j else "0" for j in range(9)) for i in range(9))

PICKS = [
    (BINOMIAL, "separable"),
    (BINOMIAL7, "separable"),
    (TWO, "low-rank"),
    (DENSE, "direct"),
    (LAPLACE, "direct"),
    (DIAGONAL, "sparse"),
    ("1 2 3 4 5", "direct"),
    ("5", "direct"),
]


@pytest.mark.parametrize(("text", "algorithm"), PICKS)
def test_picks(text: str, algorithm: str) -> None:
    assert plan(parse(text)).algorithm == algorithm


def test_a_remembered_plan_is_that_of_the_same_question() -> None:
    kernel = parse(DIAGONAL)
    for _ in range(2):
        for wanted in ("direct", "sparse", "fft", "low-rank"):
            found = plan(kernel, wanted, workload=Workload(), max_terms=9)
            assert found.algorithm == wanted
        assert plan(kernel, "low-rank", max_terms=4).algorithm == "direct"  # it takes nine products
        assert plan(kernel, exact=True).algorithm == "direct"
        assert plan(kernel).algorithm == "sparse"
        lengths = {plan(kernel, "fft", workload=Workload(height=height)).length for height in (20, 3000)}
        assert len(lengths) == 2


def dense(size: int) -> Kernel:
    return Kernel.from_rows(np.random.default_rng(size).normal(size=(size, size)).tolist())


@pytest.mark.parametrize(("size", "algorithm"), [(3, "direct"), (7, "direct"), (11, "fft"), (51, "fft")])
def test_picks_of_large_dense_kernels(size: int, algorithm: str) -> None:
    assert plan(dense(size), workload=Workload()).algorithm == algorithm
    assert plan(dense(size)).algorithm == "direct"  # where a step cannot use transforms
    assert plan(dense(size), exact=True, workload=Workload()).algorithm == "direct"


def test_products_are_cheaper_than_transforms_up_to_some_rank() -> None:
    ones, two = parse(" ".join(["1"] * 21)), parse(" ".join(map(str, range(21))))
    product = Kernel.outer(ones, two)
    assert plan(product, workload=Workload()).algorithm == "separable"
    assert plan(dense(21), "fft", workload=Workload()).length > 21


def test_transforms_grow_with_the_kernel() -> None:
    lengths = [plan(dense(size), "fft", workload=Workload()).length for size in (5, 15, 31, 51, 101)]
    assert lengths == sorted(lengths)
    assert "transforms of" in describe_plan(dense(51), plan(dense(51), workload=Workload()))


def test_small_images_take_short_transforms() -> None:
    """No longer than what they hold of the kernel's rows and theirs."""
    workload = Workload(height=40, items=120)
    assert plan(dense(9), "fft", workload=workload).length <= 64


def test_factors_of_the_lecture() -> None:
    """Sobel X = column 1 2 1 times row -1 0 1."""
    chosen = plan(parse(SOBEL), "separable")
    assert chosen.terms == (((1.0, 2.0, 1.0), (-1.0, 0.0, 1.0)),)
    assert "column 1 2 1, row -1 0 1" in describe_plan(parse(SOBEL), chosen)


def test_a_wanted_algorithm_that_cannot_be_is_direct() -> None:
    assert plan(parse("1 2; 3 5"), "separable").algorithm == "direct"


def test_double_precision_adds_in_the_order_of_the_peers() -> None:
    assert plan(parse(BINOMIAL7), exact=True).algorithm == "direct"


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("text", [text for text, _ in PICKS] + [BOX, SOBEL])
def test_every_algorithm_computes_the_same(text: str, dtype: str) -> None:
    kernel = parse(text)
    a = random((37, 45, 3), dtype)
    wanted = oracle.correlate(a, np.array(kernel.weights))
    scale = {"u1": 255, "u2": 65535, "f4": 1.3}[dtype]
    tried = {plan.algorithm for plan in candidates(kernel)}
    for algorithm in tried:
        found = outcome(a, [Conv(kernel=kernel)], Run(algorithm=algorithm))
        assert abs(found - wanted).max() <= 2e-6 * kernel.abs_sum * scale, algorithm
    assert "direct" in tried


def test_the_algorithms_are_tried() -> None:
    """The test above means nothing where only one algorithm is allowed."""
    assert {plan.algorithm for text, _ in PICKS for plan in candidates(parse(text))} == {
        "direct",
        "sparse",
        "separable",
        "low-rank",
    }


def random_kernel(size: tuple[int, int]) -> Kernel:
    weights = np.random.default_rng(size).normal(size=size)
    weights[0, 0] = 0
    return Kernel.from_rows(weights.tolist())


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 3), (2, 4), (1, 9), (9, 1)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f8"])
def test_double_precision_is_bit_for_bit_scipys_and_opencvs(size, dtype) -> None:
    """Taps in row-major order, one rounding each: any weights, any values, any edge."""
    a = random((41, 53, 3), "f4").astype(np.float64) / 3 if dtype == "f8" else random((41, 53, 3), dtype)
    kernel = random_kernel(size)
    for edge in EDGES:
        beyond = split_edge(edge)
        from imgconv.core.border import parse_border

        step = Conv(kernel=kernel, edge=parse_border(edge))
        found = outcome(a, [step], alpha=False, working="f8")
        for peer, answer in (("scipy", correlated(kernel.weights)), ("opencv", filtered(kernel.weights))):
            if installed(peer):
                assert same_bits(found, np.ascontiguousarray(answer(a, beyond))), edge


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr", "laplacian"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_gradients_in_double_precision_are_bit_for_bit_the_peers(name, dtype) -> None:
    a = random((41, 53, 3), dtype)
    rows = [row for row in every_row() if row.step == name and row.turn == 0]
    tried = 0
    for row in rows:
        found = outcome(a, row.steps("reflect101"), alpha=False, working="f8")
        for _, answer in row.answers():
            assert same_bits(found, np.ascontiguousarray(answer(a, ("reflect101", 0.0)))), row.words
            tried += 1
    assert tried or not (installed("opencv") or installed("scipy"))


def test_image_of_says_no_alpha() -> None:
    assert not image_of(random((3, 3, 4), "u1"), alpha=False).spec.alpha
