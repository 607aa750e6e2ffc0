"""The contract of what writes several pictures into one file. Only a type: nothing imports this module at run time."""

from __future__ import annotations

from typing import Protocol

from imgconv.core.image import Meta
from imgconv.core.rows import RowSink
from imgconv.core.spec import Spec


class MultiFrameWriter(Protocol):
    """Takes several pictures for one file, each through a sink of its own, one after the other."""

    def add_frame(self, spec: Spec, meta: Meta) -> RowSink:
        """The sink of the next picture; the one before is finished."""

    def finish(self) -> None:
        """All pictures were written: write the rest of the file. The caller commits the output."""
