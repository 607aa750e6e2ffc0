"""PPM and PGM: those of more than 8 bits here, as Pillow drops half of each color; the others through Pillow."""

from __future__ import annotations

from imgconv.formats.options import colored
from imgconv.formats.whole_image_writer import WholeWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image, Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions
    from imgconv.formats.registry import Writer

CHANNELS = {b"P5": 1, b"P6": 3}
HEAD = 1 << 12  # bytes of a header at most, comments counted
BETWEEN = rb"(?:\s|#[^\n]*\n)+"
HEADER = rb"P[56]" + BETWEEN + rb"(\d{1,10})" + BETWEEN + rb"(\d{1,10})" + BETWEEN + rb"(\d{1,5})\s"


def read(data: bytes, options: ReadOptions) -> Image:
    found = _header(data)
    if found is None:
        from imgconv.formats.pillow import format

        return format.read(data, options)
    import numpy as np

    from imgconv.formats.array import from_array

    width, height, most, start = found
    options.check(width, height)
    shape = height, width, CHANNELS[data[:2]]
    count = height * width * shape[2]
    if len(data) - start < 2 * count:
        raise options.fault("truncated: the file ends before the picture does")
    array = np.frombuffer(data, ">u2", count, start).reshape(shape)
    if most < 65535:
        array = (np.minimum(array, most).astype(np.uint32) * 65535 + most // 2) // most
    return from_array(array.astype(np.uint16), options.replace(layout="hwc"))


def _header(data: bytes) -> tuple[int, int, int, int] | None:
    """Width, height, the number that is white, and where the pixels begin; None for what Pillow reads."""
    import re

    found = re.match(HEADER, data[:HEAD])
    if found is None:
        return None
    width, height, most = map(int, found.groups())
    return (width, height, most, found.end()) if 255 < most < 65536 else None


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    options.only()
    return options.stored(colored(spec, "PPM", alpha=False), "u1", "u2")


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> Writer:
    if spec.dtype == "u2":
        return PpmWriter(output, spec, meta, options)
    from imgconv.formats.pillow import format

    return format.writer(output, spec, meta, options)


class PpmWriter(WholeWriter):
    def finish(self) -> None:
        import numpy as np

        kind = "P6" if self.spec.channels == 3 else "P5"
        self.output.write(f"{kind}\n{self.spec.width} {self.spec.height}\n65535\n".encode())
        self.output.write(np.asarray(self.pixels).astype(">u2"))
