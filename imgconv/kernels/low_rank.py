"""The best approximation of a kernel by one of lower rank, a sum of few products column x row. Needs NumPy."""

from __future__ import annotations

from math import ceil, floor, frexp, log10

from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.kernels.kernel import Kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EXACT_RANK = 1 << 18  # weights x rank up to which the exact rank is computed first, which takes about 0.1 s
BITS = 60  # of the largest weight of an approximation: more than float64 has
ROUNDING = 1e-12  # of the largest weight: smaller differences are rounding
EVEN = 1.1  # how much more the weights may move by the correction that treats columns and rows alike
REMEMBERED = 8  # approximations that a process keeps


class LowRank(Record):
    """An approximation of a kernel by one of lower `rank`.

    `full`: the rank of the original kernel. `bound`: the largest error of a result, as a part of full scale, for values
    from 0 to full scale; twice that for values of either sign. `relative`: the Frobenius norm of the weights' errors
    over that of the weights.
    """

    kernel: Kernel
    rank: int
    full: int
    bound: float
    relative: float


_approximations: dict[tuple[Kernel, int], LowRank | None] = {}


def approximate(kernel: Kernel, rank: int) -> LowRank | None:
    """The best approximation by `rank` products; None where the kernel's rank is not higher, in float64.

    The truncated singular value decomposition U S V', the nearest by the sum of squares (C. Eckart and G. Young,
    1936). It changes the sum of the weights: a disc of 11 would brighten the image by 1.1 % at rank 1, and a Laplacian
    respond to flat areas. Therefore one of three corrections restores the sum, none of which raises the rank: a
    multiple of UU'1 (VV'1)', the smallest change within these columns and rows; or of UU'1 1' or 1 (VV'1)', which
    change the rows or the columns alone, where that moves the weights less. Where the columns and rows sum to 0, or
    nearly so, the sum cannot be restored: `show` and `explain` then say what it is.
    """
    if rank >= min(kernel.height, kernel.width):
        return None
    if kernel.height * kernel.width * rank <= EXACT_RANK and kernel.rank(rank) <= rank:
        return None
    return memoize(_approximations, REMEMBERED, (kernel, rank), lambda: _truncated(kernel, rank))


def _truncated(kernel: Kernel, rank: int) -> LowRank | None:
    import numpy as np

    power = max(frexp(weight)[1] for row in kernel.weights for weight in row)
    exact = np.ldexp(np.array(kernel.weights), -power)  # no square of 1e300 or 1e-300 leaves the floats
    columns, values, rows = np.linalg.svd(exact, full_matrices=False)
    full = int((values > max(exact.shape) * np.finfo(float).eps * values[0]).sum())
    if full <= rank:
        return None
    near = _restore_sum(columns[:, :rank], values[:rank], rows[:rank], exact)
    approximation = _kernel(_symmetric(near, kernel), power, kernel)
    error = np.ldexp(np.array(approximation.weights), -power) - exact
    bound = float(np.ldexp(max(error[error > 0].sum(), -error[error < 0].sum()), power))
    return LowRank(approximation, rank, full, bound, float(np.linalg.norm(error) / np.linalg.norm(exact)))


def _restore_sum(u: Any, s: Any, v: Any, exact: Any) -> Any:
    """u diag(s) v corrected to the sum of the exact weights, unless that moves them by more than their own norm.

    u: height x rank, s: rank, v: rank x width. A correction is a multiple of an outer product d a'. To add `missing` to
    the sum it moves the weights by missing |d| |a| / (sum of d) (sum of a). The candidates' factors are vectors of
    ones and their projections p, for which sum of p = |p|^2: so it moves them by missing / |d| |a|.
    """
    import numpy as np

    near = (u * s) @ v
    missing = float(exact.sum() - near.sum())
    ones_down, ones_across = (np.ones(length) for length in exact.shape)
    projected_down, projected_across = u @ (ones_down @ u), (v @ ones_across) @ v
    corrections = [
        (projected_down, projected_across),
        (projected_down, ones_across),
        (ones_down, projected_across),
    ]
    moves = [1 / max(float(np.linalg.norm(d) * np.linalg.norm(a)), 1e-150) for d, a in corrections]
    best = min(range(3), key=lambda i: moves[i] * (1 if i else 1 / EVEN))
    if abs(missing) * moves[best] >= np.linalg.norm(exact):
        return near
    correction = np.outer(*corrections[best])
    return near + missing / correction.sum() * correction


def _symmetric(near: Any, kernel: Kernel) -> Any:
    """Exactly symmetric where the kernel is, which rounding spoils: a symmetric column needs half the work."""
    for axis, symmetry in enumerate((kernel.column_symmetry, kernel.row_symmetry)):
        mirrored = near[::-1] if axis == 0 else near[:, ::-1]
        other = -mirrored if symmetry == "odd" else mirrored
        if symmetry != "none" and abs(near - other).max() <= ROUNDING:
            near = (near + other) / 2
    return near


def _kernel(near: Any, power: int, kernel: Kernel) -> Kernel:
    """The weights as integers over a power of two; what rounding took from the sum is added to the center."""
    rows = [[round(weight * 2.0**BITS) for weight in row] for row in near.tolist()]
    up, down = max(power, 0), max(-power, 0)
    scale = kernel.denominator << up
    missing = round(((sum(map(sum, kernel.numerators)) << BITS + down) - sum(map(sum, rows)) * scale) / scale)
    if abs(missing) <= ROUNDING * 2.0**BITS * len(rows) * len(rows[0]):
        rows[len(rows) // 2][len(rows[0]) // 2] += missing
    return Kernel([[n << up for n in row] for row in rows], 1 << BITS + down, f"{kernel.name}, rank reduced")


def describe_approximation(
    near: LowRank | None, kernel: Kernel, rank: int, cost_before: float, cost_after: float
) -> str:
    """For example `rank 2 of 7: a result is at most 3.1 levels of 8 bits off, ...`.

    `near`: what `approximate` gave for the kernel and the rank. The costs are the planner's, of `kernel` and of `near`.
    """
    if near is None:
        return f"rank {rank} is enough: the kernel is exact"
    text = (
        f"rank {near.rank} of {near.full}: a result is at most {rounded_up(255 * near.bound)} levels of 8 bits off, "
        f"the weights {rounded_up(100 * near.relative)} % (Frobenius norm); "
        f"{cost_before / cost_after:.2g} times as fast by the planner's costs"
    )
    negligible = 1e-9 * kernel.abs_sum
    if abs(near.kernel.sum - kernel.sum) > negligible:
        sum_ = near.kernel.sum if abs(near.kernel.sum) > negligible else 0.0
        text += f"; the sum {kernel.sum:g} becomes {sum_:g}"
    return text


def rounded_up(value: float) -> str:
    """Three digits or more, rounded up: a bound that is printed must hold."""
    if value <= 0:
        return "0"
    if value >= 100:
        return str(ceil(value))
    unit = 10.0 ** (floor(log10(value)) - 2)
    return f"{(floor(value / unit) + 1) * unit:.3g}"
