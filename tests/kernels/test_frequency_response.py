"""Frequency responses: against NumPy's FFT, and the picture that `show --response` writes."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from imgconv.kernels.frequency_response import half_frequency, magnitudes, profile
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.library import kernel_of
from imgconv.tools import response_chart
from tests.support.command import run

KERNELS = ["disc5", "sobel-x", "motion9", "1 2 3 4", "1;2;5", "7", "1 -2 4; 0 3 9", "gaussian5 * [1 1]"]
SIZE = 64


@pytest.mark.parametrize("name", KERNELS)
def test_magnitudes_are_numpys(name) -> None:
    kernel = kernel_of(name)
    wanted = abs(np.fft.fft2(np.array(kernel.weights), (SIZE, SIZE)))
    places = np.arange(SIZE) / SIZE
    assert np.allclose(magnitudes(kernel, places, places), wanted, atol=1e-12 * kernel.abs_sum)
    assert np.allclose(profile(kernel, places, 0 * places), wanted[0], atol=1e-12 * kernel.abs_sum)
    assert np.allclose(profile(kernel, 0 * places, places), wanted[:, 0], atol=1e-12 * kernel.abs_sum)
    assert np.allclose(profile(kernel, places, places), wanted.diagonal(), atol=1e-12 * kernel.abs_sum)
    rising = wanted[-np.arange(SIZE), np.arange(SIZE)]
    assert np.allclose(profile(kernel, places, -places), rising, atol=1e-12 * kernel.abs_sum)


@pytest.mark.parametrize("name", ["disc5", "motion9", "box7", "1 2 3 4", "1;2;5", "1 -2 4; 0 3 9"])
@pytest.mark.parametrize("down", [False, True])
def test_half_is_where_a_fine_fft_first_falls_below_it(name, down) -> None:
    kernel = kernel_of(name)
    cut = np.array(kernel.weights).sum(axis=1 if down else 0)
    fine = abs(np.fft.rfft(cut, 1 << 16))
    below = np.flatnonzero(fine <= fine[0] / 2)
    found = half_frequency(kernel, down)
    if len(below):
        assert found == pytest.approx(below[0] / (1 << 16), abs=2 / (1 << 16))
    else:
        assert found is None


def test_halves_that_are_known(capsys) -> None:
    """A mean of two, |cos pi f|, is a half at 1/3."""
    assert half_frequency(parse("1/2 1/2")) == pytest.approx(1 / 3, abs=1e-8)
    assert half_frequency(parse("1/2 1/2"), down=True) is None
    assert half_frequency(parse("-1 0 1")) is None
    assert "at 0.333 across, never down" in run(capsys, "show", "[1 1] / 2").out
    assert "the DC gain is 0" in run(capsys, "show sobel-x").out


@pytest.mark.parametrize("name", KERNELS)
def test_the_picture_is_what_numpy_says(name, tmp_path, capsys) -> None:
    """The map, by decibels below the largest, DC in its middle; and the curve across."""
    done = run(capsys, "show", name, "--response", str(tmp_path / "h.png"))
    assert done.code == 0 and "DC gain" in done.out and not done.err
    sheet = np.array(Image.open(tmp_path / "h.png").convert("RGB"))
    side, top, left = response_chart.SIDE, response_chart.TOP, response_chart.LEFT
    shown = sheet[top : top + side, left : left + side, 0]
    weights = np.array(kernel_of(name).weights)
    padded = abs(np.fft.fftshift(np.fft.fft2(weights, (side - 1, side - 1))))  # 0 in the middle, -1/2 first
    level = 20 * np.log10(np.maximum(padded / padded.max(), 1e-9))
    wanted = np.clip(255 * (1 + level / response_chart.RANGE), 0, 255)
    assert abs(shown[:-1, :-1] - wanted).max() <= 1
    for _, _, _, color in response_chart.PROFILES:
        assert (sheet[:, left + side :] == color).all(axis=2).any()


def test_the_map_is_not_turned(tmp_path) -> None:
    """A step across has |H| of u alone; its mirror image in the diagonal of v alone."""
    for name, axis in (("-1 0 1", 0), ("-1; 0; 1", 1)):
        response_chart.write(kernel_of(name), str(tmp_path / "h.png"))
        sheet = np.array(Image.open(tmp_path / "h.png").convert("L"))
        shown = sheet[
            response_chart.TOP : response_chart.TOP + response_chart.SIDE,
            response_chart.LEFT : response_chart.LEFT + response_chart.SIDE,
        ]
        assert np.ptp(shown.astype(int), axis=axis).max() <= 1 and np.ptp(shown) > 200


def test_extremes_draw(tmp_path) -> None:
    for kernel in (Kernel([[0]]), parse("1e298 -1e298"), parse("1e-300"), Kernel([[1] * 4095])):
        response_chart.write(kernel, str(tmp_path / "h.png"))
        with Image.open(tmp_path / "h.png") as sheet:
            assert sheet.size[1] == response_chart.TOP + response_chart.SIDE + response_chart.BOTTOM


def test_with_a_rank_it_is_the_approximations(tmp_path, capsys) -> None:
    for rank in ("1", "2"):
        run(capsys, "show", "disc5", "--rank", rank, "--response", str(tmp_path / f"{rank}.png"))
    run(capsys, "show", "disc5", "--response", str(tmp_path / "exact.png"))
    one, two, exact = ((tmp_path / f"{name}.png").read_bytes() for name in ("1", "2", "exact"))
    assert one != exact == two


def test_it_is_whole_or_absent(tmp_path, capsys, monkeypatch) -> None:
    old = tmp_path / "h.png"
    old.write_bytes(b"old")

    def broken(kernel):
        raise RuntimeError

    monkeypatch.setattr(response_chart, "chart", broken)
    with pytest.raises(RuntimeError):
        response_chart.write(parse("1 2 1"), str(old))
    assert old.read_bytes() == b"old" and os.listdir(tmp_path) == ["h.png"]
    for path in ("h.jpg", "-", "h"):
        done = run(capsys, "show", "disc5", "--response", str(tmp_path / path) if path != "-" else path)
        assert done.code == 2 and "PNG" in done.err and len(done.lines) == 1
    assert run(capsys, "show", "disc5", "--response", str(tmp_path / "none" / "h.png")).code == 1
    assert run(capsys, "show", "median", "--response", str(tmp_path / "m.png")).code == 2
    assert os.listdir(tmp_path) == ["h.png"]
