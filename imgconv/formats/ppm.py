"""PPM and PGM: more than 8 bits are read and written here, as Pillow drops half of each sample; 8 bits by Pillow."""

from __future__ import annotations

from imgconv.formats.whole_image_writer import WholeImageWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image, Meta
    from imgconv.core.rows import RowSink
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

CHANNELS = {b"P5": 1, b"P6": 3}
LONGEST = 1 << 12  # bytes of a header at most, with its comments
SPACE = rb"(?:\s|#[^\n]*\n)+"
HEADER = rb"P[56]" + SPACE + rb"(\d{1,10})" + SPACE + rb"(\d{1,10})" + SPACE + rb"(\d{1,5})\s"


def read(data: bytes, options: ReadOptions) -> Image:
    """Gray or RGB; samples of more than 8 bits are scaled to 16 bits, rounded to nearest."""
    header = _header(data)
    if header is None:
        from imgconv.formats.pillow import format

        return format.read(data, options)
    import numpy as np

    from imgconv.formats.array import from_array

    width, height, white, start = header
    options.check(width, height)
    shape = height, width, CHANNELS[data[:2]]
    count = height * width * shape[2]
    if len(data) - start < 2 * count:
        raise options.fault("truncated: the file ends before the picture does")
    array = np.frombuffer(data, ">u2", count, start).reshape(shape)
    if white < 65535:
        array = (np.minimum(array, white).astype(np.uint32) * 65535 + white // 2) // white
    return from_array(array.astype(np.uint16), options.replace(layout="hwc"))


def _header(data: bytes) -> tuple[int, int, int, int] | None:
    """Width, height, the value of white, and the offset of the pixels; None for files that Pillow reads."""
    import re

    match = re.match(HEADER, data[:LONGEST])
    if match is None:
        return None
    width, height, white = map(int, match.groups())
    return (width, height, white, match.end()) if 255 < white < 65536 else None


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """Gray or RGB of 8 or 16 bits."""
    return options.stored(options.colored(spec))


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> RowSink:
    if spec.dtype == "u2":
        return PpmWriter(output, spec, meta, options)
    from imgconv.formats.pillow import format

    return format.writer(output, spec, meta, options)


class PpmWriter(WholeImageWriter):
    """Writes 16 bits, as PGM (P5) for gray and as PPM (P6) for RGB."""

    def finish(self) -> None:
        import numpy as np

        signature = "P6" if self.spec.channels == 3 else "P5"
        self.output.write(f"{signature}\n{self.spec.width} {self.spec.height}\n65535\n".encode())
        self.output.write(np.asarray(self.pixels).astype(">u2"))
