"""The frequency response of a kernel: what it makes of a wave, by the wave's cycles a pixel."""

from __future__ import annotations

from cmath import exp
from math import pi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.kernels.kernel import Kernel

STEPS = 256  # frequencies looked at between 0 and a half, for the first that is damped to a half


def magnitudes(kernel: Kernel, across: Any, down: Any) -> Any:
    """|H(u, v)| for each v of `down` (rows) and u of `across` (columns), float64.

    H(u, v) = sum of kernel(y, x) exp(-2 pi i (u x + v y)), u and v in cycles a pixel.
    """
    columns, weights, rows = _waves(kernel, across, down)
    return abs(columns @ weights @ rows.T)


def along(kernel: Kernel, across: Any, down: Any) -> Any:
    """|H(u, v)| for pairs of u and v."""
    columns, weights, rows = _waves(kernel, across, down)
    return abs(((columns @ weights) * rows).sum(axis=1))


def _waves(kernel: Kernel, across: Any, down: Any) -> tuple[Any, Any, Any]:
    """Waves down, the weights, waves across."""
    import numpy as np

    weights = np.array(kernel.weights)
    columns, rows = (
        np.exp(-2j * pi * np.outer(at, np.arange(n)))
        for at, n in zip((down, across), weights.shape, strict=True)
    )
    return columns, weights, rows


def half(kernel: Kernel, down: bool = False) -> float | None:
    """Where the response first falls to half of that at 0, in cycles a pixel across (or down). No NumPy.

    None where it does not up to 1/2, or where a flat image becomes 0.
    """
    columns = kernel.weights if down else tuple(zip(*kernel.weights, strict=True))
    weights = [sum(column) for column in columns]
    level = abs(sum(weights)) / 2
    if level <= 1e-9 * kernel.abs_sum:
        return None
    for step in range(1, STEPS + 1):
        if _magnitude(weights, step / (2 * STEPS)) <= level:
            return _crossing(weights, level, (step - 1) / (2 * STEPS), step / (2 * STEPS))
    return None


def _crossing(weights: Sequence[float], level: float, low: float, high: float) -> float:
    for _ in range(30):
        middle = (low + high) / 2
        if _magnitude(weights, middle) <= level:
            high = middle
        else:
            low = middle
    return high


def _magnitude(weights: Sequence[float], frequency: float) -> float:
    """By Horner's rule."""
    turn, total = exp(-2j * pi * frequency), 0j
    for weight in weights:
        total = total * turn + weight
    return abs(total)
