"""PNG files made byte by byte as the standard says; no code is shared with imgconv."""

import struct
import zlib

import numpy as np

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8)]
KINDS += [(4, 8), (4, 16), (6, 8), (6, 16)]
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(name, body=b""):
    """Length, name, body and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def packed(row, bits):
    """The bytes of one row of samples of 1 to 16 bits."""
    if bits == 16:
        return row.astype(">u2").tobytes()
    if bits == 8:
        return row.astype(np.uint8).tobytes()
    text = "".join(format(int(v), f"0{bits}b") for v in row)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def predicted(number, a, b, c):
    """What filter 0 to 4 expects of the byte: a is to the left, b above, c above a."""
    if number == 4:
        p = a + b - c
        return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
    return (0, a, b, (a + b) // 2)[number]


def filtered(lines, pixel, filters):
    """Rows of bytes, filtered by the given filters in turn; a pixel has that many bytes."""
    out, above = bytearray(), bytes(len(lines[0]))
    for y, line in enumerate(lines):
        number = filters[y % len(filters)]
        out.append(number)
        for x, value in enumerate(line):
            a, c = (line[x - pixel], above[x - pixel]) if x >= pixel else (0, 0)
            out.append((value - predicted(number, a, above[x], c)) & 255)
        above = line
    return bytes(out)


def stored(samples, color, bits, filters, interlaced):
    """The bytes before compression: all rows, or those of seven passes. `samples` is H x W x channels."""
    pixel = max(1, CHANNELS[color] * bits // 8)
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [samples]
    parts = [part for part in passes if part.shape[0] and part.shape[1]]
    return b"".join(
        filtered([packed(row.reshape(-1), bits) for row in part], pixel, filters) for part in parts
    )


def png(samples, color, bits, filters=(0,), interlaced=False, extra=(), pieces=1, level=6, after=()):
    """A whole file; the image data has `pieces` chunks, with the chunks `extra` before and `after` behind it."""
    height, width = samples.shape[:2]
    body = zlib.compress(stored(samples, color, bits, filters, interlaced), level)
    size = -(-len(body) // pieces)
    idat = [chunk(b"IDAT", body[i : i + size]) for i in range(0, len(body), size)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *extra, *idat, *after, chunk(b"IEND")])


def chunks(data):
    """Name and body of each chunk; checksums are checked."""
    offset, parts = 8, []
    while offset < len(data):
        (size,) = struct.unpack_from(">I", data, offset)
        name, body = data[offset + 4 : offset + 8], data[offset + 8 : offset + 8 + size]
        assert struct.unpack_from(">I", data, offset + 8 + size)[0] == zlib.crc32(name + body)
        parts.append((name, body))
        offset += 12 + size
    return parts


def repaired(data):
    """The same file with every checksum corrected, as far as its chunks can be followed."""
    out, offset = bytearray(data), 8
    while offset + 12 <= len(out):
        (size,) = struct.unpack_from(">I", out, offset)
        end = offset + 8 + size
        if end + 4 > len(out):
            break
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[offset + 4 : end]))
        offset = end + 4
    return bytes(out)
