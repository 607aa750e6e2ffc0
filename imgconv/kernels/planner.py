"""The planner: which algorithm applies a kernel at the least cost. All of them compute the same sum."""

from __future__ import annotations

from math import log2

from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.kernels.factorization import cross

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernels.kernel import Kernel

    Term = tuple[tuple[float, ...], tuple[float, ...]]

# Costs in multiply-adds of the dense loop (0.033 ns each): fitted to the time of every algorithm on 3 MP RGB, 8 bits to
# float32, two threads, over the grid of `python -m tests.bench.plan`, mostly within 15 %; 101 x 101 by transforms of
# 128 and 1024 is up to 25 % off. What all of them share (13 per sample) is left out.
ROW = 4.85  # a row of a dense kernel: the sums are loaded and stored
SPARSE = 1.8  # one tap at a time: the sum is loaded and stored for each
TAP, PASS = 1.45, 15.0  # a tap of a separable term; what is added to all its taps: a scratch row
SYMMETRIC_TAP, SYMMETRIC_PASS = 1.13, 6.0  # the same for a single term whose column is symmetric
REMEMBERED = 32  # plans that a process keeps: each worker asks, and 51 x 51 weights take 2 ms
MAX_TERMS = 4
TOLERANCE = 1e-8  # of the sum of absolute weights: a kernel this near a lower rank counts as that; float32 sees no more

# Transforms: a pass over a sample; what each doubling of a tile's spectra beyond the second-level cache adds to it; a
# complex tap; what is added for each row that is transformed, and for each row of the result.
BUTTERFLY, UNCACHED, COMPLEX_TAP, TRANSFORMED_ROW, RESULT_ROW = 1.5, 4.0, 1.93, 16.8, 46.0
CACHED = 1 << 18  # spectra of one tile that the cache holds, 8 bytes each
LENGTHS = (32, 64, 128, 256, 512, 1024, 2048)
PIECE = 1024  # items of a row that are transformed as real parts, and as many as imaginary parts: 8 bytes a row each
THREADS = 2  # that tiles are counted for, whatever their number is: it may not shape the result
MAX_TILE = 64 << 20  # bytes of the spectra of a tile


class Workload(Record):
    """What a kernel is applied to: an image of `height` rows of `items` numbers, and the distance of its taps."""

    height: int = 3000
    items: int = 12000
    row_spacing: int = 1  # rows from one tap to the next below it
    item_spacing: int = 3  # items from one tap to the next beside it


class Plan(Record):
    """An algorithm (`direct`, `sparse`, `separable`, `low-rank`, `fft`), and its cost in multiply-adds per sample.

    `terms`: the columns and rows whose products sum to the kernel (separable, low-rank). `length`: rows of a transform.
    """

    algorithm: str
    cost: float
    terms: tuple[Term, ...] = ()
    length: int = 0


_plans: dict[tuple[Kernel, str, bool, Workload | None, int], Plan] = {}


def plan(
    kernel: Kernel,
    wanted: str = "auto",
    exact: bool = False,
    workload: Workload | None = None,
    max_terms: int = MAX_TERMS,
) -> Plan:
    """The cheapest algorithm, or the wanted one where the kernel allows it, else direct.

    `exact`: taps in row-major order, as OpenCV and SciPy add them. `workload`: needed for transforms; without it they
    are left out. `max_terms`: of a low-rank sum.
    """
    key = (kernel, wanted, exact, workload, max_terms)
    return memoize(_plans, REMEMBERED, key, lambda: _choose(*key))


def _choose(kernel: Kernel, wanted: str, exact: bool, workload: Workload | None, max_terms: int) -> Plan:
    plans = candidates(kernel, wanted, None if exact else workload, max_terms=max_terms)
    if wanted != "auto":
        return next((plan for plan in plans if plan.algorithm == wanted), plans[0])
    if exact:
        return plans[0]
    return min(plans, key=lambda plan: plan.cost)


def candidates(
    kernel: Kernel,
    wanted: str = "auto",
    workload: Workload | None = None,
    every: bool = False,
    max_terms: int = MAX_TERMS,
) -> list[Plan]:
    """The algorithms that this kernel allows, direct first; `every`: also low-rank sums that would cost more."""
    taps = kernel.height * kernel.width
    plans = [Plan("direct", taps + ROW * kernel.height)]
    if kernel.nonzero * SPARSE < taps:
        plans.append(Plan("sparse", kernel.nonzero * SPARSE))
    if workload and wanted in ("auto", "fft"):
        plans += fft_plans(kernel, workload)
    if (
        min(kernel.height, kernel.width) > 1
        and kernel.nonzero
        and wanted in ("auto", "separable", "low-rank")
    ):
        least = min(plan.cost for plan in plans) / (kernel.height + kernel.width)
        limit = max_terms if every or wanted != "auto" else min(max(int(least / TAP), 1), max_terms)
        if terms := low_rank_terms(kernel, limit):
            plans.append(
                Plan("separable" if len(terms) == 1 else "low-rank", terms_cost(terms), tuple(terms))
            )
    return plans


def low_rank_terms(kernel: Kernel, max_terms: int) -> list[Term] | None:
    """At most `max_terms` columns and rows whose products sum to the kernel within `TOLERANCE`; None: it takes more.

    Floats are tried first: the exact rank of 101 x 101 floats takes 40 ms, and this 2.
    """
    pairs = zip(range(max_terms + 1), cross(kernel.weights, TOLERANCE * kernel.abs_sum), strict=False)
    near = [term for _, term in pairs]
    return None if len(near) > max_terms else kernel.factors(len(near)) or near


def terms_cost(terms: list[Term]) -> float:
    """The cost of a separable or low-rank sum."""
    taps = sum(len(column) + len(row) for column, row in terms)
    column = terms[0][0]
    if len(terms) == 1 and len(column) % 2 and column == column[::-1]:
        return taps * SYMMETRIC_TAP + SYMMETRIC_PASS
    return taps * TAP + PASS


def fft_plans(kernel: Kernel, workload: Workload) -> list[Plan]:
    """The plan of the cheapest transform; none where the kernel is too tall for all of them."""
    extent = (kernel.height - 1) * workload.row_spacing + 1
    halo = (kernel.width - 1) * workload.item_spacing
    half = half_width(workload.items, halo)
    lengths = [length for length in LENGTHS if length > extent and 8 * length * (half + halo) <= MAX_TILE]
    plans = [Plan("fft", fft_cost(kernel, workload, length, half, halo), (), length) for length in lengths]
    return sorted(plans, key=lambda plan: plan.cost)[:1]


def fft_cost(kernel: Kernel, workload: Workload, length: int, half: int, halo: int) -> float:
    """The cost of transforms of this length: forward, with the halo too; the complex taps; and back."""
    tile = length - (kernel.height - 1) * workload.row_spacing
    tiles = -(-workload.height // tile)
    rows = (tiles + tiles % THREADS) * length / workload.height
    pieces = -(-workload.items // (2 * half)) * 2 * half / workload.items
    uncached = UNCACHED * max(log2(length * (half + halo) / CACHED), 0)
    passes = len(radices(length)) * (BUTTERFLY + uncached) * ((half + halo) / half + 1)
    return rows * pieces * (passes + COMPLEX_TAP * kernel.width + TRANSFORMED_ROW) + RESULT_ROW


def radices(length: int) -> list[int]:
    """The radices of a transform's passes: 4, and 2 in the last one where the length asks for it."""
    bits = length.bit_length() - 1
    return [4] * (bits // 2) + [2] * (bits % 2)


def half_width(items: int, halo: int) -> int:
    """How many items of a row are transformed as real parts, and as many as imaginary parts."""
    pieces = max(round(items / (2 * max(PIECE, 4 * halo))), 1)
    return -(-items // (2 * pieces))


def describe_plan(kernel: Kernel, chosen: Plan) -> str:
    """For example `separable, 6 multiply-adds per sample instead of 9: column 1 2 1, row -1 0 1`."""
    taps = kernel.height * kernel.width
    if chosen.length:
        cost = f"the cost of {chosen.cost:.0f} multiply-adds per sample instead of {taps}"
        return f"fft, transforms of {chosen.length} rows, {cost}"
    if not chosen.terms:
        used = kernel.nonzero if chosen.algorithm == "sparse" else taps
        skipped = f", {taps - used} zeros skipped" if used < taps else ""
        return f"{chosen.algorithm}, {used} multiply-adds per sample{skipped}"
    products = len(chosen.terms) * (kernel.height + kernel.width)
    text = f"{chosen.algorithm}, {products} multiply-adds per sample instead of {taps}"
    if len(chosen.terms) == 1 and max(kernel.height, kernel.width) <= 9:
        column, row = (" ".join(f"{w:.6g}" for w in part) for part in chosen.terms[0])
        return f"{text}: column {column}, row {row}"
    return f"{text}, rank {len(chosen.terms)}"
