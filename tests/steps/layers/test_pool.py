"""Pools: the lecture's numbers, PyTorch's shapes, every window against the oracle."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
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

MINE = rows_of("max-pool", "avg-pool")
LECTURE = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
BLOCKS = np.array([[1, 2, 5, 6], [3, 4, 7, 8], [9, 10, 13, 14], [11, 12, 15, 16]])


def pooled(values: np.ndarray, words: str, dtype: str = "f4") -> list:
    return outcome(values.astype(dtype)[:, :, None], words)[:, :, 0].tolist()


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_the_lectures_numbers(dtype) -> None:
    assert pooled(LECTURE, "max-pool --size 3 --stride 1", dtype) == [[3, 3, 3], [3, 3, 3], [3, 2, 3]]
    assert pooled(BLOCKS, "max-pool", dtype) == [[4, 8], [12, 16]]
    assert pooled(BLOCKS, "avg-pool", dtype) == [[2.5, 6.5], [10.5, 14.5]]


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.words)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_same_bits_for_any_strips_and_threads(row, dtype) -> None:
    check_bits(row.words, dtype, 3)


sides = st.integers(1, 5)


@settings(deadline=None, max_examples=120)
@given(
    kind=st.sampled_from(["max", "avg"]),
    dtype=st.sampled_from(["u1", "u2", "f4"]),
    shape=st.tuples(st.integers(1, 14), st.integers(1, 14), st.sampled_from([1, 3, 5])),
    size=st.tuples(sides, sides),
    stride=st.tuples(sides, sides),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    pads=st.tuples(*[st.integers(0, 4)] * 4),
    ceil=st.booleans(),
    count_pad=st.booleans(),
)
def test_any_window(kind, dtype, shape, size, stride, dilation, pads, ceil, count_pad) -> None:
    reach = [dilation[axis] * (size[axis] - 1) + 1 for axis in (0, 1)]
    pads = tuple(min(pad, reach[at % 2] // 2) for at, pad in enumerate(pads))
    words = f"{kind}-pool --size {size[0]}x{size[1]} --stride {stride[0]}x{stride[1]}"
    words += f" --dilation {dilation[0]}x{dilation[1]} --padding {','.join(map(str, pads))}"
    words += " --ceil" * ceil + " --count-include-pad" * (count_pad and kind == "avg")
    a = random(shape, dtype)
    small = any(
        shape[axis] + pads[axis] + pads[(axis + 2) if axis == 0 else 3] < reach[axis] for axis in (0,)
    )
    small = small or shape[1] + pads[1] + pads[3] < reach[1]
    if small:
        with pytest.raises(UsageError):
            infer(image_of(a).spec, steps_of(words))
        return
    if kind == "max" and not all_see(shape, size, dilation):
        return
    wanted = slow.pool(a, kind, size, stride, pads, dilation, ceil, count_pad)
    times = {"u1": 1, "u2": 257, "f4": 1 / 255}[dtype]
    assert differs(outcome(a, words), wanted) <= (0 if kind == "max" else 5e-5 * times)


def all_see(shape: tuple, size: tuple, dilation: tuple) -> bool:
    """Whether no window can lie wholly in the padding; there the oracle says -inf and whole numbers say 0."""
    return all(dilation[axis] == 1 or size[axis] == 1 for axis in (0, 1)) or min(shape[:2]) > 12


@pytest.mark.parametrize(
    ("length", "size", "stride", "pad", "dilation", "ceil", "wanted"),
    [
        (5, 2, 2, 0, 1, False, 2),
        (5, 2, 2, 0, 1, True, 3),
        (6, 3, 2, 1, 1, True, 4),  # the fourth window begins at 5, inside
        (5, 2, 3, 1, 1, True, 2),  # a third one would begin at 6, beyond 1 + 5: dropped
        (4, 1, 4, 0, 1, True, 1),
        (3, 2, 4, 1, 1, True, 1),  # a second one would begin at 4, beyond 1 + 3: dropped
        (7, 3, 3, 0, 2, False, 1),
        (7, 3, 3, 0, 2, True, 2),
    ],
)
def test_pytorchs_shapes(length, size, stride, pad, dilation, ceil, wanted) -> None:
    words = (
        f"max-pool --size {size} --stride {stride} --padding {pad} --dilation {dilation}" + " --ceil" * ceil
    )
    spec = infer(image_of(random((length, length, 1), "u1")).spec, steps_of(words))
    assert (spec.height, spec.width) == (wanted, wanted)
    assert slow.pool_length(length, size, stride, pad, pad, dilation, ceil) == wanted


def test_padding_never_wins() -> None:
    a = np.full((2, 2, 1), -5, np.float32)
    assert (outcome(a, "max-pool --size 3 --stride 1 --padding 1") == -5).all()
    assert (outcome(np.zeros((2, 2, 1), np.uint8), "max-pool --size 3 --stride 1 --padding 1") == 0).all()
    assert (outcome(np.full((1, 1, 1), -inf, np.float32), "max-pool --size 1") == -inf).all()


def test_not_a_number_goes_through() -> None:
    for place in range(4):
        a = np.arange(16, dtype=np.float32).reshape(4, 4, 1)
        a[place // 2, place % 2] = nan
        for kind in ("max", "avg"):
            found = outcome(a, f"{kind}-pool")[:, :, 0]
            assert np.isnan(found).tolist() == [[True, False], [False, False]]


def test_what_the_mean_counts() -> None:
    a = np.full((3, 3, 1), 9, np.uint8)
    assert (outcome(a, "avg-pool --size 3 --stride 2 --padding 1") == 9).all()
    counted = outcome(a, "avg-pool --size 3 --stride 2 --padding 1 --count-include-pad")
    assert counted[:, :, 0].tolist() == [[4, 4], [4, 4]]
    hung = outcome(a, "avg-pool --size 2 --ceil --count-include-pad")
    assert (hung == 9).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_halves_of_bytes_go_to_even(channels) -> None:
    a = random((40, 2 * 2100, channels), "u1")
    found = stored(a, "avg-pool", run=Run(alpha="straight"))
    assert same_bits(found, slow.stored(a.reshape(20, 2, 2100, 2, channels).mean(axis=(1, 3)), "u1"))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_wide_rows_and_any_channels(dtype, channels) -> None:
    a = random((6, 4300, channels), dtype)
    whole = a.reshape(3, 2, 2150, 2, channels)
    assert same_bits(outcome(a, "max-pool"), whole.max(axis=(1, 3)))
    mean = outcome(a, "avg-pool", Run(alpha="straight"))
    assert differs(mean, whole.astype(float).mean(axis=(1, 3))) <= 1e-7 * slow.full(a)


def test_large_windows_are_exact() -> None:
    a = random((130, 131, 3), "u2")
    found = outcome(a, "avg-pool --size 128x129 --stride 1")
    assert differs(found, slow.pool(a, "avg", (128, 129), (1, 1))) <= 65535 * 2**-24


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("max-pool --size 3 --padding 2", "more than half"),
        ("avg-pool --size 2 --padding 0,2,0,0", "use 1 or less"),
        ("max-pool --size 9", "leaves nothing"),
        ("max-pool --size 0", "too small"),
        ("max-pool --stride 0", "too small"),
        ("max-pool --padding most", "is not a valid padding"),
        ("max-pool --count-include-pad", "unknown option"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((5, 5, 1), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_guards_can_fail() -> None:
    row = replace(MINE[0], oracle=lambda a: slow.pool(a, "max", (2, 3), (2, 2)))
    with pytest.raises(AssertionError):
        check_row(row, "u1", 1)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_two_by_two_has_the_bits_of_the_general_loop(dtype, channels) -> None:
    """`--ceil` changes nothing where the sizes are even, but does not take the short way."""
    a = random((66, 1400, channels), dtype)
    if dtype == "f4":
        a[3, 5], a[20, 30], a[40, 800] = np.inf, np.nan, 1e38
    for said in ({}, {"alpha": False}):
        found, wanted = (outcome(a, f"avg-pool --size 2{more}", **said) for more in ("", " --ceil"))
        assert same_bits(found, wanted)
    assert same_bits(stored(a, "avg-pool --size 2"), stored(a, "avg-pool --size 2 --ceil"))
