"""Geometry: crop, flip and rotate move values and nothing else."""

from __future__ import annotations

import numpy as np
import oracle_point as slow
import pytest
from chains import check_bits, check_row, image_of, outcome, random, same_bits, steps_of
from peers_point import ROWS

from imgconv.errors import UsageError
from imgconv.work import infer

MINE = [row for row in ROWS if row["words"].split()[0] in ("crop", "flip", "rotate")]


@pytest.mark.parametrize("row", MINE, ids=lambda row: row["words"])
def test_rows(row) -> None:
    for dtype in row["dtypes"]:
        for channels in row["channels"]:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("words", [row["words"] for row in MINE])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_same_bits_for_any_strips_and_threads(words, dtype) -> None:
    check_bits(words, dtype, 3)


@pytest.mark.parametrize("words", [row["words"] for row in MINE])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
def test_values_and_dtype_are_kept(words, channels, dtype) -> None:
    a = (
        random((9, 70, channels), dtype)
        if dtype != "f8"
        else np.random.default_rng(3).normal(size=(9, 70, channels))
    )
    (row,) = (row for row in MINE if row["words"] == words)
    said = {"working": "f8"} if dtype == "f8" else {}
    assert same_bits(outcome(a, words, **said), np.ascontiguousarray(row["oracle"](a)))


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
    assert (
        outcome(a, "rotate 90")[0, 0].tolist() == a[-1, 0].tolist()
    )  # clockwise: the lower left corner goes up


def test_meaning_is_kept() -> None:
    spec = image_of(random((5, 8, 4), "u2")).spec
    for row in MINE[1:]:
        found = infer(spec, steps_of(row["words"]))
        assert found == spec.but(height=found.height, width=found.width)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("crop 0,0,9,9", "reach beyond"),
        ("crop 0,0,0,3", "no image"),
        ("crop 1,2,3", "X,Y,WIDTH,HEIGHT"),
        ("crop -1,0,2,2", "too small"),
        ("flip sideways", "horizontal, vertical"),
        ("rotate 45", "90, 180, 270"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((5, 8, 3), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_guards_can_fail() -> None:
    row = {**MINE[-1], "oracle": lambda a: slow.rotate(a, 90)}
    with pytest.raises(AssertionError):
        check_row(row, "u1", 1)
