"""mark, mix, subtract, difference: the same images computed one by one, over strips, threads, the command line."""

from __future__ import annotations

import numpy as np
import pytest

import imgconv
from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from tests.peers.combine import ROWS
from tests.support.chains import check_row, differs, outcome, random, same_bits, stored
from tests.support.command import run

RUNS = [Run(), Run(threads=1, strip=1), Run(threads=3, strip=7), Run(threads=2, strip=1 << 20)]
WORDS = [  # and what they are, of images by name
    (
        "mark a gaussian --sigma 1.5 mix a --amount 0.25",
        lambda a, f: mixed(f("gaussian --sigma 1.5"), a, 0.25),
    ),
    ("mark a mix a", lambda a, f: a.astype(float)),
    ("mark a gaussian subtract a", lambda a, f: f("gaussian") - a),
    ("mark a median difference a --amount 3", lambda a, f: abs(3 * (f("median") - a.astype(float)))),
    (
        "scale 2 mark a box --edge wrap mark b median --size 5 mix b subtract a",
        lambda a, f: (
            mixed(f("scale 2 box --edge wrap median --size 5"), f("scale 2 box --edge wrap"), 0.5) - 2.0 * a
        ),
    ),
    (
        "gaussian mark a equalize mark b box mix a --amount 0.5 difference b",
        lambda a, f: abs(mixed(f("gaussian equalize box"), f("gaussian"), 0.5) - f("gaussian equalize")),
    ),
    (
        "scale 1 mark a flip horizontal gaussian flip horizontal subtract a",
        lambda a, f: f("flip horizontal gaussian flip horizontal") - a,
    ),
    ("mark a gaussian mark a box subtract a", lambda a, f: f("gaussian box") - f("gaussian")),
]


def mixed(a: np.ndarray, b: np.ndarray, amount: float) -> np.ndarray:
    return a + amount * (b.astype(np.float64) - a)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize(("words", "wanted"), WORDS, ids=[words for words, _ in WORDS])
def test_as_image_by_image(words, wanted, dtype) -> None:
    scale = {"u1": 1, "u2": 257, "f4": 1 / 255}[dtype]
    for shape in ((57, 41, 3), (1, 1, 1), (3, 50, 1), (40, 2, 3)):
        a = random(shape, dtype)

        def steps(text: str, a: np.ndarray = a) -> np.ndarray:
            return outcome(a, text).astype(np.float64)

        found = outcome(a, words)
        assert differs(found, wanted(a, steps)) < 2e-3 * scale
        assert all(same_bits(outcome(a, words, each), found) for each in RUNS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


def test_unsharp_is_a_preset_of_these() -> None:
    """To the bit where both are floats; alone, bytes go to bytes in 16 bits."""
    run = Run(algorithm="separable")
    for shape in ((40, 33, 3), (30, 900, 3)):
        a = random(shape, "u1")
        mixed = stored(a, "mark a gaussian --sigma 2 mix a --amount 2", run=run)
        assert same_bits(mixed, stored(a, "unsharp --sigma 2", run=run))
        assert differs(mixed, stored(a, "unsharp --sigma 2")) <= 1


def test_colors_are_weighted_by_alpha() -> None:
    a = random((21, 17, 4), "u1")
    full = a.astype(float)
    full[..., :3] *= full[..., 3:] / 255
    soft = outcome(full.astype(np.float32), "gaussian", alpha=False).astype(float)
    both = mixed(soft, full, 0.5)
    wanted = np.concatenate([both[..., :3] / both[..., 3:] * 255, both[..., 3:]], -1)
    assert differs(outcome(a, "mark a gaussian mix a --amount 0.5"), wanted) < 1e-2
    kept = outcome(a, "mark a gaussian subtract a")
    assert differs(kept[..., 3:], outcome(a, "gaussian")[..., 3:]) < 1e-4


def test_marks_outlive_a_sink_in_the_middle(tmp_path, capsys) -> None:
    first, second = tmp_path / "soft.png", tmp_path / "crisp.png"
    words = f"open sample_images/camera.png mark a gaussian save {first} mix a --amount 2 save {second}"
    assert run(capsys, "-q " + words).code == 0
    alone = tmp_path / "alone.png"
    run(capsys, f"-q open sample_images/camera.png mark a gaussian mix a --amount 2 save {alone}")
    assert second.read_bytes() == alone.read_bytes()


def test_in_python() -> None:
    a = random((21, 17, 3), "u1")
    chain = imgconv.open(a).mark("a").gaussian(sigma=2).mix("a", amount=0.3)
    assert same_bits(chain.array(), outcome(a, "mark a gaussian --sigma 2 mix a --amount 0.3"))
    assert chain.words()[-4:] == ["mix", "a", "--amount", "0.3"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("gaussian mix a", "no point before it is called 'a'; name one with `mark a`"),
        ("mark sharp gaussian mix sharpe", "did you mean 'sharp'"),
        ("mark a crop 0,0,2,2 mix a", "the image at 'a' is 3x9x8 (rgb), and here it is 3x2x2 (rgb)"),
        ("mark a to lab mix a", "both must be alike"),
        ("mix", "mix needs POINT"),
    ],
)
def test_errors(words, says) -> None:
    with pytest.raises(UsageError) as caught:
        outcome(random((9, 8, 3), "u1"), words)
    assert says in str(caught.value)


def test_a_padding_constant_between_steps_makes_floats() -> None:
    a = random((20, 21, 3), "u1")
    found = outcome(a, "median gaussian --edge constant:300")
    assert differs(found, outcome(outcome(a, "median"), "gaussian --edge constant:300")) < 1e-4
