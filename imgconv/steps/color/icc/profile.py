"""What an ICC profile says of itself, without LittleCMS: its colors, its name, and whether it is sRGB anyway.

A picture whose profile is sRGB needs no conversion, and then nothing is imported for it. https://www.color.org/icc1v42.pdf
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
KEPT = 8  # profiles that are read once
TAGS = 200  # in a profile at most
NEAR = 0.0006  # of a colorant; half a level of 8 bits in the colors that differ most
CURVE = 0.002  # of a curve, as a stored value: half a level of 8 bits
LUTS = (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1")  # tables that count for more than colorants and curves
TRIED = 64  # values at which a curve by formula is looked at


class Profile(Record):
    """`space` is rgb, gray, cmyk or, of other kinds, what the profile calls it; `name` is its description."""

    data: bytes
    space: str
    name: str
    is_srgb: bool  # its numbers are sRGB's; of gray: its curve is
    keeps_gray: bool = False  # equal colors are a gray: all have one curve, and no table says otherwise
    path: str = ""


_known: dict[bytes, Profile] = {}


def known(data: bytes) -> Profile:
    """A profile that was read before, or that is known to be whole."""

    def found() -> Profile:
        made = read(data)
        assert made is not None
        return made

    return memoize(_known, KEPT, data, found)


def load(path: str, space: str) -> Profile:
    """The profile in a file, for pictures of that space. Errors: UsageError."""
    from imgconv.core.errors import UsageError
    from imgconv.formats.files import shown

    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {shown(path)}: {(error.strerror or str(error)).lower()}") from None
    found = read(data)
    if found is None or len(data) > LARGEST:
        raise UsageError(f"{shown(path)} is no ICC profile; such files end in .icc or .icm")
    if found.space != space:
        raise UsageError(f"{shown(path)}, '{found.name}', is a profile for {found.space} and not for {space}")
    return found.replace(path=path)


def read(data: bytes) -> Profile | None:
    """The profile in these bytes; None where they are damaged."""
    try:
        size, kind = unpack_from(">I8x4x4s", data)
        (count,) = unpack_from(">I", data, 128)
        if data[36:40] != b"acsp" or not 132 < size <= len(data) or count > TAGS:
            return None
        tags = {}
        for at in range(132, 132 + 12 * count, 12):
            name, start, length = unpack_from(">4sII", data, at)
            if start + length > size:
                return None
            tags[name] = data[start : start + length]
        space = SPACES.get(kind) or kind.decode("ascii", "replace").strip()
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
    for name, wanted in COLORANTS.items():
        found = [number / 65536 for number in unpack_from(">8x3i", tags.get(name, b""))]
        if any(abs(a - b) > NEAR for a, b in zip(found, wanted, strict=True)):
            return False
    return all(_is_curve(curve) for curve in {tags.get(name, b"") for name in CURVES})


def _keeps_gray(space: str, tags: Mapping[bytes, bytes]) -> bool:
    curves = {tags.get(name, b"") for name in CURVES}
    return space == "rgb" and not any(table in tags for table in LUTS) and len(curves) == 1


def _is_curve(body: bytes) -> bool:
    """Whether a curve is sRGB's: a table of numbers, or the formula."""
    values = _values(body)
    last = len(values) - 1
    return last > 0 and all(abs(linear_to_srgb(light) - at / last) < CURVE for at, light in enumerate(values))


def _values(body: bytes) -> Sequence[float]:
    """The curve at equal distances from 0 to 1; nothing for kinds that sRGB is never written in."""
    if body[:4] == b"curv":
        (count,) = unpack_from(">I", body, 8)
        return [number / 65535 for number in unpack_from(f">{count}H", body, 12)] if count > 16 else []
    if body[:4] == b"para" and unpack_from(">H", body, 8) == (3,):
        g, a, b, c, d = (number / 65536 for number in unpack_from(">5i", body, 12))
        places = [at / TRIED for at in range(TRIED + 1)]
        return [max(a * x + b, 0.0) ** g if x >= d else c * x for x in places]
    return []
