"""What lies beyond the border: the table, the words of other libraries, and the words that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.border import MODES, Border, Mode, _table, parse_border, table
from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from tests.oracles import convolution as oracle
from tests.support.chains import outcome, random
from tests.support.scratch import scratch_copy

# What stands beyond a b c d, as the table says: three before and three after.
BEYOND = {
    "constant:9": "999abcd999",
    "zero": "000abcd000",
    "replicate": "aaaabcdddd",
    "symmetric": "cbaabcddcb",
    "reflect101": "dcbabcdcba",
    "wrap": "bcdabcdabc",
}
# Each library's word, and ours for it.
ELSEWHERE = {
    "numpy": {
        "constant": "zero",
        "edge": "replicate",
        "symmetric": "symmetric",
        "reflect": "reflect101",
        "wrap": "wrap",
    },
    "scipy": {
        "constant": "zero",
        "nearest": "replicate",
        "reflect": "symmetric",
        "mirror": "reflect101",
        "wrap": "wrap",
    },
    "opencv": {
        "constant": "zero",
        "replicate": "replicate",
        "reflect": "symmetric",
        "reflect_101": "reflect101",
        "wrap": "wrap",
    },
    "torch": {"zeros": "zero", "replicate": "replicate", "reflect": "reflect101", "circular": "wrap"},
    "lecture": {"zero": "zero", "same": "replicate", "mirror": "symmetric"},
}
ALIASES = [
    (f"{library}:{word}", ours) for library, words in ELSEWHERE.items() for word, ours in words.items()
]
SERIES = [1, 2, 3, 4, 3, 2, 1]


def beyond(edge: Border, line: str, pad: int) -> str:
    indices = [edge.map_index(x, len(line)) for x in range(-pad, len(line) + pad)]
    return "".join(f"{edge.value:g}" if index < 0 else line[index] for index in indices)


@pytest.mark.parametrize(("word", "wanted"), BEYOND.items())
def test_the_table(word: str, wanted: str) -> None:
    assert beyond(parse_border(word), "abcd", 3) == wanted


@pytest.mark.parametrize(("word", "ours"), ALIASES)
def test_words_of_others(word: str, ours: str) -> None:
    assert parse_border(word) == parse_border(word.upper()) == parse_border(ours)


@pytest.mark.parametrize(
    ("word", "wanted"),
    [("zero", "00012343210" + "00"), ("lecture:same", "1111234321111"), ("lecture:mirror", "3211234321123")],
)
def test_the_lectures_series(word: str, wanted: str) -> None:
    assert beyond(parse_border(word), "".join(map(str, SERIES)), 3) == wanted


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_padding_larger_than_the_image(mode: str, length: int) -> None:
    indices = [Border(mode).map_index(x, length) for x in range(-40, length + 40)]
    wanted = oracle.border_indices(mode, length, 40, 40)
    assert indices == [-1 if index is None else index for index in wanted]


@pytest.mark.parametrize(
    ("mode", "numpys"),
    [("replicate", "edge"), ("symmetric", "symmetric"), ("reflect101", "reflect"), ("wrap", "wrap")],
)
def test_numpy_pads_alike(mode: str, numpys: str) -> None:
    for length in (1, 2, 5):
        indices = [Border(mode).map_index(x, length) for x in range(-11, length + 11)]
        assert indices == np.pad(np.arange(length), 11, mode=numpys).tolist()


@pytest.mark.parametrize("word", ["reflect", "mirror", "same"])
def test_words_that_mean_different_things(word: str) -> None:
    with pytest.raises(UsageError) as problem:
        parse_border(word)
    assert table() in str(problem.value)
    assert "different things" in str(problem.value)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("replicat", "did you mean 'replicate'"),
        ("scipy:edge", "scipy:nearest"),
        ("numpy:mirror", "numpy:reflect"),
        ("torch:symmetric", "torch:circular"),
        ("constant:x", "constant:128"),
        ("constant:nan", "is not a finite number"),
        ("constant:inf", "is not a finite number"),
        ("", "unknown edge"),
    ],
)
def test_refused(word: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint.replace("?", r"\?")):
        parse_border(word)


def test_an_edge_says_itself() -> None:
    for word in ("replicate", "symmetric", "reflect101", "wrap", "constant:0", "constant:7.5"):
        assert str(parse_border(word)) == word
        assert parse_border(str(parse_border(word))) == parse_border(word)


def test_the_table_in_words() -> None:
    assert (
        table()
        == """\
name        beyond a b c d       NumPy      SciPy     OpenCV       PyTorch    lecture
constant:K  k k | a b c d | k k  constant   constant  constant     zeros      zero
replicate   a a | a b c d | d d  edge       nearest   replicate    replicate  same
symmetric   b a | a b c d | d c  symmetric  reflect   reflect      -          mirror
reflect101  c b | a b c d | c b  reflect    mirror    reflect_101  reflect    -
wrap        c d | a b c d | a b  wrap       wrap      wrap         circular   -"""
    )


def folds(mode: Mode) -> bool:
    """Whether what stands d beyond an edge is at most d inside of it, by looking at images of 1 to 8."""
    indices = [(length, d, Border(mode.name).map_index) for length in range(1, 9) for d in range(1, 30)]
    left = all(index(-d, length) <= d for length, d, index in indices)
    right = all(
        (i := index(length - 1 + d, length)) < 0 or length - 1 - i <= d for length, d, index in indices
    )
    return left and right


@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_a_row_says_how_its_index_behaves(mode: Mode) -> None:
    assert mode.folds == folds(mode)
    assert not Border(mode.name, 1.0).folds
    assert mode.period is None or all(
        Border(mode.name).map_index(x, n) == Border(mode.name).map_index(x + mode.period(n), n)
        for n in range(1, 9)
        for x in (*range(-40, -mode.period(n)), *range(n, 40))
    )
    assert all(-1 <= Border(mode.name).map_index(x, n) < n for n in range(1, 9) for x in range(-40, 40))


FAR = {"index": lambda x, n: n - 1 if x < 0 else 0, "period": None, "folds": False}


@pytest.mark.parametrize("missing", ["index", "period", "folds", "elsewhere"])
def test_a_missing_field_is_refused(missing: str) -> None:
    fields = {**FAR, "elsewhere": ("", "", "", "", "")}
    del fields[missing]
    with pytest.raises(TypeError, match=missing):
        Mode("far", **fields)


def test_wrong_words_are_refused() -> None:
    with pytest.raises(ValueError, match="say what each of numpy"):
        Mode("far", **FAR, elsewhere=("", ""))
    with pytest.raises(ValueError, match="is taken"):
        _table([*MODES.values(), Mode("far", **FAR, elsewhere=("edge", "", "", "", ""))])
    with pytest.raises(ValueError, match="is taken"):
        _table([*MODES.values(), Mode("wrap", **FAR, elsewhere=("", "", "", "", ""))])


SECOND = {"index": lambda x, n: min(1, n - 1) if x < 0 else max(n - 2, 0), "period": None, "folds": True}
TWO_STEPS = {"opening": ("erode", "dilate"), "closing": ("dilate", "erode")}


def padded(a: np.ndarray, fields: dict, pad: int) -> np.ndarray:
    """An image with what a mode puts around it."""
    rows, columns = (
        [x if 0 <= x < n else fields["index"](x, n) for x in range(-pad, n + pad)] for n in a.shape[:2]
    )
    return a[rows][:, columns]


@pytest.fixture(params=[FAR, SECOND], ids=["far", "second"])
def added(request, monkeypatch) -> dict:
    """A row more in the table: beyond an edge stands the pixel at the opposite edge, or the second one inside."""
    monkeypatch.setitem(MODES, "added", Mode("added", **request.param, elsewhere=("", "", "", "", "")))
    assert MODES["added"].folds == folds(MODES["added"])
    assert parse_border("added") == Border("added")
    return request.param


@pytest.mark.parametrize(
    "words",
    [
        "conv 1;2;3;4;5",
        "conv sobel-x",
        "box --size 7",
        "median --size 5",
        "median --size 5 --shape disc",
        "dilate --size 5",
        "gaussian --sigma 1",
        "gaussian --sigma 5",
        "unsharp --sigma 5",
        "sobel",
        "bilateral",
    ],
)
@pytest.mark.parametrize("strip", [0, 3])
def test_a_mode_that_is_added_has_the_right_pixels(words: str, strip: int, added: dict) -> None:
    a, pad = random((41, 37, 3), "u1"), 60
    wanted = outcome(padded(a, added, pad), words, Run(strip=strip))[pad:-pad, pad:-pad]
    result = outcome(a, f"{words} --edge added", Run(strip=strip))
    assert result.dtype == wanted.dtype
    assert abs(result.astype(np.float64) - wanted).max() <= (0 if result.dtype == np.uint8 else 0.02)


def test_a_mode_that_is_added_pads(added: dict) -> None:
    a = random((9, 7, 3), "u1")
    assert (outcome(a, "pad 5 --edge added") == padded(a, added, 5)).all()


@pytest.mark.parametrize("name", TWO_STEPS)
@pytest.mark.parametrize("strip", [0, 3])
def test_steps_of_two_with_a_mode_that_is_added(name: str, strip: int, added: dict) -> None:
    """The right pixels, or an error: rows that a step does not have at hand are never taken from elsewhere."""
    a = random((41, 37, 3), "u1")
    first, second = TWO_STEPS[name]
    wanted = outcome(a, f"{first} --size 5 --edge added {second} --size 5 --edge added", Run(strip=strip))
    if added["folds"]:
        assert (outcome(a, f"{name} --size 5 --edge added", Run(strip=strip)) == wanted).all()
    else:
        with pytest.raises(UsageError, match="edge 'added' looks too far away"):
            outcome(a, f"{name} --size 5 --edge added", Run(strip=strip))


def test_a_mode_that_is_added_is_in_help_and_in_python(tmp_path) -> None:
    """A row in a scratch copy, and no other file: help, did-you-mean, a library's word, Python."""
    changed = scratch_copy(
        tmp_path,
        "imgconv/core/border.py",
        "MODES = _table(\n    (\n",
        """        Mode(
            "far",
            index=lambda x, n: n - 1 if x < 0 else 0,
            period=None,
            folds=False,
            elsewhere=("", "opposite", "", "", ""),
        ),
""",
    )
    assert "|far" in changed("-m", "imgconv", "box", "--help").replace("far|", "|far")
    assert "did you mean 'far'" in changed(
        "-m", "imgconv", "shape", "9x9", "box", "--edge", "fare", "explain"
    )
    code = (
        "import imgconv, numpy as np\n"
        "a = np.arange(12, dtype=np.uint8).reshape(3, 4)\n"
        "print(imgconv.open(a).pad(1, edge='scipy:opposite').array()[0].tolist())"
    )
    assert changed("-c", code) == "[11, 8, 9, 10, 11, 8]\n"
