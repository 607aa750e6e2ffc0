"""Plan: which algorithm applies a kernel, by cost; each computes the same sum."""

from __future__ import annotations

from math import log2

from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.kernels.factorization import cross

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernels.kernel import Kernel

    Term = tuple[tuple[float, ...], tuple[float, ...]]

# Cost of one of each, against one multiply-add of the dense loop (0.033 ns): fitted to the time of every algorithm on
# 3 MP RGB, 8 bits to float32, two threads, over the grid of `python -m tests.bench_plan`, mostly within 15 %; 101 x 101
# by transforms of 128 and 1024 is up to 25 % off. What all of them have in common (13 for each sample) is left out.
ROW = 4.85  # a row of a dense kernel: the sums are loaded and stored
SPARSE = 1.8  # one tap at a time: the sum is loaded and stored for each
TAP, PASS = 1.45, 15.0  # of products; what comes on top of their taps: a scratch row
SYMMETRIC, FOLDED = 1.13, 6.0  # the same for one product whose column is symmetric
HELD = 32  # plans that a process remembers: each worker asks, and 51 x 51 weights take 2 ms
MOST_TERMS = 4
NEAR = 1e-8  # of the sum of absolute weights: a kernel this near to low rank is taken for it; float32 sees no more

# Transforms: a pass over a sample, and what it costs more with each doubling of a tile's spectra beyond the second
# cache; a complex tap; and what comes on top of these for each row that is transformed and each that is kept.
BUTTERFLY, FAR, TURN, SHARE, KEPT = 1.5, 4.0, 1.93, 16.8, 46.0
NEARBY = 1 << 18  # spectra of one tile, 8 bytes each
LENGTHS = (32, 64, 128, 256, 512, 1024, 2048)
PIECE = 1024  # items of a row that are transformed as real parts, and as many as imaginary ones: 8 bytes a row each
SHARED = 2  # threads that tiles are counted for, whatever their number: it may not shape the result
LARGEST = 64 << 20  # bytes that the spectra of a tile may take


class Place(Record):
    """Where a kernel is to be applied: so many rows of so many items, and how far apart taps lie."""

    height: int = 3000
    items: int = 12000
    below: int = 1
    beside: int = 3


class Plan(Record):
    """An algorithm (`direct`, `sparse`, `separable`, `low-rank`, `fft`), and its cost in multiply-adds a sample.

    `terms` of a sum of products; `length` of a transform.
    """

    algorithm: str
    cost: float
    terms: tuple[Term, ...] = ()
    length: int = 0


_held: dict[tuple[Kernel, str, bool, Place | None, int], Plan] = {}


def plan(
    kernel: Kernel,
    wanted: str = "auto",
    exact: bool = False,
    place: Place | None = None,
    most: int = MOST_TERMS,
) -> Plan:
    """The cheapest algorithm, or the wanted one; transforms where a place is given.

    `exact`: taps in row-major order, as OpenCV and SciPy add them. `most`: terms that a sum of products may have.
    """
    key = (kernel, wanted, exact, place, most)
    return memoize(_held, HELD, key, lambda: _planned(*key))


def _planned(kernel: Kernel, wanted: str, exact: bool, place: Place | None, most: int) -> Plan:
    found = candidates(kernel, wanted, None if exact else place, most=most)
    if wanted != "auto":
        return next((one for one in found if one.algorithm == wanted), found[0])
    if exact:
        return found[0]
    return min(found, key=lambda one: one.cost)


def candidates(
    kernel: Kernel,
    wanted: str = "auto",
    place: Place | None = None,
    every: bool = False,
    most: int = MOST_TERMS,
) -> list[Plan]:
    """The algorithms that this kernel allows, direct first; `every`: also sums of products that would cost more."""
    taps = kernel.height * kernel.width
    found = [Plan("direct", taps + ROW * kernel.height)]
    if kernel.nonzero * SPARSE < taps:
        found.append(Plan("sparse", kernel.nonzero * SPARSE))
    if place and wanted in ("auto", "fft"):
        found += transforms(kernel, place)
    if (
        min(kernel.height, kernel.width) > 1
        and kernel.nonzero
        and wanted in ("auto", "separable", "low-rank")
    ):
        least = min(one.cost for one in found) / (kernel.height + kernel.width)
        most = most if every or wanted != "auto" else min(max(int(least / TAP), 1), most)
        if terms := products(kernel, most):
            found.append(Plan("separable" if len(terms) == 1 else "low-rank", cost_of(terms), tuple(terms)))
    return found


def products(kernel: Kernel, most: int) -> list[Term] | None:
    """At most so many products that sum to the kernel, or nearly so where that takes fewer.

    Floats tell first whether there are any: the exact rank of 101 x 101 floats takes 40 ms, and this 2.
    """
    taken = zip(range(most + 1), cross(kernel.weights, NEAR * kernel.abs_sum), strict=False)
    near = [term for _, term in taken]
    return None if len(near) > most else kernel.few_factors(len(near)) or near


def cost_of(terms: list[Term]) -> float:
    """Of a sum of products."""
    taps = sum(len(column) + len(row) for column, row in terms)
    column = terms[0][0]
    if len(terms) == 1 and len(column) % 2 and column == column[::-1]:
        return taps * SYMMETRIC + FOLDED
    return taps * TAP + PASS


def transforms(kernel: Kernel, place: Place) -> list[Plan]:
    """The cheapest length of transforms; none where no length is allowed."""
    extent, halo = (kernel.height - 1) * place.below + 1, (kernel.width - 1) * place.beside
    half = halves(place.items, halo)
    lengths = [size for size in LENGTHS if size > extent and 8 * size * (half + halo) <= LARGEST]
    found = [Plan("fft", transform_cost(kernel, place, size, half, halo), (), size) for size in lengths]
    return sorted(found, key=lambda one: one.cost)[:1]


def transform_cost(kernel: Kernel, place: Place, length: int, half: int, halo: int) -> float:
    """Of transforms of this length: forward over the flanks too, the taps, and back."""
    tile = length - (kernel.height - 1) * place.below
    tiles = -(-place.height // tile)
    rows = (tiles + tiles % SHARED) * length / place.height
    pieces = -(-place.items // (2 * half)) * 2 * half / place.items
    far = FAR * max(log2(length * (half + halo) / NEARBY), 0)
    passes = len(radices(length)) * (BUTTERFLY + far) * ((half + halo) / half + 1)
    return rows * pieces * (passes + TURN * kernel.width + SHARE) + KEPT


def radices(length: int) -> list[int]:
    """A transform's passes: of radix 4, the last one perhaps of radix 2."""
    bits = length.bit_length() - 1
    return [4] * (bits // 2) + [2] * (bits % 2)


def halves(items: int, halo: int) -> int:
    """How many items of a row are transformed as real parts, and as many as imaginary ones."""
    count = max(round(items / (2 * max(PIECE, 4 * halo))), 1)
    return -(-items // (2 * count))


def describe(kernel: Kernel, chosen: Plan) -> str:
    """`separable, 6 multiply-adds a sample instead of 9: column 1 2 1, row -1 0 1`."""
    taps = kernel.height * kernel.width
    if chosen.length:
        worth = f"worth {chosen.cost:.0f} multiply-adds a sample instead of {taps}"
        return f"fft, transforms of {chosen.length} rows, {worth}"
    if not chosen.terms:
        used = kernel.nonzero if chosen.algorithm == "sparse" else taps
        skipped = f", {taps - used} zeros skipped" if used < taps else ""
        return f"{chosen.algorithm}, {used} multiply-adds a sample{skipped}"
    count = len(chosen.terms) * (kernel.height + kernel.width)
    text = f"{chosen.algorithm}, {count} multiply-adds a sample instead of {taps}"
    if len(chosen.terms) == 1 and max(kernel.height, kernel.width) <= 9:
        column, row = (" ".join(f"{w:.6g}" for w in part) for part in chosen.terms[0])
        return f"{text}: column {column}, row {row}"
    return f"{text}, rank {len(chosen.terms)}"
