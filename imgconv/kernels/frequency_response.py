"""The frequency response of a kernel: the factor of a wave, by its frequency in cycles per pixel."""

from __future__ import annotations

from cmath import exp
from math import pi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.kernels.kernel import Kernel

STEPS = 256  # frequencies tried from 0 to 1/2 for the first that is damped to a half


def magnitudes(kernel: Kernel, across: Any, down: Any) -> Any:
    """|H(u, v)| for each v of `down` (rows) and u of `across` (columns), an array of float64.

    H(u, v) = sum of kernel(y, x) exp(-2 pi i (u x + v y)), u and v in cycles per pixel.
    """
    columns, weights, rows = _waves(kernel, across, down)
    return abs(columns @ weights @ rows.T)


def profile(kernel: Kernel, across: Any, down: Any) -> Any:
    """|H(u, v)| for pairs of u in `across` and v in `down`: arrays of one length."""
    columns, weights, rows = _waves(kernel, across, down)
    return abs(((columns @ weights) * rows).sum(axis=1))


def _waves(kernel: Kernel, across: Any, down: Any) -> tuple[Any, Any, Any]:
    """The waves down, the weights, the waves across."""
    import numpy as np

    weights = np.array(kernel.weights)
    columns, rows = (
        np.exp(-2j * pi * np.outer(frequencies, np.arange(n)))
        for frequencies, n in zip((down, across), weights.shape, strict=True)
    )
    return columns, weights, rows


def half_frequency(kernel: Kernel, down: bool = False) -> float | None:
    """The first frequency across (or down) whose response is half of that at 0, in cycles per pixel. No NumPy.

    None if there is none up to 1/2, or if the response at 0 is 0.
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
    """|sum of weights[n] exp(-2 pi i n frequency)|, by Horner's rule."""
    turn, total = exp(-2j * pi * frequency), 0j
    for weight in weights:
        total = total * turn + weight
    return abs(total)
