"""Color profile and XMP of a GIF: application extensions before the first picture."""

from __future__ import annotations

from imgconv.formats.gif.blocks import EXTENSION, behind, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta

APPLICATION = 0xFF
ICC, XMP = b"ICCRGBG1012", b"XMP DataXMP"
# XMP stands there as it is, no blocks: whoever takes its letters for sizes of blocks ends up in these, and at the end
TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
KEPT = 64 << 20  # bytes


def read(data: bytes, meta: Meta) -> Meta:
    """Metadata with what the file says; what is damaged is left out."""
    found: dict[str, bytes] = {}
    at = 13 + table(data[10])
    while at + 14 <= len(data) and data[at] == EXTENSION:
        end = behind(data, at + 2)
        name, body = data[at + 3 : at + 14], data[at + 14 : min(end, at + 14 + KEPT)]
        if data[at + 1] == APPLICATION and data[at + 2] == 11 and end <= len(data):
            if name == ICC:
                found["icc"] = _joined(body)
            elif name == XMP and body.endswith(TRAILER):
                found["xmp"] = body[: -len(TRAILER)]
        at = end
    return meta.replace(**found)


def _joined(body: bytes) -> bytes:
    """What the blocks hold."""
    parts, at = [], 0
    while at < len(body) and body[at]:
        parts.append(body[at + 1 : at + 1 + body[at]])
        at += 1 + body[at]
    return b"".join(parts)


def written(meta: Meta) -> bytes:
    """The extensions that say it."""
    parts = []
    if meta.icc:
        parts.append(b"!\xff\x0b" + ICC + blocks(meta.icc))
    if meta.xmp and b"\0" not in meta.xmp:
        parts.append(b"!\xff\x0b" + XMP + meta.xmp + TRAILER)
    return b"".join(parts)


def blocks(data: bytes) -> bytes:
    """Data in blocks of at most 255 bytes, with an end."""
    cut = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(one)]) + one for one in cut) + b"\0"
