"""Golden numbers: the examples of the lecture, each as a command line."""

from __future__ import annotations

import sys

import pytest

from tests.support.command import run

SERIES = "1 2 3 4 3 2 1\n"
IMAGE = "3 3 2 1 0\n0 0 1 3 1\n3 1 2 2 3\n2 0 0 2 2\n2 0 0 0 1\n"
POOLED = "1 2 5 6\n3 4 7 8\n9 10 13 14\n11 12 15 16\n"

# (the file, words between `open -` and `print`, what is printed)
GOLDEN = [
    (SERIES, "conv '1 0 -1' --bias 10 --padding none", "8 8 10 12 12\n"),
    (SERIES, "conv '1 0 -1' --bias 10 --padding none --stride 2", "8 10 12\n"),
    (SERIES, "conv 1 --padding 0,3,0,3 --edge zero", "0 0 0 1 2 3 4 3 2 1 0 0 0\n"),
    (SERIES, "conv 1 --padding 0,3,0,3 --edge lecture:same", "1 1 1 1 2 3 4 3 2 1 1 1 1\n"),
    (SERIES, "conv 1 --padding 0,3,0,3 --edge replicate", "1 1 1 1 2 3 4 3 2 1 1 1 1\n"),
    (SERIES, "conv 1 --padding 0,3,0,3 --edge lecture:mirror", "3 2 1 1 2 3 4 3 2 1 1 2 3\n"),
    (SERIES, "conv 1 --padding 0,3,0,3 --edge symmetric", "3 2 1 1 2 3 4 3 2 1 1 2 3\n"),
    (IMAGE, "conv '0 1 2; 2 2 0; 0 1 2' --padding none", "12 12 17\n10 17 19\n9 6 14\n"),
    (IMAGE, "max-pool --size 3 --stride 1", "3 3 3\n3 3 3\n3 2 3\n"),
    (POOLED, "max-pool --size 2", "4 8\n12 16\n"),
    (POOLED, "avg-pool --size 2", "2.5 6.5\n10.5 14.5\n"),
    (SERIES, "mean5 --padding none", "2.6 2.8 2.6\n"),
    (SERIES, "taper5 --padding none", "2.8 3.2 2.8\n"),
    (SERIES, "diff --padding none", "2 2 0 -2 -2\n"),
    (SERIES, "diff2 --padding none", "0 0 -2 0 0\n"),
]


@pytest.mark.parametrize(("text", "words", "printed"), GOLDEN)
def test_a_number_of_the_lecture(text, words, printed, capsys, monkeypatch, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text(text)
    result = run(capsys, f"open {path} {words} print")
    assert (result.code, result.err) == (0, "")
    assert _rounded(result.out) == _rounded(printed)
    assert result.out.count("\n") == printed.count("\n")


def _rounded(text: str) -> list[list[float]]:
    """Whole numbers must be exact; tenths are float32 sums."""
    return [[round(float(number), 5) for number in line.split()] for line in text.splitlines()]


def test_whole_numbers_are_printed_without_decimals(capsys, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text(SERIES)
    assert run(capsys, f"open {path} conv '1 0 -1' --bias 10 --padding none print").out == "8 8 10 12 12\n"


def test_stdin_is_read_for_a_hyphen(capsys, monkeypatch, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text(SERIES)
    with path.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert run(capsys, "open - conv '1 0 -1' --padding none print").out == "-2 -2 0 2 2\n"


def test_sobel_x_is_found_separable_and_run_so(capsys):
    shown = run(capsys, "show sobel-x").out
    assert "rank      1 (separable)" in shown
    assert "column 1 2 1 x row -1 0 1" in shown
    told = run(capsys, "open sample_images/camera.png sobel-x explain").out
    assert "separable" in told and "column 1 2 1, row -1 0 1" in told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("box3", "1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9"),
        ("weighted3", "0 1/8 0; 1/8 1/2 1/8; 0 1/8 0"),
        ("sharpen3", "0 -1 0; -1 5 -1; 0 -1 0"),
        ("sharpen-more", "-1 -1 -1; -1 9 -1; -1 -1 -1"),
        ("sobel-x", "-1 0 1; -2 0 2; -1 0 1"),
        ("sobel-y", "-1 -2 -1; 0 0 0; 1 2 1"),
        ("mean5", "1/5 1/5 1/5 1/5 1/5"),
        ("taper5", "1/10 1/5 2/5 1/5 1/10"),
        ("diff", "-1 0 1"),
        ("diff2", "1 -2 1"),
    ],
)
def test_a_preset_has_the_lecture_s_weights(name, text):
    from imgconv.kernels.library import kernel

    assert kernel(name).text() == text


def test_the_lecture_s_layers(capsys):
    words = "shape 3x224x224 conv --size 7 --out-channels 64 --stride 2 --padding 3 relu max-pool --size 2"
    lines = run(capsys, words).out.splitlines()
    assert "64x112x112" in lines[2] and "7x7" in lines[2] and "2x2" in lines[2]
    assert "64x56x56" in lines[4] and "9x9" in lines[4] and "4x4" in lines[4]


def test_print_separates_channels_by_an_empty_line(capsys, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("1 2\n3 4\n\n5 6\n7 8\n")
    assert run(capsys, f"open {path} print").out == path.read_text()
