"""A Gaussian on a coarse grid: rows and columns shrunk by a spline, blurred there, and brought back by the same spline.

Grid point k lies at pixel k h. The spline is four boxes of h pixels, one over the other: 4 h - 3 weights of sum 1.
"""

from imgconv.jit import helper, loop, real
from imgconv.loops.separable import across, down
from imgconv.loops.store import finish


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
    """o = each h-th pixel of v, weighted with its neighbours."""
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


@loop(
    "f4[:,:], {u1,u2,f4}[:,:], i8, i8, i8, i8, f4[:], f4[:], f4[:], f4[:]",
    "f8[:,:], {u1,u2,f8}[:,:], i8, i8, i8, i8, f8[:], f8[:], f8[:], f8[:]",
)
def shrink(out, src, top, left, h, step, column, row, room, all_points):
    """Rows of grid points: the first looks at src from row `top` and item `left` on.

    Up to h = 7 it is cheaper to weight every pixel, eight at a time, and keep each h-th.
    """
    wide, n = row.shape[0] * step, out.shape[1]
    block = max(1, (room.shape[0] - wide) // (h * step)) * step
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            between = (m // step - 1) * h * step
            v = room[0 : between + wide]
            down(v, src, top + y * h, left + start * h, column)
            o = out[y][start : start + m]
            if h <= 7:
                every_point = all_points[0 : between + step]
                across(every_point, v, step, row, real(0))
                every(o, every_point, h, step)
            elif step == 3:
                points_of_three(o, v, row, h)
            else:
                points(o, v, row, h, step)


@helper
def repeated(e, b, h, phase, step):
    """e = each pixel of b for h pixels, from `phase` pixels behind the first on."""
    k, r = 0, phase
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


@loop(
    "f4[:,:], f4[:,:], i8, i8, i8, i8, i8, f4[:], f4[:], f4[:,:], f4[:], f4[:], f4[:]",
    "f8[:,:], f8[:,:], i8, i8, i8, i8, i8, f8[:], f8[:], f8[:,:], f8[:], f8[:], f8[:]",
)
def blur(ring, grid, first, count, h, phase, step, column, row, tiles, room, scratch, pixels):
    """Rows of grid points blurred down and across, and their columns brought back to pixels.

    Row k goes to place k modulo the ring's size; `first` is the first of `count`.
    """
    n = grid.shape[1]
    m = n - (row.shape[0] - 1) * step
    for y in range(count):
        v, b = room[0:n], scratch[0:m]
        down(v, grid, y, 0, column)
        across(b, v, step, row, real(0))
        repeated(pixels, b, h, phase, step)
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


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, f8[:], f8[:], i8[:]",
)
def rows_between(out, ring, first, h, n, near, scratch, count):
    """Rows of the image, from `first` on, between rows of the grid."""
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            row_between(o, ring, first + y, start, near, h)
            finish(out[y][start : start + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, i8, f4, f4, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, i8, f8, f8, f8[:], f8[:], i8[:]",
)
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
