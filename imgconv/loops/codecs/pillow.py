"""Copy between packed pixels and Pillow's memory, where a pixel of two or three channels takes four bytes.

`width` is in pixels; `stored` is Pillow's memory.
"""

from __future__ import annotations

from imgconv.jit.loop import loop

PLAIN = (1 << 62) - 1


@loop("u1[:,:], u1[:,:], i8")
def rgb_packed(stored, out, width):
    """RGBX to RGB."""
    for y in range(stored.shape[0]):
        row = stored[y]
        here = out[y]
        for x in range(width):
            source = (x * 4) & PLAIN
            target = (x * 3) & PLAIN
            here[target] = row[source]
            here[target + 1] = row[source + 1]
            here[target + 2] = row[source + 2]


@loop("u1[:,:], u1[:,:], i8")
def rgb_spread(rows, stored, width):
    """RGB to RGBX."""
    for y in range(stored.shape[0]):
        row = rows[y]
        here = stored[y]
        for x in range(width):
            source = (x * 3) & PLAIN
            target = (x * 4) & PLAIN
            here[target] = row[source]
            here[target + 1] = row[source + 1]
            here[target + 2] = row[source + 2]
            here[target + 3] = 255


@loop("u1[:,:], u1[:,:], i8")
def gray_alpha_packed(stored, out, width):
    """LLLA to LA."""
    for y in range(stored.shape[0]):
        for x in range(width):
            out[y, 2 * x] = stored[y, 4 * x]
            out[y, 2 * x + 1] = stored[y, 4 * x + 3]


@loop("u1[:,:], u1[:,:], i8")
def gray_alpha_spread(rows, stored, width):
    """LA to LLLA."""
    for y in range(stored.shape[0]):
        for x in range(width):
            stored[y, 4 * x] = rows[y, 2 * x]
            stored[y, 4 * x + 1] = rows[y, 2 * x]
            stored[y, 4 * x + 2] = rows[y, 2 * x]
            stored[y, 4 * x + 3] = rows[y, 2 * x + 1]
