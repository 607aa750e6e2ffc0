"""Color profile and XMP of a GIF: application extensions before the first frame."""

from __future__ import annotations

from imgconv.formats.gif.blocks import EXTENSION, blocks_end, table_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta

APPLICATION = 0xFF
ICC, XMP = b"ICCRGBG1012", b"XMP DataXMP"
# XMP is stored without blocks. A reader that takes its bytes for the sizes of blocks ends up in this trailer, which
# leads it to its end: byte N skips to the last one.
TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
KEPT = 64 << 20  # bytes


def read(data: bytes, meta: Meta) -> Meta:
    """`meta` with the profile and XMP of the file; what is damaged is left out."""
    fields: dict[str, bytes] = {}
    start = 13 + table_size(data[10])
    while start + 14 <= len(data) and data[start] == EXTENSION:
        end = blocks_end(data, start + 2)
        name, body = data[start + 3 : start + 14], data[start + 14 : min(end, start + 14 + KEPT)]
        if data[start + 1] == APPLICATION and data[start + 2] == 11 and end <= len(data):
            if name == ICC:
                fields["icc"] = _joined(body)
            elif name == XMP and body.endswith(TRAILER):
                fields["xmp"] = body[: -len(TRAILER)]
        start = end
    return meta.replace(**fields)


def _joined(body: bytes) -> bytes:
    """The data of the blocks: each is a byte with its size, and so many bytes."""
    parts, start = [], 0
    while start < len(body) and body[start]:
        parts.append(body[start + 1 : start + 1 + body[start]])
        start += 1 + body[start]
    return b"".join(parts)


def extensions(meta: Meta) -> bytes:
    """The extensions that store profile and XMP."""
    parts = []
    if meta.icc:
        parts.append(b"!\xff\x0b" + ICC + data_blocks(meta.icc))
    if meta.xmp and b"\0" not in meta.xmp:
        parts.append(b"!\xff\x0b" + XMP + meta.xmp + TRAILER)
    return b"".join(parts)


def data_blocks(data: bytes) -> bytes:
    """Data in blocks of at most 255 bytes, and the empty block that ends them."""
    parts = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
