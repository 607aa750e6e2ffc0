"""show: what a name stands for."""

from __future__ import annotations

from imgconv import library
from imgconv.errors import UsageError, did_you_mean
from imgconv.plan import Place, candidates
from imgconv.presets import Names
from imgconv.step import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernel import Kernel

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
    try:
        return of_kernel(library.kernel_of(name))
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


def of_kernel(kernel: Kernel) -> str:
    """The weights over the axes, sum, rank, factors, and the cost of each algorithm on a 12 MP photograph."""
    lines = _weights(kernel)
    rank = kernel.rank()
    lines += [
        "",
        f"size      {kernel.height} x {kernel.width} (rows x columns), {kernel.nonzero} weights are not zero",
        f"sum       {kernel.sum:g} (of absolute values {kernel.abs_sum:g})",
        f"DC gain   {kernel.sum:g}, what a flat image is multiplied by",
        f"symmetry  left-right {kernel.row_symmetry}, top-bottom {kernel.column_symmetry}",
        f"rank      {rank}{' (separable)' if rank == 1 else ''}",
    ]
    for column, row in (kernel.few_factors(4) or [])[:4]:
        lines.append(f"factor    column {_numbers(column)} x row {_numbers(row)}")
    found = candidates(kernel, place=Place(), every=True)
    chosen = min(found, key=lambda one: one.cost)
    for one in found:
        runs = "  <- runs" if one == chosen else ""
        lines.append(f"cost      {one.cost:7.1f} a sample, {one.algorithm}{runs}")
    return "\n".join(lines)


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.6g}" for value in values[:15]) + (" ..." if len(values) > 15 else "")


def _weights(kernel: Kernel) -> list[str]:
    """Rows of weights, with the distance from the centre over and beside them."""
    if max(kernel.height, kernel.width) > 25:
        return ["(too large to print)"]
    across = [str(x - kernel.width // 2) for x in range(kernel.width)]
    rows = [[f"{weight:.5g}" for weight in row] for row in kernel.weights]
    width = max(len(cell) for row in [across, *rows] for cell in row)
    lines = ["y\\x  " + " ".join(cell.rjust(width) for cell in across)]
    for y, row in enumerate(rows):
        lines.append(f"{y - kernel.height // 2:3}  " + " ".join(cell.rjust(width) for cell in row))
    return lines
