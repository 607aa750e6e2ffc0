"""Small Gaussians from bytes to bytes in 16 bits: twice as many items a vector as floats.

Beside the sampled weights no 8-bit image whatever comes out `BOUND` of a level apart, before rounding: the weights that
are cut off, those that are rounded, and the terms that are.
"""

from __future__ import annotations

from itertools import accumulate

from imgconv.core.pixels import Vector
from imgconv.loops.blur.gaussian_fixed_point import LANES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec

    Given = tuple[Vector, int, int, int, Vector, Vector, Vector]

ONE = 65536
TAIL = 3e-4  # of the weights may be cut off on both sides together: 0.08 of a level
BOUND = 0.4  # of a level
BLOCK = 512  # items whose rows stay in the first-level cache


def whole(weights: Sequence[float]) -> list[int]:
    """A bell's weights from the center outwards as 65536ths, whose sum with the other half is 65536."""
    tails = list(accumulate(2 * weight for weight in reversed(weights)))  # of the last, of the last two, ...
    count = len(weights) - sum(1 for tail in tails[:-1] if tail <= TAIL)
    total = weights[0] + 2 * sum(weights[1:count])
    sides = [round(ONE * weight / total) for weight in weights[1:count]]
    return [ONE - 2 * sum(sides), *sides]


def given(weights: Sequence[int], out: Spec) -> Given:
    """What the loops want behind `out` and `src`: weights, distance of taps, items, how many at a time, and room."""
    step, n = out.channels, out.width * out.channels
    block, height = min(n, BLOCK), 2 * len(weights) - 1
    wide = block + (height - 1) * step + LANES
    ring, middle, result = 2 * height * wide, wide + LANES, block + LANES
    rooms = Vector.zeros(ring, "u2"), Vector.zeros(middle, "u2"), Vector.zeros(result, "u2")
    return (Vector(weights, "u2"), step, n, block, *rooms)
