"""Conversion between ICC profiles by LittleCMS: through Pillow for 8 bits, through imagecodecs for 16.

Pillow has no 16-bit colors. Both release the GIL; a transform belongs to one thread.
"""

from __future__ import annotations

import ctypes
import io

from imgconv.core.color_spaces import COLORS, INTENTS
from imgconv.core.pixels import Pixels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.engine.step import Compute
    from imgconv.steps.color.icc.profile import Profile

COMPENSATED = 0x2000  # black point compensation: black stays black, and shadows keep their detail
EXACT = 0x100  # no table of 33 x 33 x 33 colors in place of curves and matrix: that is off by 700 of 65535
MODES = {"rgb": "RGB", "gray": "L", "cmyk": "CMYK"}


def transform(source: Profile, target: Profile, intent: str, dtype: str) -> Compute:
    """`compute(out, source, row)` for packed colors of u1 or u2, without alpha.

    u2 needs imagecodecs. Errors: ValueError where LittleCMS cannot use the profiles.
    """
    if dtype == "u1" and source.space == target.space == "gray":
        return _lookup_u1(source, target, intent)
    convert = (_transform_u1 if dtype == "u1" else _transform_u2)(source, target, intent)
    return _keeping_gray(convert) if source.keeps_gray and target.space == "rgb" else convert


def _keeping_gray(convert: Compute) -> Compute:
    """The same, with grays that stay gray: LittleCMS is off by a level of 8 bits in one of their colors."""
    from imgconv.loops.color.icc import keep_gray

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        convert(out, source, row)
        keep_gray(out, source, out.channels, out.width)

    return compute


def _lookup_u1(source: Profile, target: Profile, intent: str) -> Compute:
    """A lookup table of each gray: fastest, and exact, where LittleCMS alone is off by 10 in the shadows."""
    from PIL import Image as Pillow

    ramp = Pillow.frombytes("L", (256, 1), bytes(range(256)))
    table = _transform_of(source, target, intent, ("L", "L"), EXACT).apply(ramp).tobytes()

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        for y in range(out.height):
            line = ctypes.string_at(source.address + y * source.stride, source.row_bytes)
            ctypes.memmove(out.address + y * out.stride, line.translate(table), out.row_bytes)

    return compute


def has_sixteen() -> bool:
    """Whether 16-bit colors can be converted here."""
    from importlib.util import find_spec

    return find_spec("imagecodecs") is not None


def _transform_u1(source: Profile, target: Profile, intent: str) -> Compute:
    from PIL import Image as Pillow

    from imgconv.formats.pillow import memory

    memory.in_one_block()
    modes = MODES[source.space], MODES[target.space]
    transform = _transform_of(source, target, intent, modes).transform
    buffers: dict[tuple[int, int], Any] = {}  # strips have two or three heights

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        size = out.width, out.height
        if size not in buffers:
            images = [Pillow.new(mode, size, None) for mode in modes]
            buffers[size] = images, [memory.memory(image) for image in images]
        (image_in, image_out), (before, after) = buffers[size]
        memory.pack(source, before)
        transform.apply(image_in.getim(), image_out.getim())
        memory.unpack(after, out)

    return compute


def _transform_of(
    source: Profile, target: Profile, intent: str, modes: tuple[str, str], flags: int = 0
) -> Any:
    """Pillow's transform. Errors: ValueError where LittleCMS cannot use the profiles."""
    from PIL import ImageCms

    flags = ImageCms.Flags(flags | (COMPENSATED if intent == "relative" else 0))
    try:
        before, after = (ImageCms.ImageCmsProfile(io.BytesIO(profile.data)) for profile in (source, target))
        return ImageCms.buildTransform(before, after, *modes, ImageCms.Intent(INTENTS[intent][0]), flags)
    except (OSError, ImageCms.PyCMSError) as error:
        raise ValueError(str(error)) from None


def _transform_u2(source: Profile, target: Profile, intent: str) -> Compute:
    import imagecodecs
    import numpy as np

    profiles = source.data, target.data
    options: dict[str, Any] = {
        "colorspace": source.space,
        "outcolorspace": target.space,
        "intent": INTENTS[intent][0],
        "flags": EXACT | (COMPENSATED if intent == "relative" else 0),
    }

    def convert(array: Any) -> Any:
        plain = np.ascontiguousarray(array[:, :, 0] if array.shape[2] == 1 else array)
        return imagecodecs.cms_transform(plain, *profiles, **options)

    try:
        convert(np.zeros((1, 1, COLORS[source.space]), np.uint16))
    except Exception as error:
        raise ValueError(str(error)) from None

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        np.asarray(out)[...] = convert(np.asarray(source)).reshape(out.shape)

    return compute
