"""A writer's base for formats that want the image in one piece."""

from __future__ import annotations

import ctypes

from imgconv.core.pixels import Pixels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions


class WholeWriter:
    """Gathers the bands; a subclass's `finish` writes `self.pixels`."""

    rows = 0

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        self.output = output
        self.spec = spec
        self.meta = meta
        self.options = options
        self.pixels = Pixels.unset(spec.height, spec.width, spec.channels, spec.dtype)

    def write(self, y0: int, band: Pixels) -> None:
        size = band.row_bytes
        target = self.pixels.address + y0 * size
        if band.is_packed:
            ctypes.memmove(target, band.address, band.nbytes)
            return
        for y in range(band.height):
            ctypes.memmove(target + y * size, band.address + y * band.stride, size)
