"""Kernels: exact numbers, text, files, rank, factors, and the preset files."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import time
import tomllib
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.errors import UsageError
from imgconv.kernels import files, parser
from imgconv.kernels.factorization import Term, cross
from imgconv.kernels.files import kernel_from_table, read_kernel
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.planner import low_rank_terms

FILES = sorted((Path(__file__).parent.parent.parent / "presets").glob("*.toml"))
PRESETS = [path for path in FILES if "\nkernel" in path.read_text(encoding="utf-8")]


def words(text: str) -> set[str]:
    return set(text.split())


STEPS = words("""
    abs avg-pool box channels clip conv crop equalize explain fit flip gamma gaussian gray info
    invert laplacian max-pool motion-blur normalize open preset prewitt print relu rotate round save
    scale scharr shape sharpen sobel threshold to unsharp view list show cache doctor
""")

integers = st.integers(-9, 9)
rationals = st.builds(lambda n, d: f"{n}/{d}", st.integers(-99, 99), st.integers(1, 30))
decimals = st.floats(-1e6, 1e6).map(repr)
finite = st.floats(-1e300, 1e300, allow_subnormal=True)


def matrices(entries: st.SearchStrategy, largest: int = 6) -> st.SearchStrategy:
    """Rows of equal length."""
    sides = st.integers(1, largest)
    return st.tuples(sides, sides).flatmap(
        lambda s: st.lists(st.lists(entries, min_size=s[1], max_size=s[1]), min_size=s[0], max_size=s[0])
    )


def fractions(kernel: Kernel) -> list[list[Fraction]]:
    return [[Fraction(n, kernel.denominator) for n in row] for row in kernel.numerators]


def rebuilt(kernel: Kernel, terms: list) -> np.ndarray:
    """The sum of the outer products."""
    return sum((np.outer(c, r) for c, r in terms), np.zeros((kernel.height, kernel.width)))


def preset(name: str) -> Kernel:
    return read_kernel(str(next(path for path in PRESETS if path.stem == name)))


def refused(call, *arguments) -> str:
    """The message of the UsageError: one line."""
    with pytest.raises(UsageError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert message.isprintable() and len(message) < 400
    return message


# Start-up


@pytest.mark.parametrize("module", ["imgconv.kernels.kernel", "imgconv.kernels.files"])
def test_import_is_light(module):
    heavy = sorted(
        words("dataclasses re typing enum fractions pathlib numpy tomllib functools json csv difflib")
    )
    code = f"""
import sys
for name in {heavy}:
    sys.modules.pop(name, None)
import {module}
print(*[name for name in {heavy} if name in sys.modules])
"""
    root = str(Path(__file__).parent.parent.parent)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.split() == []


# The class


def test_kernel_is_in_lowest_terms_and_cannot_change():
    kernel = Kernel([[2, 4], [6, -8]], -10)
    assert (kernel.numerators, kernel.denominator) == (((-1, -2), (-3, 4)), 5)
    assert (kernel.height, kernel.width, kernel.nonzero) == (2, 2, 4)
    with pytest.raises(AttributeError):
        kernel.denominator = 7
    with pytest.raises(AttributeError):
        del kernel.numerators
    with pytest.raises(AttributeError):
        kernel.anything = 1
    assert kernel.denominator == 5


def test_sums():
    kernel = parse("1/3 -1/3 2/3")
    assert (kernel.sum, kernel.abs_sum) == (2 / 3, 4 / 3)
    assert parse("0.1 0.2 0.4 0.2 0.1").sum == 1.0
    assert sum([0.1] * 10) != 1.0 == parse(" ".join(["0.1"] * 10)).sum


@given(matrices(rationals))
@settings(deadline=None)
def test_equality_hash_copies_and_sums_against_fractions(rows):
    kernel = Kernel.from_rows(rows)
    exact = [[Fraction(entry) for entry in row] for row in rows]
    assert fractions(kernel) == exact
    assert kernel.weights == tuple(tuple(float(x) for x in row) for row in exact)
    flat = [x for row in exact for x in row]
    assert kernel.sum == float(sum(flat))
    assert kernel.abs_sum == float(sum(map(abs, flat)))
    for twin in (
        pickle.loads(pickle.dumps(kernel)),
        copy.deepcopy(kernel),
        Kernel.from_rows(exact_text(exact)),
    ):
        assert twin == kernel and hash(twin) == hash(kernel)
    assert kernel != kernel.scaled(2) or kernel.nonzero == 0
    assert kernel != kernel.text()


def exact_text(exact: list[list[Fraction]]) -> list[list[str]]:
    return [[str(x) for x in row] for row in exact]


@given(matrices(integers))
@settings(deadline=None)
def test_flip_and_scale(rows):
    kernel, array = Kernel(rows), np.array(rows)
    assert np.array_equal(kernel.flipped().numerators, array[::-1, ::-1])
    assert kernel.flipped().flipped() == kernel
    assert kernel.scaled(3, 7).scaled(-7, -3) == kernel


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        ("1 2 1", "even", "even"),
        ("-1 0 1", "odd", "even"),
        ("1 2 1 x -1 0 1", "odd", "even"),
        ("-1 0 1 x 1 2 1", "even", "odd"),
        ("1 2; 3 4", "none", "none"),
        ("0 0; 0 0", "even", "even"),
    ],
)
def test_symmetry(text, rows, columns):
    assert (parse(text).row_symmetry, parse(text).column_symmetry) == (rows, columns)


@pytest.mark.parametrize(
    ("text", "divisor", "want"),
    [
        ("1 2 1", "auto", "1/4 1/2 1/4"),
        ("-1 0 1", "auto", "-1 0 1"),
        ("-2 0 2; -2 0 2", "auto", "-1/2 0 1/2; -1/2 0 1/2"),
        ("1 2 1", "16", "1/16 1/8 1/16"),
        ("1 2 1", 16, "1/16 1/8 1/16"),
        ("1 2 1", "1/4", "4 8 4"),
        ("1 2 1", 0.5, "2 4 2"),
        ("1 2 1", -2, "-1/2 -1 -1/2"),
    ],
)
def test_divided(text, divisor, want):
    assert parse(text).divided(divisor).text() == want


def test_auto_divisor():
    assert parse("1 2 1").divided("auto") == parse("[1 2 1] / 4")
    assert preset("sobel-x").divided("auto") == preset("sobel-x").scaled(1, 4)
    assert parse("0.1 0.2").divided("auto") == parse("1/3 2/3")
    assert parse("1 2 1 x 1 2 1").divided("auto") == preset("gaussian3")
    assert "every weight is 0" in refused(parse("0 0 0").divided, "auto")
    assert "cannot divide by 0" in refused(parse("1 2 1").divided, "0")
    assert "'abc' is not a number" in refused(parse("1 2 1").divided, "abc")
    assert "finite" in refused(parse("1 2 1").divided, float("nan"))
    assert "True" in refused(parse("1 2 1").divided, True)
    assert "denominator is zero" in refused(parse("1 2 1").scaled, 1, 0)


def test_names():
    assert parse("0 1; 2 3").name == "0 1; 2 3"
    assert parse("0 1; 2 3", name="mine").scaled(2).name == "mine"
    assert Kernel([[1] * 7] * 7).name == "kernel of 7 x 7"
    assert repr(parse("1 2 1")) == "Kernel('1 2 1', 1 x 3)"


# Text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("0 -1 0; -1 5 -1; 0 -1 0", "0 -1 0; -1 5 -1; 0 -1 0"),
        ("1,2,1", "1 2 1"),
        ("1, 2 ,1", "1 2 1"),
        ("-1 0 1", "-1 0 1"),
        ("7", "7"),
        ("0.1 1e-3 1E2 .5 2. +3 1/9 -2/6", "1/10 1/1000 100 1/2 2 3 1/9 -1/3"),
        ("0.5/1.5 1/-2 1e-1/2", "1/3 -1/2 1/20"),
        ("1 2; 3 4;", "1 2; 3 4"),
        ("\n1 2\n\n3 4\n", "1 2; 3 4"),
        ("1 2;\n3 4;\n", "1 2; 3 4"),
        ("\t1\t2 ;3 4", "1 2; 3 4"),
        ("1 2 1 x -1 0 1", "-1 0 1; -2 0 2; -1 0 1"),
        ("1,2,1 X -1,0,1", "-1 0 1; -2 0 2; -1 0 1"),
        ("1 2×3 4", "3 4; 6 8"),
        ("1/2 1/3 x 1/5 0.5", "1/10 1/4; 1/15 1/6"),
        ("1/9 [1 1; 1 1]", "1/9 1/9; 1/9 1/9"),
        ("1 / 8 * (0 1 0; 1 4 1; 0 1 0)", "0 1/8 0; 1/8 1/2 1/8; 0 1/8 0"),
        ("[1 2 1 x 1 2 1] / 16", "1/16 1/8 1/16; 1/8 1/4 1/8; 1/16 1/8 1/16"),
        ("2 [1 2 1] / auto", "1/4 1/2 1/4"),
        ("0 [1 2]", "0 0"),
        ("\u22121 0 \u20131", "-1 0 -1"),
        ("1e300 1e-300", f"{10**300} 1/{10**300}"),
    ],
)
def test_parse(text, want):
    kernel = parse(text)
    assert kernel.text() == want
    assert parse(kernel.text()) == kernel


@given(matrices(st.one_of(rationals, decimals, integers.map(str))), st.sampled_from([" ", ", ", ","]))
@settings(deadline=None)
def test_parse_agrees_with_fractions(rows, comma):
    kernel = parse("; ".join(comma.join(row) for row in rows))
    assert fractions(kernel) == [[Fraction(entry) for entry in row] for row in rows]


@given(matrices(finite, 4))
@settings(deadline=None)
def test_text_round_trip_of_any_floats(rows):
    kernel = Kernel.from_rows(rows)
    assert kernel.weights == tuple(tuple(row) for row in rows)
    assert parse(kernel.text()) == kernel


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_parses_or_is_refused_in_one_line(text):
    try:
        parse(text)
    except UsageError as error:
        assert str(error).isprintable()


@given(st.text(alphabet="0123456789 ;,./x×-+e[]()*\nauto", max_size=40))
@settings(deadline=None, max_examples=300)
def test_text_like_kernels_parses_or_is_refused_in_one_line(text):
    try:
        kernel = parse(text)
    except UsageError as error:
        assert str(error).isprintable()
    else:
        assert parse(kernel.text()) == kernel


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no numbers"]),
        (" \n ", ["no numbers"]),
        ("[]", ["no numbers"]),
        ("1 2 1; 1 2", ["row 2 has 2 entries, row 1 has 3", "same number"]),
        ("1 2; 3; 4 5", ["row 2 has 1 entry, row 1 has 2"]),
        ("1 2;; 3 4", ["row 2 is empty"]),
        (";1 2", ["row 1 is empty"]),
        ("1,,2", ["row 1: entry 2 is empty"]),
        ("1 2,", ["row 1: entry 3 is empty"]),
        ("0 -l 0", ["row 1, entry 2", "'-l' is not a number", "did you mean -1?"]),
        ("1 2; O 1", ["row 2, entry 1", "did you mean 0?"]),
        ("--1", ["did you mean -1?"]),
        ("1:9", ["did you mean 1/9?"]),
        ("1.5f", ["did you mean 1.5?"]),
        ("1_000", ["did you mean 1000?"]),
        ("1 2]", ["did you mean 2?"]),
        ("sobel", ["'sobel' is not a number: write 2, -0.5, 1e-3 or 1/9"]),
        ("1 / 9", ["'/' is not a number", "without spaces"]),
        ("0x10", ["put spaces around the x"]),
        ("1 nan", ["entry 2", "finite"]),
        ("-inf", ["finite"]),
        ("1/0", ["'1/0' divides by zero"]),
        ("1/2/3", ["'1/2/3' is not a number"]),
        ("٣ 1", ["is not a number"]),
        ("1e301", ["beyond 1e300"]),
        ("1e401", ["out of range"]),
        ("1e-999999999999", ["out of range"]),
        ("9" * 1301, ["1301 digits, 1300 at most"]),
        ("9" * 1290, ["beyond 1e300"]),
        ("1e200 x 1e200", ["beyond 1e300"]),
        ("1e300/1e-300", ["beyond 1e300"]),
        ("1 x 2 x 3", ["a product is one column, x, one row"]),
        ("x 1 2", ["a product is one column"]),
        ("1 2 x", ["a product is one column"]),
        ("1; 2 x 3 4", ["a product is one column"]),
        ("1 x 2; 3 4", ["a product is one column"]),
        ("1 a x 3 4", ["row 1, column, entry 2"]),
        ("1/9 [1 2", ["'[' is never closed"]),
        ("1/9 (1 2]", ["'(' is never closed"]),
        ("[[1, 2], [3, 4]]", ["one pair of brackets", "';'"]),
        ("[1 2] 3", ["'3' after the bracket", "divisor"]),
        ("a [1 2]", ["factor: 'a' is not a number"]),
        ("[1 2] / 0", ["cannot divide by 0"]),
        ("[0 0] / auto", ["every weight is 0"]),
        ("1 " * 4096, ["1 x 4096 is too large", "4095 a side"]),
        ("1;" * 4096, ["4096 x 1 is too large"]),
        ("1 " * 2049 + "x" + " 1" * 2048, ["2049 x 2048 is too large", "4194304"]),
        (" " * (1 << 20) + "1", ["1048576 at most"]),
    ],
)
def test_messages(text, words):
    message = refused(parse, text)
    for word in [*words, "kernel '"]:
        assert word in message


def test_control_characters_are_escaped():
    assert "\\x1b" in refused(parse, "1 \x1b2")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Kernel([]), "no numbers"),
        (lambda: Kernel([[]]), "no numbers"),
        (lambda: Kernel([[1], [1, 2]]), "row 2 has 2 entries, row 1 has 1"),
        (lambda: Kernel([[1]], 0), "denominator is zero"),
        (lambda: Kernel([[1]], 1 << 4096), "too many digits"),
        (lambda: Kernel([[10**301]]), "beyond 1e300"),
        (lambda: Kernel.from_rows([[1.0, float("inf")]]), "row 1, entry 2: inf"),
        (lambda: Kernel.from_rows([[1.0], [None]]), "row 2, entry 1: 'None' is not a number"),
        (lambda: Kernel.from_rows([[True]]), "'True' is not a number"),
        (lambda: Kernel.from_rows([[1j]]), "is not a number"),
        (lambda: Kernel.outer(Kernel([[1, 2], [3, 4]]), Kernel([[1]])), "one column and one row"),
        (lambda: Kernel.outer(Kernel([[1]] * 4095), Kernel([[1] * 4095])), "4095 x 4095 is too large"),
    ],
)
def test_class_refuses(call, words):
    assert words in refused(call)


def test_numpy_rows_are_exact():
    array = np.array([[0.1, 0.2], [0.3, -4]])
    assert Kernel.from_rows(array).weights == tuple(map(tuple, array.tolist()))
    assert Kernel.from_rows(np.array([[1, -2]], "i2")) == parse("1 -2")
    assert Kernel.from_rows([[0.1]]) != parse("0.1")
    assert Kernel.from_rows([[0.1]]).weights == parse("0.1").weights


def test_largest_product_is_built_and_anything_larger_is_not():
    kernel = parse("1 " * 2048 + "x" + " 1" * 2048)
    assert (kernel.height, kernel.width, kernel.sum) == (2048, 2048, 1 << 22)
    primes = [n for n in range(3, 9000) if all(n % d for d in range(2, int(n**0.5) + 1))]
    hostile = [
        " ".join(f"1/{p}" for p in primes),  # a common denominator of 13,000 bits
        "1 " * 2048
        + "x "
        + " ".join(f"{10**200 + n}/{10**200}" for n in range(1, 2049)),  # 4 million long numbers
        "1e-300 " * 150_000,
        "9" * (1 << 20),
        "1;" * 500_000,
        "(" * 500_000,
        "1 x " * 250_000,
        "1e" + "0" * 500_000 + "1",
    ]
    for text in hostile:
        start = time.process_time()
        refused(parse, text)
        assert time.process_time() - start < 10
    assert "common denominator of the weights is too large" in refused(parse, hostile[0])
    tracemalloc.start()
    refused(parse, hostile[1])
    refused(Kernel.outer, Kernel([[1]] * 4095), Kernel([[1] * 4095]))
    assert tracemalloc.get_traced_memory()[1] < 30e6
    tracemalloc.stop()


# Rank and factors


def transposed(kernel: Kernel) -> Kernel:
    return Kernel(zip(*kernel.numerators, strict=True), kernel.denominator)


def factors(kernel: Kernel) -> list[Term]:
    """As many as the rank."""
    return kernel.factors(min(kernel.height, kernel.width))


def near_terms(kernel: Kernel, tolerance: float) -> list[Term]:
    """Terms up to a residual of that part of the sum of absolute weights."""
    return list(cross(kernel.weights, tolerance * kernel.abs_sum))


def test_golden_sobel():
    kernel = preset("sobel-x")
    assert kernel.rank() == 1
    assert factors(kernel) == [((1.0, 2.0, 1.0), (-1.0, 0.0, 1.0))]
    assert kernel == parse("1 2 1 x -1 0 1") == parse("-1 0 1; -2 0 2; -1 0 1")


@pytest.mark.parametrize(
    ("text", "column", "row"),
    [
        ("-1 0 1", (1,), (-1, 0, 1)),
        ("-1; 2; -1", (1, -2, 1), (-1,)),
        ("-1 -2 -1; 0 0 0; 1 2 1", (1, 0, -1), (-1, -2, -1)),
        ("1/9 [1 1 1; 1 1 1; 1 1 1]", (1, 1, 1), (1 / 9, 1 / 9, 1 / 9)),
        ("6 12; 9 18", (2, 3), (3, 6)),
        ("0 0; 0 4", (0, 1), (0, 4)),
        ("[1 2 1 x 1 2 1] / 16", (1, 2, 1), (1 / 16, 1 / 8, 1 / 16)),
    ],
)
def test_exact_factors_of_rank_1(text, column, row):
    assert factors(parse(text)) == [(column, row)]


def test_rank_1_with_a_wild_column():
    column = Kernel.from_rows([[1e300], [1.1e-300], [-3.3], [0.1]])
    assert factors(column) == [((1e300, 1.1e-300, -3.3, 0.1), (1.0,))]
    assert factors(column.scaled(-1)) == [((1e300, 1.1e-300, -3.3, 0.1), (-1.0,))]
    kernel = Kernel.outer(column, parse("-1/3 0.1"))
    [(down, across)] = factors(kernel)
    assert max(map(abs, down)) == 1
    assert np.allclose(np.outer(down, across), kernel.weights, rtol=1e-15, atol=0.1)


@pytest.mark.parametrize(
    ("rows", "rank"),
    [
        ([[0]], 0),
        ([[0, 0], [0, 0]], 0),
        ([[5]], 1),
        ([[0, 1], [1, 0]], 2),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 10]], 3),
        ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 2),
        ([[10**60, 10**60 + 1], [10**60 - 1, 10**60]], 2),  # a determinant of 1: floats call it 0
        ([[10**60, 2 * 10**60], [1, 2]], 1),
    ],
)
def test_rank(rows, rank):
    assert Kernel(rows).rank() == rank


@given(matrices(integers, 7))
@settings(deadline=None, max_examples=300)
def test_rank_against_numpy(rows):
    kernel, rank = Kernel(rows), np.linalg.matrix_rank(np.array(rows, float))
    assert kernel.rank() == transposed(kernel).rank() == kernel.flipped().rank() == rank
    for limit in range(4):
        assert kernel.rank(limit) == min(rank, limit + 1)


def test_rank_keeps_its_numbers_short():
    start = time.perf_counter()
    assert Kernel(np.random.default_rng(2).integers(-9, 9, (25, 25)).tolist()).rank() == 25
    assert time.perf_counter() - start < 5


@given(st.data(), st.integers(1, 4), st.integers(4, 9))
@settings(deadline=None)
def test_rank_of_sums_of_products(data, terms, side):
    """Matrices of a low rank, which random ones seldom have, against elimination in fractions."""
    vector = st.lists(integers, min_size=side, max_size=side)
    rows = np.zeros((side, side), dtype=object)
    for _ in range(terms):
        rows = rows + np.outer(
            np.array(data.draw(vector), dtype=object), np.array(data.draw(vector), dtype=object)
        )
    kernel = Kernel(rows.tolist())
    assert kernel.rank() == fraction_rank(rows.tolist()) <= terms


def fraction_rank(rows: list[list[int]]) -> int:
    """Gauss in fractions: shares nothing with the code under test."""
    table, rank = [[Fraction(x) for x in row] for row in rows], 0
    for column in range(len(table[0])):
        pivot = next((i for i in range(rank, len(table)) if table[i][column]), None)
        if pivot is None:
            continue
        table[rank], table[pivot] = table[pivot], table[rank]
        for i in range(rank + 1, len(table)):
            ratio = table[i][column] / table[rank][column]
            table[i] = [a - ratio * b for a, b in zip(table[i], table[rank], strict=True)]
        rank += 1
    return rank


@given(matrices(st.one_of(rationals, decimals), 7))
@settings(deadline=None)
def test_factors_rebuild_the_kernel(rows):
    kernel = Kernel.from_rows(rows)
    terms = factors(kernel)
    weights = np.array(kernel.weights)
    sizes = np.abs(weights[weights != 0])
    alike = (
        not sizes.size or sizes.min() > 1e-12 * sizes.max()
    )  # else a term may lie below what floats can tell
    assert len(terms) == kernel.rank() if alike else len(terms) <= kernel.rank()
    assert np.abs(rebuilt(kernel, terms) - weights).max() <= 1e-12 * np.abs(weights).max()
    for column, _ in terms:
        assert next(c for c in column if c) > 0


@given(st.lists(integers, min_size=1, max_size=7), st.lists(integers, min_size=1, max_size=7))
@settings(deadline=None)
def test_factors_of_integer_products_are_integers_and_exact(column, row):
    kernel = Kernel([[c * r for r in row] for c in column])
    terms = factors(kernel)
    assert np.array_equal(rebuilt(kernel, terms), kernel.weights)
    assert all(value.is_integer() for term in terms for side in term for value in side)
    assert len(terms) == (any(column) and any(row))


def gaussian(sigma: float, radius: int) -> np.ndarray:
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return weights / weights.sum()


def test_numerically_low_rank():
    column, row = gaussian(1.3, 5), gaussian(2.1, 8)
    kernel = Kernel.from_rows(np.outer(column, row).tolist())
    assert kernel.rank(1) == 2
    [(down, across)] = near_terms(kernel, 1e-9)
    assert np.abs(np.outer(down, across) - kernel.weights).max() < 1e-16
    assert len(factors(kernel)) == kernel.rank() > 1
    difference = np.outer(gaussian(1, 8), gaussian(1, 8)) - np.outer(gaussian(2, 8), gaussian(2, 8))
    assert len(near_terms(Kernel.from_rows(difference.tolist()), 1e-9)) == 2


@given(matrices(decimals, 7), st.sampled_from([1e-12, 1e-6, 1e-3, 0.1]))
@settings(deadline=None)
def test_tolerance_bounds_the_error(rows, tolerance):
    kernel = Kernel.from_rows(rows)
    terms = near_terms(kernel, tolerance)
    error = np.abs(rebuilt(kernel, terms) - np.array(kernel.weights)).max()
    assert error <= tolerance * kernel.abs_sum * (1 + 1e-3)
    assert len(terms) <= min(kernel.height, kernel.width)


def test_factors_stop():
    kernel = parse("0 -1 0; -1 5 -1; 0 -1 0")
    assert kernel.factors(1) is None is low_rank_terms(kernel, 1)
    assert len(kernel.factors(2)) == 2 == len(low_rank_terms(kernel, 2))
    assert parse("0 0").factors(0) == [] == low_rank_terms(parse("0 0"), 0)
    assert parse("1 2").factors(0) is None is low_rank_terms(parse("1 2"), 0)
    noise = Kernel.from_rows(np.random.default_rng(1).standard_normal((300, 300)).tolist())
    start = time.perf_counter()
    assert noise.factors(3) is None is low_rank_terms(noise, 3)
    assert time.perf_counter() - start < 10


# Files


@pytest.mark.parametrize(
    ("name", "content", "want"),
    [
        ("k.txt", "# Sobel\n-1 0 1\n-2 0 2 # middle\n\n-1 0 1\n", "-1 0 1; -2 0 2; -1 0 1"),
        ("k.TXT", "\ufeff1 2\r\n3 4\r\n", "1 2; 3 4"),
        ("k.txt", "# one eighth\n1/8 *\n[0 1 0\n1 4 1\n0 1 0]", "0 1/8 0; 1/8 1/2 1/8; 0 1/8 0"),
        ("k.txt", "1 2 1 x -1 0 1", "-1 0 1; -2 0 2; -1 0 1"),
        ("k.csv", "0,-1,0\n-1,5,-1\n0,-1,0\n", "0 -1 0; -1 5 -1; 0 -1 0"),
        ("k.csv", '"0,5";1\n1;"0,25"\n', "1/2 1; 1 1/4"),
        ("k.csv", "1\t2\n3\t4", "1 2; 3 4"),
        ("k.csv", "1.000000000000000000e+00,2.5e-01\n", "1 1/4"),
        ("k.json", "[[0, 0.1], [1e-3, -2]]", "0 1/10; 1/1000 -2"),
        ("k.json", "[1, 2, 1]", "1 2 1"),
        ("k.json", '{"kernel": [[1, 2], ["1/3", 4]], "divisor": 0.1}', "10 20; 10/3 40"),
        ("k.json", '{"kernel": "1 2 1 x 1 2 1", "divisor": "auto"}', parse("[1 2 1 x 1 2 1] / 16").text()),
        ("k.toml", 'summary = "s"\nkernel = [[1, 0.1]]\ndivisor = 3\n', "1/3 1/30"),
        ("k.toml", "summary = 's'\nsource = 'x'\nkernel = '''\n1 2\n3 4\n'''", "1 2; 3 4"),
    ],
)
def test_files(tmp_path, name, content, want):
    (tmp_path / name).write_text(content, encoding="utf-8")
    kernel = read_kernel(str(tmp_path / name))
    assert kernel.text() == want
    assert kernel.name == name


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "f4", ">f8", "i8", "f2", "?"])
@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_npy(tmp_path, dtype, version):
    array = np.array([[0, 1, 3], [1, 0, 1]]).astype(dtype)
    for content in (array, np.asfortranarray(array), array[0]):
        with open(tmp_path / "k.npy", "wb") as file:
            np.lib.format.write_array(file, content, version)
        kernel = read_kernel(str(tmp_path / "k.npy"))
        assert np.array_equal(kernel.weights, np.atleast_2d(content))


def test_npy_floats_are_exact(tmp_path):
    array = np.random.default_rng(0).standard_normal((5, 7))
    np.save(tmp_path / "k.npy", array)
    assert np.array_equal(read_kernel(str(tmp_path / "k.npy")).weights, array)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("k.txt", "1 2\n\n# three\n1 2 3\n", ["k.txt: line 4 has 3 entries, line 1 has 2"]),
        ("k.txt", "# a\n1 2\n1 z\n", ["k.txt: line 3, entry 2", "'z'"]),
        ("k.txt", "# a\n\n1/9 [\n1 2\n1 z]\n", ["k.txt: line 5, entry 2"]),
        ("k.txt", "# nothing\n", ["no numbers"]),
        ("k.csv", "1,2\n1,,3", ["k.csv: line 2: entry 2 is empty"]),
        ("k.csv", "a,b\n1,2", ["k.csv: line 1, entry 1: 'a'"]),
        ("k.json", "[[1, 2], [3]]", ["row 2 has 1 entry, row 1 has 2"]),
        ("k.json", "[[1, 2], 3]", ["row 2 is '3' among lists"]),
        ("k.json", "[[1, null]]", ["row 1, entry 2: 'None'"]),
        ("k.json", "[[1, true]]", ["'True' is not a number"]),
        ("k.json", "[[1, [2]]]", ["row 1, entry 2"]),
        ("k.json", "[[1, NaN]]", ["k.json: NaN cannot be a weight"]),
        ("k.json", "[[1, 2]", ["cannot be read", "line 1 column"]),
        ("k.json", "[" * 200_000, ["nested too deeply"]),
        ("k.json", "7", ["must be rows of numbers"]),
        ("k.json", "[" + "9" * 5000 + "]", ["cannot be read"]),
        ("k.json", '{"kern": [1]}', ["unknown key 'kern'; did you mean 'kernel'?"]),
        ("k.json", '{"divisor": 2}', ["key 'kernel' is missing"]),
        ("k.json", '{"kernel": [1], "divisor": [2]}', ["key 'divisor' must be"]),
        ("k.json", '{"kernel": [1], "divisor": "two"}', ["divisor", "'two' is not a number"]),
        ("k.json", '{"kernel": [1], "divisor": 0}', ["divisor", "cannot divide by 0"]),
        ("k.toml", "summary = 's'\nkernel = [1 2]\n", ["cannot be read", "line 2"]),
        ("k.toml", "kernel = [1, 2]\n", ["key 'summary' is missing"]),
        ("k.toml", "summary = ' '\nkernel = [1, 2]\n", ["key 'summary' is missing"]),
        ("k.toml", "summary = 1\nkernel = [1, 2]\n", ["key 'summary' must be text"]),
        ("k.toml", "summary = 's'\nsource = 1\nkernel = [1, 2]\n", ["key 'source' must be text"]),
        ("k.toml", "summary = 's'\nkernel = [1, inf]\n", ["key 'kernel': row 1, entry 2", "finite"]),
        ("k.toml", "summary = 's'\nkernel = 3\n", ["key 'kernel': must be rows"]),
        ("k.toml", "summary = 's'\nkernel = '1 z'\n", ["key 'kernel': row 1, entry 2"]),
        ("k.toml", "summary = 's'\nkernel = [1]\ndivisr = 3\n", ["did you mean 'divisor'?"]),
        ("k.toml", "summary = 's'\nkernel = " + "[" * 50_000, ["nested too deeply"]),
        ("k.png", "x", ["read from .txt .csv .json .toml .npy, not from .png"]),
        ("kernel", "x", ["a name without suffix"]),
        ("k.npy", "x", ["cannot be read"]),
        ("k.npy", "", ["cannot be read"]),
    ],
)
def test_bad_files(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    message = refused(read_kernel, str(tmp_path / name))
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000 + "a = 1",
        "[" + "a." * 100_000 + "a]",
        "x = 1\n" + "'a' . \"b\" .\t" * 15_000 + "c = 1",
        '"a\\' * 80_000,
        "['" + "a" * 300 + "'" + (".'" + "a" * 300 + "'") * 800 + "]",
        "kernel = " + "[" * 200_000,
        "summary = 's'\nkernel = [1]\n#" + "#" * (1 << 18),
    ],
)
def test_hostile_toml_is_refused_soon(tmp_path, text):
    """tomllib of Python 3.11 takes time quadratic in the parts of a dotted name."""
    start = time.perf_counter()
    (tmp_path / "k.toml").write_text(text)
    refused(read_kernel, str(tmp_path / "k.toml"))
    assert time.perf_counter() - start < 10


def npy(path: Path, header: str, data: bytes = b"") -> str:
    head = header.encode() + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data)
    return str(path)


def test_bad_npy(tmp_path):
    path = tmp_path / "k.npy"
    for array, words in [
        (np.zeros((2, 3, 3, 3)), "a layer's weights"),
        (np.zeros((3, 3, 3)), "not 3-D"),
        (np.float64(3), "not 0-D"),
        (np.zeros((3, 3), complex), "complex128 is not a kernel"),
        (np.zeros((3, 3), "U4"), "is not a kernel"),
        (np.zeros((0, 3)), "no numbers"),
        (np.zeros((3, 0)), "no numbers"),
        (np.zeros(4096, "u1"), "1 x 4096 is too large"),
        (np.array([[1.0, np.nan]]), "row 1, entry 2: nan"),
        (np.array([[1.0, 1.7e308]]), "beyond 1e300"),
    ]:
        np.save(path, array)
        assert words in refused(read_kernel, str(path))
    np.save(path, np.array([[{}]]), allow_pickle=True)
    assert "object is not a kernel" in refused(read_kernel, str(path))
    form = "{{'descr': '{}', 'fortran_order': False, 'shape': {}}}"
    assert "ends early" in refused(read_kernel, npy(path, form.format("<f8", (3, 3)), bytes(71)))
    for shape in [(10**12, 10**12), (10**12, 0), (10**12,), (4000, 4000), (-1, 3), (-3, -3)]:
        tracemalloc.start()
        assert (
            "too large" in (said := refused(read_kernel, npy(path, form.format("<f8", shape))))
            or "no num" in said
        )
        assert tracemalloc.get_traced_memory()[1] < 4e6
        tracemalloc.stop()
    assert "is not a kernel" in refused(
        read_kernel, npy(path, form.format("|O", (3, 3)), b"cos\nsystem\n" * 9)
    )


def test_bad_paths(tmp_path, monkeypatch):
    assert "no such file" in refused(read_kernel, str(tmp_path / "none.txt"))
    (tmp_path / "dir.txt").mkdir()
    assert "is not a regular file" in refused(read_kernel, str(tmp_path / "dir.txt"))
    (tmp_path / "latin.txt").write_bytes(b"1 2 \xe9")
    assert "is not UTF-8 text" in refused(read_kernel, str(tmp_path / "latin.txt"))
    assert "cannot be read" in refused(read_kernel, "nul\0.txt")
    assert "\\x1b" in refused(read_kernel, "esc\x1b[2J.txt")
    with open(tmp_path / "big.json", "wb") as file:
        file.truncate(files.MAX_FILE + 1)
    monkeypatch.setattr("builtins.open", None)  # refused before it is opened
    assert "8388609 bytes are too many" in refused(read_kernel, str(tmp_path / "big.json"))


def test_files_may_be_longer_than_a_text_but_not_larger_than_a_kernel(tmp_path):
    (tmp_path / "k.txt").write_text(("1.0000000 " * 400 + "\n") * 300)
    assert read_kernel(str(tmp_path / "k.txt")).sum == 120_000
    (tmp_path / "k.csv").write_text(("1," * 2047 + "1\n") * 2047)
    assert read_kernel(str(tmp_path / "k.csv")).nonzero == 2048 * 2047
    (tmp_path / "k.csv").write_text("1\n" * 4096)
    assert "4096 x 1 is too large" in refused(read_kernel, str(tmp_path / "k.csv"))


def test_table_floats_count_as_written():
    table = {"summary": "s", "kernel": [0.1, 0.2, 0.4, 0.2, 0.1], "divisor": 0.5}
    assert kernel_from_table(table, "here").text() == "1/5 2/5 4/5 2/5 1/5"
    assert kernel_from_table(table, "here", "mine").name == "mine"
    assert refused(kernel_from_table, {"summary": "s", "kernel": [[1, "q"]]}, "a.toml").startswith(
        "a.toml: key 'kernel': row 1, entry 2: 'q'"
    )


# Presets


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_preset_files(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    kernel = kernel_from_table(table, path.name, path.stem)
    assert kernel == read_kernel(str(path))
    assert 10 < len(table["summary"]) <= 110 and table["summary"][-1] != "."
    assert len(table["source"]) > 10
    assert path.stem not in STEPS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("box3", "1/9 [1 1 1; 1 1 1; 1 1 1]"),
        ("weighted3", "1/8 [0 1 0; 1 4 1; 0 1 0]"),
        ("sharpen3", "0 -1 0; -1 5 -1; 0 -1 0"),
        ("sharpen-more", "-1 -1 -1; -1 9 -1; -1 -1 -1"),
        ("sobel-x", "-1 0 1; -2 0 2; -1 0 1"),
        ("sobel-y", "-1 -2 -1; 0 0 0; 1 2 1"),
        ("mean5", "1/5 1/5 1/5 1/5 1/5"),
        ("taper5", "0.1 0.2 0.4 0.2 0.1"),
        ("diff", "-1 0 1"),
        ("diff2", "1 -2 1"),
    ],
)
def test_golden_lecture_presets(name, text):
    assert preset(name) == parse(text)


ONE = words("""
    identity box3 box5 box7 disc5 weighted3 gaussian3 gaussian5 gaussian5-273 motion9 mean5 taper5
    sharpen3 sharpen-more sharpen5 edge-enhance emboss3
""")


def test_preset_sums_are_1_or_0():
    kernels = {path.stem: read_kernel(str(path)) for path in PRESETS}
    assert len(kernels) >= 53
    assert {name for name, kernel in kernels.items() if kernel.sum == 1} == ONE
    assert {kernel.sum for kernel in kernels.values()} == {0, 1}


def apply(name: str, image: np.ndarray) -> float:
    """The kernel on the middle of an image of its size: cross-correlation."""
    return float((np.array(preset(name).weights) * image).sum())


DIRECTIONS = {"n": (0, -1), "ne": (1, -1), "e": (1, 0), "se": (1, 1)}
DIRECTIONS |= {"s": (0, 1), "sw": (-1, 1), "w": (-1, 0), "nw": (-1, -1)}


@pytest.mark.parametrize("family", ["kirsch", "robinson"])
@pytest.mark.parametrize("to", DIRECTIONS)
def test_compass_presets_answer_most_to_their_direction(family, to):
    y, x = np.mgrid[-1:2, -1:2]  # y points down
    answers = {d: apply(f"{family}-{d}", DIRECTIONS[to][0] * x + DIRECTIONS[to][1] * y) for d in DIRECTIONS}
    assert max(answers, key=answers.get) == to
    assert answers[to] > 0


@pytest.mark.parametrize("family", ["sobel", "prewitt", "scharr"])
def test_gradient_presets(family):
    y, x = np.mgrid[-1:2, -1:2]
    assert apply(f"{family}-x", x) > 0 == apply(f"{family}-x", y)
    assert apply(f"{family}-y", y) > 0 == apply(f"{family}-y", x)
    assert transposed(preset(f"{family}-x")) == preset(f"{family}-y")
    assert preset(f"{family}-x").rank() == 1


def test_roberts_line_and_emboss_presets():
    y, x = np.mgrid[0:2, 0:2]
    assert apply("roberts-x", -(x + y)) > 0 == apply("roberts-x", x - y)
    assert apply("roberts-y", x - y) > 0 == apply("roberts-y", x + y)
    lines = {"horizontal": np.zeros((3, 3)), "diagonal-down": np.eye(3), "diagonal-up": np.eye(3)[::-1]}
    lines["horizontal"][1] = 1
    lines["vertical"] = lines["horizontal"].T
    for name, image in lines.items():
        assert {other: apply(f"line-{other}", image) for other in lines} == {
            o: 6.0 * (o == name) for o in lines
        }
    y, x = np.mgrid[-1:2, -1:2]
    assert apply("emboss3", x + y) > 0


def test_high_pass_is_identity_minus_box():
    for side in (3, 5):
        delta = np.zeros((side, side))
        delta[side // 2, side // 2] = 1
        assert np.allclose(preset(f"high-pass{side}").weights, delta - np.array(preset(f"box{side}").weights))


SEPARABLE = words("""
    identity box3 box5 box7 gaussian3 gaussian5 mean5 taper5 diff diff2 sobel-x sobel-y prewitt-x
    prewitt-y scharr-x scharr-y robinson-n robinson-e robinson-s robinson-w line-horizontal
    line-vertical
""")


def test_separable_presets():
    kernels = {path.stem: read_kernel(str(path)) for path in PRESETS}
    assert {name for name, kernel in kernels.items() if kernel.rank() == 1} == SEPARABLE


def test_limits_are_the_documented_ones():
    assert (parser.MAX_SIDE, parser.MAX_AREA, parser.MAX_TEXT) == (4095, 1 << 22, 1 << 20)
    assert files.MAX_FILE == 8 << 20
