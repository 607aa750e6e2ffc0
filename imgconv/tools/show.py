"""show: the help of a step, the text of a preset, the weights of a kernel."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.kernels import library
from imgconv.kernels.frequency_response import half_frequency
from imgconv.kernels.planner import MAX_TERMS, Workload, candidates, low_rank_terms
from imgconv.pipeline.presets import Names
from imgconv.steps.registry import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernels.kernel import Kernel
    from imgconv.kernels.planner import Plan

NOT_LINEAR = {
    "median": "A median filter is not a convolution, because it is not linear: the median of a sum of images is not "
    "the sum of their medians. So there are no weights to show.",
}


def describe_name(name: str) -> str:
    """A step's help, a preset's text, or a kernel's weights and properties."""
    if name in NOT_LINEAR:
        return NOT_LINEAR[name]
    if name in library.paths() and not library.is_kernel(name):
        return _preset(name)
    cls = find(name)
    if cls is not None:
        text = "\n".join(line.strip() for line in (cls.__doc__ or "").strip().splitlines())
        return f"{name}: {cls.summary}\n\n{text}\n\nExample:\n  {cls.example}"
    return describe_kernel(read_kernel(name))


def described_kernel(name: str, rank: int | None) -> tuple[str, Kernel]:
    """The properties of a kernel, or of its best approximation by `rank`; and the kernel described."""
    kernel = read_kernel(name)
    return (describe_kernel(kernel), kernel) if rank is None else _approximation(kernel, rank)


def read_kernel(name: str) -> Kernel:
    """The kernel of a name, a file or weights. Errors: UsageError where there is none."""
    if name in NOT_LINEAR:
        raise UsageError(f"show: '{name}' has no kernel: it is not a convolution")
    if find(name) is not None:
        raise UsageError(f"show: '{name}' is a step; give a kernel: its name, a file or weights")
    try:
        return library.kernel_of(name)
    except UsageError as error:
        near = did_you_mean(name, Names().names())
        raise UsageError(f"show: unknown name '{name}'{near}" if near else f"show: {error}") from None


def _preset(name: str) -> str:
    form, entries = Names().form(name), library.entries(name)
    lines = [
        f"{name}: {entries.get('summary', '')}",
        f"source: {entries.get('source', '-')}",
        f"steps:  {entries['steps']}",
    ]
    for option in form.options.values():
        default = option.type.text(option.default)
        lines.append(f"  {option.word} {option.type.metavar}  {option.help} [{default}]")
    return "\n".join(lines)


def describe_kernel(kernel: Kernel, rank: int = 0) -> str:
    """The weights, their sum, rank, factors, and the cost of each algorithm on a 12 MP photograph.

    `rank`: the rank where it is known (0: it is computed); that of a rounded approximation would mean nothing.
    """
    lines = _weights(kernel)
    rank = rank or kernel.rank()
    lines += [
        "",
        f"size      {kernel.height} x {kernel.width} (rows x columns), {kernel.nonzero} nonzero weights",
        f"sum       {kernel.sum:g} (of absolute values {kernel.abs_sum:g})",
        f"DC gain   {kernel.sum:g}, which multiplies a flat image",
        f"half      {_half_frequencies(kernel)}",
        f"symmetry  left-right {kernel.row_symmetry}, top-bottom {kernel.column_symmetry}",
        f"rank      {rank}{' (separable)' if rank == 1 else ''}",
    ]
    for column, row in (low_rank_terms(kernel, max(rank, MAX_TERMS)) or [])[:MAX_TERMS]:
        lines.append(f"factor    column {_numbers(column)} x row {_numbers(row)}")
    plans = _candidates(kernel, rank)
    chosen = min(plans, key=lambda plan: plan.cost)
    for plan in plans:
        mark = "  <- chosen" if plan == chosen else ""
        lines.append(f"cost      {plan.cost:7.1f} per sample, {plan.algorithm}{mark}")
    return "\n".join(lines)


def _half_frequencies(kernel: Kernel) -> str:
    """`|H| falls to half the DC gain at 0.19 across, 0.19 down (cycles per pixel)`."""
    if abs(kernel.sum) <= 1e-9 * kernel.abs_sum:
        return "none: the DC gain is 0"
    frequencies = [half_frequency(kernel), half_frequency(kernel, down=True)]
    across, down = ("never" if value is None else f"{value:.3g}" for value in frequencies)
    return f"|H| falls to half the DC gain at {across} across, {down} down (cycles per pixel)"


def _approximation(kernel: Kernel, rank: int) -> tuple[str, Kernel]:
    """The properties of the best approximation of a kernel by `rank`, with its error and speed; and that kernel."""
    from imgconv.kernels.low_rank import approximate, describe_approximation

    near = approximate(kernel, rank)
    shown, known_rank = (near.kernel, rank) if near else (kernel, 0)
    before, after = _least_cost(kernel), _least_cost(shown, known_rank)
    error = describe_approximation(near, kernel, rank, before, after)
    return f"{describe_kernel(shown, known_rank)}\n{error}", shown


def _least_cost(kernel: Kernel, rank: int = 0) -> float:
    return min(plan.cost for plan in _candidates(kernel, rank))


def _candidates(kernel: Kernel, rank: int = 0) -> list[Plan]:
    return candidates(kernel, workload=Workload(), every=True, max_terms=max(rank, MAX_TERMS))


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.6g}" for value in values[:15]) + (" ..." if len(values) > 15 else "")


def _weights(kernel: Kernel) -> list[str]:
    """The rows of weights, with the distances from the center above and beside them."""
    if max(kernel.height, kernel.width) > 25:
        return ["(too large to print)"]
    across = [str(x - kernel.width // 2) for x in range(kernel.width)]
    rows = [[f"{weight:.5g}" for weight in row] for row in kernel.weights]
    width = max(len(cell) for row in [across, *rows] for cell in row)
    lines = ["y\\x  " + " ".join(cell.rjust(width) for cell in across)]
    for y, row in enumerate(rows):
        lines.append(f"{y - kernel.height // 2:3}  " + " ".join(cell.rjust(width) for cell in row))
    return lines
