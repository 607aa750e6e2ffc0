"""The profiles that pictures converted to sRGB are given, gray ones and coloured.

Made here and not by LittleCMS, which puts the time into each and has none for gray: the same command gives the same
bytes. sRGB's curve as a formula (parametric curve 3), its colorants adapted to D50, ICC version 4.
"""

from __future__ import annotations

from struct import pack

D50 = (0xF6D6, 0x10000, 0xD32D)
BRADFORD = (0x10C42, 0x5DE, -0xCDB, 0x793, 0xFD90, -0x45F, -0x25E, 0x3DC, 0xC06E)  # from D65 to D50
COLORANTS = {
    b"rXYZ": (0x6FA0, 0x38F5, 0x390),
    b"gXYZ": (0x6297, 0xB787, 0x18D9),
    b"bXYZ": (0x249F, 0xF84, 0xB6C3),
}
CURVE = b"para" + pack(">4xHxx5i", 3, 0x26666, 0xF2A7, 0xD59, 0x13D0, 0xA5B)


def srgb(space: str) -> bytes:
    """The profile for pictures in `rgb` or `gray`."""
    tags = {b"desc": _text("sRGB" if space == "rgb" else "sRGB gray"), b"cprt": _text("No copyright")}
    tags[b"wtpt"] = _xyz(*D50)
    if space == "rgb":
        tags[b"chad"] = b"sf32" + pack(">4x9i", *BRADFORD)
        tags.update((name, _xyz(*place)) for name, place in COLORANTS.items())
    curves = (b"rTRC", b"gTRC", b"bTRC") if space == "rgb" else (b"kTRC",)
    return profile(space, {**tags, **dict.fromkeys(curves, CURVE)})


def profile(space: str, tags: dict[bytes, bytes]) -> bytes:
    """Header, table and bodies; equal bodies are stored once. The date is the standard's own."""
    table, bodies, places = b"", b"", {}
    start = 132 + 12 * len(tags)
    for name, body in tags.items():
        if body not in places:
            places[body] = start + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += name + pack(">II", places[body], len(body))
    size = start + len(bodies)
    kind = {"rgb": b"RGB ", "gray": b"GRAY"}[space]
    date = pack(">6H", 2004, 10, 1, 0, 0, 0)
    head = pack(">I4xI", size, 0x04200000) + b"mntr" + kind + b"XYZ " + date + b"acsp"
    head += bytes(28) + pack(">3I", *D50)
    return head.ljust(128, b"\0") + pack(">I", len(tags)) + table + bodies


def _xyz(*numbers: int) -> bytes:
    return b"XYZ " + pack(">4x3i", *numbers)


def _text(text: str) -> bytes:
    body = text.encode("utf-16-be")
    return b"mluc" + pack(">4xII", 1, 12) + b"enUS" + pack(">II", len(body), 28) + body
