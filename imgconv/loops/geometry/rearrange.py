"""Pixels moved: mirrored, upside down, turned. `src` is the whole image where rows come from anywhere.

An unsigned index spares the test for a negative one, with which LLVM does not vectorize.
"""

from imgconv.jit.loop import helper, loop, np
from imgconv.loops.color.gray import merge, split

KINDS = ("u1", "u2", "f4", "f8")
TILE = 64  # rows of the source read side by side: their lines stay in the cache until the next pixel


@helper
def backwards(o, v):
    n = o.shape[0]
    for x in range(n):
        o[x] = v[np.uintp(n - 1 - x)]


@helper
def reverse(o, v, channels, width, planes):
    """The pixels of v from the last to the first; of three channels each by itself, in vectors."""
    if channels == 1:
        backwards(o[0:width], v[0:width])
    elif channels == 3:
        block = planes.shape[1]
        for part in range(-(-width // block)):
            start = part * block
            m = min(block, width - start)
            at = width - start - m
            split(planes[0][0:m], planes[1][0:m], planes[2][0:m], v[3 * at : 3 * (at + m)])
            for c in range(3):
                backwards(planes[3 + c][0:m], planes[c][0:m])
            merge(o[3 * start : 3 * (start + m)], planes[3][0:m], planes[4][0:m], planes[5][0:m])
    else:
        for x in range(width):
            for c in range(channels):
                o[x * channels + c] = v[(width - 1 - x) * channels + c]


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8, i8, {kind}[:,:]" for kind in KINDS))
def turn_half(out, src, first, mirrored, channels, width, planes):
    """Row y of out is row first - y of src, mirrored or not."""
    for y in range(out.shape[0]):
        o, v = out[y], src[first - y]
        if mirrored:
            reverse(o, v, channels, width, planes)
        else:
            for x in range(width * channels):
                o[x] = v[x]


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, {kind}[:,:]" for kind in KINDS))
def mirror(out, src, channels, width, planes):
    """Each row from its end."""
    for y in range(out.shape[0]):
        reverse(out[y], src[y], channels, width, planes)


@helper
def column(o, src, first, step, at, left, right, channels):
    """Pixels left to right of o from a column of src, from row `first` on, up or down."""
    if channels == 1:
        for x in range(left, right):
            o[x] = src[np.uintp(first + step * x), np.uintp(at)]
    elif channels == 3:
        for x in range(left, right):
            y = np.uintp(first + step * x)
            o[np.uintp(3 * x)] = src[y, np.uintp(at)]
            o[np.uintp(3 * x + 1)] = src[y, np.uintp(at + 1)]
            o[np.uintp(3 * x + 2)] = src[y, np.uintp(at + 2)]
    else:
        for x in range(left, right):
            for c in range(channels):
                o[x * channels + c] = src[first + step * x, at + c]


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8, i8, i8, i8" for kind in KINDS))
def turn(out, src, start, along, first, step, channels, width):
    """Pixel x of row y of out is pixel start + along y of row first + step x of src."""
    for left in range(0, width, TILE):
        right = min(left + TILE, width)
        for y in range(out.shape[0]):
            column(out[y], src, first, step, (start + along * y) * channels, left, right, channels)
