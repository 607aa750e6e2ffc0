"""The rank and the separable terms of a matrix: exact for integers, approximate for floats. No NumPy."""

from __future__ import annotations

from math import gcd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Term = tuple[tuple[float, ...], tuple[float, ...]]  # a column and a row; their outer product is the term

EXACT_COLUMN = 1 << 24  # float32 holds every integer up to here


def directions(rows: Iterable[Sequence[int]]) -> list[tuple[int, ...]]:
    """The distinct directions of the nonzero rows: each divided by its gcd, with a positive first number."""
    distinct: dict[tuple[int, ...], None] = {}
    for row in rows:
        if common := gcd(*row):
            sign = 1 if next(n for n in row if n) > 0 else -1
            distinct[tuple(n // (sign * common) for n in row)] = None
    return list(distinct)


def bareiss(rows: Sequence[Sequence[int]], limit: int) -> int:
    """The rank of nonzero rows by fraction-free elimination, at most limit + 1. Every division is exact."""
    previous, rank = 1, 0
    while rows and rank <= limit:
        *others, top = rows
        column = next(j for j, n in enumerate(top) if n)
        pivot, pairs = top[column], [(row, row[column]) for row in others]
        reduced_rows = [
            [(pivot * n - f * t) // previous for n, t in zip(row, top, strict=True)] for row, f in pairs
        ]
        rows = [row for row in reduced_rows if any(row)]
        previous, rank = pivot, rank + 1
    return rank


def exact_term(rows: Sequence[Sequence[int]], denominator: int) -> Term:
    """The column and the row of a matrix of rank 1, `rows / denominator`.

    The column holds integers without a common factor, of which the first nonzero one is positive; the row holds the
    remaining factor. A column beyond float32's integers is scaled to a largest weight of 1 instead; if the matrix is
    itself a column, the column holds its weights and the row 1 or -1.
    """
    row = directions(rows)[0]
    first = next(j for j, n in enumerate(row) if n)
    multiples = [line[first] // row[first] for line in rows]
    column = directions([multiples])[0]
    scale = next(m // c for m, c in zip(multiples, column, strict=True) if c)
    above, below = 1, 1  # the column is multiplied by above / below, the row divided by it
    if (biggest := max(map(abs, column))) > EXACT_COLUMN:
        above, below = (abs(scale), denominator) if len(row) == 1 else (1, biggest)
    across = tuple(scale * below * n / (above * denominator) for n in row)
    return tuple(above * c / below for c in column), across


def cross(weights: Sequence[Sequence[float]], stop: float) -> Iterator[Term]:
    """Cross approximation with complete pivoting: terms until no absolute residual is larger than `stop`."""
    residual = [list(row) for row in weights]
    while True:
        peaks = [max(row, key=abs) for row in residual]
        top = max(range(len(peaks)), key=lambda i: abs(peaks[i]))
        pivot, across = peaks[top], residual[top]
        if abs(pivot) <= stop:
            return
        left = across.index(pivot)
        column = [row[left] / pivot for row in residual]  # within -1..1: nothing can overflow
        sign = 1.0 if next(c for c in column if c) > 0 else -1.0
        yield tuple(c * sign + 0.0 for c in column), tuple(b * sign + 0.0 for b in across)
        for i, c in enumerate(column):
            if c:
                residual[i] = [a - c * b for a, b in zip(residual[i], across, strict=True)]
                residual[i][left] = 0.0
