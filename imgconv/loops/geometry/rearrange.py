"""Pixels moved: mirrored, upside down, turned by quarters. `src` is the whole image where rows come from anywhere.

`planes` is scratch: 6 rows of a block of pixels. Unsigned indices: a test for a negative one keeps LLVM from vectors.
"""

from imgconv.jit.loop import helper, loop, np
from imgconv.loops.color.gray import merge, split

DTYPES = ("u1", "u2", "f4", "f8")
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
            first = width - start - m
            split(planes[0][0:m], planes[1][0:m], planes[2][0:m], v[3 * first : 3 * (first + m)])
            for c in range(3):
                backwards(planes[3 + c][0:m], planes[c][0:m])
            merge(o[3 * start : 3 * (start + m)], planes[3][0:m], planes[4][0:m], planes[5][0:m])
    else:
        for x in range(width):
            for c in range(channels):
                o[x * channels + c] = v[(width - 1 - x) * channels + c]


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, i8, i8, {dtype}[:,:]" for dtype in DTYPES))
def turn_half(out, src, first, mirrored, channels, width, planes):
    """Row y of out is row first - y of src, mirrored left to right or not."""
    for y in range(out.shape[0]):
        o, v = out[y], src[first - y]
        if mirrored:
            reverse(o, v, channels, width, planes)
        else:
            for x in range(width * channels):
                o[x] = v[x]


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, {dtype}[:,:]" for dtype in DTYPES))
def mirror(out, src, channels, width, planes):
    """Each row from its last pixel to its first."""
    for y in range(out.shape[0]):
        reverse(out[y], src[y], channels, width, planes)


@helper
def column(o, src, first, direction, item, left, right, channels):
    """Pixels left to right of o: the column of src that begins at `item`, from row `first` down (1) or up (-1)."""
    if channels == 1:
        for x in range(left, right):
            o[x] = src[np.uintp(first + direction * x), np.uintp(item)]
    elif channels == 3:
        for x in range(left, right):
            y = np.uintp(first + direction * x)
            o[np.uintp(3 * x)] = src[y, np.uintp(item)]
            o[np.uintp(3 * x + 1)] = src[y, np.uintp(item + 1)]
            o[np.uintp(3 * x + 2)] = src[y, np.uintp(item + 2)]
    else:
        for x in range(left, right):
            for c in range(channels):
                o[x * channels + c] = src[first + direction * x, item + c]


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, i8, i8, i8, i8" for dtype in DTYPES))
def turn(out, src, start, along, first, direction, channels, width):
    """Pixel x of row y of out is pixel start + along y of row first + direction x of src."""
    for left in range(0, width, TILE):
        right = min(left + TILE, width)
        for y in range(out.shape[0]):
            column(out[y], src, first, direction, (start + along * y) * channels, left, right, channels)
