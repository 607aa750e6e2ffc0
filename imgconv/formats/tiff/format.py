"""TIFF through tifffile: 8 and 16 bits, float; strips, tiles, planes; deflated by isal."""

from __future__ import annotations

import io
import logging

import numpy as np
import tifffile
from isal import isal_zlib

from imgconv.core.color_spaces import space_of
from imgconv.core.dtypes import SIZES
from imgconv.core.errors import ExtraMissing
from imgconv.core.image import Image, Meta
from imgconv.core.rows import RowSink
from imgconv.formats.array import from_array
from imgconv.formats.band_assembler import BandAssembler
from imgconv.formats.decoder_guard import DecoderGuard
from imgconv.formats.orientation import oriented
from imgconv.formats.tiff.pages import integer_tag, selected_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.pixels import Pixels
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

NONE, DEFLATE, PACKBITS = 1, (8, 32946), 32773  # compressions that need no optional dependency
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS = 0, 1, 2, 3, 5  # photometric interpretations
ASSOCIATED, UNASSOCIATED = 1, 2  # alpha: colors multiplied by it, or straight
STRIP = 1 << 19  # bytes of pixels deflated together
BIG = (1 << 32) - (1 << 26)  # bytes from which a file needs BigTIFF
SAMPLES = 1 << 30  # samples of one image at most

logging.getLogger("tifffile").addHandler(logging.NullHandler())


def bounded(data: Any, /, *, out: Any = None) -> bytes:
    """Inflate no more than the size that the header implies; tifffile's own function has no bound."""
    plain: bytes = isal_zlib.decompressobj().decompress(data, out if isinstance(out, int) else len(out))
    return plain


codecs: Any = tifffile.TIFF.DECOMPRESSORS
codecs._codecs.update(dict.fromkeys(DEFLATE, bounded))


def read(data: bytes, options: ReadOptions) -> Image:
    """The first page."""
    return read_all(data, options)[0]


def read_all(data: bytes, options: ReadOptions) -> list[Image]:
    """Every page that is a picture of its own."""
    with DecoderGuard(options), tifffile.TiffFile(io.BytesIO(data)) as file:
        pages, count = selected_pages(file, options)
        for page in pages:
            _check(page, len(data), options)
        options.check_all([(page.imagewidth, page.imagelength) for page in pages])
        images = [_image(page, options) for page in pages]
    for index, image in zip(options.selected_frames(count), images, strict=True):
        image.meta = image.meta.replace(frame=index, frames=count)
    return images


def _image(page: Any, options: ReadOptions) -> Image:
    array, alpha = _colors(page, _channels_last(page, page.asarray(maxworkers=1)), options)
    array = np.ascontiguousarray(oriented(array, integer_tag(page, 274, 1)))
    image = from_array(array, options.replace(layout="hwc"))
    colors = image.spec.channels - alpha
    space = "cmyk" if colors == 4 else space_of(colors)
    if (space == "cmyk") != (int(page.photometric) == INKS):
        space = "none"
    spec = options.described(image.spec.replace(alpha=alpha, space=space))
    return image.replace(spec=spec, meta=_meta(page))


def _check(page: Any, size: int, options: ReadOptions) -> None:
    """Check sizes, compression and where the strips lie, before anything is decoded."""
    options.check(page.imagewidth, page.imagelength)
    samples = page.imagewidth * page.imagelength * page.samplesperpixel
    if page.imagedepth != 1:
        raise options.fault(f"it is a volume of {page.imagedepth} planes, not one picture")
    if samples > SAMPLES:
        raise options.fault(f"{samples} samples are above the limit of {SAMPLES}")
    if page.compression not in (NONE, *DEFLATE, PACKBITS) and not _has_codecs():
        name = getattr(page.compression, "name", page.compression)
        raise ExtraMissing(f"{options.path}: {name}-compressed TIFF", "tiff")
    strips = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if not strips or any(start + count > size or not count for start, count in strips):
        raise options.fault("truncated: the file ends before the picture does")


def _has_codecs() -> bool:
    from importlib.util import find_spec

    return find_spec("imagecodecs") is not None


def _channels_last(page: Any, array: Any) -> Any:
    """The array as H x W x C, from planes as well."""
    if page.planarconfig == 2 and page.samplesperpixel > 1:
        array = array.reshape(page.samplesperpixel, page.imagelength, page.imagewidth)
        return array.transpose(1, 2, 0)
    return array.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)


def _colors(page: Any, array: Any, options: ReadOptions) -> tuple[Any, bool]:
    """Gray, RGB or CMYK, or other channels; and whether the last one is (straight) alpha."""
    interpretation = int(page.photometric)
    if interpretation == PALETTE and page.colormap is not None:
        return (page.colormap.T[array[:, :, 0].astype(np.uint16)] >> 8).astype(np.uint8), False
    if array.dtype == bool or page.bitspersample < 8:
        array = (array.astype(np.uint16) * 255 // ((1 << page.bitspersample) - 1)).astype(np.uint8)
    if interpretation not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, INKS):
        name = getattr(page.photometric, "name", interpretation)
        raise options.fault(f"photometric interpretation {name} is not supported")
    if interpretation == WHITE_IS_ZERO and array.dtype.kind == "u":
        array = np.iinfo(array.dtype).max - array
    return _straight(page, array, {RGB: 3, INKS: 4}.get(interpretation, 1))


def _straight(page: Any, array: Any, colors: int) -> tuple[Any, bool]:
    """The array with straight alpha, and whether its last channel is alpha."""
    extra = tuple(map(int, page.extrasamples))
    alpha = len(extra) == 1 and extra[0] in (ASSOCIATED, UNASSOCIATED) and array.shape[2] == colors + 1
    if alpha and extra[0] == ASSOCIATED:
        array = np.concatenate([_divided(array, colors), array[:, :, colors:]], axis=2)
    return array, alpha


def _divided(array: Any, colors: int) -> Any:
    """Colors divided by the alpha that they were multiplied by; black where alpha is 0."""
    is_whole = array.dtype.kind == "u"
    full = float(np.iinfo(array.dtype).max) if is_whole else 1.0
    color, alpha = array[:, :, :colors] * full, array[:, :, colors:].astype(np.float64)
    straight = np.divide(color, alpha, where=alpha > 0, out=np.zeros(color.shape))
    return (np.minimum(np.rint(straight), full) if is_whole else straight).astype(array.dtype)


def _meta(page: Any) -> Meta:
    icc, xmp = page.tags.get(34675), page.tags.get(700)
    description = page.description
    return Meta(
        icc=bytes(icc.value) if icc is not None and isinstance(icc.value, bytes) else None,
        xmp=bytes(xmp.value) if xmp is not None and isinstance(xmp.value, bytes) else None,
        dpi=_dpi(page),
        text=(("Description", description),) if description and not description.startswith("{") else (),
    )


def _dpi(page: Any) -> tuple[float, float] | None:
    to_inch = {2: 1.0, 3: 2.54}.get(integer_tag(page, 296, 2))
    values = [getattr(page.tags.get(tag), "value", None) for tag in (282, 283)]
    if to_inch is None or any(not isinstance(value, tuple) or not value[1] for value in values):
        return None
    across, down = (value[0] / value[1] * to_inch for value in values if value)
    return (across, down) if across > 1 and down > 1 else None


# ---- writing -----------------------------------------------------------------------------------------------


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """8 and 16 bits stay so; numbers without the full scale of either become 32-bit floats, in any space."""
    dtype = {255.0: "u1", 65535.0: "u2"}.get(spec.white or 0.0, "f4")
    spec = options.stored(spec if spec.dtype in ("u1", "u2") else spec.replace(dtype=dtype))
    if spec.dtype == "f4" or spec.space == "cmyk" or spec.picture.colors not in (1, 3):
        return spec
    return options.colored(spec)


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> TiffWriter:
    return multi_frame_writer(output, [meta], options).add_frame(spec, meta)


def multi_frame_writer(output: Output, metas: Sequence[Meta], options: WriteOptions) -> TiffPagesWriter:
    return TiffPagesWriter(output, len(metas), options.number("level"))


class TiffPagesWriter:
    """Collects deflated pages: only when all are there is it known whether the file needs BigTIFF."""

    def __init__(self, output: Output, count: int, level: int) -> None:
        self.output = output
        self.count = count
        self.level = level
        self.pages: list[TiffWriter] = []

    def add_frame(self, spec: Spec, meta: Meta) -> TiffWriter:
        self.pages.append(TiffWriter(self, spec, meta, self.level))
        return self.pages[-1]

    def finish(self) -> None:
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer, bigtiff=sum(page.size for page in self.pages) > BIG) as file:
            for page in self.pages:
                page.put(file)
        self.output.write(buffer.getbuffer())


class TiffWriter(RowSink):
    """Each strip is deflated by itself, in the thread that brings its rows; tifffile lays out the file."""

    def __init__(self, file: TiffPagesWriter, spec: Spec, meta: Meta, level: int) -> None:
        self.file = file
        self.spec = spec
        self.meta = meta
        self.level = level
        self.unit = max(1, STRIP // (spec.width * spec.channels * SIZES[spec.dtype]))
        self.bands = BandAssembler(spec, self.unit)
        self.strips: dict[int, bytes] = {}

    def commit(self, start: int, band: Pixels) -> None:
        for index, rows in self.bands.completed(start, band):
            array = np.asarray(rows)
            if array.dtype.kind == "u":
                array = np.concatenate([array[:, :1], array[:, 1:] - array[:, :-1]], axis=1)
            self.strips[index] = isal_zlib.compress(np.ascontiguousarray(array), self.level)

    def finish(self) -> None:
        if len(self.strips) != self.bands.count:
            raise RuntimeError(f"{len(self.strips)} of {self.bands.count} bands were written")
        if self.file.count == 1:
            self.file.finish()

    @property
    def size(self) -> int:
        """Bytes of the deflated strips."""
        return sum(map(len, self.strips.values()))

    def put(self, file: Any) -> None:
        """Write the page into a file of tifffile."""
        strips = (self.strips[index] for index in range(self.bands.count))
        file.write(strips, **self._layout(), **self._metadata())

    def _layout(self) -> dict[str, Any]:
        spec = self.spec
        photometric = {"cmyk": "separated"}.get(spec.space, "rgb" if spec.colors == 3 else "minisblack")
        extra = spec.channels - {"separated": 4, "rgb": 3}.get(photometric, 1)
        return {
            "shape": (spec.height, spec.width) + ((spec.channels,) if spec.channels > 1 else ()),
            "dtype": np.dtype(spec.dtype),
            "photometric": photometric,
            "planarconfig": "contig" if spec.channels > 1 else None,
            "extrasamples": ("unassalpha",) if spec.alpha else (0,) * extra,
            "compression": "adobe_deflate",
            "predictor": 2 if spec.dtype != "f4" else None,
            "rowsperstrip": self.unit,
        }

    def _metadata(self) -> dict[str, Any]:
        """Metadata, without the time stamp and the name of the software that tifffile would add."""
        meta = self.meta
        description = "\n".join(value for key, value in meta.text if key == "Description")
        return {
            "metadata": None,
            "software": False,
            "datetime": None,
            "description": description.encode("ascii", "replace") or None,
            "iccprofile": meta.icc,
            "resolution": meta.dpi,
            "resolutionunit": 2 if meta.dpi else None,
            "extratags": [(700, 1, len(meta.xmp), meta.xmp, True)] if meta.xmp else (),
        }
