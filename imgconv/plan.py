"""Plan: which algorithm applies a kernel, by cost; each computes the same sum."""

from __future__ import annotations

from imgconv.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernel import Kernel

    Term = tuple[tuple[float, ...], tuple[float, ...]]

# Cost of one multiply-add in each form against one of the dense loop's, measured on 12 MP RGB (`make bench`).
SPARSE = 1.8  # one tap at a time: the sum is loaded and stored for each
PASS = 1.5  # what one product adds besides its taps: a scratch row
MOST_TERMS = 4
NEAR = 1e-8  # of the sum of absolute weights: a kernel this near to low rank is taken for it; float32 sees no more


class Plan(Record):
    """An algorithm (`direct`, `sparse`, `separable`, `low-rank`), its terms, and its cost in multiply-adds a sample."""

    algorithm: str
    cost: float
    terms: tuple[Term, ...] = ()


def plan(kernel: Kernel, wanted: str = "auto", exact: bool = False) -> Plan:
    """The cheapest algorithm, or the wanted one. `exact`: taps in row-major order, as OpenCV and SciPy add them."""
    found = candidates(kernel, wanted)
    if wanted != "auto":
        return next((one for one in found if one.algorithm == wanted), found[0])
    if exact:
        return found[0]
    return min(found, key=lambda one: one.cost)


def candidates(kernel: Kernel, wanted: str = "auto") -> list[Plan]:
    """Every algorithm that this kernel allows; direct first."""
    found = [Plan("direct", float(kernel.height * kernel.width))]
    if kernel.nonzero * SPARSE < kernel.height * kernel.width:
        found.append(Plan("sparse", kernel.nonzero * SPARSE))
    if (
        min(kernel.height, kernel.width) > 1
        and kernel.nonzero
        and wanted in ("auto", "separable", "low-rank")
    ):
        terms = kernel.few_factors(MOST_TERMS) or kernel.few_factors(MOST_TERMS, NEAR)
        if terms:
            cost = len(terms) * (kernel.height + kernel.width + PASS)
            found.append(Plan("separable" if len(terms) == 1 else "low-rank", cost, tuple(terms)))
    return found


def describe(kernel: Kernel, chosen: Plan) -> str:
    """`separable, 6 multiply-adds a sample instead of 9: column 1 2 1, row -1 0 1`."""
    taps = kernel.height * kernel.width
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
