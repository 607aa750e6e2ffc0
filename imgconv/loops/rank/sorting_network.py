"""Medians and other ranks of small neighborhoods, by exchanges: no branches, whole vectors at a time.

Floats come as whole numbers of the same order (`ordered`). Columns are sorted once for all their windows.
Sorted columns lie `ROW` items apart in one scratch row: with a distance that LLVM knows it sees that writing one
cannot change another.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real

KINDS = ("u1", "u2", "i4", "i8")
ROW = 2048
LAST = 0x7FFFFFFF  # the order of NaN: behind every number
LAST_WIDE = 0x7FFFFFFFFFFFFFFF


@helper
def order_short(o, bits):
    """Floats' bits to whole numbers of the same order."""
    for x in range(o.shape[0]):
        v = bits[x]
        size = np.int32(v & np.int32(LAST))
        key = np.int32(v ^ np.int32((v >> np.int32(31)) & np.int32(LAST)))
        o[x] = np.int32(LAST) if size > np.int32(0x7F800000) else key


@helper
def order_long(o, bits):
    for x in range(o.shape[0]):
        v = bits[x]
        size = v & np.int64(LAST_WIDE)
        key = v ^ ((v >> np.int64(63)) & np.int64(LAST_WIDE))
        o[x] = np.int64(LAST_WIDE) if size > np.int64(0x7FF0000000000000) else key


@helper
def restore_short(o):
    """And back, in place."""
    for x in range(o.shape[0]):
        v = o[x]
        bits = np.int32(v ^ np.int32((v >> np.int32(31)) & np.int32(LAST)))
        o[x] = np.int32(0x7FC00000) if v == np.int32(LAST) else bits


@helper
def restore_long(o):
    for x in range(o.shape[0]):
        v = o[x]
        bits = v ^ ((v >> np.int64(63)) & np.int64(LAST_WIDE))
        o[x] = np.int64(0x7FF8000000000000) if v == np.int64(LAST_WIDE) else bits


order = Overload({"i4": order_short, "i8": order_long})
restore = Overload({"i4": restore_short, "i8": restore_long})


@loop("i4[:,:], i4[:,:], i8", "i8[:,:], i8[:,:], i8")
def ordered(keys, bits, n):
    """Whole numbers in the order of floats whose bits are given; NaN is the last."""
    for y in range(keys.shape[0]):
        order(keys[y][0:n], bits[y][0:n])


@loop("{i4,i8}[:,:], i8")
def restored(keys, n):
    """The floats' bits, in place."""
    for y in range(keys.shape[0]):
        restore(keys[y][0:n])


@helper
def low(a, b):
    return b if b < a else a


@helper
def high(a, b):
    return a if b < a else b


@helper
def middle(a, b, c):
    return high(low(a, b), low(high(a, b), c))


@helper
def sort_three(s, p, q, r):
    """Each column's smallest, middle and largest."""
    one, two = np.uint64(ROW), np.uint64(2 * ROW)
    for x in range(p.shape[0]):
        k = np.uint64(x)
        a, b, c = p[k], q[k], r[k]
        a, b = low(a, b), high(a, b)
        b, c = low(b, c), high(b, c)
        s[k] = low(a, b)
        s[k + one] = high(a, b)
        s[k + two] = c


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, {kind}[:]" for kind in KINDS))
def three(out, src, step, n, s):
    """The median of 3 x 3: of three columns' largest smallest, middle middle and smallest largest values."""
    block = ROW - 2 * step
    i, j = np.uint64(step), np.uint64(2 * step)
    one, two = np.uint64(ROW), np.uint64(2 * ROW)
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + 2 * step
            sort_three(s, src[y][start:end], src[y + 1][start:end], src[y + 2][start:end])
            o = out[y][start : start + m]
            for x in range(m):
                k = np.uint64(x)
                a = high(high(s[k], s[k + i]), s[k + j])
                b = middle(s[k + one], s[k + i + one], s[k + j + one])
                c = low(low(s[k + two], s[k + i + two]), s[k + j + two])
                o[k] = middle(a, b, c)


@helper
def sort_five(a, b, c, d, e):
    a, d = low(a, d), high(a, d)
    b, e = low(b, e), high(b, e)
    a, c = low(a, c), high(a, c)
    b, d = low(b, d), high(b, d)
    a, b = low(a, b), high(a, b)
    c, e = low(c, e), high(c, e)
    b, c = low(b, c), high(b, c)
    d, e = low(d, e), high(d, e)
    return a, b, low(c, d), high(c, d), e


@helper
def sort_columns(s, p, q, r, t, u):
    one, two, three, four = np.uint64(ROW), np.uint64(2 * ROW), np.uint64(3 * ROW), np.uint64(4 * ROW)
    for x in range(p.shape[0]):
        k = np.uint64(x)
        a, b, c, d, e = sort_five(p[k], q[k], r[k], t[k], u[k])
        s[k] = a
        s[k + one] = b
        s[k + two] = c
        s[k + three] = d
        s[k + four] = e


@helper
def row_of_five(s, k, a, b, c, d):
    return sort_five(s[k], s[k + a], s[k + b], s[k + c], s[k + d])


@helper
def drop_of_five(a, b, c, d, e):
    """All but the smallest and the largest."""
    a, b = low(a, b), high(a, b)
    c, d = low(c, d), high(c, d)
    a, c = low(a, c), high(a, c)
    b, d = low(b, d), high(b, d)
    return b, c, low(high(a, e), d)


@helper
def drop_of_six(a, b, c, d, e, f):
    a, b = low(a, b), high(a, b)
    c, d = low(c, d), high(c, d)
    e, f = low(e, f), high(e, f)
    a, c = low(a, c), high(a, c)
    b, d = low(b, d), high(b, d)
    return b, c, high(a, e), low(d, f)


@helper
def drop_of_seven(a, b, c, d, e, f, g):
    a, b = low(a, b), high(a, b)
    c, d = low(c, d), high(c, d)
    e, f = low(e, f), high(e, f)
    a, c = low(a, c), high(a, c)
    b, d = low(b, d), high(b, d)
    a, e = low(a, e), high(a, e)
    d, f = low(d, f), high(d, f)
    return b, c, d, e, low(high(a, g), f)


@helper
def drop_of_eight(a, b, c, d, e, f, g, h):
    """The same where a to d are known to hold the smallest and e to h the largest."""
    a, b = low(a, b), high(a, b)
    c, d = low(c, d), high(c, d)
    e, f = low(e, f), high(e, f)
    g, h = low(g, h), high(g, h)
    return b, d, high(a, c), e, g, low(f, h)


@helper
def middle_of_five(a, b, c, d, e):
    a, b = low(a, b), high(a, b)
    c, d = low(c, d), high(c, d)
    return middle(high(a, c), low(b, d), e)


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, {kind}[:]" for kind in KINDS))
def five(out, src, step, n, s):
    """The median of 5 x 5. After columns, rows of equal place in their columns are sorted; then 13 can be the median.

    Of any 8 of 13 neither the smallest nor the largest is the median: they are dropped, the next comes in, and so on.
    """
    block = ROW - 4 * step
    i, j, k3, k4 = np.uint64(step), np.uint64(2 * step), np.uint64(3 * step), np.uint64(4 * step)
    row = np.uint64(ROW)
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + 4 * step
            first, second, third = src[y][start:end], src[y + 1][start:end], src[y + 2][start:end]
            sort_columns(s, first, second, third, src[y + 3][start:end], src[y + 4][start:end])
            o = out[y][start : start + m]
            for x in range(m):
                k = np.uint64(x)
                _, _, _, a3, a4 = row_of_five(s, k, i, j, k3, k4)
                _, _, b2, b3, b4 = row_of_five(s, k + row, i, j, k3, k4)
                _, c1, c2, c3, _ = row_of_five(s, k + row + row, i, j, k3, k4)
                d0, d1, d2, _, _ = row_of_five(s, k + row + row + row, i, j, k3, k4)
                e0, e1, _, _, _ = row_of_five(s, k + row + row + row + row, i, j, k3, k4)
                p, q, r, t, u, v = drop_of_eight(a3, b2, c1, d0, b4, c3, d2, e1)
                p, q, r, t, u = drop_of_seven(p, t, q, u, r, v, a4)
                p, q, r, t = drop_of_six(p, q, r, t, u, e0)
                p, q, r = drop_of_five(p, q, r, t, b3)
                o[k] = middle_of_five(p, q, r, d1, c2)


@helper
def exchange(o, p, q, larger):
    if larger:
        for x in range(o.shape[0]):
            o[x] = high(p[x], q[x])
    else:
        for x in range(o.shape[0]):
            o[x] = low(p[x], q[x])


@loop(*(f"{kind}[:,:], {kind}[:,:], i8[:,:], i8, i8, i8, {kind}[:,:]" for kind in KINDS))
def network(out, src, program, step, n, block, rooms):
    """A network as a list of operations over rows: (larger, target, row, shift, row, shift, further).

    The result has `further` more items than the output; a row below 0 is src[y - 1 - row], a target below 0 is out.
    """
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            for t in range(program.shape[0]):
                line = program[t]
                w = m + line[6] * step
                a, b = line[3] * step, line[5] * step
                p = (
                    rooms[line[2]][a : a + w]
                    if line[2] >= 0
                    else src[y - 1 - line[2]][start + a : start + a + w]
                )
                q = (
                    rooms[line[4]][b : b + w]
                    if line[4] >= 0
                    else src[y - 1 - line[4]][start + b : start + b + w]
                )
                o = rooms[line[1]][0:w] if line[1] >= 0 else out[y][start : start + w]
                exchange(o, p, q, line[0])


@loop(
    *(f"f4[:,:], {kind}[:,:], {kind}[:,:], i8" for kind in ("u1", "u2", "f4")),
    *(f"f8[:,:], {kind}[:,:], {kind}[:,:], i8" for kind in ("u1", "u2", "f4", "f8")),
)
def mean(out, p, q, n):
    """The mean of two: exact where it is half of a whole number."""
    for y in range(out.shape[0]):
        o, a, b = out[y], p[y], q[y]
        for x in range(n):
            o[x] = real(a[x]) + (real(b[x]) - real(a[x])) * real(0.5)
