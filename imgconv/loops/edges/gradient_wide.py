"""Gradients over 5 x 5 and 7 x 7 pixels: the derivatives of a binomial; down into two scratch rows, then across.

The weights are those of `steps.edges.gradient.SOBEL`, written out; n and scratch rows as in `gradient`.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.edges.gradient import ABS_SUM, ANGLE, MAGNITUDE, Y, abs_sum, angle
from imgconv.loops.round_and_store import finish


@helper
def down_five(smooth, change, src, y, start):
    """smooth = 1 4 6 4 1 down, change = -1 -2 0 2 1 down."""
    s = np.uint64(start)
    a, b, c, d, e = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2), np.uint64(y + 3), np.uint64(y + 4)
    for x in range(smooth.shape[0]):
        k = np.uint64(x)
        j = k + s
        far, near = real(src[a, j]), real(src[b, j])
        below, last = real(src[d, j]), real(src[e, j])
        smooth[k] = (far + last) + (near + below) * real(4) + real(src[c, j]) * real(6)
        change[k] = (last - far) + (below - near) * real(2)


@helper
def across_five(o, p, smooth, change, channel_stride):
    """o = -1 -2 0 2 1 across smooth, p = 1 4 6 4 1 across change."""
    b, c, d, e = (
        np.uint64(channel_stride),
        np.uint64(2 * channel_stride),
        np.uint64(3 * channel_stride),
        np.uint64(4 * channel_stride),
    )
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = (smooth[k + e] - smooth[k]) + (smooth[k + d] - smooth[k + b]) * real(2)
        sides = (change[k] + change[k + e]) + (change[k + b] + change[k + d]) * real(4)
        p[k] = sides + change[k + c] * real(6)


@helper
def down_seven(smooth, change, src, y, start):
    """smooth = 1 6 15 20 15 6 1 down, change = -1 -4 -5 0 5 4 1 down."""
    s = np.uint64(start)
    a, b, c, d = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2), np.uint64(y + 3)
    e, f, g = np.uint64(y + 4), np.uint64(y + 5), np.uint64(y + 6)
    for x in range(smooth.shape[0]):
        k = np.uint64(x)
        j = k + s
        far, near, next = real(src[a, j]), real(src[b, j]), real(src[c, j])
        after, below, last = real(src[e, j]), real(src[f, j]), real(src[g, j])
        outer = (far + last) + (near + below) * real(6)
        smooth[k] = outer + (next + after) * real(15) + real(src[d, j]) * real(20)
        change[k] = (last - far) + (below - near) * real(4) + (after - next) * real(5)


@helper
def across_seven(o, p, smooth, change, channel_stride):
    """o = -1 -4 -5 0 5 4 1 across smooth, p = 1 6 15 20 15 6 1 across change."""
    b, c, d = np.uint64(channel_stride), np.uint64(2 * channel_stride), np.uint64(3 * channel_stride)
    e, f, g = np.uint64(4 * channel_stride), np.uint64(5 * channel_stride), np.uint64(6 * channel_stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        outer = (smooth[k + g] - smooth[k]) + (smooth[k + f] - smooth[k + b]) * real(4)
        o[k] = outer + (smooth[k + e] - smooth[k + c]) * real(5)
        sides = (change[k] + change[k + g]) + (change[k + b] + change[k + f]) * real(6)
        p[k] = sides + (change[k + c] + change[k + e]) * real(15) + change[k + d] * real(20)


@helper
def length(o, p, divisor):
    """o = sqrt(o^2 + p^2) / divisor."""
    for x in range(o.shape[0]):
        o[x] = np.sqrt(o[x] * o[x] + p[x] * p[x]) / divisor


@helper
def divide(o, divisor):
    """o = o / divisor."""
    for x in range(o.shape[0]):
        o[x] = o[x] / divisor


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8, f4, i8, i8, f4[:], f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, i8, f8, i8, i8, f8[:], f8[:], f8[:], f8[:], i8[:]",
)
def gradient(out, src, size, part, divisor, channel_stride, n, smooth, change, other, scratch, clipped):
    """A part of the gradient over `size` x `size` pixels, 5 or 7, divided by `divisor` unless it is the angle."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            p = other[0:m]
            s = smooth[0 : m + (size - 1) * channel_stride]
            c = change[0 : m + (size - 1) * channel_stride]
            if size == 5:
                down_five(s, c, src, y, start)
                across_five(o, p, s, c, channel_stride)
            else:
                down_seven(s, c, src, y, start)
                across_seven(o, p, s, c, channel_stride)
            if part == MAGNITUDE:
                length(o, p, divisor)
            elif part == ANGLE:
                angle(o, p)
            else:
                if part == ABS_SUM:
                    abs_sum(o, p)
                if part == Y:
                    divide(p, divisor)
                else:
                    divide(o, divisor)
            finish(out[y][start : start + m], p if part == Y else o, m, clipped)
