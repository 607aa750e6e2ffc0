"""Ranks and morphology: every pixel against the oracle and the peers, and what no single pixel shows."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.engine.step import Context
from imgconv.loops.rank import sliding_histogram_u8
from imgconv.steps.rank.sliding_histogram import byte_histograms
from tests.oracles import rank as slow
from tests.peers.rank import MORPHOLOGY, ROWS
from tests.support.chains import (
    check_bits,
    check_row,
    differs,
    image_of,
    infer,
    outcome,
    random,
    same_bits,
    sent,
    steps_of,
    stored,
)
from tests.support.command import ROOT

EDGES = ("replicate", "symmetric", "reflect101", "wrap", "constant:7")
DTYPES = ("u1", "u2", "f4")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS[::2], ids=lambda row: row.words)
def test_same_bits_for_any_strips_and_threads(row, dtype) -> None:
    check_bits(row.words, dtype, 3)


footprints = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=5)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    name=st.sampled_from(["median", *MORPHOLOGY]),
    dtype=st.sampled_from(DTYPES),
    shape=st.tuples(st.integers(1, 14), st.integers(1, 14), st.sampled_from([1, 3, 5])),
    rows=footprints,
    edge=st.sampled_from(EDGES),
    strip=st.integers(1, 9),
)
def test_any_mask_at_any_edge(name, dtype, shape, rows, edge, strip) -> None:
    footprint = np.array(rows, bool)
    footprint[-1, 0] = True
    mask = ";".join(",".join(str(int(counts)) for counts in row) for row in footprint)
    a = random(shape, dtype)
    result = outcome(a, f"{name} --mask {mask} --edge {edge}", Run(strip=strip))
    oracle = slow.median if name == "median" else MORPHOLOGY[name]
    assert np.array_equal(result, oracle(a, footprint, edge))


@pytest.mark.slow
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", ["median", *MORPHOLOGY])
@pytest.mark.parametrize("size", [2, 5, 8, 21])
def test_squares_at_every_edge(name, edge, size) -> None:
    oracle = slow.median if name == "median" else MORPHOLOGY[name]
    for dtype in DTYPES:
        for shape in ((1, 1, 1), (3, 40, 3), (40, 3, 1), (30, 29, 4)):
            a = random(shape, dtype)
            result = outcome(a, f"{name} --size {size} --edge {edge}", Run(strip=7))
            assert np.array_equal(result, oracle(a, slow.square(size), edge)), (dtype, shape)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "words", ["median --size 9x11", "percentile 20 --size 21", "erode --size 31", "dilate --size 5x3"]
)
def test_no_padding_and_an_anchor(words, dtype) -> None:
    height, width = steps_of(words)[0].extent
    footprint, a = slow.square(height, width), random((50, 61, 3), dtype)
    name, *rest = words.split()
    oracle = {"median": slow.median, "erode": slow.erode, "dilate": slow.dilate}.get(name)
    whole = slow.percentile(a, footprint, float(rest[0])) if oracle is None else oracle(a, footprint)
    top, left = height // 2, width // 2
    inside = whole[top : top + 50 - height + 1, left : left + 61 - width + 1]
    assert np.array_equal(outcome(a, f"{words} --padding none"), inside)
    if oracle:
        shifted = oracle(a, footprint, "wrap", (1, height - 1))
        assert np.array_equal(outcome(a, f"{words} --edge wrap --anchor 1,{height - 1}"), shifted)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [1, 2, 3, 17])
@pytest.mark.parametrize("size", [3, 5, 6, 9, 17])
@pytest.mark.parametrize("dtype", DTYPES)
def test_few_levels(dtype, size, levels) -> None:
    """Where values are equal, and by the 0-1 principle all that a sorting network can do."""
    a = (np.random.default_rng(size).integers(0, levels, (64, 70, 1)) * (255 // levels)).astype(dtype)
    assert np.array_equal(outcome(a, f"median --size {size}"), slow.median(a, slow.square(size)))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_many_tiles_and_strips_in_any_order(dtype) -> None:
    a = random((150, 1300, 1), dtype)
    a[40:100, 200:900] = a[40, 200]
    wanted = slow.median(a, slow.square(11))
    for strip in (0, 1 << 20):
        assert np.array_equal(outcome(a, "median --size 11", Run(strip=strip)), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", ["257x3", "3x401", "200x201", "300x299"])
def test_windows_whose_counts_need_more_bits(size, dtype) -> None:
    height, width = map(int, size.split("x"))
    a = random((14, 13, 1), dtype)
    for name, oracle in (("median", slow.median), ("erode", slow.erode), ("opening", slow.opening)):
        assert np.array_equal(outcome(a, f"{name} --size {size}"), oracle(a, slow.square(height, width)))


def test_smooth_pictures_are_as_exact_as_noise() -> None:
    y, x = np.mgrid[:90, :200]
    wave = np.sin(x / 9) * np.cos(y / 7) + x / 300
    a = ((wave - wave.min()) / np.ptp(wave) * 65535).astype("u2")[:, :, None]
    for picture in (a, (a >> 8).astype("u1"), a.astype("f4")):
        assert np.array_equal(outcome(picture, "median --size 25"), slow.median(picture, slow.square(25)))


@pytest.mark.parametrize(
    "words", ["median", "median --size 5", "median --size 7", "median --size 15", "percentile 70 --size 11"]
)
def test_not_a_number_is_the_largest_for_ranks(words) -> None:
    a = random((24, 25, 1), "f4")
    a[::5, ::3] = nan
    a[3, 4], a[5, 6], a[7, 8] = inf, -inf, -nan
    step = steps_of(words)[0]
    wanted = slow.rank(a, slow.square(*step.extent), step.ranks()[0])
    assert differs(outcome(a, words), wanted) == 0


@pytest.mark.parametrize("form", ["--size 3", "--size 6", "--size 7 --shape disc"])
def test_not_a_number_goes_through_extremes(form) -> None:
    a = random((19, 20, 1), "f4")
    a[4, 5] = nan
    footprint = slow.disc(7) if "disc" in form else slow.square(int(form[-1]))
    for name, oracle in MORPHOLOGY.items():
        assert differs(outcome(a, f"{name} {form}"), oracle(a, footprint)) == 0
        assert np.isnan(outcome(a, f"{name} {form}")).sum() >= footprint.sum()


def test_zeros_of_both_signs_have_the_same_bits_for_any_strips() -> None:
    a = np.where(random((60, 41, 1), "u1") % 2, np.float32(-0.0), np.float32(0.0))
    for words in (
        "erode --size 9",
        "dilate --size 6",
        "erode --size 9 --shape disc",
        "median --size 9",
        "median --size 13",
    ):
        wanted = outcome(a, words, Run(threads=1, strip=1))
        assert all(same_bits(outcome(a, words, Run(strip=strip)), wanted) for strip in (2, 7, 64))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["median --size 7", "median --size 12", "erode --size 5", "percentile 30 --size 11 --shape disc"]
)
def test_double_precision(words) -> None:
    a = random((40, 41, 1), "f4").astype("f8") * np.pi
    result = outcome(a, words, Run(precision="double"), working="f8")
    step = steps_of(words)[0]
    footprint = np.array(step.footprint, bool)
    wanted = slow.erode(a, footprint) if step.name == "erode" else slow.rank(a, footprint, step.ranks()[0])
    assert result.dtype == np.float64 and np.array_equal(result, wanted)


@pytest.mark.parametrize("form", ["--size 5", "--size 4", "--size 9 --shape disc", "--mask 1,0,1;0,1,1"])
def test_openings_and_closings(form) -> None:
    """They bound the image from below and above, and doing it again changes nothing; away from the border."""
    a = random((60, 61, 3), "u1")
    inside = np.s_[10:-10, 10:-10]
    opened, closed = outcome(a, f"opening {form}"), outcome(a, f"closing {form}")
    assert (opened[inside] <= a[inside]).all() and (closed[inside] >= a[inside]).all()
    assert np.array_equal(outcome(a, f"opening {form} opening {form}")[inside], opened[inside])
    assert np.array_equal(outcome(255 - a, f"closing {form}"), 255 - opened)


def test_one_step_is_two_in_a_row() -> None:
    a = random((31, 32, 3), "u2")
    for edge in EDGES:
        two = outcome(a, f"erode --size 5 --edge {edge} dilate --size 5 --edge {edge}", Run(strip=4))
        assert np.array_equal(outcome(a, f"opening --size 5 --edge {edge}", Run(strip=4)), two)


@pytest.mark.parametrize("name", ["opening", "closing", "tophat", "blackhat"])
def test_some_channels(name: str) -> None:
    """Those named are as if alone, the others as they were; with a step before it, and what is measured after it."""
    a = random((40, 31, 3), "u1")
    for edge in ("wrap", "constant:7"):
        result = outcome(a, f"{name} --size 4 --edge {edge} --on 0,2", Run(strip=7))
        assert np.array_equal(result[..., 1], a[..., 1])
        for c in (0, 2):
            alone = outcome(np.ascontiguousarray(a[..., c : c + 1]), f"{name} --size 4 --edge {edge}")
            assert np.array_equal(result[..., c : c + 1], alone)
    soft = outcome(a, "median")
    assert same_bits(
        outcome(a, f"median {name} --on 1 equalize"), outcome(outcome(soft, f"{name} --on 1"), "equalize")
    )


def test_a_mark_of_a_top_hat_ends_with_it() -> None:
    a = random((31, 32, 3), "u1")
    spec = image_of(a).spec
    chain = Chain(spec, steps_of("mark b tophat blackhat --on 1")).expanded(Run())
    assert [name for name, _ in chain.spec.marks] == ["b"]
    two = outcome(outcome(a, "tophat"), "blackhat")
    assert same_bits(outcome(a, "tophat blackhat"), two)
    result = outcome(a, "mark b tophat equalize difference b", Run(strip=3))
    assert same_bits(result, np.abs(outcome(outcome(a, "tophat"), "equalize").astype("f4") - a))


def test_whole_numbers_keep_their_dtype() -> None:
    for dtype in DTYPES:
        a = random((9, 9, 1), dtype)
        for words in (
            "median",
            "percentile 10",
            "erode",
            "opening",
            "tophat",
            "morph-gradient",
            "median --size 3 --mean",
        ):
            assert outcome(a, words).dtype == a.dtype
    assert outcome(random((9, 9, 1), "u1"), "median --size 2 --mean").dtype == np.float32


def test_what_falls_below_zero_is_counted(capsys) -> None:
    a = np.full((9, 9, 1), 100, np.uint8)
    image = image_of(a)
    from imgconv.core.rows import MemorySink

    steps = steps_of("tophat --edge constant:200")
    clipped = sent(image, steps, MemorySink(image.spec))
    assert clipped == (slow.opening(a, slow.square(3), "constant:200") > a).sum() > 0


def test_median_then_save_rounds_nothing() -> None:
    a = random((20, 21, 3), "u1")
    assert same_bits(stored(a, "median --size 7"), outcome(a, "median --size 7"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["median", "median --size 5", "median --size 6", "median --size 3x9", "erode --size 4", "tophat"]
)
def test_the_plain_functions_agree(words) -> None:
    code = (
        "import sys, numpy as np; from tests.support.chains import outcome, random;"
        "result = (outcome(random((6, 7, 1), d), sys.argv[1]).tobytes() for d in ('u1', 'u2', 'f4'));"
        "sys.stdout.buffer.write(b''.join(result))"
    )
    environment = {**os.environ, "IMGCONV_JIT": "python", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, words], env=environment, capture_output=True, check=True
    )
    assert done.stdout == b"".join(outcome(random((6, 7, 1), dtype), words).tobytes() for dtype in DTYPES)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("median --size 0", "too small"),
        ("median --size 4 --shape disc", "no center"),
        ("median --mask 0,0", "at least one must be nonzero"),
        ("median --mask 1,1 --size 5", "sets the size and the shape"),
        ("erode --anchor 3,0", "lies outside"),
        ("percentile 101", "too large"),
        ("percentile", "PERCENT"),
        ("opening --padding none", "unknown option"),
        ("dilate --shape round", "is not one of square, disc"),
        ("median --padding none --size 9", "leaves nothing"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((5, 5, 1), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_guards_can_fail() -> None:
    row = replace(ROWS[0], oracle=lambda a: slow.rank(a, slow.square(3), 5))
    with pytest.raises(AssertionError):
        check_row(row, "u1", 1)


def test_the_vectors_of_counts_are_what_python_says() -> None:
    """Helpers written as LLVM instructions give what their Python functions give, in the loop that calls them all;
    columns of few values, so that results change segments up and down.
    """
    height, width, tile = 5, 7, 13
    a = random((16, 40, 3), "u1") // 64 * 80 + np.arange(40, dtype=np.uint8)[:, None]
    pixels, wide = 40 - width + 1, tile + width - 1
    parts = -(-pixels // tile) * 3
    result = Pixels.empty(16 - height + 1, pixels, 3, "u1")
    sizes = (height, width, 3, pixels, 17, tile, 1)
    scratch = Pixels.empty(16 * 3, wide, 1, "u1"), Vector.zeros(parts, "i8"), *byte_histograms(wide, parts)
    sliding_histogram_u8.rectangle(result, Pixels.of_array(a), *sizes, *scratch)
    plain = np.zeros((result.height, result.samples), np.uint8)
    arrays = [np.zeros_like(memory.items(exact=True)) for memory in scratch[:-1]] + [
        scratch[-1].items(exact=True)
    ]
    sliding_histogram_u8.rectangle.function(plain, a.reshape(16, -1), *sizes, *arrays)
    assert np.array_equal(np.asarray(result).reshape(plain.shape), plain)
    windows = np.lib.stride_tricks.sliding_window_view(a, (height, width), (0, 1)).reshape(
        *np.asarray(result).shape, -1
    )
    assert np.array_equal(np.asarray(result), np.sort(windows, axis=-1)[..., 17])


def test_strips_of_any_height_one_after_the_other() -> None:
    """Columns live on from strip to strip, and begin anew where rows do not follow; a taller strip needs more room."""
    size, a = 9, random((60, 50, 3), "u1")
    (step,) = steps_of(f"median --size {size} --padding none")
    spec = image_of(a).spec
    compute = step.bind(Context(spec, infer(spec, [step]), Run(), Vector((0,), "i8")))
    wanted = slow.median(a, slow.square(size))[4:-4, 4:-4]
    for start, stop in ((0, 2), (2, 9), (9, 10), (10, 40), (3, 30), (30, 52)):
        result = Pixels.empty(stop - start, 42, 3, "u1")
        compute(result, Pixels.of_array(a[start : stop + size - 1]), start)
        assert np.array_equal(np.asarray(result), wanted[start:stop]), start
