"""Copying rows, to another dtype where that is wanted."""

from __future__ import annotations

from imgconv.loops.move import copy
from imgconv.pixels import Pixels


def copied(out: Pixels, source: Pixels, row: int = 0) -> None:
    """The same values in the dtype of out: `compute` of a step that changes nothing else."""
    copy(out, source, out.samples)
