"""A convolution kernel: a matrix of exact rational weights; its sums, symmetry, rank and separable factors.

Weights are integers over one common denominator, so that 1/9 and 0.1 stay what the user wrote. Whether a kernel is
separable and what its sum is have exact answers; floats appear only at the end. Nothing heavy is imported: a warm run
reads its kernels with this module and `parser` alone.
"""

from __future__ import annotations

from math import gcd, lcm

from imgconv.kernels.factorization import bareiss, cross, directions, exact_term
from imgconv.kernels.parser import (
    check_shape,
    check_size,
    exact,
    fraction_text,
    quoted,
    read_text,
    reduced,
    refuse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal, NoReturn

    from imgconv.kernels.factorization import Term
    from imgconv.kernels.parser import Fraction, Table

    Rows = tuple[tuple[int, ...], ...]
    Symmetry = Literal["even", "odd", "none"]

MAX_WEIGHT = 1 << 997  # 1.3e300: no sum over a kernel leaves the floats
MAX_BITS = 4096  # of one numerator or the denominator
MAX_TOTAL_BITS = 1 << 31  # of all numerators together


class Kernel:
    """An immutable height x width matrix of exact weights `numerators[row][column] / denominator`.

    Takes rows of integers, one denominator for all of them, and a name for messages. Stored in lowest terms, with a
    positive denominator. Errors: UsageError for ragged or empty rows, more than 4095 weights a side or 2^22 in all, a
    zero denominator, a weight beyond 1e300, or too many digits.
    """

    __slots__ = ("_name", "_weights", "denominator", "height", "numerators", "width")
    numerators: Rows
    denominator: int
    height: int
    width: int
    _name: str
    _weights: tuple[tuple[float, ...], ...] | None

    def __init__(self, numerators: Iterable[Iterable[int]], denominator: int = 1, name: str = "") -> None:
        rows = tuple(tuple(row) for row in numerators)
        check_shape([len(row) for row in rows], name or "kernel")
        biggest = max(abs(n) for row in rows for n in row)
        _check_digits(biggest, denominator, len(rows) * len(rows[0]), name or "kernel")
        rows, denominator = _lowest(rows, denominator)
        values = (rows, denominator, len(rows), len(rows[0]), name, None)
        fields = ("numerators", "denominator", "height", "width", "_name", "_weights")
        for field, value in zip(fields, values, strict=True):
            object.__setattr__(self, field, value)

    @classmethod
    def from_rows(cls, rows: Iterable[Iterable[object]], name: str = "", where: str = "") -> Kernel:
        """The kernel of rows of integers, floats (bit for bit) or texts such as "1/9"."""
        where = where or name or "kernel"
        table = [list(row) for row in rows]
        check_shape([len(row) for row in table], where)
        fractions = [
            [exact(value, f"{where}: row {i}, entry {j}") for j, value in enumerate(row, 1)]
            for i, row in enumerate(table, 1)
        ]
        return _from_fractions(fractions, name, where)

    @classmethod
    def outer(cls, column: Kernel, row: Kernel, name: str = "", where: str = "") -> Kernel:
        """The outer product of a 1-D column and a 1-D row (either may be written as a row)."""
        where = where or name or "kernel"
        if 1 not in (column.height, column.width) or 1 not in (row.height, row.width):
            refuse(where, "a product takes one column and one row, not matrices")
        down = [n for line in column.numerators for n in line]
        across = [n for line in row.numerators for n in line]
        check_size(len(down), len(across), where)
        denominator = column.denominator * row.denominator
        biggest = max(map(abs, down)) * max(map(abs, across))
        _check_digits(biggest, denominator, len(down) * len(across), where)
        return cls([[c * r for r in across] for c in down], denominator, name)

    def __setattr__(self, field: str, value: object) -> NoReturn:
        raise AttributeError(f"a kernel cannot change: {field}")

    def __delattr__(self, field: str) -> NoReturn:
        raise AttributeError(f"a kernel cannot change: {field}")

    def __reduce__(self) -> tuple[object, ...]:
        return Kernel, (self.numerators, self.denominator, self._name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Kernel):
            return NotImplemented
        return (self.denominator, self.numerators) == (other.denominator, other.numerators)

    def __hash__(self) -> int:
        return hash((self.denominator, self.numerators))

    def __repr__(self) -> str:
        return f"Kernel({self.name!r}, {self.height} x {self.width})"

    @property
    def name(self) -> str:
        """For messages: the name given (a preset, a file), else a small kernel's text, else its size."""
        small = not self._name and self.height * self.width <= 25
        if small and len(text := self.text()) <= 72:
            return text
        return self._name or f"kernel of {self.height} x {self.width}"

    @property
    def weights(self) -> tuple[tuple[float, ...], ...]:
        """The weights as floats, each the one nearest to its exact value."""
        if self._weights is None:
            d = self.denominator
            object.__setattr__(self, "_weights", tuple(tuple(n / d for n in row) for row in self.numerators))
        assert self._weights is not None
        return self._weights

    @property
    def sum(self) -> float:
        """The sum of the weights, correctly rounded: the factor of a flat image."""
        return sum(map(sum, self.numerators)) / self.denominator

    @property
    def abs_sum(self) -> float:
        """The sum of the absolute weights, correctly rounded: the largest gain."""
        return self._exact_abs_sum() / self.denominator

    @property
    def nonzero(self) -> int:
        """The number of nonzero weights."""
        return sum(1 for row in self.numerators for n in row if n)

    @property
    def row_symmetry(self) -> Symmetry:
        """Whether every row mirrored left to right equals itself (even), its negative (odd), or neither."""
        return _symmetry(self.numerators, tuple(row[::-1] for row in self.numerators))

    @property
    def column_symmetry(self) -> Symmetry:
        """Whether every column mirrored top to bottom equals itself (even), its negative (odd), or neither."""
        return _symmetry(self.numerators, self.numerators[::-1])

    def flipped(self) -> Kernel:
        """The kernel rotated by 180 degrees: correlation with it is convolution with this kernel."""
        return Kernel([row[::-1] for row in self.numerators[::-1]], self.denominator, self._name)

    def scaled(self, numerator: int, denominator: int = 1) -> Kernel:
        """Every weight times numerator / denominator, exactly."""
        rows = [[n * numerator for n in row] for row in self.numerators]
        return Kernel(rows, self.denominator * denominator, self._name)

    def divided(self, divisor: str | int | float, where: str = "") -> Kernel:
        """Every weight divided by a number, a number's text ("16", "1/9") or "auto". Errors: UsageError for 0."""
        where = where or f"kernel {quoted(self.name)}"
        n, d = self._auto_divisor(where) if divisor == "auto" else exact(divisor, f"{where}: divisor")
        if n == 0:
            refuse(where, "cannot divide by 0: give another divisor, or 'auto'")
        return self.scaled(d, n)

    def _auto_divisor(self, where: str) -> Fraction:
        """What "auto" divides by, exact: the sum, or half the sum of absolute values where the sum is 0.

        So a blur sums to 1, and the positive and negative weights of a gradient to 1 and -1. Errors: UsageError where
        all weights are 0.
        """
        if total := sum(map(sum, self.numerators)):
            return reduced(total, self.denominator)
        if not self.nonzero:
            refuse(where, "every weight is 0, so 'auto' finds no divisor: give a number")
        return reduced(self._exact_abs_sum(), 2 * self.denominator)

    def rank(self, limit: int | None = None) -> int:
        """The exact rank, or limit + 1 where it is more than `limit`; each unit of the rank takes one pass.

        Fraction-free elimination: E. Bareiss, "Sylvester's identity and multistep integer-preserving
        Gaussian elimination", 1968. Rows and columns that are multiples of another are dropped first.
        """
        rows = directions(zip(*directions(self.numerators), strict=True))
        return bareiss(rows, len(rows) if limit is None else limit)

    def factors(self, max_terms: int) -> list[Term] | None:
        """`rank()` pairs (column, row) whose outer products sum to the kernel; None where these are more than allowed.

        Rank 1 is exact: integers in the column where they are small; the row holds the rest. Higher ranks are found by
        cross approximation with complete pivoting, within 1e-12 of the largest weight. The first nonzero weight of
        each column is positive. Stops as soon as the rank is known to be too high.
        """
        rank = self.rank(max_terms)
        if rank > max_terms:
            return None
        if rank == 1:
            return [exact_term(self.numerators, self.denominator)]
        return [term for _, term in zip(range(rank), cross(self.weights, 0.0), strict=False)]

    def text(self) -> str:
        """The canonical text, exact: "0 -1 0; -1 5 -1; 0 -1 0". `parse` reads it back to an equal kernel."""
        d = self.denominator
        return "; ".join(" ".join(fraction_text(*reduced(n, d)) for n in row) for row in self.numerators)

    def _exact_abs_sum(self) -> int:
        return sum(sum(map(abs, row)) for row in self.numerators)


def parse(text: str, where: str = "", name: str = "", line: int = 0) -> Kernel:
    """The kernel of a text.

    Rows split by `;` or line ends, numbers by spaces or commas: "0 -1 0; -1 5 -1; 0 -1 0"; one row for 1-D.
    "1 2 1 x -1 0 1" is column x row. Numbers: 2, -0.5, 1e-3, 1/9, all exact. A bracketed kernel may have a factor
    before it or a divisor after it: "1/9 [1 1 1; 1 1 1; 1 1 1]", "[1 2 1 x 1 2 1] / 16". `where` and `line` (the line
    in a file where the text begins; 0: rows are counted) are for messages. Errors: UsageError.
    """
    where = where or f"kernel {quoted(text)}"
    tables, factor, divisor = read_text(text, where, line)
    kernel, *row = [_from_fractions(table, name, where) for table in tables]
    if row:
        kernel = Kernel.outer(kernel, row[0], name, where)
    if factor != (1, 1):
        kernel = kernel.scaled(*factor)
    return kernel.divided(divisor, where) if divisor else kernel


def _check_digits(biggest: int, denominator: int, area: int, where: str) -> None:
    """Refuse what would take unbounded memory or time, and weights that are not finite floats."""
    if denominator == 0:
        refuse(where, "the denominator is zero")
    if biggest > abs(denominator) * MAX_WEIGHT:
        refuse(where, "a weight is beyond 1e300: use smaller numbers")
    bits = max(biggest.bit_length(), denominator.bit_length())
    if bits > MAX_BITS or biggest.bit_length() * area > MAX_TOTAL_BITS:
        refuse(where, "the exact weights have too many digits: round them, or use fewer denominators")


def _lowest(rows: Rows, denominator: int) -> tuple[Rows, int]:
    common = denominator
    for row in rows:
        if (common := gcd(common, *row)) == 1:
            break
    common = abs(common) if denominator > 0 else -abs(common)
    if common == 1:
        return rows, denominator
    return tuple(tuple(n // common for n in row) for row in rows), denominator // common


def _from_fractions(table: Table, name: str, where: str) -> Kernel:
    """The kernel of a matrix of fractions; equal weights share one integer."""
    distinct = {pair for row in table for pair in row}
    common = 1
    for d in {d for _, d in distinct}:
        if (common := lcm(common, d)).bit_length() > MAX_BITS:
            refuse(where, "the common denominator of the weights is too large: round them")
    biggest = max(abs(n) * (common // d) for n, d in distinct)
    _check_digits(biggest, common, len(table) * len(table[0]), where)
    whole = {(n, d): n * (common // d) for n, d in distinct}
    return Kernel([[whole[pair] for pair in row] for row in table], common, name)


def _symmetry(rows: Rows, mirrored: Rows) -> Symmetry:
    if rows == mirrored:
        return "even"
    return "odd" if rows == tuple(tuple(-n for n in row) for row in mirrored) else "none"
