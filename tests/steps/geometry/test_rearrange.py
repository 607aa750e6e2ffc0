"""Geometry: crop, pad, tile, flip and rotate move values and nothing else; only other angles than quarters compute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from tests.oracles import rotate as turns
from tests.oracles import tone as slow
from tests.peers.geometry import MOVES
from tests.peers.table import rows_of
from tests.support.chains import (
    check_bits,
    check_row,
    differs,
    image_of,
    infer,
    outcome,
    random,
    same_bits,
    steps_of,
    stored,
)

MINE = rows_of("crop", "pad", "tile", "flip", "rotate")


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("words", [row.words for row in MINE])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_same_bits_for_any_strips_and_threads(words, dtype) -> None:
    check_bits(words, dtype, 3)


@pytest.mark.parametrize("words", [row.words for row in MOVES])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
def test_values_and_dtype_are_kept(words, channels, dtype) -> None:
    a = (
        random((9, 70, channels), dtype)
        if dtype != "f8"
        else np.random.default_rng(3).normal(size=(9, 70, channels))
    )
    (row,) = (row for row in MOVES if row.words == words)
    said = {"working": "f8"} if dtype == "f8" else {}
    assert same_bits(outcome(a, words, **said), np.ascontiguousarray(row.oracle(a)))


def test_rows_longer_than_a_block() -> None:
    a = random((3, 5000, 3), "u1")
    assert same_bits(outcome(a, "flip horizontal"), np.ascontiguousarray(a[:, ::-1]))
    assert same_bits(outcome(a, "rotate 90"), np.ascontiguousarray(np.rot90(a, -1)))


@pytest.mark.parametrize(
    "words",
    [
        "crop 3,5,20,30 gaussian flip vertical gaussian rotate 90 avg-pool",
        "gaussian rotate 180 rotate 90 normalize flip vertical",
        "crop 1,1,30,30 crop 2,3,9,8 box rotate -90",
        "equalize flip horizontal sobel crop 2,2,8,9",
        "gaussian pad 3,0,1,9 --edge wrap box rotate 33 sharpen tile 2 pad 4",
    ],
)
def test_chains(words) -> None:
    """Steps that take the whole image stand anywhere, and what follows them streams."""
    a = random((50, 41, 3), "u1")
    wanted = a
    for step in steps_of(words):
        wanted = outcome(wanted, [step], white=255.0)
    assert np.array_equal(outcome(a, words), wanted)
    check_bits(words, "u1", 3)


def test_four_quarters_are_one_turn() -> None:
    a = random((5, 8, 3), "u2")
    assert same_bits(outcome(a, "rotate 90 rotate 90 rotate 180"), a)
    assert same_bits(outcome(a, "rotate 90 rotate -90"), a)
    assert same_bits(outcome(a, "rotate 450 rotate -360 rotate -450.0"), a)
    assert (
        outcome(a, "rotate 90")[0, 0].tolist() == a[-1, 0].tolist()
    )  # clockwise: the lower left corner goes up


def test_meaning_is_kept() -> None:
    spec = image_of(random((5, 8, 4), "u2")).spec
    for row in MOVES[1:]:
        found = infer(spec, steps_of(row.words))
        assert found == spec.replace(height=found.height, width=found.width)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("crop 0,0,9,9", "reach beyond"),
        ("crop 0,0,0,3", "not an image"),
        ("crop 1,2,3", "X,Y,WIDTH,HEIGHT"),
        ("crop -1,0,2,2", "too small"),
        ("flip sideways", "horizontal, vertical"),
        ("rotate left", "not a number"),
        ("rotate 3 --edge replicated", "unknown edge"),
        ("pad keep", "top, right, bottom, left"),
        ("pad 1,2", "1,2,1,2"),
        ("pad -1", "not a valid padding"),
        ("pad 1048576", "too many"),
        ("tile 0", "too small"),
        ("tile 99999", "too many"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((5, 8, 3), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_guards_can_fail() -> None:
    (row,) = (row for row in MINE if row.words == "rotate -90")
    with pytest.raises(AssertionError):
        check_row(replace(row, oracle=lambda a: slow.rotate(a, 90)), "u1", 1)


def test_quarters_as_any_angle() -> None:
    """What interpolation gives right beside a quarter is the quarter."""
    a = random((12, 17, 3), "u1")
    for angle in (90, 180, 270, 360):
        for kind in ("bilinear", "bicubic", "nearest"):
            near = outcome(a, f"rotate {angle + 1e-5} --filter {kind} --edge replicate")
            assert differs(near, outcome(a, f"rotate {angle}")) < 0.05
    kept = outcome(a, "rotate 90 --keep-size")
    assert kept.shape == a.shape and not kept[:, 0].any()
    assert same_bits(outcome(a, "rotate 180 --keep-size"), outcome(a, "rotate 180"))


def test_rotation_in_double_precision() -> None:
    """Places are exact to 2^-36 pixels."""
    a = random((12, 17, 3), "u2")
    for kind in ("bilinear", "bicubic"):
        found = outcome(a, f"rotate 12.5 --filter {kind}", working="f8")
        assert found.dtype == np.float64
        assert differs(found, turns.rotate(a, 12.5, kind)) < 1e-9 * 65535


def test_a_turned_disc_has_no_dark_rim() -> None:
    """Red on transparent black stays red; what comes in from outside is transparent."""
    y, x = np.mgrid[0:40, 0:40]
    a = np.zeros((40, 40, 4), np.uint8)
    a[(x - 19.5) ** 2 + (y - 19.5) ** 2 < 17**2] = (200, 0, 0, 255)
    found = stored(a, "rotate 33")
    assert (abs(found[found[:, :, 3] > 8][:, 0].astype(int) - 200) <= 1).all() and not found[0, 0].any()
    assert outcome(a, "rotate 33 --filter nearest").dtype == np.uint8


def test_constants_that_bytes_do_not_hold() -> None:
    """Then the values are floats, and `save` clips and counts them."""
    a = random((5, 6, 1), "u1")
    for words in ("pad 2 --edge constant:300", "rotate 30 --filter nearest --edge constant:300"):
        found = outcome(a, words)
        assert found.dtype == np.float32 and found[0, 0, 0] == 300
        assert stored(a, words)[0, 0, 0] == 255
    assert stored(a, "median --edge constant:300")[0, 0, 0] == 255
