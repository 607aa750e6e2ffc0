"""Separable convolution: kernels that are sums of products column x row, applied down into a row of sums, then across.

A column is listed whole, or from the center outwards where it is symmetric. Units as in `direct`; `column_sums` holds a
block of items with both flanks.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.convolution.direct import add_one, add_taps
from imgconv.loops.round_and_store import finish


@helper
def scaled(src, v, y, start, weight):
    """v = weight times row y of src from `start` on."""
    a = np.uint64(start)
    row = np.uint64(y)
    for x in range(v.shape[0]):
        k = np.uint64(x)
        v[k] = real(src[row, k + a]) * weight


@helper
def whole_pair(src, v, y, i, start, weight):
    """v += weight (row y - i + row y + i), integers: their sum is exact and costs one conversion, not two."""
    s = np.uint64(start)
    a, b = np.uint64(y - i), np.uint64(y + i)
    for x in range(v.shape[0]):
        k = np.uint64(x)
        v[k] = v[k] + real(np.int32(np.int32(src[a, k + s]) + np.int32(src[b, k + s]))) * weight


@helper
def float_pair(src, v, y, i, start, weight):
    s = np.uint64(start)
    a, b = np.uint64(y - i), np.uint64(y + i)
    for x in range(v.shape[0]):
        k = np.uint64(x)
        v[k] = v[k] + (src[a, k + s] + src[b, k + s]) * weight


@helper
def whole_two_pairs(src, v, y, i, start, w):
    s = np.uint64(start)
    a, b, c, d = np.uint64(y - i), np.uint64(y + i), np.uint64(y - i - 1), np.uint64(y + i + 1)
    p, q = w[i], w[i + 1]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        first = real(np.int32(np.int32(src[a, j]) + np.int32(src[b, j])))
        second = real(np.int32(np.int32(src[c, j]) + np.int32(src[d, j])))
        v[k] = v[k] + first * p + second * q


@helper
def float_two_pairs(src, v, y, i, start, w):
    s = np.uint64(start)
    a, b, c, d = np.uint64(y - i), np.uint64(y + i), np.uint64(y - i - 1), np.uint64(y + i + 1)
    p, q = w[i], w[i + 1]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        v[k] = v[k] + (src[a, j] + src[b, j]) * p + (src[c, j] + src[d, j]) * q


@helper
def whole_pairs(src, v, y, i, start, w):
    """Four pairs at a time, i to i + 3 rows away."""
    s = np.uint64(start)
    a, b, c, d = np.uint64(y - i), np.uint64(y + i), np.uint64(y - i - 1), np.uint64(y + i + 1)
    e, f, g, h = np.uint64(y - i - 2), np.uint64(y + i + 2), np.uint64(y - i - 3), np.uint64(y + i + 3)
    p, q, r, t = w[i], w[i + 1], w[i + 2], w[i + 3]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        first = real(np.int32(np.int32(src[a, j]) + np.int32(src[b, j])))
        second = real(np.int32(np.int32(src[c, j]) + np.int32(src[d, j])))
        third = real(np.int32(np.int32(src[e, j]) + np.int32(src[f, j])))
        fourth = real(np.int32(np.int32(src[g, j]) + np.int32(src[h, j])))
        v[k] = v[k] + first * p + second * q + (third * r + fourth * t)


@helper
def float_pairs(src, v, y, i, start, w):
    s = np.uint64(start)
    a, b, c, d = np.uint64(y - i), np.uint64(y + i), np.uint64(y - i - 1), np.uint64(y + i + 1)
    e, f, g, h = np.uint64(y - i - 2), np.uint64(y + i + 2), np.uint64(y - i - 3), np.uint64(y + i + 3)
    p, q, r, t = w[i], w[i + 1], w[i + 2], w[i + 3]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        inner = v[k] + (src[a, j] + src[b, j]) * p + (src[c, j] + src[d, j]) * q
        v[k] = inner + ((src[e, j] + src[f, j]) * r + (src[g, j] + src[h, j]) * t)


@helper
def whole_center(src, v, y, start, w):
    """v = the center and the four pairs around it: sums stay in registers."""
    s = np.uint64(start)
    m, a, b, c, d = np.uint64(y), np.uint64(y - 1), np.uint64(y + 1), np.uint64(y - 2), np.uint64(y + 2)
    e, f, g, h = np.uint64(y - 3), np.uint64(y + 3), np.uint64(y - 4), np.uint64(y + 4)
    o, p, q, r, t = w[0], w[1], w[2], w[3], w[4]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        first = real(np.int32(np.int32(src[a, j]) + np.int32(src[b, j])))
        second = real(np.int32(np.int32(src[c, j]) + np.int32(src[d, j])))
        third = real(np.int32(np.int32(src[e, j]) + np.int32(src[f, j])))
        fourth = real(np.int32(np.int32(src[g, j]) + np.int32(src[h, j])))
        v[k] = real(src[m, j]) * o + first * p + second * q + (third * r + fourth * t)


@helper
def float_center(src, v, y, start, w):
    s = np.uint64(start)
    m, a, b, c, d = np.uint64(y), np.uint64(y - 1), np.uint64(y + 1), np.uint64(y - 2), np.uint64(y + 2)
    e, f, g, h = np.uint64(y - 3), np.uint64(y + 3), np.uint64(y - 4), np.uint64(y + 4)
    o, p, q, r, t = w[0], w[1], w[2], w[3], w[4]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        inner = src[m, j] * o + (src[a, j] + src[b, j]) * p + (src[c, j] + src[d, j]) * q
        v[k] = inner + ((src[e, j] + src[f, j]) * r + (src[g, j] + src[h, j]) * t)


pair = Overload({"u1": whole_pair, "u2": whole_pair, "f4": float_pair, "f8": float_pair})
two_pairs = Overload(
    {"u1": whole_two_pairs, "u2": whole_two_pairs, "f4": float_two_pairs, "f8": float_two_pairs}
)
pairs = Overload({"u1": whole_pairs, "u2": whole_pairs, "f4": float_pairs, "f8": float_pairs})

center_pairs = Overload({"u1": whole_center, "u2": whole_center, "f4": float_center, "f8": float_center})


@helper
def down(v, src, y, start, weights):
    """v = the column of weights, listed from the center outwards, over rows y to y + 2 radius of src."""
    center = y + weights.shape[0] - 1
    i = 5
    if weights.shape[0] >= 5:
        center_pairs(src, v, center, start, weights)
    else:
        scaled(src, v, center, start, weights[0])
        i = 1
    while i + 4 <= weights.shape[0]:
        pairs(src, v, center, i, start, weights)
        i += 4
    if i + 2 <= weights.shape[0]:
        two_pairs(src, v, center, i, start, weights)
        i += 2
    if i < weights.shape[0]:
        pair(src, v, center, i, start, weights[i])


@helper
def nine_taps(o, v, offset, stride, w, j, keep):
    """o = 9 taps of the row, or o += them if `keep`; three sums side by side wait less for each other than one."""
    p, q, r, s, t = w[j], w[j + 1], w[j + 2], w[j + 3], w[j + 4]
    u, y, z, last = w[j + 5], w[j + 6], w[j + 7], w[j + 8]
    a, b, c = np.uint64(offset), np.uint64(offset + stride), np.uint64(offset + 2 * stride)
    d, e, f = np.uint64(offset + 3 * stride), np.uint64(offset + 4 * stride), np.uint64(offset + 5 * stride)
    g, h, i = np.uint64(offset + 6 * stride), np.uint64(offset + 7 * stride), np.uint64(offset + 8 * stride)
    if keep:
        for x in range(o.shape[0]):
            k = np.uint64(x)
            first = o[k] + v[k + a] * p + v[k + b] * q + v[k + c] * r
            second = v[k + d] * s + v[k + e] * t + v[k + f] * u
            o[k] = first + second + (v[k + g] * y + v[k + h] * z + v[k + i] * last)
    else:
        for x in range(o.shape[0]):
            k = np.uint64(x)
            first = v[k + a] * p + v[k + b] * q + v[k + c] * r
            second = v[k + d] * s + v[k + e] * t + v[k + f] * u
            o[k] = first + second + (v[k + g] * y + v[k + h] * z + v[k + i] * last)


@helper
def across(o, v, stride, weights, bias):
    """o = bias + the row of weights over the items of v."""
    done = 0
    if weights.shape[0] >= 9 and bias == 0:
        nine_taps(o, v, 0, stride, weights, 0, False)
        done = 9
        while done + 9 <= weights.shape[0]:
            nine_taps(o, v, done * stride, stride, weights, done, True)
            done += 9
    elif weights.shape[0] >= 5:
        p, q, r, s, t = weights[0], weights[1], weights[2], weights[3], weights[4]
        a, b, c, d = np.uint64(stride), np.uint64(2 * stride), np.uint64(3 * stride), np.uint64(4 * stride)
        for x in range(o.shape[0]):
            k = np.uint64(x)
            o[k] = bias + v[k] * p + v[k + a] * q + (v[k + b] * r + v[k + c] * s + v[k + d] * t)
        done = 5
    else:
        for x in range(o.shape[0]):
            o[x] = bias
    add_taps(o, v, 0, stride, weights, done)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], f4[:,:], i8, i8, i8, i8, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def products(
    out, src, columns, rows, dilation, stride, channel_stride, n, bias, column_sums, scratch, clipped
):
    """out[y, x] = bias + sum of columns[t, i] rows[t, j] src[y stride + i dilation, x + j channel_stride]."""
    block = max(1, scratch.shape[0])
    halo = (rows.shape[1] - 1) * channel_stride
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            v = column_sums[0 : m + halo]
            for x in range(m):
                o[x] = bias
            for t in range(columns.shape[0]):
                scaled(src, v, y * stride, start, columns[t, 0])
                for i in range(1, columns.shape[1]):
                    add_one(v, src[y * stride + i * dilation], start, columns[t, i])
                add_taps(o, v, 0, channel_stride, rows[t], 0)
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], f4[:], i8, i8, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], f8[:], i8, i8, f8, f8[:], f8[:], i8[:]",
)
def symmetric(out, src, column, row, channel_stride, n, bias, column_sums, scratch, clipped):
    """The same for one product whose column is symmetric, listed from the center outwards; the row is listed whole."""
    block = max(1, scratch.shape[0])
    halo = (row.shape[0] - 1) * channel_stride
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            v = column_sums[0 : m + halo]
            down(v, src, y, start, column)
            across(o, v, channel_stride, row, bias)
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], f4[:], i8, i8, f4, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], f8[:], i8, i8, f8, f8, f8[:], f8[:], i8[:]",
)
def unsharp(out, src, column, row, channel_stride, n, amount, least, column_sums, scratch, clipped):
    """in + amount (in - blurred) where the difference is `least` or more, else in; blurred as by `symmetric`."""
    block = max(1, scratch.shape[0])
    radius = column.shape[0] - 1
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            v = column_sums[0 : m + 2 * radius * channel_stride]
            down(v, src, y, start, column)
            across(o, v, channel_stride, row, real(0))
            center = start + radius * channel_stride
            s = src[y + radius][center : center + m]
            for x in range(m):
                value = real(s[x])
                change = value - o[x]
                o[x] = value + amount * change if abs(change) >= least else value
            finish(out[y][start : start + m], o, m, clipped)
