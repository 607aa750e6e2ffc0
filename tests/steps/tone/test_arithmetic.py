"""Tone: scale, invert, abs, round, relu, clip, threshold, gamma, normalize, equalize; and alpha around steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.alpha import Flatten, Premultiply, Unpremultiply
from imgconv.engine.run_options import Run
from imgconv.engine.step import Context
from imgconv.steps.pointwise import looked_up, rounded
from imgconv.steps.registry import find
from imgconv.steps.tone.levels import Fit
from tests.oracles import tone as slow
from tests.peers.table import rows_of
from tests.support.chains import (
    check_bits,
    check_row,
    computed,
    differs,
    image_of,
    outcome,
    random,
    same_bits,
    steps_of,
    stored,
)

NAMES = ("scale", "invert", "abs", "round", "relu", "clip", "threshold", "gamma", "normalize", "equalize")
MINE = rows_of(*NAMES)
nan, inf = float("nan"), float("inf")


def line(*values: float) -> np.ndarray:
    """A float image of one row."""
    return np.array([[[v] for v in values]], np.float32)


def test_every_tone_step_has_a_row() -> None:
    assert {row.step for row in MINE} == set(NAMES)


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("words", [row.words for row in MINE] + ["normalize --low 5 --high 2"])
@pytest.mark.parametrize("dtype", ["u1", pytest.param("u2", marks=pytest.mark.slow), "f4"])
def test_same_bits_for_any_strips_and_threads(words, dtype) -> None:
    check_bits(words, dtype, 3)


@pytest.mark.parametrize("words", [row.words for row in MINE])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_alpha_is_left_as_it_is(words, dtype) -> None:
    for channels in (2, 4):
        a = random((9, 700, channels), dtype)
        found = outcome(a, words)
        assert (found[:, :, -1] == a[:, :, -1]).all()
        assert differs(found[:, :, :-1], outcome(a[:, :, :-1], words)) == 0


@pytest.mark.parametrize(
    "words",
    ["invert", "abs", "round", "relu", "clip", "clip --low 20 --high 200", "threshold 0.3", "equalize"],
)
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_whole_numbers_stay_whole(words, dtype) -> None:
    assert outcome(random((5, 6, 3), dtype), words).dtype.str[1:] == dtype


def test_clip_between_whole_numbers_computes() -> None:
    assert outcome(random((5, 6, 1), "u1"), "clip --low 20.5").dtype == np.float32


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.words)
def test_a_step_rounds_as_save_does(row) -> None:
    a = random((23, 31, 3), "u1")
    kept = outcome(a, row.words)
    assert same_bits(stored(a, row.words), slow.stored(kept, "u1"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("invert", (nan, inf, -inf, 1.5)),
        ("abs", (nan, inf, inf, 0.5)),
        ("round", (nan, -inf, inf, -0.0)),
        ("relu", (nan, 0, inf, 0)),
        ("clip", (nan, 0, 1, 0)),
        ("threshold 0.5", (nan, 0, 1, 0)),
        ("gamma 2", (nan, 0, inf, 0)),
        ("scale 2", (nan, -inf, inf, -1)),
    ],
)
def test_not_a_number_and_infinity(words, wanted) -> None:
    assert differs(outcome(line(nan, -inf, inf, -0.5), words), line(*wanted)) == 0


def test_what_is_not_finite_is_not_measured() -> None:
    found = outcome(line(nan, inf, -inf, 2, 4, 6), "normalize")
    assert differs(found, line(nan, inf, -inf, 0, 0.5, 1)) == 0
    assert np.isnan(outcome(line(nan, nan), "normalize")).all()
    assert np.isnan(outcome(line(nan, 1, 2), "equalize")[0, 0, 0])


def test_rounding_is_half_to_even() -> None:
    assert differs(outcome(line(0.5, 1.5, 2.5, -0.5, -1.5), "round"), line(0, 2, 2, 0, -2)) == 0
    assert stored(np.full((1, 1, 1), 5, np.uint8), "scale 0.5")[0, 0, 0] == 2
    assert stored(np.full((1, 1, 1), 7, np.uint8), "scale 0.5")[0, 0, 0] == 4


def test_one_value_becomes_black_or_stays() -> None:
    a = np.full((4, 5, 3), 77, np.uint8)
    assert (outcome(a, "normalize") == 0).all()
    assert (outcome(a, "equalize") == 77).all()
    assert (outcome(a.astype(np.float32), "equalize") == 77).all()


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_normalize_leaves_out_a_part(dtype) -> None:
    a = (np.arange(1000).reshape(1, 1000, 1) % 200).astype(dtype)
    found = outcome(a, "normalize --low 10 --high 20")
    full = slow.full(a)
    wanted = (a.astype(float) - 20) / (159 - 20) * full
    assert differs(found, wanted) <= full * (1e-5 if dtype != "f4" else 0.02)


def test_equalize_of_floats_spreads_them() -> None:
    a = (np.linspace(0, 1, 5000).reshape(50, 100, 1) ** 3).astype(np.float32)
    assert abs(outcome(a, "equalize").ravel() - np.linspace(0, 1, 5000)).max() < 0.05


def test_fit_takes_the_range_of_the_file() -> None:
    a = line(-2, 0, 2)
    assert differs(outcome(a, [Fit(white=255.0)]), line(0, 127.5, 255)) == 0
    both = np.array([[[0.0, 0.5], [2.0, 1.0]]], np.float32)
    assert differs(outcome(both, [Fit(white=255.0)]), np.array([[[0, 127.5], [255, 255]]])) == 0


def test_premultiply_and_back() -> None:
    for dtype in ("u1", "u2"):
        for channels in (2, 4):
            a = random((20, 700, channels), dtype)
            found = stored(a, [Premultiply(), Unpremultiply()], dtype)
            visible = a[:, :, -1:] > 0
            assert (found == np.where(visible | (np.arange(channels) == channels - 1), a, 0)).all()
            half = outcome(a, [Premultiply()]).astype(float)
            assert differs(half[:, :, :-1], a[:, :, :-1] * (a[:, :, -1:] / slow.full(a))) < 1e-2


def test_a_linear_step_weighs_color_by_alpha() -> None:
    a = np.array([[[200, 100, 0, 255], [9, 9, 9, 0]]], np.uint8)
    found = stored(a, "avg-pool --size 1x2")
    assert found.tolist() == [[[200, 100, 0, 128]]]
    straight = stored(a, "avg-pool --size 1x2", run=Run(alpha="straight"))
    assert straight.tolist() == [[[104, 54, 4, 128]]]


def test_flatten_lays_the_image_on_white() -> None:
    a = np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [0, 0, 0, 51]]], np.uint8)
    assert stored(a, [Flatten()]).tolist() == [[[200, 100, 0], [255, 255, 255], [204, 204, 204]]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("clip --low 9 --high 3", "--low 9 is above --high 3"),
        ("threshold 2", "too large"),
        ("gamma 0", "too small"),
        ("scale x", "not a number"),
        ("scale", "needs FACTOR"),
        ("normalize --low 60", "too large"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        computed(image_of(random((3, 3, 1), "u1")), steps_of(words))
    text = str(caught.value)
    assert says in text and "\n" not in text and text.startswith(words.split()[0])


def test_guards_can_fail() -> None:
    """The checks above are worth nothing unless they see a wrong result."""
    row = replace(MINE[0], oracle=lambda a: slow.scale(a, 1.5) + 0.01)
    with pytest.raises(AssertionError):
        check_row(row, "u1", 1)
    assert not same_bits(np.zeros(3, np.float32), np.array([0, -0.0, 0], np.float32))
    with pytest.raises(AssertionError):
        differs(np.array([nan]), np.array([0.0]))


def test_words_read_back_to_the_same_step() -> None:
    for row in MINE:
        (made,) = steps_of(row.words)
        assert steps_of(" ".join(made.words())) == [made]
        assert find(made.name) is type(made)


@pytest.mark.parametrize("words", ["scale 1", "box --size 1", "gaussian --size 1", "conv 1"])
def test_not_finite_is_saved_as_0_by_whatever_rounds(words) -> None:
    found = stored(line(nan, inf, -inf, 3.4, 300), words)
    assert found.ravel().tolist() == [0, 0, 0, 3, 255]


def test_threshold_gives_whole_numbers_again() -> None:
    for dtype, channels in (("u1", 3), ("u2", 1)):
        a = random((21, 17, channels), dtype)
        found, floats = outcome(a, "gaussian threshold 0.5"), outcome(a, "gaussian")
        full = np.iinfo(dtype).max
        assert found.dtype == a.dtype and (found == np.where(floats >= full / 2, full, 0)).all()
        assert same_bits(
            outcome(a, "box threshold 0.4 closing --size 5"),
            outcome(outcome(a, "box threshold 0.4"), "closing --size 5"),
        )
    assert (
        outcome(random((5, 5, 4), "u1"), "gaussian threshold 0.5").dtype == np.float32
    )  # alpha has fractions
    some = random((21, 17, 3), "u1")
    part, floats = outcome(some, "gaussian threshold 0.5 --on g"), outcome(some, "gaussian")
    assert part.dtype == np.float32 and same_bits(part[..., [0, 2]], floats[..., [0, 2]])
    assert (part[..., 1] == np.where(floats[..., 1] >= 127.5, 255, 0)).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_tables_of_bytes_round_as_tables_of_floats_do(channels) -> None:
    """And where a value would be clipped, which is counted, there is no table of bytes."""
    colors = channels - (channels in (2, 4))
    a = random((9, 70, channels), "u1")
    a[4, ::9] = 7
    spec = image_of(a).spec
    rows = [np.linspace(-0.5, 255.4, 256) if c else np.arange(256)[::-1] + 0.5 for c in range(colors)]
    rows[0][0] = 255.0
    tables = Pixels.of_numbers([row.tolist() for row in rows], 1, "f4")
    wanted = np.array(a)
    for c in range(colors):
        wanted[..., c] = np.rint(np.float32(rows[c]))[a[..., c]]
    count, found = Vector((0,), "i8"), Pixels.empty(9, 70, channels, "u1")
    context = Context(spec, spec, Run(), count)
    assert rounded(tables, spec) is not None
    looked_up(tables, context)(found, Pixels.of_array(a), 0)
    assert np.array_equal(np.asarray(found), wanted) and count[0] == 0
    rows[0][7] = 255.6
    beyond = Pixels.of_numbers([row.tolist() for row in rows], 1, "f4")
    looked_up(beyond, context)(found, Pixels.of_array(a), 0)
    assert rounded(beyond, spec) is None and count[0] == (a[..., 0] == 7).sum() > 0
