"""Kernels put together in a text, against SciPy and by hand; and that old texts mean what they meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from imgconv.kernels import library
from imgconv.kernels.algebra import add, convolve, power
from imgconv.kernels.expression import is_expression, split
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.library import kernel_of
from imgconv.steps.convolution.conv import Conv
from tests.support.chains import outcome, random

signal = pytest.importorskip("scipy.signal")

MEANS = [
    ("box3 * box3", "[1 2 3 2 1 x 1 2 3 2 1] / 81"),
    ("sobel-x", "-1 0 1; -2 0 2; -1 0 1"),
    ("1 2 1 * 1 2 1", "1 4 6 4 1"),
    ("[1 2 1] * [1; 2; 1]", "1 2 1 x 1 2 1"),
    ("1 1 ^ 4", "1 4 6 4 1"),
    ("[1 2 1]^2", "1 4 6 4 1"),
    ("[1 1]^0", "1"),
    ("2 sobel-x", "-2 0 2; -4 0 4; -2 0 2"),
    ("2 * sobel-x", "-2 0 2; -4 0 4; -2 0 2"),
    ("1/2 [2 4]", "1 2"),
    ("sobel-x/2", "-1/2 0 1/2; -1 0 1; -1/2 0 1/2"),
    ("sobel-x / auto", "-1/4 0 1/4; -1/2 0 1/2; -1/4 0 1/4"),
    ("[1 2 1] ^ 3 / auto", "[1 6 15 20 15 6 1] / 64"),
    ("[1 2 1]^2 /16", "[1 4 6 4 1] / 16"),
    ("sobel-x + sobel-y", "-2 -2 0; -2 0 2; 0 2 2"),
    ("sobel-x - sobel-x", "0 0 0; 0 0 0; 0 0 0"),
    ("- sobel-x", "1 0 -1; 2 0 -2; 1 0 -1"),
    ("[1] + [1 1 1; 1 1 1; 1 1 1]", "1 1 1; 1 2 1; 1 1 1"),
    ("2 [1] - (1 2 1) / 4", "-1/4 3/2 -1/4"),
    ("[1 2] + [1 2 3 4]", "1 3 5 4"),
    ("[1] + 1/2 ([1] - [1 2 1] / 4)", "-1/8 5/4 -1/8"),
    ("([1 1] * [1 -1]) ^ 2", "1 0 -2 0 1"),
    ("(1 2 1 x -1 0 1) * box3", "[1 3 4 3 1 x -1 -1 0 1 1] / 9"),
    ("1 0; 0 1 * 1 1", "1 1 0; 0 1 1"),
]


@pytest.mark.parametrize(("text", "same"), MEANS)
def test_means(text: str, same: str) -> None:
    assert kernel_of(text) == parse(same)


WRONG = [
    ("box3 *", "a kernel is missing after '*'"),
    ("* box3", "a kernel is missing at the beginning"),
    ("box3 + bxo3", "did you mean"),
    ("box3 ^ -1", "a power is a whole number"),
    ("box3 ^ 99999", "a power is a whole number"),
    ("box3 ^", "a whole number is missing after '^'"),
    ("box3 ^ 4094", "too large"),
    ("(box3 * box3", "never closed"),
    ("box3 * box3)", "unexpected"),
    ("box3 / 0 * 1", "divide by 0"),
    ("box3 / * 1", "a divisor is missing"),
    ("box3 box3", "unexpected"),
    ("[1] 1 - 2", "unexpected"),
    ("[2] ^ 2 + 1 - 2", "bare weights"),
    ("pencil-sketch * box3", "holds steps"),
    ("box3 * 1 2 q", "unexpected"),
    ("box3 * 1 2 --3", "did you mean -3"),
    ("box3 + " * 300 + "box3", "200 at most"),
    ("(" * 300 + "box3 * box3", "200 at most"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_wrong_texts_are_told(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        kernel_of(text)
    message = str(caught.value)
    assert said in message and message.isprintable() and len(message) < 400


@pytest.mark.parametrize(
    "text",
    [
        "-1 0 1",
        "1 2 1 x -1 0 1",
        "1/9 [1 1; 1 1]",
        "1/9*[1 1]",
        "1 / 8 * (0 1 0; 1 4 1)",
        "[1 2 1 x 1 2 1] / 16",
    ],
)
def test_weights_are_no_expression(text: str) -> None:
    """They go the way that they went, with its errors."""
    assert not is_expression(text, library.is_kernel)
    assert kernel_of(text) == parse(text)


@pytest.mark.parametrize(
    "text", ["1 - 2", "0 - 1 0; - 1 5 - 1", "1 2 l", "[[1, 2], [3, 4]]", "1 + 2", "box33"]
)
def test_slips_stay_errors(text: str) -> None:
    with pytest.raises(UsageError):
        kernel_of(text)


def test_split() -> None:
    assert split("2 sobel-x*(1 0; 0 -1)^2/auto - box3") == (
        ["2", "sobel-x", "*", "(", "1 0; 0 -1", ")", "^", "2", "/", "auto", "-", "box3"]
    )


numbers = st.integers(-(10**6), 10**6)


def kernels(largest: int = 5) -> st.SearchStrategy:
    side = st.integers(1, largest)
    rows = st.tuples(side, side).flatmap(
        lambda s: st.lists(st.lists(numbers, min_size=s[1], max_size=s[1]), min_size=s[0], max_size=s[0])
    )
    return st.builds(Kernel, rows, st.integers(1, 9))


@given(kernels(), kernels())
@settings(deadline=None, max_examples=60)
def test_composition_is_scipys_full_convolution(a: Kernel, b: Kernel) -> None:
    wanted = signal.convolve2d(np.array(a.numerators, np.int64), np.array(b.numerators, np.int64))
    assert convolve(a, b, "") == Kernel(wanted.tolist(), a.denominator * b.denominator)


@given(kernels(), kernels(), kernels(3))
@settings(deadline=None, max_examples=60)
def test_laws(a: Kernel, b: Kernel, c: Kernel) -> None:
    assert convolve(a, b, "") == convolve(b, a, "")
    assert add(a, b, "") == add(b, a, "")
    assert convolve(convolve(a, b, ""), c, "") == convolve(a, convolve(b, c, ""), "")
    assert power(c, 3, "") == convolve(c, convolve(c, c, ""), "")
    assert convolve(a, Kernel([[1]]), "") == a


def test_floats_and_large_kernels_multiply_out() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=size) for size in ((31, 17), (20, 33)))
    found = convolve(Kernel.from_rows(a.tolist()), Kernel.from_rows(b.tolist()), "")
    assert abs(np.array(found.weights) - signal.convolve2d(a, b)).max() < 1e-12


def test_what_is_too_large_is_refused_before_it_is_built() -> None:
    big = Kernel([[1 + x % 3 for x in range(1000)]] * 1000)
    for call in (lambda: convolve(big, big, "k"), lambda: power(big, 5, "k")):
        with pytest.raises(UsageError, match="too"):
            call()


@pytest.mark.parametrize("pair", [("sobel-x", "box3"), ("[1 2 3; 4 5 7; 7 8 8]", "[1 2 3 4 5]")])
def test_a_composition_filters_as_one_after_the_other(pair: tuple[str, str]) -> None:
    """Away from the border, which the second kernel does not see the first one's work behind."""
    a = random((30, 40, 3), "u1")
    first, second = (Conv(kernel=kernel_of(part)) for part in pair)
    found = outcome(a, [Conv(kernel=kernel_of(" * ".join(pair)))], Run(precision="double"))[4:-4, 4:-4]
    assert abs(found - outcome(a, [first, second], Run(precision="double"))[4:-4, 4:-4]).max() < 0.02


def test_presets_put_kernels_together(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IMGCONV_PRESETS", str(tmp_path))
    texts = {
        "twice": "box3 * box3",
        "thrice": "twice * box3",
        "loop": "pool * 2",
        "pool": "2 loop",
        "odd": "box3 * nothing",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(f"summary = 's'\nkernel = '{text}'\n")
    assert kernel_of("thrice") == kernel_of("box3 ^ 3")
    assert kernel_of("thrice").name == "thrice"
    for name, said in (("loop", "uses itself"), ("odd", "'nothing' is not a kernel")):
        with pytest.raises(UsageError, match=said):
            kernel_of(name)
    assert kernel_of("twice") == kernel_of("box3 * box3")
