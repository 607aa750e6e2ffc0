"""A kernel applied tap by tap, in row-major order of its weights.

Rows are indexed with unsigned numbers: a signed index that may be negative keeps LLVM from using vectors, and a
slice for each tap makes Numba compile five times as long.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

BLOCK = 2048  # items of a row worked on at a time; they stay in the first-level cache


@helper
def nine(o, row, at, step, w, j):
    p, q, r, s, t = w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4]
    u, v, y, z = w[j + 5], w[j + 6], w[j + 7], w[j + 8]
    a, b, c = np.uint64(at), np.uint64(at + step), np.uint64(at + 2 * step)
    d, e, f = np.uint64(at + 3 * step), np.uint64(at + 4 * step), np.uint64(at + 5 * step)
    g, h, i = np.uint64(at + 6 * step), np.uint64(at + 7 * step), np.uint64(at + 8 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        first = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s + row[k + e] * t
        o[k] = first + row[k + f] * u + row[k + g] * v + row[k + h] * y + row[k + i] * z


@helper
def seven(o, row, at, step, w, j):
    p, q, r, s = w[j], w[j + 1], w[j + 2], w[j + 3]
    t, u, v = w[j + 4], w[j + 5], w[j + 6]
    a, b, c = np.uint64(at), np.uint64(at + step), np.uint64(at + 2 * step)
    d, e, f = np.uint64(at + 3 * step), np.uint64(at + 4 * step), np.uint64(at + 5 * step)
    g = np.uint64(at + 6 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        first = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s
        o[k] = first + row[k + e] * t + row[k + f] * u + row[k + g] * v


@helper
def five(o, row, at, step, w, j):
    p, q, r, s, t = w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4]
    a, b, c = np.uint64(at), np.uint64(at + step), np.uint64(at + 2 * step)
    d, e = np.uint64(at + 3 * step), np.uint64(at + 4 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s + row[k + e] * t


@helper
def three(o, row, at, step, w, j):
    p, q, r = w[j], w[j + 1], w[j + 2]
    a, b, c = np.uint64(at), np.uint64(at + step), np.uint64(at + 2 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + real(row[k + a]) * p + real(row[k + b]) * q + real(row[k + c]) * r


@helper
def one(o, row, at, weight):
    a = np.uint64(at)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + real(row[k + a]) * weight


@helper
def add_taps(o, row, at, step, weights, j):
    """o += the taps from j on of one row of the kernel, over computed values; row[at + j * step] is under tap j.

    As many taps at a time as registers hold: each pass over o costs a load and a store.
    """
    taps = weights.shape[0]
    while j + 9 <= taps:
        nine(o, row, at + j * step, step, weights, j)
        j += 9
    if j + 7 <= taps:
        seven(o, row, at + j * step, step, weights, j)
        j += 7
    if j + 5 <= taps:
        five(o, row, at + j * step, step, weights, j)
        j += 5
    if j + 3 <= taps:
        three(o, row, at + j * step, step, weights, j)
        j += 3
    while j < taps:
        one(o, row, at + j * step, weights[j])
        j += 1


@helper
def widened(row, o, at, step, weights, room):
    """`add_taps` over whole numbers, converted once for all the taps that look at them, if there are many."""
    if weights.shape[0] == 3:
        three(o, row, at, step, weights, 0)
        return
    a = np.uint64(at)
    for x in range(o.shape[0] + (weights.shape[0] - 1) * step):
        k = np.uint64(x)
        room[k] = real(row[k + a])
    add_taps(o, room, 0, step, weights, 0)


@helper
def as_they_are(row, o, at, step, weights, room):
    add_taps(o, row, at, step, weights, 0)


add_row = Overload({"u1": widened, "u2": widened, "f4": as_they_are, "f8": as_they_are})


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def dense(out, src, weights, down, stride, step, n, bias, room, scratch, count):
    """out[y, x] = bias + sum of weights[i, j] src[y * stride + i * down, x + j * step] over n items."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for i in range(weights.shape[0]):
                add_row(src[y * stride + i * down], o, start, step, weights[i], room)
            finish(out[y][start : start + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], i8[:], i8[:], i8, i8, f4, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], i8[:], i8[:], i8, i8, f8, f8[:], i8[:]",
)
def sparse(out, src, weights, rows, items, stride, n, bias, scratch, count):
    """The same over the taps that are not zero: tap t is src[y * stride + rows[t], x + items[t]]."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for t in range(weights.shape[0]):
                one(o, src[y * stride + rows[t]], start + items[t], weights[t])
            finish(out[y][start : start + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def thin(out, src, stride, channels, width, scratch, count):
    """Every stride-th pixel of each row."""
    for y in range(out.shape[0]):
        row = src[y]
        for x in range(width):
            for c in range(channels):
                scratch[x * channels + c] = row[x * stride * channels + c]
        finish(out[y], scratch, width * channels, count)
