"""Color spaces: every one against its formula and scikit-image, neutral grays, exact ways back; channels alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.core.spec import Spec
from imgconv.engine.run_options import Run
from imgconv.steps.color.conversion_path import ColorConversion
from tests.oracles import color as slow
from tests.peers import color as peers
from tests.support.chains import (
    check_bits,
    image_of,
    infer,
    outcome,
    random,
    same_bits,
    sent,
    steps_of,
    stored,
)

ROWS = [row for row in peers.ROWS if row.space]
LEVELS = np.linspace(0, 255, 16).round().astype(np.uint8)
GRID = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS, indexing="ij"), -1).reshape(64, 64, 3)
GRAYS = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
CORNERS = np.array(list(itertools.product((0, 255), repeat=3)), np.uint8)[None]
NEUTRAL = {  # channels that are 0 of a gray
    "lab": [1, 2],
    "luv": [1, 2],
    "oklab": [1, 2],
    "lch": [1, 2],
    "oklch": [1, 2],
    "hcl": [0, 1],
    "hcy": [0, 1],
    "hsv": [0, 1],
    "hsl": [0, 1],
    "ycbcr": [1, 2],
    "cmyk": [0, 1, 2],
}


SOME = ("lab", "luv", "hcl", "oklch", "hsl", "cmyk")  # where all would compile for minutes
PAIRS = [("hcl", "oklch"), ("lch", "hcl"), ("xyz", "lab"), ("xyz", "luv"), ("cmyk", "lab"), ("oklab", "hsv")]
PAIRS += [
    ("linear", "oklab"),
    ("ycbcr", "linear"),
    ("hsl", "hsv"),
    ("lab", "gray"),
    ("luv", "xyz"),
    ("hcy", "lch"),
]


def in_dtype(a: np.ndarray, dtype: str) -> np.ndarray:
    """The same colors in another dtype."""
    return {"u1": a, "u2": a.astype(np.uint16) * 257, "f4": a.astype(np.float32) / np.float32(255)}[dtype]


@pytest.mark.parametrize("dtype", ["u1", pytest.param("u2", marks=pytest.mark.slow), "f4"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_every_space(row, dtype) -> None:
    for colors in (GRID, GRAYS, CORNERS, random((5, 2100, 3), "u1"), random((1, 1, 3), "u1")):
        a = in_dtype(colors, dtype)
        found = outcome(a, row.words)
        unit = slow.unit(row.space, a)
        assert slow.apart(found, row.oracle(a), row.space) <= row.tolerance * unit
        for _, answer in row.answers():
            if dtype in row.peer_dtypes:
                assert slow.apart(found, answer(a), row.space) <= row.peer_tolerance


@pytest.mark.slow
@pytest.mark.parametrize("space", SOME)
def test_floats_beyond_the_range_and_double_precision(space) -> None:
    a = random((7, 900, 3), "f4")
    assert np.isfinite(outcome(a, f"to {space}")).all()
    b = np.abs(a.astype(np.float64)) % 1
    found = outcome(b, f"to {space}", Run(precision="double"), working="f8")
    assert slow.apart(found, slow.of_rgb(space, b), space) < 3e-6  # digits of Oklab's published matrices
    back = outcome(b, f"to {space} to rgb", Run(precision="double"), working="f8")
    assert abs(back - b).max() < 1e-9


@pytest.mark.parametrize("space", NEUTRAL)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_grays_are_neutral_exactly(space, dtype) -> None:
    values = np.arange(65536, dtype=np.uint16) if dtype == "u2" else np.arange(256, dtype=np.uint8)
    a = in_dtype(np.repeat(values, 3).reshape(1, -1, 3), dtype) if dtype != "u2" else None
    a = np.repeat(values, 3).reshape(16, -1, 3) if a is None else a
    ways = [f"to {space}"]
    if space in ("lab", "luv") and dtype == "u2":
        ways += [f"to xyz to {space}", f"to linear to {space}"]
    for words in ways:
        assert not outcome(a, words)[..., NEUTRAL[space]].any(), words
    gray = a[..., :1].copy()
    assert same_bits(outcome(gray, f"to {space}"), outcome(a, f"to {space}"))


@pytest.mark.parametrize("space", [*slow.SPACES, "linear"])
def test_white_and_black(space) -> None:
    ends = outcome(np.array([[[0] * 3, [255] * 3]], np.uint8), f"to {space}")[0]
    wanted = (
        slow.of_rgb(space, np.array([[0] * 3, [255] * 3], np.uint8)) if space in slow.SPACES else ends.copy()
    )
    assert slow.apart(ends, wanted, space) < 2e-5
    assert not ends[0].any() or space == "cmyk"


@pytest.mark.slow
@pytest.mark.parametrize("space", slow.SPACES)
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_the_way_back(space, dtype) -> None:
    """Exact for bytes; 16 bits are as many as float32 has for a color that is mixed twice."""
    if dtype == "u2" and space not in SOME:
        pytest.skip("takes long to compile")
    for a in (GRID, GRAYS, CORNERS, random((20, 2100, 3), dtype, seed=3)):
        a = in_dtype(a, dtype) if a.dtype == np.uint8 else a
        found = stored(a, [*steps_of(f"to {space}"), *ways_back(a, space)], dtype)
        assert abs(found.astype(int) - a).max() <= (0 if dtype == "u1" else 8)


def ways_back(a: np.ndarray, space: str) -> list:
    from imgconv.steps.color.convert import convert

    return convert(infer(image_of(a).spec, steps_of(f"to {space}")), "rgb")


@pytest.mark.slow
@pytest.mark.parametrize("space", ["lab", "luv", "lch", "hcl", "xyz", "oklab", "oklch", "hsv", "hsl", "cmyk"])
def test_the_way_back_of_every_color(space) -> None:
    two = np.stack(np.meshgrid(np.arange(256), np.arange(256), indexing="ij"), -1).astype(np.uint8)
    for red in range(256):
        a = np.concatenate([np.full((256, 256, 1), red, np.uint8), two], -1)
        assert same_bits(stored(a, [*steps_of(f"to {space}"), *ways_back(a, space)]), a), red


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_from_space_to_space(source, target) -> None:
    """What goes by way of rgb, and what goes the short way."""
    a = random((3, 50, 3), "u1")
    first = outcome(a, f"to {source}")
    found = outcome(first, f"to {target}", space=source, alpha=False, white=255.0)
    if target in slow.SPACES:
        assert slow.apart(found, slow.of_rgb(target, a), target) < 0.01
    else:
        wanted = outcome(a, f"to {target}")
        assert abs(found - wanted).max() < 2e-3


@pytest.mark.parametrize("space", slow.SPACES)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_alpha_goes_along(space, dtype) -> None:
    if dtype != "u1" and space not in SOME:
        pytest.skip("takes long to compile")
    a = random((6, 2100, 4), dtype)
    found = outcome(a, f"to {space}")
    assert (found[..., -1] == a[..., 3]).all()
    assert same_bits(np.ascontiguousarray(found[..., :-1]), outcome(a[..., :3].copy(), f"to {space}"))
    if space in ("lab", "cmyk"):
        assert (outcome(a, f"to {space} to rgb")[..., 3] == a[..., 3]).all()


def test_colors_beyond_the_screen_are_counted() -> None:
    from imgconv.core.rows import MemorySink
    from imgconv.engine.convert import Quantize

    image = image_of(np.array([[[50, 120, 0], [50, 0, 0]]], np.float32), space="lab", white=255.0)
    from imgconv.steps.color.convert import convert

    memory = MemorySink(image.spec.replace(dtype="u1", space="rgb"))
    clipped = sent(image, [*convert(image.spec, "rgb"), Quantize(dtype="u1")], memory)
    assert clipped == 2  # red above 255, green below 0
    assert np.array(memory.pixels)[0].tolist() == [[255, 0, 124], [119, 119, 119]]


@pytest.mark.parametrize("words", ["to hcl", "to lab unsharp --on L", "to lab equalize --on L", "to cmyk"])
@pytest.mark.parametrize(("dtype", "channels"), [("u1", 3), ("f4", 3), ("u2", 4)])
def test_same_bits_for_any_strips(words, dtype, channels) -> None:
    check_bits(words, dtype, channels)


# ---- some channels alone ---------------------------------------------------------------------------------------

ON = [
    "gaussian --sigma 2",
    "unsharp",
    "median --size 3",
    "equalize",
    "normalize",
    "invert",
    "conv '1 2; 3 4'",
]


@pytest.mark.parametrize("words", ON)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize(
    ("names", "picks", "channels"), [("g", [1], 3), ("b,r", [2, 0], 3), ("0", [0], 1), ("rb", [0, 2], 3)]
)
def test_on_channels(words, dtype, names, picks, channels) -> None:
    import shlex

    from imgconv.pipeline.grammar import parse
    from imgconv.pipeline.presets import Names

    a = random((23, 31, channels), dtype)
    steps = parse([*shlex.split(words), "--on", names], Names())
    found = outcome(a, steps)
    alone = outcome(
        np.ascontiguousarray(a[..., picks]), parse(shlex.split(words), Names()), space="none", alpha=False
    )
    assert found.dtype == alone.dtype and (found[..., picks] == alone).all()
    others = [c for c in range(channels) if c not in picks]
    assert (found[..., others] == a[..., others]).all()


def test_on_the_units_of_the_space() -> None:
    a = random((23, 31, 3), "u1")
    lab = outcome(a, "to lab")
    found = outcome(a, "to lab invert --on L")
    assert (found[..., 0] == 100 - lab[..., 0]).all() and (found[..., 1:] == lab[..., 1:]).all()
    even = outcome(a, "to lab equalize --on L")
    assert even[..., 0].min() == 0 and abs(even[..., 0].max() - 100) < 1e-4
    assert (outcome(a, "to hsv threshold 0.5 --on v")[..., 2] == (outcome(a, "to hsv")[..., 2] >= 0.5)).all()


def test_on_weighs_by_alpha() -> None:
    a = random((23, 31, 4), "u1")
    found, wanted = outcome(a, "gaussian --on g"), outcome(a, "gaussian")
    assert (found[..., [0, 2, 3]] == a[..., [0, 2, 3]]).all()
    assert abs(found[..., 1] - wanted[..., 1]).max() < 1e-3
    straight = outcome(a, "gaussian --on g", Run(alpha="straight"))
    assert (straight[..., 1:2] == outcome(a[..., 1:2].copy(), "gaussian")).all()
    assert (outcome(a, "box --on alpha")[..., 3:] == outcome(a[..., 3:].copy(), "box")).all()


def test_on_in_python_and_in_presets() -> None:
    import imgconv

    a = random((23, 31, 3), "u1")
    chain = imgconv.open(a).to("lab").unsharp(on="L").sobel_x(on=["a", 2])
    assert chain.words()[-2:] == ["--on", "a,2"] and "--on" in chain.words()[:6]
    assert (chain.array()[..., 0] == outcome(a, "to lab unsharp --on L")[..., 0]).all()


def test_adjust() -> None:
    a = random((9, 31, 3), "u1")
    lab, found = outcome(a, "to lab"), outcome(a, "to lab adjust --channel L --scale 1.2 --shift 5")
    assert abs(found[..., 0] - (lab[..., 0] * 1.2 + 5)).max() < 1e-4
    assert (found[..., 1:] == lab[..., 1:]).all()
    assert (outcome(a, "adjust --shift 1") == a + np.float32(1)).all()


def test_channels_by_name() -> None:
    a = random((9, 31, 3), "u1")
    assert (outcome(a, "to lab channels L")[..., 0] == outcome(a, "to lab")[..., 0]).all()
    assert (outcome(a, "to ycbcr channels cb")[..., 0] == outcome(a, "to ycbcr")[..., 1]).all()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("gaussian --on L", "gaussian: no channel 'L'; this image (rgb) has channels 0 to 2 (r, g, b)"),
        ("to lab gaussian --on r", "(L, a, b)"),
        ("gaussian --on 3", "no channel '3'"),
        ("gaussian --on ;", "names no channels"),
        ("max-pool --on r", "unknown option '--on'"),
        ("crop 0,0,1,1 --on r", "unknown option '--on'"),
        ("conv '1 1 1' --padding none --on r", "keeps size and channels"),
        ("gray --on r", "unknown option '--on'"),
        ("adjust --channel q", "adjust: no channel 'q'"),
        ("to labb", "did you mean 'lab'"),
        ("to cmyk --gcr 2", "the most is 1"),
    ],
)
def test_errors_are_one_helpful_line(words, says) -> None:
    import shlex

    from imgconv.pipeline.grammar import parse
    from imgconv.pipeline.presets import Names

    with pytest.raises(UsageError) as caught:
        infer(image_of(random((5, 5, 3), "u1")).spec, parse(shlex.split(words), Names()))
    assert says in str(caught.value) and "\n" not in str(caught.value)


# ---- the steps that do the work ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "spec", "wanted"),
    [
        ("to lab", {"space": "rgb"}, ["rgb linear xyz lab"]),
        ("to rgb", {"space": "lab"}, ["lab xyz linear rgb"]),
        ("to lab", {"space": "lab"}, []),
        ("to lab", {"space": "gray", "channels": 1}, ["Repeat", "rgb linear xyz lab"]),
        ("to gray", {"space": "hsv"}, ["hsv rgb", "Gray"]),
        ("to gray", {"space": "none"}, ["Gray"]),
        ("to gray", {"space": "none", "channels": 1}, ["Assume"]),
        ("to rgb", {"space": "none"}, ["Assume"]),
        ("to rgb --of lab", {"space": "rgb"}, ["lab xyz linear rgb"]),
        ("to rgb --of lab", {"space": "none", "channels": 4}, ["lab xyz linear rgb"]),
        ("to lab --of lab", {"space": "none", "white": None}, ["Assume"]),
        ("to rgb --of gray", {"space": "none", "channels": 2}, ["Assume", "Repeat"]),
        ("to gray --of linear", {"space": "rgb"}, ["linear rgb", "Gray"]),
        ("gray", {"space": "rgb"}, ["Gray"]),
        ("gray", {"space": "gray", "channels": 1}, ["Gray"]),
        ("gray --weights linear", {"space": "rgb"}, ["rgb linear", "Luminance"]),
        ("gray --weights L", {"space": "lab"}, ["lab xyz linear", "Luminance"]),
        ("adjust --scale 2", {"space": "rgb"}, ["Adjusted"]),
        ("adjust --scale 2 --channel g", {"space": "rgb"}, ["On"]),
    ],
)
def test_what_a_step_is_expanded_into(words, spec, wanted) -> None:
    """One loop for all the formulas of a path; and what comes out is what the step says itself."""
    source = Spec(**{"height": 5, "width": 7, "channels": 3, "dtype": "u1", "white": 255.0, **spec})
    (step,) = steps_of(words)
    steps = step.expand(source, Run())
    assert [" ".join(s.path) if isinstance(s, ColorConversion) else type(s).__name__ for s in steps] == wanted
    assert infer(source, steps) == step.infer(source)


def test_alpha_of_a_space_that_is_said() -> None:
    """`--of lab` for four channels: the fourth is alpha, and is kept."""
    a = random((9, 31, 4), "f4")
    a[..., :3] = outcome(random((9, 31, 3), "u1"), "to lab")
    with_alpha = outcome(a, "to rgb --of lab", space="none", alpha=False, white=None)
    assert same_bits(
        with_alpha[..., :3], outcome(a[..., :3].copy(), "to rgb --of lab", space="none", white=None)
    )
    assert same_bits(with_alpha[..., 3], a[..., 3])


@pytest.mark.parametrize(
    "words", ["to lab to rgb", "gray --weights L", "to hsv to gray", "adjust --scale 3 --shift -9"]
)
def test_rounded_by_the_last_step_or_after_it(words) -> None:
    """What a step rounds itself for a file of bytes has the bits that rounding afterwards has."""
    a = random((40, 333, 3), "u1")
    assert same_bits(stored(a, words), rounded(outcome(a, words)))


def rounded(a: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(a, 0, 255)).astype(np.uint8)
