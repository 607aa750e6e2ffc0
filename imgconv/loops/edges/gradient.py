"""Gradients over 3 x 3 pixels: sums and differences down into two scratch rows, then across.

n is in items. Scratch rows hold a block of items, `smooth` and `change` a halo of two pixels beside it.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

X, Y, MAGNITUDE, ABS_SUM, ANGLE = 0, 1, 2, 3, 4
TURN = 360.0
DEGREES = 57.29577951308232


@helper
def down(smooth, change, src, y, start, size, side, middle):
    """smooth = side middle side down, change = -1 0 1 down, from item `start` of rows y to y + 2."""
    a, b, c, s = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2), np.uint64(start)
    for x in range(size):
        k = np.uint64(x)
        above = real(src[a, k + s])
        below = real(src[c, k + s])
        smooth[k] = (above + below) * side + real(src[b, k + s]) * middle
        change[k] = below - above


@helper
def along_x(o, smooth, channel_stride):
    """gx: -1 0 1 across smooth."""
    b = np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = smooth[k + b] - smooth[k]


@helper
def along_y(o, change, channel_stride, side, middle):
    """gy: side middle side across change."""
    a, b = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = (change[k] + change[k + b]) * side + change[k + a] * middle


@helper
def magnitude(o, smooth, change, channel_stride, side, middle):
    """o = sqrt(gx^2 + gy^2)."""
    a, b = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        gx = smooth[k + b] - smooth[k]
        gy = (change[k] + change[k + b]) * side + change[k + a] * middle
        o[k] = np.sqrt(gx * gx + gy * gy)


@helper
def abs_sum(o, p):
    """o = |o| + |p|."""
    for x in range(o.shape[0]):
        o[x] = abs(o[x]) + abs(p[x])


@helper
def angle(o, p):
    """The direction of (o, p) in degrees, 0 up to 360."""
    for x in range(o.shape[0]):
        degrees = np.arctan2(p[x], o[x]) * real(DEGREES)
        turned = degrees + real(TURN) if degrees < 0 else degrees
        o[x] = turned if turned < real(TURN) else real(0)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, i8, f4, i8, i8, f4[:], f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, i8, f8, i8, i8, f8[:], f8[:], f8[:], f8[:], i8[:]",
)
def gradient(
    out, src, side, middle, part, divisor, channel_stride, n, smooth, change, other, scratch, clipped
):
    """A part of (gx, gy), divided: gx is -1 0 1 across times side, middle, side down, gy the other way round."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            p = other[0:m]
            down(smooth, change, src, y, start, m + 2 * channel_stride, side, middle)
            if part == MAGNITUDE:
                magnitude(o, smooth, change, channel_stride, side, middle)
            elif part == Y:
                along_y(o, change, channel_stride, side, middle)
            else:
                along_x(o, smooth, channel_stride)
                if part != X:
                    along_y(p, change, channel_stride, side, middle)
                if part == ABS_SUM:
                    abs_sum(o, p)
                if part == ANGLE:
                    angle(o, p)
            if divisor != 1:
                for x in range(m):
                    o[x] = o[x] / divisor
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, i8, f8[:], i8[:]",
)
def keep_last(out, src, channel_stride, width, scratch, clipped):
    """The last channel of each pixel is the source's."""
    for y in range(out.shape[0]):
        row = src[y]
        for x in range(width):
            scratch[0] = row[x * channel_stride + channel_stride - 1]
            finish(
                out[y][x * channel_stride + channel_stride - 1 : x * channel_stride + channel_stride],
                scratch,
                1,
                clipped,
            )
