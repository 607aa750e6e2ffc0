"""BMP, 8-bit PPM, and what JPEG, WebP and GIF share: Pillow's plugins, each imported alone (`open` imports five)."""

from __future__ import annotations

import io

from PIL import Image as Pillow

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.image import Image, Meta
from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink
from imgconv.core.spec import Spec
from imgconv.formats.decoder_guard import DecoderGuard, fault
from imgconv.formats.decoder_thread import DecoderThread, prepare
from imgconv.formats.orientation import PREFIX, apply_orientation
from imgconv.formats.pillow import memory
from imgconv.formats.pillow.memory import SHAPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from PIL.ImageFile import ImageFile

    from imgconv.formats.files import Output
    from imgconv.formats.options import FormatRow, ReadOptions, WriteOptions

SMALL = 1 << 18  # pixels below which a thread costs more than it saves
ROWS = 256  # handed over at a time


def read(data: bytes, options: ReadOptions, at_once: bool = False, has_tiles: bool = True) -> Image:
    """The picture; its rows may still be being decoded when this returns (`Image.ready`), unless `at_once`.

    `has_tiles` as for `opened`.
    """
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        picture: Any = opened(data, options, has_tiles=has_tiles)
        meta = meta_of(picture)
        if at_once or picture.mode not in SHAPES or "transparency" in picture.info:
            picture.load()
            picture = direct_color(picture)
    return image_of(picture, meta, options)


def image_of(picture: Any, meta: Meta, options: ReadOptions) -> Image:
    """The image of a picture in a mode of `SHAPES`, loaded or not; the picture is used up. As `read`."""
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        pixels = memory.packed_pixels(picture)
    channels, dtype = pixels.channels, pixels.dtype
    spec = Spec(picture.height, picture.width, channels, dtype, "gray" if channels < 3 else "rgb")
    spec = spec.replace(alpha=channels in (2, 4), white=FULL_SCALE[dtype])
    if picture.mode == "CMYK":  # Pillow takes all CMYK JPEGs for inverted ones, as Adobe writes them
        spec = spec.replace(space="cmyk", alpha=False)
    blocks = _decoded(picture, pixels, options)
    ready = None
    if spec.height * spec.width < SMALL:
        for _ in blocks:
            pass
    else:
        prepare(*memory.loops_for(channels)[:1])
        ready = DecoderThread(blocks, spec.height).start()
    return apply_orientation(Image.of_pixels(pixels, options.described(spec), meta, options.path, ready))


def alpha_suffix(pictures: Sequence[Any]) -> str:
    """`A`, the end of a mode with alpha, where a pixel of any picture is not opaque; else nothing."""
    extrema = (picture.getchannel("A").getextrema() for picture in pictures if picture.mode.endswith("A"))
    return "A" if any(low < 255 for low, _ in extrema) else ""


def opened(data: bytes, options: ReadOptions, plugin: Any = None, has_tiles: bool = True) -> ImageFile:
    """The picture, its header read and its size checked. `plugin`: a class in place of the row's.

    `has_tiles`: whether the plugin finds the pixels when it opens the file, and not only when it decodes it.
    """
    memory.in_one_block()
    picture: ImageFile = (plugin or load_plugin(options.row))(io.BytesIO(data))
    options.check(*picture.size)
    if has_tiles and not picture.tile:
        raise options.fault("truncated: it holds no image data")
    return picture


def load_plugin(row: FormatRow) -> Any:
    """The format's class in Pillow; importing it is also what lets Pillow write the format."""
    if row.plugin is None:
        raise ValueError(f"Pillow has no plugin for {row.name}")
    module, name = row.plugin
    return getattr(__import__(module, fromlist=[name]), name)


def direct_color(picture: Any) -> Any:
    """The picture in a mode of `SHAPES`: palettes and bits become gray or RGB, transparency becomes alpha."""
    has_alpha = "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa", "RGBA", "LA")
    if picture.mode == "P" and picture.palette is not None and picture.palette.mode == "RGBA":
        has_alpha = True
    if picture.mode in ("I", "I;16B", "I;16L"):
        return picture.convert("I;16")
    if picture.mode in ("1", "L", "LA", "La"):
        return picture.convert("LA" if has_alpha else "L")
    if picture.mode == "I;16" and not has_alpha:
        return picture
    return picture.convert("RGBA" if has_alpha else "RGB")


def _decoded(picture: Any, pixels: Pixels, options: ReadOptions) -> Iterator[int]:
    """Decode, and pack the rows where they lie; yields the number of rows that are ready."""
    try:
        picture.load()
        stored = memory.memory(picture)
    except Exception as error:
        raise fault(error, options) from None
    for start in range(0, pixels.height, ROWS):
        stop = min(start + ROWS, pixels.height)
        memory.unpack(stored.band(start, stop), pixels.band(start, stop))
        yield stop


def meta_of(picture: ImageFile) -> Meta:
    """The metadata of the file."""
    info = picture.info
    exif, dpi, comment = info.get("exif"), info.get("dpi"), info.get("comment")
    text = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else comment
    return Meta(
        icc=info.get("icc_profile") or None,
        exif=exif.removeprefix(PREFIX) if exif else None,
        xmp=info.get("xmp") or None,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and all(0 < float(dots) < 1e6 for dots in dpi) else None,
        text=(("Comment", text),) if text else (),
    )


# ---- writing -----------------------------------------------------------------------------------------------


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """Gray or RGB of 8 bits, with alpha where the format has it."""
    return options.stored(options.colored(spec))


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> PillowWriter:
    return PillowWriter(output, spec, meta, options)


class PillowWriter(RowSink):
    """Bands go straight into the memory of a Pillow image, which is encoded at the end."""

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        memory.in_one_block()
        self.spec = spec
        self.output = output
        self.meta = meta
        self.options = options
        prepare(*memory.loops_for(spec.channels)[1:])
        mode = "CMYK" if spec.space == "cmyk" else memory.MODES[spec.channels, spec.dtype]
        self.picture = Pillow.new(mode, (spec.width, spec.height), None)
        self.memory = memory.memory(self.picture)

    def commit(self, start: int, band: Pixels) -> None:
        memory.pack(band, self.memory.band(start, start + band.height))

    def finish(self) -> None:
        """Encode the picture and write the file's bytes."""
        self.output.write(self.encoded())

    def encoded(self) -> memoryview:
        """The file's bytes."""
        buffer = io.BytesIO()
        load_plugin(self.options.row)
        self.picture.save(buffer, self.options.row.name.upper(), **self.settings())
        return buffer.getbuffer()

    def settings(self) -> dict[str, Any]:
        """The arguments of Pillow's encoder; metadata that the format cannot store is left out."""
        return resolution(self.meta)


def resolution(meta: Meta) -> dict[str, Any]:
    """The dots an inch, for encoders that take them; their files store 16 bits of each."""
    return {"dpi": tuple(min(dots, 65535.0) for dots in meta.dpi)} if meta.dpi else {}


def described(meta: Meta, longest: int) -> dict[str, Any]:
    """Profile, EXIF and XMP, each if it is there; EXIF and XMP only if they are shorter than `longest` bytes."""
    exif = PREFIX + meta.exif if meta.exif else None
    values = {"icc_profile": meta.icc, "exif": exif, "xmp": meta.xmp}
    return {
        name: value
        for name, value in values.items()
        if value and (name == "icc_profile" or len(value) < longest)
    }
