"""PNG files made by hand, byte by byte as the standard says, sharing no code with imgconv."""

import struct
import zlib

import numpy as np

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8)]
KINDS += [(4, 8), (4, 16), (6, 8), (6, 16)]
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def packed(row, bits):
    """The bytes of one row of samples."""
    if bits == 16:
        return row.astype(">u2").tobytes()
    if bits == 8:
        return row.astype(np.uint8).tobytes()
    text = "".join(format(int(v), f"0{bits}b") for v in row)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))


def predicted(kind, a, b, c):
    if kind == 4:
        p = a + b - c
        return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
    return (0, a, b, (a + b) // 2)[kind]


def filtered(lines, step, filters):
    """Rows of bytes under the given filters."""
    out, above = bytearray(), bytes(len(lines[0]))
    for y, line in enumerate(lines):
        kind = filters[y % len(filters)]
        out.append(kind)
        for x, value in enumerate(line):
            a, c = (line[x - step], above[x - step]) if x >= step else (0, 0)
            out.append((value - predicted(kind, a, above[x], c)) & 255)
        above = line
    return bytes(out)


def stored(samples, color, bits, filters, interlaced):
    """What is deflated: all rows, or those of seven passes. `samples` is H x W x channels."""
    step = max(1, CHANNELS[color] * bits // 8)
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [samples]
    parts = [part for part in passes if part.shape[0] and part.shape[1]]
    return b"".join(
        filtered([packed(row.reshape(-1), bits) for row in part], step, filters) for part in parts
    )


def png(samples, color, bits, filters=(0,), interlaced=False, extra=(), pieces=1, level=6, after=()):
    """A whole file; `extra` and `after` are chunks before and after the image data, which has `pieces` chunks."""
    height, width = samples.shape[:2]
    body = zlib.compress(stored(samples, color, bits, filters, interlaced), level)
    size = -(-len(body) // pieces)
    idat = [chunk(b"IDAT", body[at : at + size]) for at in range(0, len(body), size)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *extra, *idat, *after, chunk(b"IEND")])


def chunks(data):
    """Kind and body of each chunk; checksums are checked."""
    at, found = 8, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + size
    return found


def repaired(data):
    """The same file with every checksum made right, as far as its chunks can be followed."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        (size,) = struct.unpack_from(">I", out, at)
        end = at + 8 + size
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[at + 4 : end]))
        at = end + 4
    return bytes(out)
