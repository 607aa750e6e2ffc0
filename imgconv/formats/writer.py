"""The contracts of what writes a file. Only types: nothing imports this module at run time."""

from __future__ import annotations

from typing import Protocol

from imgconv.core.image import Meta
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec


class Writer(Protocol):
    """Takes an image band by band. `rows`: bands start at multiples of it; 0 means anywhere."""

    rows: int

    def write(self, y0: int, band: Pixels) -> None:
        """Rows from y0 on, in the spec's dtype; bands may come in any order and from several threads."""

    def finish(self) -> None:
        """All rows were written: write the rest of the file. The caller commits the output."""


class MultiFrameWriter(Protocol):
    """Takes several pictures for one file, each through a writer of its own, one after the other."""

    def add_frame(self, spec: Spec, meta: Meta) -> Writer:
        """The writer of the next picture; the one before is finished."""

    def finish(self) -> None:
        """All pictures were written: write the rest of the file. The caller commits the output."""
