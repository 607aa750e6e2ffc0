"""Scratch memory for steps: each worker binds its own."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.loops.round_and_store import BLOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec


class Scratch:
    """Rows of `width` pixels that grow to as many as are asked for; growing loses the values they held."""

    __slots__ = ("pixels",)

    def __init__(self, width: int, channels: int, dtype: str) -> None:
        self.pixels = Pixels.unset(0, width, channels, dtype)

    def rows(self, count: int) -> Pixels:
        """`count` rows with whatever values they hold."""
        pixels = self.pixels
        if pixels.height < count:
            self.pixels = pixels = Pixels.unset(count, pixels.width, pixels.channels, pixels.dtype)
        return pixels.band(0, count)


def block(spec: Spec) -> Vector:
    """About BLOCK items of the working dtype, a whole number of pixels."""
    return Vector(bytes(max(BLOCK // spec.channels, 1) * spec.channels), spec.working)


def row_and_result(n: int, halo: int, dtype: str) -> tuple[Vector, Vector]:
    """Scratch for a block of a row with its halo (both flanks together), and for the block's result; sizes in items.

    A block is as many of the n items as the first-level cache holds; more where the halo, which each block computes
    again, is wide.
    """
    span = min(n, max(BLOCK, 8 * halo))
    return Vector.zeros(span + halo, dtype), Vector.zeros(span, dtype)


def matrix(rows: Sequence[Sequence[float]], dtype: str) -> Pixels:
    """Weights as rows x items for a loop."""
    return Pixels.of_numbers(rows, 1, dtype)
