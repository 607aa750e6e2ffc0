"""Between rows of packed pixels and Pillow's memory, where two or three channels take four bytes."""

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
            at = (x * 4) & PLAIN
            to = (x * 3) & PLAIN
            here[to] = row[at]
            here[to + 1] = row[at + 1]
            here[to + 2] = row[at + 2]


@loop("u1[:,:], u1[:,:], i8")
def rgb_spread(rows, stored, width):
    """RGB to RGBX."""
    for y in range(stored.shape[0]):
        row = rows[y]
        here = stored[y]
        for x in range(width):
            at = (x * 3) & PLAIN
            to = (x * 4) & PLAIN
            here[to] = row[at]
            here[to + 1] = row[at + 1]
            here[to + 2] = row[at + 2]
            here[to + 3] = 255


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
