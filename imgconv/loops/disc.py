"""A disc of weights, column by column: what is whole in a column is whole in all columns nearer to the centre.

Rows at equal distance above and below are added once. From the outermost column inwards, the sum of whole pixels grows
by the rows that come in, and a few pixels on the rim are added by their weights; each column's sum is taken twice, to
the left and to the right of the centre. That is some 6 radius operations a sample, where the weights are 3.1 radius^2.
"""

from imgconv.jit import Choice, helper, loop, np, real
from imgconv.loops.store import finish


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


pair = Choice({"u1": whole_pair, "u2": whole_pair, "f4": float_pair, "f8": float_pair})


@helper
def single(line, src, y, start):
    a, s = np.uint64(y), np.uint64(start)
    for x in range(line.shape[0]):
        k = np.uint64(x)
        line[k] = real(src[a, k + s])


@helper
def add(o, p):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x]


@helper
def begin(o, base, p, weight):
    for x in range(o.shape[0]):
        o[x] = base[x] + p[x] * weight


@helper
def begin_two(o, base, p, q, first, second):
    for x in range(o.shape[0]):
        o[x] = base[x] + p[x] * first + q[x] * second


@helper
def more(o, p, weight):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x] * weight


@helper
def more_two(o, p, q, first, second):
    for x in range(o.shape[0]):
        o[x] = o[x] + p[x] * first + q[x] * second


@helper
def add_both(o, p, q):
    for x in range(o.shape[0]):
        o[x] = o[x] + (p[x] + q[x])


@helper
def column(v, base, lines, tops, weights, first, last):
    """v = base + the pixels on the rim of one column."""
    t = first
    if last - t >= 2:
        begin_two(v, base, lines[tops[t]], lines[tops[t + 1]], weights[t], weights[t + 1])
        t += 2
    elif last > t:
        begin(v, base, lines[tops[t]], weights[t])
        t += 1
    else:
        for x in range(v.shape[0]):
            v[x] = base[x]
    while last - t >= 2:
        more_two(v, lines[tops[t]], lines[tops[t + 1]], weights[t], weights[t + 1])
        t += 2
    if last > t:
        more(v, lines[tops[t]], weights[t])


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8[:], i8[:], i8[:], f4[:], f4, i8, i8, f4[:,:], f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8[:], i8[:], i8[:], f8[:], f8, i8, i8, f8[:,:], f8[:], f8[:], f8[:], i8[:]",
)
def disc(out, src, whole, ends, tops, weights, factor, step, n, lines, base, room, scratch, count):
    """The weighted sum times a factor; `whole[d]` and `ends[d]`: column d's whole pixels and its rim's end.

    Rows count from the centre outwards: 0, ... and the rim's pixel t lies at row tops[t] of its column.
    """
    block = max(1, scratch.shape[0])
    radius = whole.shape[0] - 1
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            size = m + 2 * radius * step
            o = scratch[0:m]
            b = base[0:size]
            v = room[0:size]
            single(lines[0][0:size], src, y + radius, start)
            for i in range(1, radius + 1):
                pair(src, lines[i][0:size], y + radius - i, y + radius + i, start)
            for x in range(size):
                b[x] = 0
            for x in range(m):
                o[x] = 0
            done = 0
            for d in range(radius, -1, -1):
                while done < whole[d]:
                    add(b, lines[done])
                    done += 1
                column(v, b, lines, tops, weights, ends[d - 1] if d else 0, ends[d])
                if d:
                    left, right = (radius - d) * step, (radius + d) * step
                    add_both(o, v[left : left + m], v[right : right + m])
                else:
                    add(o, v[radius * step : radius * step + m])
            for x in range(m):
                o[x] = o[x] * factor
            finish(out[y][start : start + m], o, m, count)
