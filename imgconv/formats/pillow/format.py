"""JPEG, WebP, BMP, GIF and 8-bit PPM through Pillow's plugins, each imported alone (`Image.open` imports five)."""

from __future__ import annotations

import io

from PIL import Image as Pillow

from imgconv.core.errors import UsageError
from imgconv.core.image import Image, Meta
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats.decoder_guard import DecoderGuard, fault
from imgconv.formats.decoder_thread import DecoderThread, prepare
from imgconv.formats.options import colored
from imgconv.formats.orientation import PREFIX, apply_orientation
from imgconv.formats.pillow import memory
from imgconv.formats.pillow.memory import SHAPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from PIL.ImageFile import ImageFile

    from imgconv.formats.files import Output
    from imgconv.formats.options import ReadOptions, WriteOptions

PLUGINS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "ppm": ("PIL.PpmImagePlugin", "PpmImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
}
SIDES = {"jpeg": 65500, "webp": 16383, "gif": 65535}
SMALL = 1 << 18  # pixels below which a thread costs more than it saves
ROWS = 256  # handed over at a time
MARKER = 65000  # bytes of metadata that JPEG can hold in one piece


def read(data: bytes, options: ReadOptions) -> Image:
    """A picture's pixels, which may still be on their way when this returns (`Image.ready`)."""
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        picture = opened(data, options)
        meta = meta_of(picture)
        if options.format == "gif" or picture.mode not in SHAPES or "transparency" in picture.info:
            picture.load()
            picture = plain(picture)
    return image_of(picture, meta, options)


def image_of(picture: Any, meta: Meta, options: ReadOptions) -> Image:
    """A picture of a mode that we hold, loaded or not; it is used up. Rows may still be on their way."""
    with DecoderGuard(options, Pillow.DecompressionBombWarning):
        pixels = memory.home(picture)
    channels, dtype = pixels.channels, pixels.dtype
    spec = Spec(picture.height, picture.width, channels, dtype, "gray" if channels < 3 else "rgb")
    spec = spec.replace(alpha=channels in (2, 4), white=255.0 if dtype == "u1" else 65535.0)
    if picture.mode == "CMYK":  # Pillow takes all JPEGs of inks for inverted ones, as Adobe writes them
        spec = spec.replace(space="cmyk", alpha=False)
    steps = _decoded(picture, pixels, options)
    ready = None
    if spec.height * spec.width < SMALL:
        for _ in steps:
            pass
    else:
        prepare(*memory.loops_for(channels)[:1])
        ready = DecoderThread(steps, spec.height).start()
    return apply_orientation(Image.of_pixels(pixels, options.described(spec), meta, options.path, ready))


def clear(pictures: Sequence[Any]) -> str:
    """`A` where a pixel of any of them is not opaque, else nothing."""
    kinds = (one.getchannel("A").getextrema() for one in pictures if one.mode.endswith("A"))
    return "A" if any(low < 255 for low, _ in kinds) else ""


def opened(data: bytes, options: ReadOptions, kind: Any = None) -> ImageFile:
    """The picture behind its header, its size checked."""
    memory.in_one_block()
    if options.format == "webp":
        _check_webp(data[:30], options)
    module, name = PLUGINS[options.format]
    kind = kind or getattr(__import__(module, fromlist=[name]), name)
    picture: ImageFile = kind(io.BytesIO(data))
    options.check(*picture.size)
    if not picture.tile and options.format != "webp":  # which finds its pixels when it decodes
        raise options.fault("truncated: it holds no image data")
    return picture


def _check_webp(head: bytes, options: ReadOptions) -> None:
    """WebP's decoder takes its memory when it opens: look at the canvas first."""
    kind = head[12:16]
    if kind == b"VP8X":
        sides = [int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27)]
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        sides = [(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1]
    else:
        sides = [int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28)]
    options.check(*sides)


def plain(picture: Any) -> Any:
    """The picture in a mode that we hold: palettes and bits become gray or RGB, transparency alpha."""
    clear = "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa", "RGBA", "LA")
    if picture.mode == "P" and picture.palette is not None and picture.palette.mode == "RGBA":
        clear = True
    if picture.mode in ("I", "I;16B", "I;16L"):
        return picture.convert("I;16")
    if picture.mode in ("1", "L", "LA", "La"):
        return picture.convert("LA" if clear else "L")
    if picture.mode == "I;16" and not clear:
        return picture
    return picture.convert("RGBA" if clear else "RGB")


def _decoded(picture: Any, pixels: Pixels, options: ReadOptions) -> Iterator[int]:
    """Decode, and pack the rows where they lie; yields the number of rows that are done."""
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
    """What the file says beside its pixels."""
    info = picture.info
    exif, dpi, comment = info.get("exif"), info.get("dpi"), info.get("comment")
    text = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else comment
    return Meta(
        icc=info.get("icc_profile") or None,
        exif=exif.removeprefix(PREFIX) if exif else None,
        xmp=info.get("xmp") or None,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and all(0 < float(one) < 1e6 for one in dpi) else None,
        text=(("Comment", text),) if text else (),
    )


# ---- writing -----------------------------------------------------------------------------------------------


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    name = options.format
    options.only(*{"jpeg": ("quality",), "webp": ("quality", "lossless")}.get(name, ()))
    options.number("quality", 90, 1, 100)
    side = SIDES.get(name, 1 << 31)
    if max(spec.width, spec.height) > side:
        size = f"{spec.width} x {spec.height}"
        raise UsageError(f"a {name} file holds at most {side} x {side} pixels, not {size}")
    if name == "jpeg" and spec.space == "cmyk":
        return options.stored(spec.replace(channels=4, alpha=False), "u1")
    spec = colored(spec, name.upper(), alpha=name in ("webp", "gif"))
    return options.stored(spec, "u1")


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> PillowWriter:
    return PillowWriter(output, spec, meta, options)


class PillowWriter:
    """Bands go straight into the memory of a Pillow image, which is encoded at the end."""

    rows = 0

    def __init__(self, output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> None:
        memory.in_one_block()
        self.output = output
        self.options = options
        self.settings = settings(meta, options)
        prepare(*memory.loops_for(spec.channels)[1:])
        mode = "CMYK" if spec.space == "cmyk" else memory.MODES[spec.channels, spec.dtype]
        self.picture = Pillow.new(mode, (spec.width, spec.height), None)
        self.memory = memory.memory(self.picture)

    def write(self, y0: int, band: Pixels) -> None:
        memory.pack(band, self.memory.band(y0, y0 + band.height))

    def finish(self) -> None:
        """Encode the picture and write the file's bytes."""
        room = io.BytesIO()
        self.encode(room)
        self.output.write(room.getbuffer())

    def encode(self, room: io.BytesIO) -> None:
        module, _ = PLUGINS[self.options.format]
        __import__(module)
        picture = self.picture
        if self.options.format == "webp" and picture.mode == "LA":
            picture = picture.convert("RGBA")
        picture.save(room, self.options.format.upper(), **self.settings)


def settings(meta: Meta, options: WriteOptions) -> dict[str, Any]:
    """What Pillow's encoder is told; metadata that the format cannot hold is left out."""
    name = options.format
    told: dict[str, Any] = {}
    if name in ("jpeg", "webp"):
        told["quality"] = options.number("quality", 90, 1, 100)
        longest = MARKER if name == "jpeg" else 1 << 30
        exif = PREFIX + meta.exif if meta.exif else None
        room = {"icc_profile": meta.icc, "exif": exif, "xmp": meta.xmp}
        for key, value in room.items():
            if value and (key == "icc_profile" or len(value) < longest):
                told[key] = value
    if name == "webp":
        told |= {"lossless": options.lossless, "exact": options.lossless}
    if name in ("jpeg", "bmp") and meta.dpi:
        told["dpi"] = tuple(min(one, 65535.0) for one in meta.dpi)
    if name == "jpeg":
        comment = "\n".join(value for key, value in meta.text if key == "Comment").encode()[:MARKER]
        told |= {"comment": comment} if comment else {}
    return told
