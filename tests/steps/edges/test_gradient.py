"""Gradients: the weights that steps, loops and presets share, by what an impulse gives."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.kernels.library import kernel_of
from imgconv.steps.edges.compass import Kirsch, Robinson
from imgconv.steps.edges.gradient import PREWITT, SCHARR, SOBEL
from tests.support.chains import outcome

OPERATORS = {
    **{f"sobel --size {size}": weights for size, weights in SOBEL.items()},
    "prewitt": PREWITT,
    "scharr": SCHARR,
}


def kernel(words: str) -> np.ndarray:
    """The weights of a linear step, from its answer to a single 1: correlation turns it round."""
    a = np.zeros((9, 9, 1), np.float32)
    a[4, 4] = 1
    return outcome(a, words)[::-1, ::-1, 0]


def around(kernel: np.ndarray) -> np.ndarray:
    """A kernel in the middle of 9 x 9 zeros."""
    margin = (9 - len(kernel)) // 2
    return np.pad(kernel, margin)


@pytest.mark.parametrize("words", OPERATORS)
def test_weights(words: str) -> None:
    smooth, difference = OPERATORS[words]
    gx, gy = np.outer(smooth, difference), np.outer(difference, smooth)
    assert np.array_equal(kernel(f"{words} --part x"), around(gx))
    assert np.array_equal(kernel(f"{words} --part y"), around(gy))
    unit = np.float32(1) / np.float32(gx[gx > 0].sum())
    assert np.allclose(kernel(f"{words} --part x --scale unit"), around(gx) * unit, rtol=1e-6)


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
def test_presets_have_the_same_weights(name: str) -> None:
    smooth, difference = OPERATORS.get(name, SOBEL["3"])
    for part, wanted in (("x", np.outer(smooth, difference)), ("y", np.outer(difference, smooth))):
        assert np.array_equal(np.array(kernel_of(f"{name}-{part}").weights, float), wanted)


@pytest.mark.parametrize("step", [Kirsch, Robinson])
def test_the_sum_of_positive_weights(step: type[Kirsch] | type[Robinson]) -> None:
    weights = np.array(kernel_of(f"{step.name}-e").weights, float)
    assert weights[weights > 0].sum() == step.POSITIVE_SUM


@pytest.mark.parametrize("neighbors", ["4", "8"])
def test_laplacian(neighbors: str) -> None:
    wanted = np.array(kernel_of(f"laplacian{neighbors}").weights, float)
    assert np.array_equal(kernel(f"laplacian --neighbors {neighbors}"), around(wanted))
