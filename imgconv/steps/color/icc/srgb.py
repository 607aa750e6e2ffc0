"""The sRGB profiles, for color and for gray, that are embedded in pictures converted to sRGB.

They are made here: LittleCMS puts the time into each, and has none for gray. The same command gives the same bytes.
The curve of sRGB is a formula (parametric curve 3), the colorants are adapted to D50; ICC version 4.
"""

from __future__ import annotations

from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

D50 = (0.9642, 1.0, 0.8249)
BRADFORD = (0x10C42, 0x5DE, -0xCDB, 0x793, 0xFD90, -0x45F, -0x25E, 0x3DC, 0xC06E)  # from D65 to D50
COLORANTS = {
    b"rXYZ": (0.436035, 0.222488, 0.013916),
    b"gXYZ": (0.385117, 0.716904, 0.097061),
    b"bXYZ": (0.143051, 0.060608, 0.713913),
}
CURVE = b"para" + pack(">4xHxx5i", 3, 0x26666, 0xF2A7, 0xD59, 0x13D0, 0xA5B)


def srgb(space: str) -> bytes:
    """The profile for pictures in `rgb` or `gray`."""
    tags = {b"desc": text("sRGB" if space == "rgb" else "sRGB gray"), b"cprt": text("No copyright")}
    tags[b"wtpt"] = xyz(D50)
    if space == "rgb":
        tags[b"chad"] = b"sf32" + pack(">4x9i", *BRADFORD)
        tags.update((name, xyz(colorant)) for name, colorant in COLORANTS.items())
    curves = (b"rTRC", b"gTRC", b"bTRC") if space == "rgb" else (b"kTRC",)
    return profile(space, {**tags, **dict.fromkeys(curves, CURVE)})


def profile(space: str, tags: dict[bytes, bytes]) -> bytes:
    """A profile of these tags: header, table, bodies. Equal bodies are stored once; the date is fixed."""
    table, bodies, offsets = b"", b"", {}
    start = 132 + 12 * len(tags)
    for name, body in tags.items():
        if body not in offsets:
            offsets[body] = start + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += name + pack(">II", offsets[body], len(body))
    size = start + len(bodies)
    signature = {"rgb": b"RGB ", "gray": b"GRAY"}[space]
    date = pack(">6H", 2004, 10, 1, 0, 0, 0)
    head = pack(">I4xI", size, 0x04200000) + b"mntr" + signature + b"XYZ " + date + b"acsp"
    head += bytes(28) + xyz(D50)[8:]
    return head.ljust(128, b"\0") + pack(">I", len(tags)) + table + bodies


def xyz(numbers: Sequence[float]) -> bytes:
    """An `XYZ ` tag: a color as X, Y, Z."""
    return b"XYZ " + pack(">4x3i", *(round(65536 * number) for number in numbers))


def text(words: str) -> bytes:
    """A `mluc` tag: a text in English."""
    body = words.encode("utf-16-be")
    return b"mluc" + pack(">4xII", 1, 12) + b"enUS" + pack(">II", len(body), 28) + body
