"""A kernel's best approximation of a lower rank: a sum of few products column x row. NumPy, where it is asked for."""

from __future__ import annotations

from math import ceil, floor, frexp, log10

from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.kernels.kernel import Kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SURELY = 1 << 18  # weights x rank up to which the exact rank is found first, which takes some 0.1 s
BITS = 60  # of the largest weight of an approximation: more than float64 has
SAME = 1e-12  # of the largest weight: what differs by less differs by rounding
EVEN = 1.1  # how much more the weights may move where columns and rows are treated alike
HELD = 8  # approximations that a process remembers


class LowRank(Record):
    """What `approximate` found.

    `full`: the rank of the kernel that was given. `bound`: how far a result can be off, as a part of full scale, for
    values from 0 to full scale; values of either sign can be twice as far off. `relative`: the root of the sum of
    squares of what the weights are off, over that of the weights.
    """

    kernel: Kernel
    rank: int
    full: int
    bound: float
    relative: float


_held: dict[tuple[Kernel, int], LowRank | None] = {}


def approximate(kernel: Kernel, rank: int) -> LowRank | None:
    """The approximation by `rank` products; None where the kernel has no higher rank, as far as float64 sees.

    The truncated singular value decomposition U S V', the nearest by the sum of squares (C. Eckart and G. Young,
    1936). It changes the kernel's sum: a disc of 11 would brighten the picture by 1.1 % at rank 1, and a Laplacian
    answer to what is flat. Therefore a multiple of UU'1 (VV'1)' is added, the nearest way to the kernel's sum that
    stays within these columns and rows; or, where that moves the weights less, of UU'1 1' or 1 (VV'1)', which
    changes the rows or the columns alone. No term is added by any of them. Where the columns and rows sum to nothing,
    or nearly so, the sum is lost: `show` and `explain` say what it is.
    """
    if rank >= min(kernel.height, kernel.width):
        return None
    if kernel.height * kernel.width * rank <= SURELY and kernel.rank(rank) <= rank:
        return None
    return memoize(_held, HELD, (kernel, rank), lambda: _truncated(kernel, rank))


def _truncated(kernel: Kernel, rank: int) -> LowRank | None:
    import numpy as np

    power = max(frexp(weight)[1] for row in kernel.weights for weight in row)
    exact = np.ldexp(np.array(kernel.weights), -power)  # no square of 1e300 or 1e-300 leaves the floats
    columns, values, rows = np.linalg.svd(exact, full_matrices=False)
    full = int((values > max(exact.shape) * np.finfo(float).eps * values[0]).sum())
    if full <= rank:
        return None
    near = _summed(columns[:, :rank], values[:rank], rows[:rank], exact)
    made = _kernel(_symmetric(near, kernel), power, kernel)
    off = np.ldexp(np.array(made.weights), -power) - exact
    bound = float(np.ldexp(max(off[off > 0].sum(), -off[off < 0].sum()), power))
    return LowRank(made, rank, full, bound, float(np.linalg.norm(off) / np.linalg.norm(exact)))


def _summed(columns: Any, values: Any, rows: Any, exact: Any) -> Any:
    """The product, with the sum of the exact weights if that moves them by less than their own norm."""
    import numpy as np

    near = (columns * values) @ rows
    ones_down, ones_across = (np.ones(length) for length in exact.shape)
    down, across = columns @ (ones_down @ columns), (rows @ ones_across) @ rows  # what of them these can make
    lost = float(exact.sum() - near.sum())
    pushes = [(down, across), (down, ones_across), (ones_down, across)]
    costs = [1 / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-150) for one, other in pushes]
    best = min(range(3), key=lambda i: costs[i] * (1 if i else 1 / EVEN))
    if abs(lost) * costs[best] >= np.linalg.norm(exact):
        return near
    push = np.outer(*pushes[best])
    return near + lost / push.sum() * push


def _symmetric(near: Any, kernel: Kernel) -> Any:
    """Mirrored to the bit where the kernel is, which rounding spoils: a symmetric column needs half the work."""
    for axis, symmetry in enumerate((kernel.column_symmetry, kernel.row_symmetry)):
        mirrored = near[::-1] if axis == 0 else near[:, ::-1]
        other = -mirrored if symmetry == "odd" else mirrored
        if symmetry != "none" and abs(near - other).max() <= SAME:
            near = (near + other) / 2
    return near


def _kernel(near: Any, power: int, kernel: Kernel) -> Kernel:
    """Whole numbers over a power of two; what rounding took from the sum goes to the center."""
    rows = [[round(weight * 2.0**BITS) for weight in row] for row in near.tolist()]
    up, down = max(power, 0), max(-power, 0)
    scale = kernel.denominator << up
    lost = round(((sum(map(sum, kernel.numerators)) << BITS + down) - sum(map(sum, rows)) * scale) / scale)
    if abs(lost) <= SAME * 2.0**BITS * len(rows) * len(rows[0]):
        rows[len(rows) // 2][len(rows[0]) // 2] += lost
    return Kernel([[n << up for n in row] for row in rows], 1 << BITS + down, f"{kernel.name}, rank reduced")


def describe(found: LowRank | None, whole: Kernel, rank: int, before: float, after: float) -> str:
    """`rank 2 of 7: at most 3.1 levels of 8 bits off, ...`; costs by the plan, of the whole kernel and of this one."""
    if found is None:
        return f"rank {rank} is enough: the kernel is exact"
    text = (
        f"rank {found.rank} of {found.full}: a result is at most {raised(255 * found.bound)} levels of 8 bits off, "
        f"the weights {raised(100 * found.relative)} % (Frobenius); {before / after:.2g} times as fast by the plan"
    )
    least = 1e-9 * whole.abs_sum
    if abs(found.kernel.sum - whole.sum) > least:
        sum_ = found.kernel.sum if abs(found.kernel.sum) > least else 0.0
        text += f"; the sum {whole.sum:g} becomes {sum_:g}"
    return text


def raised(value: float) -> str:
    """Three digits or more, rounded up: a bound that is printed must hold."""
    if value <= 0:
        return "0"
    if value >= 100:
        return str(ceil(value))
    unit = 10.0 ** (floor(log10(value)) - 2)
    return f"{(floor(value / unit) + 1) * unit:.3g}"
