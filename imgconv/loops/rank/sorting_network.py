"""Sorting networks: medians and other ranks of small neighborhoods; no branches, whole vectors at a time.

Floats come as integers in the same order (`ordered`). Columns are sorted once for all their windows.
The rows of sorted columns lie `ROW` items apart in one scratch row: with a distance that LLVM knows it sees that
writing one cannot change another. n and block are in items.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real

DTYPES = ("u1", "u2", "i4", "i8")
ROW = 2048
LAST = 0x7FFFFFFF  # the order of NaN: behind every number
LAST_WIDE = 0x7FFFFFFFFFFFFFFF


@helper
def order_short(o, bits):
    """The bits of floats as integers in the same order."""
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
    """The bits of floats as integers in the same order; NaN is the last."""
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
    second, third = np.uint64(ROW), np.uint64(2 * ROW)
    for x in range(p.shape[0]):
        k = np.uint64(x)
        a, b, c = p[k], q[k], r[k]
        a, b = low(a, b), high(a, b)
        b, c = low(b, c), high(b, c)
        s[k] = low(a, b)
        s[k + second] = high(a, b)
        s[k + third] = c


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, {dtype}[:]" for dtype in DTYPES))
def three(out, src, channel_stride, n, s):
    """The median of 3 x 3: the median of the columns' largest minimum, middle median and smallest maximum.

    `s`: three rows of sorted columns.
    """
    block = ROW - 2 * channel_stride
    i, j = np.uint64(channel_stride), np.uint64(2 * channel_stride)
    second, third = np.uint64(ROW), np.uint64(2 * ROW)
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + 2 * channel_stride
            sort_three(s, src[y][start:end], src[y + 1][start:end], src[y + 2][start:end])
            o = out[y][start : start + m]
            for x in range(m):
                k = np.uint64(x)
                a = high(high(s[k], s[k + i]), s[k + j])
                b = middle(s[k + second], s[k + i + second], s[k + j + second])
                c = low(low(s[k + third], s[k + i + third]), s[k + j + third])
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
    """Each column's five values in order."""
    second, third = np.uint64(ROW), np.uint64(2 * ROW)
    fourth, fifth = np.uint64(3 * ROW), np.uint64(4 * ROW)
    for x in range(p.shape[0]):
        k = np.uint64(x)
        a, b, c, d, e = sort_five(p[k], q[k], r[k], t[k], u[k])
        s[k] = a
        s[k + second] = b
        s[k + third] = c
        s[k + fourth] = d
        s[k + fifth] = e


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


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, {dtype}[:]" for dtype in DTYPES))
def five(out, src, channel_stride, n, s):
    """The median of 5 x 5: columns are sorted, then rows of values of equal rank; 13 can still be the median.

    Of any 8 of 13 neither the smallest nor the largest is the median: they are dropped, the next joins, and so on.
    `s`: five rows of sorted columns.
    """
    block = ROW - 4 * channel_stride
    i, j, k3, k4 = (
        np.uint64(channel_stride),
        np.uint64(2 * channel_stride),
        np.uint64(3 * channel_stride),
        np.uint64(4 * channel_stride),
    )
    row = np.uint64(ROW)
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + 4 * channel_stride
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
def compare_exchange(o, p, q, larger):
    if larger:
        for x in range(o.shape[0]):
            o[x] = high(p[x], q[x])
    else:
        for x in range(o.shape[0]):
            o[x] = low(p[x], q[x])


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8[:,:], i8, i8, i8, {dtype}[:,:]" for dtype in DTYPES))
def network(out, src, program, channel_stride, n, block, scratch):
    """A network as a list of operations over rows: (larger, target, row, shift, row, shift, extra).

    The result has `extra` more pixels than the output; a row below 0 is src[y - 1 - row], a target below 0 is out.
    `scratch`: rows of `block` items and the halo.
    """
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            for t in range(program.shape[0]):
                operation = program[t]
                w = m + operation[6] * channel_stride
                a, b = operation[3] * channel_stride, operation[5] * channel_stride
                p = (
                    scratch[operation[2]][a : a + w]
                    if operation[2] >= 0
                    else src[y - 1 - operation[2]][start + a : start + a + w]
                )
                q = (
                    scratch[operation[4]][b : b + w]
                    if operation[4] >= 0
                    else src[y - 1 - operation[4]][start + b : start + b + w]
                )
                o = scratch[operation[1]][0:w] if operation[1] >= 0 else out[y][start : start + w]
                compare_exchange(o, p, q, operation[0])


@loop(
    *(f"f4[:,:], {dtype}[:,:], {dtype}[:,:], i8" for dtype in ("u1", "u2", "f4")),
    *(f"f8[:,:], {dtype}[:,:], {dtype}[:,:], i8" for dtype in ("u1", "u2", "f4", "f8")),
)
def mean(out, p, q, n):
    """The mean of two rows each: exact for integers."""
    for y in range(out.shape[0]):
        o, a, b = out[y], p[y], q[y]
        for x in range(n):
            o[x] = real(a[x]) + (real(b[x]) - real(a[x])) * real(0.5)
