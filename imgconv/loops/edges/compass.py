"""Compass gradients: the largest of eight kernels, each the one before turned by 45 degrees.

The eight share their sums, so that together they cost little more than two. `direction` is that of the largest in
degrees, from the right downwards; of equal ones the first.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

KIRSCH, KIRSCH_DIRECTION, ROBINSON, ROBINSON_DIRECTION = 0, 1, 2, 3


@helper
def convert(room, src, y, start, size):
    """Three rows as computed values."""
    s = np.uint64(start)
    for i in range(3):
        row = np.uint64(y + i)
        line = room[i]
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
def kirsch(o, a, b, c, step):
    """5 (three neighbors) - 3 (the other five) = 8 (the three) - 3 (all eight)."""
    u, v = np.uint64(step), np.uint64(2 * step)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        (e, se, s, sw), (w, nw, n, ne), total = threes(a, b, c, i, i + u, i + v)
        most = max(n, e, s, w, nw, ne, se, sw)
        o[i] = most * real(8) - total * real(3)


@helper
def kirsch_direction(o, a, b, c, step):
    u, v = np.uint64(step), np.uint64(2 * step)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        (e, se, s, sw), (w, nw, n, ne), _ = threes(a, b, c, i, i + u, i + v)
        o[i] = first(e, se, s, sw, w, nw, n, ne)


@helper
def differences(a, b, c, i, j, k):
    """1 2 1 of three neighbors minus the three opposite: to the right, right and down, down, right and up."""
    right, down, falling, rising = b[k] - b[i], c[j] - a[j], c[k] - a[i], a[k] - c[i]
    east, south = falling + rising + right * real(2), falling - rising + down * real(2)
    return east, right + down + falling * real(2), south, right - down + rising * real(2)


@helper
def robinson(o, a, b, c, step):
    """Four differences, each with both signs."""
    u, v = np.uint64(step), np.uint64(2 * step)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        e, se, s, ne = differences(a, b, c, i, i + u, i + v)
        o[i] = max(abs(e), abs(s), abs(se), abs(ne))


@helper
def robinson_direction(o, a, b, c, step):
    u, v = np.uint64(step), np.uint64(2 * step)
    for x in range(o.shape[0]):
        i = np.uint64(x)
        e, se, s, ne = differences(a, b, c, i, i + u, i + v)
        o[i] = first(e, se, s, -ne, -e, -se, -s, ne)


@helper
def first(a, b, c, d, e, f, g, h):
    """The direction of the largest."""
    most = max(a, b, c, d, e, f, g, h)
    at = real(270) if g == most else real(315)
    at = real(225) if f == most else at
    at = real(180) if e == most else at
    at = real(135) if d == most else at
    at = real(90) if c == most else at
    at = real(45) if b == most else at
    return real(0) if a == most else at


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, f4, i8, i8, f4[:,:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, f8, i8, i8, f8[:,:], f8[:], i8[:]",
)
def compass(out, src, which, divisor, step, n, room, scratch, count):
    """The largest response, divided, or its direction."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            convert(room, src, y, start, m + 2 * step)
            if which == KIRSCH:
                kirsch(o, room[0], room[1], room[2], step)
            elif which == KIRSCH_DIRECTION:
                kirsch_direction(o, room[0], room[1], room[2], step)
            elif which == ROBINSON:
                robinson(o, room[0], room[1], room[2], step)
            else:
                robinson_direction(o, room[0], room[1], room[2], step)
            if divisor != 1:
                for x in range(m):
                    o[x] = o[x] / divisor
            finish(out[y][start : start + m], o, m, count)
