"""What lies beyond the border: the table, the words of other libraries, and the words that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.border import MODES, TABLE, Border, parse_border
from imgconv.core.errors import UsageError
from tests.oracles import convolution as oracle

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
    found = [edge.map_index(at, len(line)) for at in range(-pad, len(line) + pad)]
    return "".join(f"{edge.value:g}" if at < 0 else line[at] for at in found)


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
    found = [Border(mode).map_index(at, length) for at in range(-40, length + 40)]
    wanted = oracle.border_indices(mode, length, 40, 40)
    assert found == [-1 if at is None else at for at in wanted]


@pytest.mark.parametrize(
    ("mode", "numpys"),
    [("replicate", "edge"), ("symmetric", "symmetric"), ("reflect101", "reflect"), ("wrap", "wrap")],
)
def test_numpy_pads_alike(mode: str, numpys: str) -> None:
    for length in (1, 2, 5):
        found = [Border(mode).map_index(at, length) for at in range(-11, length + 11)]
        assert found == np.pad(np.arange(length), 11, mode=numpys).tolist()


@pytest.mark.parametrize("word", ["reflect", "mirror", "same"])
def test_words_that_mean_different_things(word: str) -> None:
    with pytest.raises(UsageError) as problem:
        parse_border(word)
    assert TABLE in str(problem.value)
    assert "different things" in str(problem.value)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("replicat", "did you mean 'replicate'"),
        ("scipy:edge", "scipy:nearest"),
        ("numpy:mirror", "numpy:reflect"),
        ("torch:symmetric", "torch:circular"),
        ("constant:x", "constant:128"),
        ("constant:nan", "no finite number"),
        ("constant:inf", "no finite number"),
        ("", "unknown edge"),
    ],
)
def test_refused(word: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint.replace("?", r"\?")):
        parse_border(word)


def test_an_edge_says_itself() -> None:
    for word in (*MODES[1:], "constant:0", "constant:7.5"):
        assert str(parse_border(word)) == word
        assert parse_border(str(parse_border(word))) == parse_border(word)
