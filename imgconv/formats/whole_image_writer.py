"""The base of writers for formats that need the whole image at once."""

from __future__ import annotations

from imgconv.core.rows import MemorySink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions


class WholeImageWriter(MemorySink):
    """Gathers the rows in memory; `finish` of a subclass writes `self.pixels`."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        super().__init__(spec)
        self.output = output
        self.meta = meta
        self.options = options
