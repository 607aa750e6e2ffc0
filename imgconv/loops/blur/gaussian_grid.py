"""A Gaussian on a coarse grid: rows and columns shrunk by a spline, blurred there, and brought back by the same spline.

Grid point k lies at pixel k h. The spline is four boxes of h pixels, one over the other: 4 h - 3 weights of sum 1.
"""

from imgconv.jit.loop import helper, loop, real
from imgconv.loops.convolution.separable import across, down
from imgconv.loops.geometry.resample import weighted
from imgconv.loops.round_and_store import finish

POINTS = "i8[:], i8[:], f4[:,:], i8[:]"  # firsts, kinds, table, counts
SPAN = 4096  # items of a row that are put together down at a time: their rows stay in the cache


@helper
def every(o, v, h, step):
    """o = each h-th pixel of v."""
    if step == 3:
        for k in range(o.shape[0] // 3):
            at = k * h * 3
            o[3 * k], o[3 * k + 1], o[3 * k + 2] = v[at], v[at + 1], v[at + 2]
    else:
        for k in range(o.shape[0] // step):
            for c in range(step):
                o[k * step + c] = v[k * h * step + c]


@helper
def points(o, v, row, h, step):
    """o = each h-th pixel of v, weighted with its neighbors."""
    for k in range(o.shape[0] // step):
        at = k * h * step
        for c in range(step):
            total = real(0)
            for j in range(row.shape[0]):
                total += v[at + j * step + c] * row[j]
            o[k * step + c] = total


@helper
def points_of_three(o, v, row, h):
    """The same of three channels, whose sums go side by side."""
    for k in range(o.shape[0] // 3):
        at = k * h * 3
        p, q, r = real(0), real(0), real(0)
        for j in range(row.shape[0]):
            w = row[j]
            p += v[at] * w
            q += v[at + 1] * w
            r += v[at + 2] * w
            at += 3
        o[3 * k], o[3 * k + 1], o[3 * k + 2] = p, q, r


@helper
def inner_points(o, v, row, h, step, room):
    """o = grid points whose neighbors are all there; v begins with those of the first.

    Up to h = 7 it is cheaper to weight every pixel, eight at a time, and keep each h-th.
    """
    n = o.shape[0]
    block = max(1, room.shape[0] // (h * step)) * step
    if h <= 7:
        for start in range(0, n, block):
            m = min(block, n - start)
            every_point = room[0 : (m // step - 1) * h * step + step]
            across(every_point, v[start * h :], step, row, real(0))
            every(o[start : start + m], every_point, h, step)
    elif step == 3:
        points_of_three(o, v, row, h)
    else:
        points(o, v, row, h, step)


@helper
def edge_point(o, k, v, first, weights, count, step):
    """Grid point k, whose weights are those of a table."""
    for c in range(step):
        total = real(0)
        for j in range(count):
            total += v[(first + j) * step + c] * weights[j]
        o[k * step + c] = total


@helper
def row_down(v, src, at, column, kind, table, count):
    """v = what a row of grid points takes from rows of src, from row `at` on."""
    n = v.shape[0]
    if kind < 0:
        for start in range(0, n, SPAN):
            down(v[start : min(start + SPAN, n)], src, at, start, column)
    elif count > 0:
        weighted(v, n, src, at, 0, table[kind], count)
    else:
        for x in range(n):
            v[x] = real(0)


@loop(f"f4[:,:], {{u1,u2,f4}}[:,:], i8, i8, i8, i8, f4[:], f4[:], {POINTS}, {POINTS}, f4[:], f4[:]")
def shrink(
    out,
    src,
    begin,
    top,
    h,
    step,
    column,
    row,
    tops,
    down_kinds,
    down_table,
    down_counts,
    lefts,
    kinds,
    table,
    counts,
    room,
    some,
):
    """Rows of grid points, from number `begin` of `tops` on; src begins with row `top`.

    Of each point along an axis: the first pixel that it looks at, and which weights of the table it has, at the
    border; -1: the spline's. Neighbors that have the same look at the same.
    """
    n, low, high = out.shape[1] // step, 0, out.shape[1] // step
    while low < n and kinds[low] >= 0:
        low += 1
    while high > low and kinds[high - 1] >= 0:
        high -= 1
    for y in range(out.shape[0]):
        o, kind = out[y], down_kinds[begin + y]
        if y > 0 and kind >= 0 and kind == down_kinds[begin + y - 1]:
            for x in range(o.shape[0]):
                o[x] = out[y - 1, x]
            continue
        row_down(room, src, tops[begin + y] - top, column, kind, down_table, down_counts[max(kind, 0)])
        if low < high:
            inner_points(o[low * step : high * step], room[lefts[low] * step :], row, h, step, some)
        for k in range(low):
            edge_point(o, k, room, lefts[k], table[kinds[k]], counts[kinds[k]], step)
        for k in range(high, n):
            edge_point(o, k, room, lefts[k], table[kinds[k]], counts[kinds[k]], step)


@helper
def repeated(e, b, h, step):
    """e = each pixel of b for h pixels."""
    k, r = 0, 0
    if step == 3:
        for x in range(e.shape[0] // 3):
            e[3 * x], e[3 * x + 1], e[3 * x + 2] = b[k], b[k + 1], b[k + 2]
            r += 1
            if r == h:
                r = 0
                k += 3
    else:
        for x in range(e.shape[0] // step):
            for c in range(step):
                e[x * step + c] = b[k + c]
            r += 1
            if r == h:
                r = 0
                k += step


@helper
def between(o, e, tiles, h, step):
    """o = pixels between grid points that are repeated in e; `tiles` are four rows of weights, a block long."""
    near, block = h * step, tiles.shape[1]
    for start in range(0, o.shape[0], block):
        m = min(block, o.shape[0] - start)
        p, q, s, t = tiles[0][0:m], tiles[1][0:m], tiles[2][0:m], tiles[3][0:m]
        a, b = e[start : start + m], e[start + near : start + near + m]
        c, d = e[start + 2 * near : start + 2 * near + m], e[start + 3 * near : start + 3 * near + m]
        v = o[start : start + m]
        for x in range(m):
            v[x] = a[x] * p[x] + b[x] * q[x] + (c[x] * s[x] + d[x] * t[x])


@loop("f4[:,:], f4[:,:], i8, i8, i8, i8, f4[:], f4[:], f4[:,:], f4[:], f4[:], f4[:]")
def blur(ring, grid, first, count, h, step, column, row, tiles, room, scratch, pixels):
    """Rows of grid points blurred down and across, and their columns brought back to pixels.

    Row k goes to place k modulo the ring's size; `first` is the first of `count`.
    """
    n = grid.shape[1]
    m = n - (row.shape[0] - 1) * step
    for y in range(count):
        v, b = room[0:n], scratch[0:m]
        down(v, grid, y, 0, column)
        across(b, v, step, row, real(0))
        repeated(pixels, b, h, step)
        between(ring[(first + y) % ring.shape[0]], pixels, tiles, h, step)


@helper
def row_between(o, ring, y, start, near, h):
    """o = row y of the image between rows of the grid, which lie in the ring."""
    k, r, size = y // h - 1, y % h, ring.shape[0]
    p, q, s, t = near[h + r], near[r], near[h - r], near[2 * h - r]
    m = o.shape[0]
    a, b = ring[k % size][start : start + m], ring[(k + 1) % size][start : start + m]
    c, d = ring[(k + 2) % size][start : start + m], ring[(k + 3) % size][start : start + m]
    for x in range(m):
        o[x] = a[x] * p + b[x] * q + (c[x] * s + d[x] * t)


@loop("{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, f4[:], f4[:], i8[:]")
def rows_between(out, ring, first, h, n, near, scratch, count):
    """Rows of the image, from `first` on, between rows of the grid."""
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            row_between(o, ring, first + y, start, near, h)
            finish(out[y][start : start + m], o, m, count)


@loop("{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, i8, f4, f4, f4[:], f4[:], i8[:]")
def unsharp_between(out, src, ring, first, top, left, h, n, amount, least, near, scratch, count):
    """in + amount (in - blurred) where the difference is `least` or more, else in; blurred as by `rows_between`."""
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            row_between(o, ring, first + y, start, near, h)
            s = src[y + top][left + start : left + start + m]
            for x in range(m):
                value = real(s[x])
                change = value - o[x]
                o[x] = value + amount * change if abs(change) >= least else value
            finish(out[y][start : start + m], o, m, count)
