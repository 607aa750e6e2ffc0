"""Convolution by Fourier transforms: every pixel against slow sums; the same bits however work is cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from imgconv.core.border import parse_border
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.kernels.kernel import Kernel
from imgconv.steps.convolution.conv import Conv
from imgconv.steps.convolution.fft import Fourier
from tests.oracles import convolution as oracle
from tests.peers.table import EDGES, split_edge
from tests.support.chains import image_of, outcome, random, same_bits, stored

FFT = Run(algorithm="fft")
SCALE = {"u1": 255.0, "u2": 65535.0, "f4": 1.3}
NEAR = 1e-5  # of full scale, where the absolute weights sum to 1


def kernel_of(height: int, width: int) -> Kernel:
    weights = np.random.default_rng([height, width]).normal(size=(height, width))
    return Kernel.from_rows((weights / abs(weights).sum()).tolist())


def by_fft(a: np.ndarray, step: Conv, **run: int) -> np.ndarray:
    """The result, after a check that Fourier transforms are what runs."""
    (step_in_use,) = Chain(image_of(a, alpha=False).spec, [step]).expanded(FFT).steps
    assert isinstance(step_in_use, Fourier)
    return outcome(a, [step], Run(algorithm="fft", **run), alpha=False)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (4, 6), (11, 1), (1, 9), (13, 21), (40, 7)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_every_pixel(size: tuple[int, int], dtype: str) -> None:
    kernel = kernel_of(*size)
    for shape in ((1, 1, 1), (2, 3, 3), (5, 67, 4), (37, 4, 2), (71, 45, 3)):
        a = random(shape, dtype)
        for edge in EDGES:
            step = Conv(kernel=kernel, edge=parse_border(edge), bias=0.25)
            wanted = oracle.correlate(a, np.array(kernel.weights), split_edge(edge), bias=0.25)
            assert abs(by_fft(a, step) - wanted).max() <= NEAR * SCALE[dtype], (shape, edge)


@pytest.mark.parametrize("options", [{"padding": "none"}, {"padding": (0, 3, 9, 1)}, {"anchor": (0, 4)}])
@pytest.mark.parametrize("dilation", [(1, 1), (3, 2)])
def test_padding_anchor_and_dilation(options: dict, dilation: tuple[int, int]) -> None:
    a, kernel = random((83, 61, 3), "u1"), kernel_of(7, 5)
    result = by_fft(a, Conv(kernel=kernel, dilation=dilation, **options))
    wanted = oracle.correlate(a, np.array(kernel.weights), dilation=dilation, **options)
    assert result.shape == wanted.shape
    assert abs(result - wanted).max() <= NEAR * 255


def test_rows_in_several_pieces() -> None:
    """So wide that a row is cut, and an image of several tiles."""
    a, kernel = random((150, 2100, 3), "u1"), kernel_of(15, 15)
    direct = outcome(a, [Conv(kernel=kernel)], Run(algorithm="direct"))
    assert abs(by_fft(a, Conv(kernel=kernel)) - direct).max() <= NEAR * 255


@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_same_bits(dtype: str) -> None:
    a, step = random((201, 43, 3), dtype), Conv(kernel=kernel_of(9, 9))
    wanted = by_fft(a, step, threads=1)
    for threads, strip in itertools.product((1, 2, 3, 99), (1, 7, 64, 1 << 20)):
        assert same_bits(by_fft(a, step, threads=threads, strip=strip), wanted), (threads, strip)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("strip", [0, 7])
def test_rounding_by_the_step_itself(dtype: str, strip: int) -> None:
    a, run = random((90, 41, 3), dtype), Run(algorithm="fft", strip=strip)
    steps = [Conv(kernel=kernel_of(9, 9).scaled(3))]
    floats = outcome(a, steps, run)
    top = np.iinfo(dtype).max
    assert floats.min() < 0  # something is clipped
    assert same_bits(stored(a, steps, dtype, run), np.clip(np.rint(floats), 0, top).astype(dtype))


def test_nan_and_infinity_do_not_spread() -> None:
    a = random((120, 50, 3), "f4")
    a[70, 20, 1], a[3, 40, 0] = np.nan, np.inf
    kernel = kernel_of(5, 7)
    with np.errstate(invalid="ignore"):
        wanted = oracle.correlate(a, np.array(kernel.weights))
    result = by_fft(a, Conv(kernel=kernel))
    assert (np.isfinite(result) == np.isfinite(wanted)).all()
    there = np.isfinite(wanted)
    assert abs(result[there] - wanted[there]).max() <= NEAR * 1.3


def test_on_some_channels() -> None:
    from imgconv.steps.on_channels import on

    a, step = random((77, 50, 3), "u1"), Conv(kernel=kernel_of(9, 9))
    result = outcome(a, [on(step, ("G",))], FFT)
    assert same_bits(result[..., 1:2], by_fft(np.ascontiguousarray(a[..., 1:2]), step))
    assert (result[..., 0] == a[..., 0]).all()


def test_between_other_steps() -> None:
    a = random((150, 60, 3), "u1")
    steps = [Conv(kernel=kernel_of(3, 5)), Conv(kernel=kernel_of(11, 11)), Conv(kernel=kernel_of(9, 2))]
    wanted = outcome(a, steps, Run(algorithm="direct"))
    for strip in (0, 7):
        assert abs(outcome(a, steps, Run(algorithm="fft", strip=strip)) - wanted).max() <= 3 * NEAR * 255


def test_double_precision_and_strides_are_direct() -> None:
    spec, kernel = image_of(random((60, 60, 3), "u1")).spec, kernel_of(9, 9)
    for step, seen in (
        (Conv(kernel=kernel), spec.replace(working="f8")),
        (Conv(kernel=kernel, stride=(2, 2)), spec),
    ):
        assert Chain(seen, [step]).expanded(FFT).steps == [step]


def test_memory_is_bounded() -> None:
    """A kernel whose spectra would not fit is no candidate."""
    tall = Kernel([[1] * 3] * 2048)
    spec = image_of(random((60, 60, 3), "u1")).spec
    assert not isinstance(Chain(spec, [Conv(kernel=tall)]).expanded(FFT).steps[0], Fourier)
