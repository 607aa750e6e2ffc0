"""Arrays and text: `.npy`, `.csv` and `.txt`. NumPy is imported for `.npy` alone."""

from __future__ import annotations

import ctypes
import io

from imgconv.core.color_spaces import space_of
from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import quote_path
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats.decoder_guard import DecoderGuard
from imgconv.formats.text import matrix_text, parse_matrix
from imgconv.formats.whole_image_writer import WholeImageWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

HEADER = 10_000  # characters of an .npy header at most; NumPy's own limit
CHANNELS = 1 << 16  # of one image at most


def read(data: bytes, options: ReadOptions) -> Image:
    """The numbers of the file; an image of one row for an .npy with one axis."""
    if options.row.text:
        return _text(bytes(data), options)
    return from_array(_npy(data, options), options)


def spec_of(pixels: Pixels, options: ReadOptions) -> Spec:
    """What an array means: 1 channel is gray, 3 are RGB, and 2 and 4 have alpha where they have 8 or 16 bits."""
    white, channels = FULL_SCALE.get(pixels.dtype), pixels.channels
    alpha = white is not None and channels in (2, 4)
    space = space_of(channels - alpha)
    return options.described(Spec(*pixels.shape, pixels.dtype, space, alpha, white))


def from_array(array: Any, options: ReadOptions) -> Image:
    """A NumPy array, W, H x W or H x W x C (C x H x W with `layout="chw"`), as an image.

    uint8 and uint16 stay; other real numbers are converted to the working dtype without scaling.
    """
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim == 3 and options.layout == "chw":
        array = array.transpose(1, 2, 0)
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif":
        what = f"{array.dtype} of shape {' x '.join(map(str, array.shape)) or '()'}"
        raise options.fault(f"an image has 1 to 3 axes of real numbers; this is {what}")
    channels = array.shape[2] if array.ndim == 3 else 1
    if not 0 < channels <= CHANNELS:
        raise options.fault(f"it has {channels} channels; an image has 1 to {CHANNELS}")
    options.check(array.shape[1], array.shape[0])
    if array.dtype.newbyteorder("=").str[1:] not in FULL_SCALE:
        array = array.astype(options.working, copy=False)
    pixels = Pixels.of_array(array)
    return Image.of_pixels(pixels, spec_of(pixels, options), path=options.path)


def _npy(data: bytes, options: ReadOptions) -> Any:
    """The array of an .npy file; sizes are checked before anything is allocated."""
    import numpy as np

    file = io.BytesIO(data[: HEADER + 64])
    with DecoderGuard(options):
        shape, by_columns, dtype = _header(file)
    if dtype.hasobject or dtype.kind not in "buif" or min(shape, default=1) < 0:
        raise options.fault(f"it holds {dtype}, not real numbers")
    count = 1
    for size in shape:
        count *= size
    if count * dtype.itemsize > len(data) - file.tell():
        raise options.fault("truncated: there is less data than its header says")
    flat = np.frombuffer(data, dtype, count, file.tell())
    return flat.reshape(shape, order="F" if by_columns else "C")


def _header(file: io.BytesIO) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, whether columns come first, and dtype; NumPy's reader evaluates nothing but literals."""
    from numpy.lib import format

    version = format.read_magic(file)
    read = format.read_array_header_1_0 if version[0] == 1 else format.read_array_header_2_0
    return read(file, max_header_size=HEADER)


def _text(data: bytes, options: ReadOptions) -> Image:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise options.fault(f"it is not text: byte {error.start} is not UTF-8") from None
    channels = parse_matrix(text, quote_path(options.path), options.max_pixels)
    height, width = len(channels[0]), len(channels[0][0])
    options.check(width, height)
    pixels = Pixels.empty(height, width, len(channels), options.working)
    for y in range(height):
        _fill(pixels.band(y, y + 1), [rows[y] for rows in channels])
    return Image.of_pixels(pixels, spec_of(pixels, options), path=options.path)


def _fill(row: Pixels, values: list[Any]) -> None:
    """Interleave the numbers of one row, which come channel by channel."""
    ctype = ctypes.c_double if row.dtype == "f8" else ctypes.c_float
    samples = (ctype * row.samples).from_address(row.address)
    for channel, numbers in enumerate(values):
        samples[channel :: row.channels] = numbers


# ---- writing -----------------------------------------------------------------------------------------------


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """Any number of channels, in any color space."""
    return options.stored(spec)


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> WholeImageWriter:
    writer = TextWriter if options.row.text else NpyWriter
    return writer(output, spec, meta, options)


class NpyWriter(WholeImageWriter):
    """Writes an H x W array for one channel, else H x W x C, or C x H x W with `layout="chw"`."""

    def finish(self) -> None:
        import numpy as np

        array = np.asarray(self.pixels)
        array = array[:, :, 0] if self.spec.channels == 1 else array
        if array.ndim == 3 and self.options.layout == "chw":
            array = np.ascontiguousarray(array.transpose(2, 0, 1))
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(array))
        self.output.write(head.getvalue())
        self.output.write(array)


class TextWriter(WholeImageWriter):
    """Writes a line for each row, and channels one after the other."""

    def finish(self) -> None:
        self.output.write(matrix_text(self.pixels, self.options.row.separator).encode())
