"""Disc blur, column by column of the disc from the outermost inwards, each column's sum from that of the one before.

Rows at equal distance above and below the center are added once. Between neighboring columns only the weights on the
rim differ, so the sum is updated by these differences; it counts twice, left and right of the center. That takes about
6 radius operations a sample, where the disc has 3.1 radius^2 weights.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def float_pair(src, line, above, below, start):
    a, b, s = np.uint64(above), np.uint64(below), np.uint64(start)
    for x in range(line.shape[0]):
        k = np.uint64(x)
        line[k] = src[a, k + s] + src[b, k + s]


@helper
def whole_pair(src, line, above, below, start):
    a, b, s = np.uint64(above), np.uint64(below), np.uint64(start)
    for x in range(line.shape[0]):
        k = np.uint64(x)
        line[k] = real(np.int32(np.int32(src[a, k + s]) + np.int32(src[b, k + s])))


pair = Overload({"u1": whole_pair, "u2": whole_pair, "f4": float_pair, "f8": float_pair})


@helper
def single(line, src, y, start):
    a, s = np.uint64(y), np.uint64(start)
    for x in range(line.shape[0]):
        k = np.uint64(x)
        line[k] = real(src[a, k + s])


@helper
def add_one_row(o, v, p, a):
    for x in range(o.shape[0]):
        o[x] = v[x] + p[x] * a


@helper
def add_two_rows(o, v, p, q, a, b):
    for x in range(o.shape[0]):
        o[x] = v[x] + p[x] * a + q[x] * b


@helper
def add_three_rows(o, v, p, q, r, a, b, c):
    for x in range(o.shape[0]):
        o[x] = v[x] + p[x] * a + q[x] * b + r[x] * c


@helper
def accumulate_row(o, p, a):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x] * a


@helper
def accumulate_two_rows(o, p, q, a, b):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x] * a + q[x] * b


@helper
def column(o, v, lines, tops, weights, first, last):
    """o = v + rows tops[t] of `lines` times weights[t], for t from first up to last; at least one."""
    t = first + 3
    if last - first == 1:
        add_one_row(o, v, lines[tops[first]], weights[first])
    elif last - first == 2:
        add_two_rows(o, v, lines[tops[first]], lines[tops[first + 1]], weights[first], weights[first + 1])
    else:
        p, q, r = lines[tops[first]], lines[tops[first + 1]], lines[tops[first + 2]]
        add_three_rows(o, v, p, q, r, weights[first], weights[first + 1], weights[first + 2])
    while last - t >= 2:
        accumulate_two_rows(o, lines[tops[t]], lines[tops[t + 1]], weights[t], weights[t + 1])
        t += 2
    if last > t:
        accumulate_row(o, lines[tops[t]], weights[t])


@helper
def add(o, p):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x]


@helper
def add_both(o, p, q):
    for x in range(o.shape[0]):
        o[x] = o[x] + (p[x] + q[x])


@helper
def add_four(o, p, q, r, s):
    for x in range(o.shape[0]):
        o[x] = o[x] + (p[x] + q[x]) + (r[x] + s[x])


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8[:], i8[:], f4[:], f4, i8, i8, f4[:,:], f4[:,:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8[:], i8[:], f8[:], f8, i8, i8, f8[:,:], f8[:,:], f8[:], i8[:]",
)
def disc(out, src, ends, tops, weights, factor, channel_stride, n, lines, sums, scratch, clipped):
    """out = factor times the weighted sum over the disc.

    The changes t of column d, the outermost first, end at ends[d]: the rows tops[t] above and below the center weigh
    weights[t] more than in the column before. `lines` (radius + 1 rows) and `sums` (2 rows) are as wide as a block with
    both flanks.
    """
    block = max(1, scratch.shape[0])
    radius = ends.shape[0] - 1
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            size = m + 2 * radius * channel_stride
            o = scratch[0:m]
            v = sums[0][0:size]
            w = sums[1][0:size]
            single(lines[0][0:size], src, y + radius, start)
            for i in range(1, radius + 1):
                pair(src, lines[i][0:size], y + radius - i, y + radius + i, start)
            for x in range(size):
                w[x] = 0
            for x in range(m):
                o[x] = 0
            done, d = 0, 0
            while d < radius:
                column(v, w, lines, tops, weights, done, ends[d])
                a, b = d * channel_stride, (2 * radius - d) * channel_stride
                if d + 1 < radius:
                    column(w, v, lines, tops, weights, ends[d], ends[d + 1])
                    done = ends[d + 1]
                    e, f = a + channel_stride, b - channel_stride
                    add_four(o, v[a : a + m], v[b : b + m], w[e : e + m], w[f : f + m])
                    d += 2
                else:
                    done = ends[d]
                    add_both(o, v[a : a + m], v[b : b + m])
                    for x in range(size):
                        w[x] = v[x]
                    d += 1
            column(v, w, lines, tops, weights, done, ends[radius])
            add(o, v[radius * channel_stride : radius * channel_stride + m])
            for x in range(m):
                o[x] = o[x] * factor
            finish(out[y][start : start + m], o, m, clipped)
