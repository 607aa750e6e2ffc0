"""Compass gradients: the largest of eight kernels, each the one before turned by 45 degrees.

The eight share their sums, so that together they cost little more than two. A direction is that of the largest in
degrees, from the right downwards; of equal ones the earlier. n is in items.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

KIRSCH, KIRSCH_DIRECTION, ROBINSON, ROBINSON_DIRECTION = 0, 1, 2, 3


@helper
def convert(rows, src, y, start, size):
    """Three rows as computed values."""
    s = np.uint64(start)
    for i in range(3):
        row = np.uint64(y + i)
        line = rows[i]
        for x in range(size):
            k = np.uint64(x)
            line[k] = real(src[row, k + s])


@helper
def threes(a, b, c, i, j, k):
    """The sums of three neighbors, from the right downwards, and of all eight."""
    top, right, bottom, left = a[i] + a[j], a[k] + b[k], c[k] + c[j], c[i] + b[i]
    right_half = right + c[k], bottom + b[k], bottom + c[i], left + c[j]
    left_half = left + a[i], top + b[i], top + a[k], right + a[j]
    return right_half, left_half, (top + right) + (bottom + left)


@helper
def kirsch(o, a, b, c, channel_stride):
    """5 (three neighbors) - 3 (the other five) = 8 (the three) - 3 (all eight)."""
    u, v = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        (e, se, s, sw), (w, nw, n, ne), total = threes(a, b, c, i, i + u, i + v)
        most = max(n, e, s, w, nw, ne, se, sw)
        o[i] = most * real(8) - total * real(3)


@helper
def kirsch_direction(o, a, b, c, channel_stride):
    """The direction of the largest sum."""
    u, v = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        (e, se, s, sw), (w, nw, n, ne), _ = threes(a, b, c, i, i + u, i + v)
        o[i] = direction_of_largest(e, se, s, sw, w, nw, n, ne)


@helper
def differences(a, b, c, i, j, k):
    """1 2 1 of three neighbors minus the three opposite: to the right, right and down, down, right and up."""
    right, down, falling, rising = b[k] - b[i], c[j] - a[j], c[k] - a[i], a[k] - c[i]
    east, south = falling + rising + right * real(2), falling - rising + down * real(2)
    return east, right + down + falling * real(2), south, right - down + rising * real(2)


@helper
def robinson(o, a, b, c, channel_stride):
    """Four differences, each with both signs."""
    u, v = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        e, se, s, ne = differences(a, b, c, i, i + u, i + v)
        o[i] = max(abs(e), abs(s), abs(se), abs(ne))


@helper
def robinson_direction(o, a, b, c, channel_stride):
    """The direction of the largest of the four differences and their opposites."""
    u, v = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        e, se, s, ne = differences(a, b, c, i, i + u, i + v)
        o[i] = direction_of_largest(e, se, s, -ne, -e, -se, -s, ne)


@helper
def direction_of_largest(a, b, c, d, e, f, g, h):
    """The direction of the largest; a is the response to the right, the next ones turned by 45 degrees each."""
    most = max(a, b, c, d, e, f, g, h)
    degrees = real(270) if g == most else real(315)
    degrees = real(225) if f == most else degrees
    degrees = real(180) if e == most else degrees
    degrees = real(135) if d == most else degrees
    degrees = real(90) if c == most else degrees
    degrees = real(45) if b == most else degrees
    return real(0) if a == most else degrees


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, f4, i8, i8, f4[:,:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, f8, i8, i8, f8[:,:], f8[:], i8[:]",
)
def compass(out, src, response, divisor, channel_stride, n, rows, scratch, clipped):
    """The largest response, divided, or its direction. `rows`: three rows of a block and a pixel each side."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            convert(rows, src, y, start, m + 2 * channel_stride)
            if response == KIRSCH:
                kirsch(o, rows[0], rows[1], rows[2], channel_stride)
            elif response == KIRSCH_DIRECTION:
                kirsch_direction(o, rows[0], rows[1], rows[2], channel_stride)
            elif response == ROBINSON:
                robinson(o, rows[0], rows[1], rows[2], channel_stride)
            else:
                robinson_direction(o, rows[0], rows[1], rows[2], channel_stride)
            if divisor != 1:
                for x in range(m):
                    o[x] = o[x] / divisor
            finish(out[y][start : start + m], o, m, clipped)
