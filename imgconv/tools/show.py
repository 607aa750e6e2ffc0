"""show: what a name stands for."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.kernels import library
from imgconv.kernels.frequency_response import half
from imgconv.kernels.planner import MOST_TERMS, Place, candidates, products
from imgconv.pipeline.presets import Names
from imgconv.steps.registry import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernels.kernel import Kernel
    from imgconv.kernels.planner import Plan

NO_KERNEL = {
    "median": "A median is not a convolution: it is not linear. The median of a sum of images is not the sum of their "
    "medians, so no weights can give it.",
}


def shown(name: str) -> str:
    """A step's help, a preset's text, or a kernel's weights and what follows from them."""
    if name in NO_KERNEL:
        return NO_KERNEL[name]
    if name in library.paths() and not library.is_kernel(name):
        return _preset(name)
    cls = find(name)
    if cls is not None:
        return f"{name}: {cls.summary}\n\n{(cls.__doc__ or '').strip()}\n\nExample:\n  {cls.example}"
    return of_kernel(weighed(name))


def of(name: str, rank: int | None) -> tuple[str, Kernel]:
    """What there is to say of a kernel, or of the nearest one of a rank; and that kernel."""
    whole = weighed(name)
    return (of_kernel(whole), whole) if rank is None else of_rank(whole, rank)


def weighed(name: str) -> Kernel:
    """The kernel of a word. Errors: UsageError where it has none."""
    if name in NO_KERNEL:
        raise UsageError(f"show: '{name}' has no kernel: it is not a convolution")
    if find(name) is not None:
        raise UsageError(f"show: '{name}' is a step; give a kernel: its name, a file or weights")
    try:
        return library.kernel_of(name)
    except UsageError as error:
        near = did_you_mean(name, Names().names())
        raise UsageError(f"show: {error}" if not near else f"show: '{name}' is nothing known{near}") from None


def _preset(name: str) -> str:
    held = library.table(name)
    lines = [
        f"{name}: {held.get('summary', '')}",
        f"source: {held.get('source', '-')}",
        f"steps:  {held['steps']}",
    ]
    for key, field in Names().form(name).options.items():
        lines.append(
            f"  --{key.replace('_', '-')} {field.kind.metavar}  {field.help} [{field.kind.text(field.default)}]"
        )
    return "\n".join(lines)


def of_kernel(kernel: Kernel, rank: int = 0) -> str:
    """The weights over the axes, sum, rank, factors, and the cost of each algorithm on a 12 MP photograph.

    `rank`: what is known of it; floats have one by rounding that means nothing.
    """
    lines = _weights(kernel)
    rank = rank or kernel.rank()
    lines += [
        "",
        f"size      {kernel.height} x {kernel.width} (rows x columns), {kernel.nonzero} weights are not zero",
        f"sum       {kernel.sum:g} (of absolute values {kernel.abs_sum:g})",
        f"DC gain   {kernel.sum:g}, what a flat image is multiplied by",
        f"half      {_halves(kernel)}",
        f"symmetry  left-right {kernel.row_symmetry}, top-bottom {kernel.column_symmetry}",
        f"rank      {rank}{' (separable)' if rank == 1 else ''}",
    ]
    for column, row in (products(kernel, max(rank, MOST_TERMS)) or [])[:MOST_TERMS]:
        lines.append(f"factor    column {_numbers(column)} x row {_numbers(row)}")
    found = _candidates(kernel, rank)
    chosen = min(found, key=lambda one: one.cost)
    for one in found:
        runs = "  <- runs" if one == chosen else ""
        lines.append(f"cost      {one.cost:7.1f} a sample, {one.algorithm}{runs}")
    return "\n".join(lines)


def _halves(kernel: Kernel) -> str:
    """`|H| falls to half its DC gain at 0.19 cycles a pixel across, 0.19 down`."""
    if abs(kernel.sum) <= 1e-9 * kernel.abs_sum:
        return "no DC gain that |H| could fall from"
    found = [half(kernel), half(kernel, down=True)]
    across, down = ("never" if at is None else f"{at:.3g}" for at in found)
    return f"|H| falls to half the DC gain at {across} across, {down} down (cycles a pixel)"


def of_rank(whole: Kernel, rank: int) -> tuple[str, Kernel]:
    """The approximation's weights and cost, and what it is worth."""
    from imgconv.kernels.low_rank import approximate, describe

    found = approximate(whole, rank)
    if not found:
        return f"{of_kernel(whole)}\n{describe(found, whole, rank, 1, 1)}", whole
    before, after = _least(whole), _least(found.kernel, rank)
    return f"{of_kernel(found.kernel, rank)}\n{describe(found, whole, rank, before, after)}", found.kernel


def _least(kernel: Kernel, rank: int = 0) -> float:
    return min(one.cost for one in _candidates(kernel, rank))


def _candidates(kernel: Kernel, rank: int = 0) -> list[Plan]:
    return candidates(kernel, place=Place(), every=True, most=max(rank, MOST_TERMS))


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.6g}" for value in values[:15]) + (" ..." if len(values) > 15 else "")


def _weights(kernel: Kernel) -> list[str]:
    """Rows of weights, with the distance from the center over and beside them."""
    if max(kernel.height, kernel.width) > 25:
        return ["(too large to print)"]
    across = [str(x - kernel.width // 2) for x in range(kernel.width)]
    rows = [[f"{weight:.5g}" for weight in row] for row in kernel.weights]
    width = max(len(cell) for row in [across, *rows] for cell in row)
    lines = ["y\\x  " + " ".join(cell.rjust(width) for cell in across)]
    for y, row in enumerate(rows):
        lines.append(f"{y - kernel.height // 2:3}  " + " ".join(cell.rjust(width) for cell in row))
    return lines
