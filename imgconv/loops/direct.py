"""A kernel applied tap by tap, in row-major order of its weights."""

from imgconv.jit import Choice, helper, loop, real
from imgconv.loops.store import finish

BLOCK = 2048  # items of a row worked on at a time; they stay in the first-level cache


@helper
def nine(o, a, b, c, d, e, f, g, h, i, w):
    q, r, s, t, u, v, y, z = w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
    p = w[0]
    for x in range(o.shape[0]):
        first = o[x] + a[x] * p + b[x] * q + c[x] * r + d[x] * s + e[x] * t
        o[x] = first + f[x] * u + g[x] * v + h[x] * y + i[x] * z


@helper
def seven(o, a, b, c, d, e, f, g, w):
    p, q, r, s, t, u, v = w[0], w[1], w[2], w[3], w[4], w[5], w[6]
    for x in range(o.shape[0]):
        o[x] = o[x] + a[x] * p + b[x] * q + c[x] * r + d[x] * s + e[x] * t + f[x] * u + g[x] * v


@helper
def five(o, a, b, c, d, e, w):
    p, q, r, s, t = w[0], w[1], w[2], w[3], w[4]
    for x in range(o.shape[0]):
        o[x] = o[x] + a[x] * p + b[x] * q + c[x] * r + d[x] * s + e[x] * t


@helper
def three(o, a, b, c, w):
    p, q, r = w[0], w[1], w[2]
    for x in range(o.shape[0]):
        o[x] = o[x] + a[x] * p + b[x] * q + c[x] * r


@helper
def two(o, p, q, u, v):
    for x in range(o.shape[0]):
        o[x] = o[x] + real(p[x]) * u + real(q[x]) * v


@helper
def one(o, p, u):
    for x in range(o.shape[0]):
        o[x] = o[x] + real(p[x]) * u


@helper
def add_taps(o, row, weights, step):
    """o += the taps of one row of the kernel over computed values; row[j * step] is under weights[j].

    As many taps at a time as registers hold: each pass over o costs a load and a store.
    """
    m = o.shape[0]
    left = weights.shape[0]
    j = 0
    while left >= 9:
        a = row[j * step : j * step + m]
        b = row[(j + 1) * step : (j + 1) * step + m]
        c = row[(j + 2) * step : (j + 2) * step + m]
        d = row[(j + 3) * step : (j + 3) * step + m]
        e = row[(j + 4) * step : (j + 4) * step + m]
        f = row[(j + 5) * step : (j + 5) * step + m]
        g = row[(j + 6) * step : (j + 6) * step + m]
        h = row[(j + 7) * step : (j + 7) * step + m]
        i = row[(j + 8) * step : (j + 8) * step + m]
        nine(o, a, b, c, d, e, f, g, h, i, weights[j : j + 9])
        j += 9
        left -= 9
    if left >= 7:
        a = row[j * step : j * step + m]
        b = row[(j + 1) * step : (j + 1) * step + m]
        c = row[(j + 2) * step : (j + 2) * step + m]
        d = row[(j + 3) * step : (j + 3) * step + m]
        e = row[(j + 4) * step : (j + 4) * step + m]
        f = row[(j + 5) * step : (j + 5) * step + m]
        g = row[(j + 6) * step : (j + 6) * step + m]
        seven(o, a, b, c, d, e, f, g, weights[j : j + 7])
        j += 7
        left -= 7
    if left >= 5:
        a = row[j * step : j * step + m]
        b = row[(j + 1) * step : (j + 1) * step + m]
        c = row[(j + 2) * step : (j + 2) * step + m]
        d = row[(j + 3) * step : (j + 3) * step + m]
        e = row[(j + 4) * step : (j + 4) * step + m]
        five(o, a, b, c, d, e, weights[j : j + 5])
        j += 5
        left -= 5
    if left >= 3:
        a = row[j * step : j * step + m]
        b = row[(j + 1) * step : (j + 1) * step + m]
        c = row[(j + 2) * step : (j + 2) * step + m]
        three(o, a, b, c, weights[j : j + 3])
        j += 3
        left -= 3
    while left > 0:
        one(o, row[j * step : j * step + m], weights[j])
        j += 1
        left -= 1


@helper
def widened(row, o, weights, step, room):
    """`add_taps` over whole numbers, converted once for all the taps that look at them."""
    values = room[0 : row.shape[0]]
    for x in range(row.shape[0]):
        values[x] = real(row[x])
    add_taps(o, values, weights, step)


@helper
def as_they_are(row, o, weights, step, room):
    add_taps(o, row, weights, step)


taps = Choice({"u1": widened, "u2": widened, "f4": as_they_are, "f8": as_they_are})


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def dense(out, src, weights, down, stride, step, n, bias, room, scratch, count):
    """out[y, x] = bias + sum of weights[i, j] src[y * stride + i * down, x + j * step] over n items."""
    block = scratch.shape[0]
    halo = (weights.shape[1] - 1) * step
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for i in range(weights.shape[0]):
                taps(src[y * stride + i * down][start : start + m + halo], o, weights[i], step, room)
            finish(out[y][start : start + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], i8[:], i8[:], i8, i8, f4, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], i8[:], i8[:], i8, i8, f8, f8[:], i8[:]",
)
def sparse(out, src, weights, rows, items, stride, n, bias, scratch, count):
    """The same over the taps that are not zero: tap t is src[y * stride + rows[t], x + items[t]]."""
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for t in range(weights.shape[0]):
                at = start + items[t]
                one(o, src[y * stride + rows[t]][at : at + m], weights[t])
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
