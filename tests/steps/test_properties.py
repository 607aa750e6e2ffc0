"""Property tests of convolution: random sizes, dtypes, edges, strides, dilations, paddings, anchors, and the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgconv.core.border import Border
from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import Conv
from tests.oracles import convolution as oracle
from tests.support.chains import image_of, infer, outcome, random, same_bits

SETTINGS = settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=list(HealthCheck)
)
SCALE = {"u1": 255.0, "u2": 65535.0, "f4": 1.3}

edges = st.builds(
    Border,
    st.sampled_from(["constant", "replicate", "symmetric", "reflect101", "wrap"]),
    st.sampled_from([0.0, 7.0, -3.5]),
)
small = st.integers(1, 4)
pairs = st.tuples(small, small)
sides = st.integers(0, 9)


@st.composite
def kernels(draw) -> np.ndarray:
    """Kernels of integers: dense, with zeros, or a product of column and row."""
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    weights = st.integers(-9, 9)
    if draw(st.booleans()):
        column = draw(st.lists(weights, min_size=height, max_size=height))
        row = draw(st.lists(weights, min_size=width, max_size=width))
        return np.outer(column, row)
    flat = draw(st.lists(st.one_of(weights, st.just(0)), min_size=height * width, max_size=height * width))
    return np.array(flat).reshape(height, width)


@st.composite
def convolutions(draw) -> tuple[np.ndarray, Conv, dict]:
    """A kernel, the step, and the oracle's arguments."""
    kernel = draw(kernels())
    anchor = draw(
        st.none() | st.tuples(st.integers(0, kernel.shape[1] - 1), st.integers(0, kernel.shape[0] - 1))
    )
    said = {
        "stride": draw(pairs),
        "dilation": draw(pairs),
        "padding": draw(st.sampled_from(["keep", "none"]) | st.tuples(sides, sides, sides, sides)),
        "anchor": anchor,
        "bias": draw(st.sampled_from([0.0, 10.0, -0.5])),
    }
    edge = draw(edges)
    step = Conv(kernel=Kernel.from_rows(kernel.tolist()), edge=edge, **said)
    step.check()
    return kernel.astype(np.float64), step, {**said, "edge": (edge.mode, edge.value)}


@SETTINGS
@given(
    convolutions(),
    st.tuples(st.integers(1, 64), st.integers(1, 64), st.sampled_from([1, 2, 3, 4, 5])),
    st.sampled_from(["u1", "u2", "f4"]),
    st.sampled_from(["f4", "f8"]),
    st.sampled_from([0, 1, 5, 64]),
)
def test_convolution(convolution, shape, dtype, working, strip) -> None:
    kernel, step, said = convolution
    a = random(shape, dtype)
    if dtype == "f4" and working == "f8":
        a = a.astype(np.float64)
    wanted = oracle.correlate(a, kernel, **said)
    if wanted is None:
        with pytest.raises(UsageError, match="leaves nothing"):
            infer(image_of(a, alpha=False).spec, [step])
        return
    result = outcome(a, [step], Run(strip=strip, threads=2), alpha=False, working=working)
    gain = abs(kernel).sum() * max(SCALE[dtype], abs(said["edge"][1])) + abs(said["bias"])
    limit = gain * (kernel.size + 4) * (6e-8 if working == "f4" else 1.2e-16)
    assert result.shape == wanted.shape
    assert abs(result - wanted).max() <= limit


@SETTINGS
@given(kernels(), edges, st.tuples(st.integers(1, 30), st.integers(1, 30)), st.sampled_from(["u1", "f4"]))
def test_flip_is_the_kernel_turned(kernel, edge, size, dtype) -> None:
    a = random((*size, 3), dtype)
    turned = Kernel.from_rows(kernel[::-1, ::-1].tolist())
    flipped = outcome(a, [Conv(kernel=Kernel.from_rows(kernel.tolist()), flip=True, edge=edge)], alpha=False)
    assert same_bits(flipped, outcome(a, [Conv(kernel=turned, edge=edge)], alpha=False))


@SETTINGS
@given(st.integers(0, 2), st.integers(1, 40), st.integers(1, 40), edges)
def test_an_impulse_gives_the_kernel_back(which, height, width, edge) -> None:
    """Correlation puts the kernel around the impulse turned by 180 degrees; elsewhere the result is 0."""
    kernel = [np.arange(1.0, 10).reshape(3, 3), np.outer([1, 2, 3], [1, -1, 4]), np.diag([2.0, 0, 5])][which]
    a = np.zeros((height + 4, width + 4, 1), np.float32)
    a[height // 2 + 2, width // 2 + 2] = 1
    result = outcome(a, [Conv(kernel=Kernel.from_rows(kernel.tolist()), padding="none")])
    y, x = height // 2 + 2, width // 2 + 2
    assert (result[y - 2 : y + 1, x - 2 : x + 1, 0] == kernel[::-1, ::-1]).all()
    assert np.count_nonzero(result) == np.count_nonzero(kernel)
