"""Scratch memory of steps."""

from __future__ import annotations

from imgconv.core.pixels import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Spec

BLOCK = 2048


def block(spec: Spec) -> Vector:
    """Scratch memory for about BLOCK values, whole pixels of them."""
    return Vector(bytes(max(BLOCK // spec.channels, 1) * spec.channels), spec.working)
