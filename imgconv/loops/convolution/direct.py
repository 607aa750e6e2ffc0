"""Direct convolution: a kernel applied tap by tap, in row-major order of its weights.

Units: `n`, `start`, `offset` and `channel_stride`, the distance of neighboring taps, are items of a row; `stride` (of
results) and `dilation` (of taps) are rows.

Rows are indexed with unsigned numbers: a signed index that may be negative keeps LLVM from using vectors, and a slice
for each tap makes Numba compile five times as long.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def add_nine(o, row, offset, stride, w, j):
    p, q, r, s, t = w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4]
    u, v, y, z = w[j + 5], w[j + 6], w[j + 7], w[j + 8]
    a, b, c = np.uint64(offset), np.uint64(offset + stride), np.uint64(offset + 2 * stride)
    d, e, f = np.uint64(offset + 3 * stride), np.uint64(offset + 4 * stride), np.uint64(offset + 5 * stride)
    g, h, i = np.uint64(offset + 6 * stride), np.uint64(offset + 7 * stride), np.uint64(offset + 8 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        first = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s + row[k + e] * t
        o[k] = first + row[k + f] * u + row[k + g] * v + row[k + h] * y + row[k + i] * z


@helper
def add_seven(o, row, offset, stride, w, j):
    p, q, r, s = w[j], w[j + 1], w[j + 2], w[j + 3]
    t, u, v = w[j + 4], w[j + 5], w[j + 6]
    a, b, c = np.uint64(offset), np.uint64(offset + stride), np.uint64(offset + 2 * stride)
    d, e, f = np.uint64(offset + 3 * stride), np.uint64(offset + 4 * stride), np.uint64(offset + 5 * stride)
    g = np.uint64(offset + 6 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        first = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s
        o[k] = first + row[k + e] * t + row[k + f] * u + row[k + g] * v


@helper
def add_five(o, row, offset, stride, w, j):
    p, q, r, s, t = w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4]
    a, b, c = np.uint64(offset), np.uint64(offset + stride), np.uint64(offset + 2 * stride)
    d, e = np.uint64(offset + 3 * stride), np.uint64(offset + 4 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + row[k + a] * p + row[k + b] * q + row[k + c] * r + row[k + d] * s + row[k + e] * t


@helper
def add_three(o, row, offset, stride, w, j):
    p, q, r = w[j], w[j + 1], w[j + 2]
    a, b, c = np.uint64(offset), np.uint64(offset + stride), np.uint64(offset + 2 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + real(row[k + a]) * p + real(row[k + b]) * q + real(row[k + c]) * r


@helper
def add_one(o, row, offset, weight):
    a = np.uint64(offset)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] = o[k] + real(row[k + a]) * weight


@helper
def add_taps(o, row, offset, stride, weights, j):
    """o += the taps from j on of one row of the kernel, over computed values; row[offset + j * stride] is under tap j.

    As many taps at a time as registers hold: each pass over o costs a load and a store.
    """
    taps = weights.shape[0]
    while j + 9 <= taps:
        add_nine(o, row, offset + j * stride, stride, weights, j)
        j += 9
    if j + 7 <= taps:
        add_seven(o, row, offset + j * stride, stride, weights, j)
        j += 7
    if j + 5 <= taps:
        add_five(o, row, offset + j * stride, stride, weights, j)
        j += 5
    if j + 3 <= taps:
        add_three(o, row, offset + j * stride, stride, weights, j)
        j += 3
    while j < taps:
        add_one(o, row, offset + j * stride, weights[j])
        j += 1


@helper
def add_converted(row, o, offset, stride, weights, converted):
    """`add_taps` over integers, which are converted once for all taps, if there are many."""
    if weights.shape[0] == 3:
        add_three(o, row, offset, stride, weights, 0)
        return
    a = np.uint64(offset)
    for x in range(o.shape[0] + (weights.shape[0] - 1) * stride):
        k = np.uint64(x)
        converted[k] = real(row[k + a])
    add_taps(o, converted, 0, stride, weights, 0)


@helper
def add_computed(row, o, offset, stride, weights, converted):
    add_taps(o, row, offset, stride, weights, 0)


add_row = Overload({"u1": add_converted, "u2": add_converted, "f4": add_computed, "f8": add_computed})


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def dense(out, src, weights, dilation, stride, channel_stride, n, bias, converted, scratch, clipped):
    """out[y, x] = bias + sum of weights[i, j] src[y * stride + i * dilation, x + j * channel_stride] over n items."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for i in range(weights.shape[0]):
                add_row(src[y * stride + i * dilation], o, start, channel_stride, weights[i], converted)
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], i8[:], i8[:], i8, i8, f4, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], i8[:], i8[:], i8, i8, f8, f8[:], i8[:]",
)
def sparse(out, src, weights, rows, items, stride, n, bias, scratch, clipped):
    """The same over the taps that are not zero: weights[t] src[y * stride + rows[t], x + items[t]]."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            for x in range(m):
                o[x] = bias
            for t in range(weights.shape[0]):
                add_one(o, src[y * stride + rows[t]], start + items[t], weights[t])
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def subsample(out, src, stride, channels, width, scratch, clipped):
    """out = every stride-th pixel of each row; `scratch` holds a row of out."""
    for y in range(out.shape[0]):
        row = src[y]
        for x in range(width):
            for c in range(channels):
                scratch[x * channels + c] = row[x * stride * channels + c]
        finish(out[y], scratch, width * channels, clipped)
