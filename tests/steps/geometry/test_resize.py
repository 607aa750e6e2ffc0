"""Resizing: weights as Pillow's, sizes by hand, and what must stay as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.core.window import ReceptiveField
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.io.explain import table
from imgconv.steps.geometry.resize import FILTERS
from imgconv.steps.registry import find
from tests.oracles import resize as slow
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
from tests.support.command import SAMPLES

ROWS = rows_of("resize")
MOVED = {"area": "BOX", "bilinear": "BILINEAR", "bicubic": "BICUBIC", "lanczos3": "LANCZOS"}
SIZES = ((1, 1), (3, 4), (20, 11), (31, 43), (50, 50), (90, 7))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("words", [row.words for row in ROWS])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_same_bits_for_any_strips_and_threads(words, dtype) -> None:
    check_bits(words, dtype, 3)


@pytest.mark.parametrize("kind", FILTERS)
def test_every_size_in_float64(kind) -> None:
    """Many sizes and channels, larger and smaller in each direction, in double precision."""
    for channels in (1, 2, 3, 4, 5):
        a = random((31, 43, channels), "u2")
        for height, width in SIZES:
            words = f"resize --width {width} --height {height} --filter {kind}"
            found = outcome(a, words, working="f8", alpha=False)
            assert found.dtype == (np.uint16 if kind == "nearest" else np.float64)
            assert differs(found, slow.resize(a, height, width, kind)) < 1e-9 * 65535


@pytest.mark.parametrize("kind", ["bilinear", "bicubic", "lanczos3"])
def test_pillows_floats(kind) -> None:
    """Within a few units of float32 of its mode F."""
    image = pytest.importorskip("PIL.Image")
    a = random((61, 47, 1), "f4")
    for height, width in SIZES:
        how = getattr(image.Resampling, MOVED[kind])
        theirs = np.asarray(image.fromarray(a[:, :, 0]).resize((width, height), how))
        found = outcome(a, f"resize --width {width} --height {height} --filter {kind}")
        assert differs(found[:, :, 0], theirs) < 1e-6


@pytest.mark.parametrize("kind", ["area", "bilinear", "bicubic", "lanczos3"])
def test_pillows_bytes(kind) -> None:
    """Within a level on a photograph, though Pillow rounds after each direction."""
    image = pytest.importorskip("PIL.Image")
    with image.open(SAMPLES / "chelsea.png") as opened:
        a = np.asarray(opened.convert("RGB"))
        for width, height in ((150, 100), (451, 75), (90, 60), (47, 47)):
            if kind == "area" and (a.shape[0] % height or a.shape[1] % width):
                continue
            theirs = np.asarray(
                opened.convert("RGB").resize((width, height), getattr(image.Resampling, MOVED[kind]))
            )
            found = stored(a, f"resize --width {width} --height {height} --filter {kind}")
            assert differs(found, theirs) <= 1


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_whole_factors_of_area_are_exact_means(dtype) -> None:
    """Equal to the mean in float64, rounded once; to OpenCV's and to avg-pool."""
    a = random((24, 36, 3), dtype)
    for down, across in ((2, 2), (3, 4), (1, 6), (24, 36)):
        found = outcome(a, f"resize --height {24 // down} --width {36 // across} --filter area")
        parts = a.astype(np.float64).reshape(24 // down, down, 36 // across, across, 3)
        assert differs(found, parts.mean((1, 3)).astype(np.float32)) <= (1e-7 if dtype == "f4" else 0)
        assert same_bits(found, outcome(a, f"avg-pool --size {down}x{across}"))


def test_opencvs_area() -> None:
    cv2 = pytest.importorskip("cv2")
    a = random((61, 47, 3), "f4")
    for height, width in ((60, 40), (31, 23), (7, 45), (2, 2)):
        theirs = cv2.resize(a, (width, height), interpolation=cv2.INTER_AREA)
        found = outcome(a, f"resize --width {width} --height {height} --filter area")
        assert differs(found, theirs) < 1e-5


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_what_stays(kind, dtype) -> None:
    """The same size gives the same values; a constant stays that constant; the fused rounding is the same."""
    a = random((19, 23, 3), dtype)
    for words in ("--scale 1", "--fit 23x19", "--fill 23x19", "--width 23", "--height 19 --width 23"):
        assert (outcome(a, f"resize {words} --filter {kind}") == a).all()
    flat = np.full((19, 23, 3), a[0, 0, 0])
    for words in ("--scale 0.3", "--scale 2.7", "--width 1", "--fit 7x90"):
        found = stored(flat, f"resize {words} --filter {kind}", dtype)
        assert found.dtype == a.dtype
        limit = 0 if dtype != "f4" else 1e-6
        assert abs(found - flat[0, 0, 0]).max() <= limit


def test_nan_stays_where_it_is_seen() -> None:
    a = random((9, 40, 1), "f4")
    a[4, 20] = np.nan
    found = outcome(a, "resize --scale 0.5,1 --filter bicubic")
    assert np.isnan(found[4, 8:12]).any() and np.isnan(found).sum() <= 4


def test_transparent_colors_do_not_bleed() -> None:
    """A red disc on transparent black: what is seen of it is red, from the middle to the rim."""
    y, x = np.mgrid[0:64, 0:64]
    inside = (x - 31.5) ** 2 + (y - 31.5) ** 2 < 28**2
    a = np.zeros((64, 64, 4), np.uint8)
    a[inside] = (200, 0, 0, 255)
    for words in ("--scale 0.3", "--scale 1.7 --filter bilinear", "--scale 0.25 --filter area"):
        found = stored(a, f"resize {words}")
        seen = found[:, :, 3] > 8
        assert (found[:, :, 3][seen] < 250).sum() > 0
        assert (abs(found[seen][:, 0].astype(int) - 200) <= 1).all() and not found[:, :, 1:3].any()
    kept = outcome(a, "resize --scale 0.3 --filter nearest")
    assert kept.dtype == np.uint8


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("--scale 0.5", (20, 30)),
        ("--scale 0.5,0.25", (20, 15)),
        ("--scale 0.001", (1, 1)),
        ("--scale 0.0375", (2, 2)),  # 1.5 and 2.25: halves up
        ("--width 10", (10, 15)),
        ("--height 10", (7, 10)),
        ("--width 10 --height 10", (10, 10)),
        ("--fit 10x10", (7, 10)),
        ("--fit 20", (13, 20)),
        ("--fit 1x1000", (1, 2)),
        ("--fit 100x90", (60, 90)),
        ("--fill 10x10", (10, 10)),
        ("--fill 100x1", (100, 1)),
        ("--fit 100x90 --only-shrink", (40, 60)),
        ("--fit 20x90 --only-shrink", (20, 30)),
        ("--scale 2 --only-shrink", (40, 60)),
        ("--scale 2,0.5 --only-shrink", (40, 30)),
        ("--width 80 --only-shrink", (40, 60)),
        ("--width 80 --height 10 --only-shrink", (40, 10)),
        ("--fill 100x20 --only-shrink", (40, 20)),
    ],
)
def test_sizes(words, size) -> None:
    """Width and height of an image of 40 x 60."""
    a = random((60, 40, 3), "u1")
    for kind in ("lanczos3", "nearest", "area"):
        steps = steps_of(f"resize {words} --filter {kind}")
        out = infer(image_of(a).spec, steps)
        assert (out.width, out.height) == size
        assert outcome(a, steps).shape == (size[1], size[0], 3)


def test_what_fill_cuts_out() -> None:
    a = random((60, 40, 3), "u1")
    whole = outcome(a, "resize --width 20")
    assert same_bits(outcome(a, "resize --fill 20x11"), whole[9:20].copy())
    assert same_bits(outcome(a, "resize --fill 20x11"), outcome(a, "resize --width 20 crop 0,9,20,11"))


def test_words_and_python() -> None:
    import imgconv

    for words in ("--scale 0.5", "--scale 0.5,0.25", "--fit 20x30 --filter area", "--fill 7x7 --only-shrink"):
        steps = steps_of(f"resize {words}")
        assert steps_of(" ".join(steps[0].words())) == steps
    a = random((30, 20, 3), "u1")
    for said in ({"scale": 0.5}, {"scale": (0.5, 0.5)}, {"fit": (10, 99)}, {"fit": "10x15"}, {"width": 10}):
        assert imgconv.open(a).resize(**said).array().shape == (15, 10, 3)
    for said in ({"fit": 2.5}, {"fit": ()}, {"scale": "a"}, {"scale": object()}, {"fit": (1, 2, 3)}):
        with pytest.raises(UsageError):
            imgconv.open(a).resize(**said)


@pytest.mark.parametrize(
    "words",
    [
        "resize --scale 0.3 gaussian sobel",
        "gaussian --sigma 2 resize --scale 0.21 --filter area sharpen",
        "sobel resize --scale 3 max-pool --size 3 resize --fit 19x19 gray",
        "box resize --width 9 --height 300 resize --width 100 --height 2 --filter nearest",
        "equalize resize --scale 0.6 rotate 90 resize --scale 2",
    ],
)
def test_chains(words) -> None:
    """Fused, each step gives what it gives by itself."""
    a = random((90, 70, 3), "u1")
    wanted = a
    for step in steps_of(words):
        wanted = outcome(wanted, [step], white=255.0)
    assert np.array_equal(outcome(a, words), wanted)
    check_bits(words, "u1", 3)


def test_receptive_field() -> None:
    """What explain prints: pixels seen, their distance as a number, and where they begin."""
    a = random((90, 70, 3), "u1")
    spec = image_of(a).spec
    step = find("resize")(scale=(0.5, 0.5))
    assert ReceptiveField().through(step.window(spec).rows) == ReceptiveField(size=12, jump=2, start=-5)
    text = table(Chain(spec, steps_of("resize --height 40 resize --scale 2 sobel")), Run())
    rows = [line.split() for line in text.splitlines()]
    at = text.splitlines()[0].index("sees")
    assert [line[at:].split()[:2] for line in text.splitlines()[2:]] == [
        ["14x14", "2.25x2.25806"],
        ["26x26", "1.125x1.12903"],
        ["28x28", "1.125x1.12903"],
    ]
    assert rows[2][0] == "resize" and "14 taps down and 14 across" in text


@pytest.mark.parametrize("kind", FILTERS)
def test_no_window_is_larger_than_said(kind) -> None:
    """The tables of weights have as many places as taps: a loop writes beyond them without a word."""
    for taken in (1, 2, 3, 7, 12, 40, 41):
        for over in (1, 2, 3, 5, 12, 39, 40, 80, 97):
            step = find("resize")(width=over, height=over, filter=kind)
            spec = image_of(random((taken, taken, 1), "u1")).spec
            if step.mean(spec) is not None:
                continue
            axis = step.window(spec).rows
            spans = [axis.support(index) for index in range(over)]
            assert max(end - first for first, end in spans) <= axis.size
            assert max(min(end, taken) - max(first, 0) for first, end in spans) <= axis.taps
            assert all(end > max(first, 0) and first < taken for first, end in spans)
            assert (
                spans == sorted(spans)
                and axis.input_range(0, over)[0] >= 0
                and axis.input_range(0, over)[1] <= taken
            )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("resize", "say one of"),
        ("resize --fit 3x3 --scale 2", "not several"),
        ("resize --scale 0", "too small"),
        ("resize --scale 1,2,3", "0.5,0.25"),
        ("resize --scale nan", "not a finite"),
        ("resize --fit 3x", "not a whole number"),
        ("resize --fit 1x2x3", "1920x1080"),
        ("resize --width 0", "too small"),
        ("resize --scale 1e6", "too many"),
        ("resize --fill 16777216x16777216", "too many"),
        ("resize --scale 2 --filter lanczos", "lanczos3"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        infer(image_of(random((300, 8, 3), "u1")).spec, steps_of(words))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_guards_can_fail() -> None:
    row = replace(ROWS[0], oracle=lambda a: slow.scaled(a, 0.5, 0.5, "bicubic"))
    with pytest.raises(AssertionError):
        check_row(row, "u1", 1)
