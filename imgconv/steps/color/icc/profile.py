"""ICC profiles read without LittleCMS: the color space, the name, and whether the profile is sRGB.

A picture whose profile is sRGB needs no conversion, and nothing is imported for it. https://www.color.org/icc1v42.pdf
"""

from __future__ import annotations

from struct import error as StructError
from struct import unpack_from

from imgconv.core.color_spaces import linear_to_srgb
from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.steps.color.icc.srgb import COLORANTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SPACES = {b"RGB ": "rgb", b"GRAY": "gray", b"CMYK": "cmyk"}
CURVES = (b"rTRC", b"gTRC", b"bTRC")
LARGEST = 64 << 20  # bytes of a profile
CACHED = 8  # profiles that are read once
TAGS = 200  # in a profile at most
COLORANT_TOLERANCE = 0.0006  # half a level of 8 bits in the colors that differ most
CURVE_TOLERANCE = 0.002  # of a stored value of 0 to 1: half a level of 8 bits
LUTS = (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1")  # tables that take precedence over colorants and curves
SAMPLES = 64  # values at which a parametric curve is compared


class Profile(Record):
    """A profile: `space` is rgb, gray, cmyk or, for other spaces, what the profile calls it; `name` its description."""

    data: bytes
    space: str
    name: str
    is_srgb: bool  # colorants and curves are those of sRGB; of a gray profile, the curve is
    keeps_gray: bool = False  # equal colors are a gray: all have the same curve, and there are no tables
    path: str = ""


_known: dict[bytes, Profile] = {}


def known(data: bytes) -> Profile:
    """The profile in bytes that are known to be undamaged; read once."""

    def parse() -> Profile:
        profile = read(data)
        assert profile is not None
        return profile

    return memoize(_known, CACHED, data, parse)


def load(path: str, space: str) -> Profile:
    """The profile in a file, for pictures in that space. Errors: UsageError where it is none, or for another space."""
    from imgconv.core.errors import UsageError, quote_path

    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read {quote_path(path)}: {(error.strerror or str(error)).lower()}"
        ) from None
    profile = read(data)
    if profile is None or len(data) > LARGEST:
        raise UsageError(f"{quote_path(path)} is not an ICC profile; such files end in .icc or .icm")
    if profile.space != space:
        raise UsageError(
            f"{quote_path(path)}, '{profile.name}', is a profile for {profile.space}, not for {space}"
        )
    return profile.replace(path=path)


def read(data: bytes) -> Profile | None:
    """The profile in these bytes; None where they are damaged."""
    try:
        size, signature = unpack_from(">I8x4x4s", data)
        (count,) = unpack_from(">I", data, 128)
        if data[36:40] != b"acsp" or not 132 < size <= len(data) or count > TAGS:
            return None
        tags = {}
        for offset in range(132, 132 + 12 * count, 12):
            name, start, length = unpack_from(">4sII", data, offset)
            if start + length > size:
                return None
            tags[name] = data[start : start + length]
        space = SPACES.get(signature) or signature.decode("ascii", "replace").strip()
        name = _name(tags.get(b"desc", b""))
        return Profile(data, space, name, _is_srgb(space, tags), _keeps_gray(space, tags))
    except (StructError, ValueError, IndexError):
        return None


def _name(body: bytes) -> str:
    """The description in a `desc` (version 2) or `mluc` (version 4) tag."""
    if body[:4] == b"mluc":
        length, start = unpack_from(">II", body, 20)
        text = body[start : start + length].decode("utf-16-be", "replace")
    else:
        (length,) = unpack_from(">I", body, 8) if len(body) > 12 else (0,)
        text = body[12 : 12 + length].decode("ascii", "replace")
    plain = "".join(c for c in text.partition("\0")[0] if c.isprintable()).strip()
    return plain[:100] or "unnamed"


def _is_srgb(space: str, tags: Mapping[bytes, bytes]) -> bool:
    if space == "gray":
        return _is_curve(tags.get(b"kTRC", b""))
    if space != "rgb" or any(table in tags for table in LUTS):
        return False
    for name, srgb in COLORANTS.items():
        colorant = [number / 65536 for number in unpack_from(">8x3i", tags.get(name, b""))]
        if any(abs(a - b) > COLORANT_TOLERANCE for a, b in zip(colorant, srgb, strict=True)):
            return False
    return all(_is_curve(curve) for curve in {tags.get(name, b"") for name in CURVES})


def _keeps_gray(space: str, tags: Mapping[bytes, bytes]) -> bool:
    curves = {tags.get(name, b"") for name in CURVES}
    return space == "rgb" and not any(table in tags for table in LUTS) and len(curves) == 1


def _is_curve(body: bytes) -> bool:
    """Whether a curve, a table or parametric, is that of sRGB."""
    values = _values(body)
    last = len(values) - 1
    return last > 0 and all(
        abs(linear_to_srgb(light) - i / last) < CURVE_TOLERANCE for i, light in enumerate(values)
    )


def _values(body: bytes) -> Sequence[float]:
    """The curve at equal distances from 0 to 1; empty for types of curves that sRGB is never written as."""
    if body[:4] == b"curv":
        (count,) = unpack_from(">I", body, 8)
        return [number / 65535 for number in unpack_from(f">{count}H", body, 12)] if count > 16 else []
    if body[:4] == b"para" and unpack_from(">H", body, 8) == (3,):
        g, a, b, c, d = (number / 65536 for number in unpack_from(">5i", body, 12))
        stored = [i / SAMPLES for i in range(SAMPLES + 1)]
        return [max(a * x + b, 0.0) ** g if x >= d else c * x for x in stored]
    return []
