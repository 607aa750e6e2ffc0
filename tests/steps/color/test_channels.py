"""Color: gray, channels, and the ways between color spaces."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from imgconv.core.color_spaces import COLORS
from imgconv.core.errors import UsageError
from imgconv.core.spec import Spec
from imgconv.engine.run_options import Run
from imgconv.steps.color.convert import convert
from tests.oracles import tone as slow
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

MINE = [row for row in rows_of("gray", "to", "channels") if not row.space]


@pytest.mark.parametrize("row", MINE, ids=lambda row: f"{row.words}-{row.channels}")
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("row", MINE, ids=lambda row: f"{row.words}-{row.channels}")
@pytest.mark.parametrize("dtype", ["u1", pytest.param("u2", marks=pytest.mark.slow), "f4"])
def test_same_bits_for_any_strips_and_threads(row, dtype) -> None:
    check_bits(row.words, dtype, row.channels[0])


def test_gray_of_bytes_is_exact_for_every_color() -> None:
    """All 16.7 million: the whole-number loop, and the float loop rounded."""
    g, b = (part.astype(np.uint8) for part in np.meshgrid(np.arange(256), np.arange(256), indexing="ij"))
    for r in range(0, 256, 5):
        a = np.dstack([np.full_like(g, r), g, b])
        wanted = slow.gray_stored(a)
        assert same_bits(stored(a, "gray"), wanted)
        assert same_bits(slow.stored(outcome(a, "gray"), "u1"), wanted)


def test_halves_go_to_even() -> None:
    ties = [
        c
        for c in itertools.product(range(0, 256, 3), repeat=3)
        if (299 * c[0] + 587 * c[1] + 114 * c[2]) % 1000 == 500
    ]
    a = np.array(ties, np.uint8)[None]
    assert len(ties) > 100
    assert same_bits(stored(a, "gray"), slow.gray_stored(a))
    assert (stored(a, "gray") % 2 == 0).all()


@pytest.mark.parametrize("weights", ["601", "709", "linear", "L", "0.3,0.3,0.1", "1,2,1"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_equal_channels_give_their_own_value(weights, dtype) -> None:
    value = np.arange(0, np.iinfo(dtype).max + 1, 1 if dtype == "u1" else 7).astype(dtype)
    a = np.repeat(value, 3).reshape(1, -1, 3)
    found = stored(a, f"gray --weights {weights}", dtype)[0, :, 0]
    if weights == "L":
        assert found[0] == 0 and found[-1] == value[-1] and (np.diff(found.astype(int)) >= 0).all()
    else:
        assert (found == value).all()


@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_linear_light_and_back_is_exact(dtype) -> None:
    value = np.arange(np.iinfo(dtype).max + 1).astype(dtype).reshape(-1, 256, 1)
    a = np.repeat(value, 3, axis=2)
    assert same_bits(stored(a, "to linear to rgb", dtype), a)


def test_the_curve_of_floats() -> None:
    """Within 4e-7 of full scale inside 0..1, and a relative 4e-7 beyond; negative values go on straight."""
    a = np.concatenate([np.linspace(-0.5, 1.5, 20001), np.geomspace(1e-9, 1e4, 20001)]).astype(np.float32)
    a = np.repeat(a, 3).reshape(1, -1, 3)
    for words, oracle in (("to linear", slow.to_linear), ("to linear to rgb", lambda a: a.astype(float))):
        wanted = oracle(a)
        assert (abs(outcome(a, words) - wanted) <= 1e-6 * np.maximum(1, abs(wanted))).all()
    wanted = slow.from_linear(a)
    found = outcome(a, "to rgb", space="linear")
    assert (abs(found - wanted) <= 4e-7 * np.maximum(1, abs(wanted))).all()
    assert np.isnan(outcome(np.full((1, 1, 3), np.nan, np.float32), "to linear to rgb")).all()


def test_double_precision_keeps_more() -> None:
    a = np.linspace(0, 1, 3000).reshape(10, 100, 3)
    wanted = slow.to_linear(a)
    assert abs(outcome(a, "to linear", Run(precision="double"), working="f8") - wanted).max() < 1e-15
    back = outcome(wanted, "to rgb", Run(precision="double"), working="f8", space="linear")
    assert abs(back - a).max() < 1e-14


@pytest.mark.parametrize("weights", ["601", "709", "linear", "L", "1,2,1"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_alpha_goes_along(weights, dtype) -> None:
    a = random((7, 900, 4), dtype)
    found = outcome(a, f"gray --weights {weights}")
    assert found.shape == (7, 900, 2)
    assert (found[:, :, 1] == a[:, :, 3]).all()
    plain = outcome(a[:, :, :3], f"gray --weights {weights}")
    assert differs(found[:, :, :1], plain) <= 1e-6 * slow.full(a)
    for words in ("to linear", "to linear to rgb"):
        assert (outcome(a, words)[:, :, 3] == a[:, :, 3]).all()
    wide = outcome(found, "to rgb")
    assert (wide == found[:, :, [0, 0, 0, 1]]).all()


def test_gray_of_linear_light_goes_by_the_stored_values() -> None:
    a = random((6, 50, 3), "u1")
    assert differs(outcome(a, "to linear gray"), slow.gray(a)) < 1e-3
    assert differs(outcome(a, "to linear gray --weights linear"), slow.gray_linear(a)) < 1e-3
    assert differs(outcome(a, "to linear to gray"), slow.gray(a)) < 1e-3


def test_gray_images_pass_through() -> None:
    for channels in (1, 2):
        a = random((4, 5, channels), "u1")
        assert same_bits(outcome(a, "gray"), a)
        assert same_bits(outcome(a, "to gray"), a)


@pytest.mark.parametrize(
    ("words", "channels", "picks", "space", "alpha"),
    [
        ("channels r", 3, [0], "gray", False),
        ("channels a", 4, [3], "gray", False),
        ("channels bgra", 4, [2, 1, 0, 3], "rgb", True),
        ("channels rgb", 4, [0, 1, 2], "rgb", False),
        ("channels ra", 4, [0, 3], "gray", True),
        ("channels arg", 4, [3, 0, 1], "rgb", False),
        ("channels v,v,v", 1, [0, 0, 0], "rgb", False),
        ("channels 0,2", 3, [0, 2], "none", False),
        ("channels g,0,b", 3, [1, 0, 2], "rgb", False),
        ("channels 4,0,2", 5, [4, 0, 2], "rgb", False),
        ("channels b,r,g,r,b", 3, [2, 0, 1, 0, 2], "none", False),
    ],
)
def test_channels(words, channels, picks, space, alpha) -> None:
    a = random((3, 2100, channels), "u2")
    assert same_bits(outcome(a, words), np.ascontiguousarray(a[:, :, picks]))
    spec = infer(image_of(a).spec, steps_of(words))
    assert (spec.space, spec.alpha, spec.dtype) == (space, alpha, "u2")


@pytest.mark.parametrize(
    ("words", "channels", "says"),
    [
        ("gray", 5, "needs 3 colors"),
        ("gray --weights 602", 3, "did you mean '601'"),
        ("gray --weights 1,2", 3, "602"[:0]),
        ("gray --weights 1,-2,0", 3, "above 0"),
        ("channels x", 3, "r, g, b"),
        ("channels a", 3, "no channel 'a'"),
        ("channels 7", 3, "0 to 2"),
        ("channels -,-", 3, "is not a list of channels"),
        ("to lab2", 3, "is not one of gray"),
        ("to linear", 5, "pick 1 or 3"),
    ],
)
def test_errors_are_one_helpful_line(words, channels, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((3, 3, channels), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_every_space_leads_to_every_other() -> None:
    for source, target in itertools.product(COLORS, repeat=2):
        spec = Spec(3, 4, COLORS[source], "u1", source, white=255.0)
        found = infer(spec, convert(spec, target))
        assert (found.space, found.channels) == (target, COLORS[target])


def test_guards_can_fail() -> None:
    row = next(row for row in MINE if row.words == "gray")
    with pytest.raises(AssertionError):
        check_row(replace(row, oracle=lambda a: slow.gray(a, (299, 588, 114))), "u1", 3)
