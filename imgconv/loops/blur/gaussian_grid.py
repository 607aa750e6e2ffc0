"""Gaussian blur on a coarse grid: the image is downsampled by a spline, blurred, and upsampled by the same spline.

Grid point k lies at pixel k * spacing. The spline is four boxes of `spacing` pixels convolved with each other:
4 spacing - 3 weights of sum 1. Its weights come as `column`, from the center outwards, and as `row`, from end to end;
`near` is the half for upsampling, times spacing and with two zeros behind it.

Units: `y`, `top`, `first` are rows of the image; `first_point`, `k` grid points or grid rows; `n`, `m`, `start` items.
"""

from imgconv.jit.loop import helper, loop, real
from imgconv.loops.convolution.separable import across, down
from imgconv.loops.geometry.resample import weighted
from imgconv.loops.round_and_store import finish

# The taps along one axis: the fields of `GridTaps` in steps/blur/gaussian_grid.py.
GRID_TAPS = "i8[:], i8[:], f4[:,:], i8[:]"
SPAN = 4096  # items of a row that are summed down at a time: their rows stay in the cache


@helper
def every(o, v, spacing, channels):
    """o = every spacing-th pixel of v."""
    if channels == 3:
        for k in range(o.shape[0] // 3):
            x = k * spacing * 3
            o[3 * k], o[3 * k + 1], o[3 * k + 2] = v[x], v[x + 1], v[x + 2]
    else:
        for k in range(o.shape[0] // channels):
            for c in range(channels):
                o[k * channels + c] = v[k * spacing * channels + c]


@helper
def points(o, v, row, spacing, channels):
    """o = every spacing-th pixel of v, weighted with its neighbors."""
    for k in range(o.shape[0] // channels):
        x = k * spacing * channels
        for c in range(channels):
            total = real(0)
            for j in range(row.shape[0]):
                total += v[x + j * channels + c] * row[j]
            o[k * channels + c] = total


@helper
def points_of_three(o, v, row, spacing):
    """The same for three channels, whose sums run side by side."""
    for k in range(o.shape[0] // 3):
        x = k * spacing * 3
        p, q, r = real(0), real(0), real(0)
        for j in range(row.shape[0]):
            w = row[j]
            p += v[x] * w
            q += v[x + 1] * w
            r += v[x + 2] * w
            x += 3
        o[3 * k], o[3 * k + 1], o[3 * k + 2] = p, q, r


@helper
def inner_points(o, v, row, spacing, channels, filtered):
    """o = grid points whose pixels are all inside the image; v begins with the pixels of the first.

    Up to spacing 7 it is cheaper to filter every pixel, eight at a time, and keep every spacing-th.
    """
    n = o.shape[0]
    block = max(1, filtered.shape[0] // (spacing * channels)) * channels
    if spacing <= 7:
        for start in range(0, n, block):
            m = min(block, n - start)
            every_pixel = filtered[0 : (m // channels - 1) * spacing * channels + channels]
            across(every_pixel, v[start * spacing :], channels, row, real(0))
            every(o[start : start + m], every_pixel, spacing, channels)
    elif channels == 3:
        points_of_three(o, v, row, spacing)
    else:
        points(o, v, row, spacing, channels)


@helper
def border_point(o, k, v, first, weights, length, channels):
    """Grid point k, by weights of its own."""
    for c in range(channels):
        total = real(0)
        for j in range(length):
            total += v[(first + j) * channels + c] * weights[j]
        o[k * channels + c] = total


@helper
def row_down(v, src, first, column, table_row, table, length):
    """v = a row of grid points down, still with every pixel across; its rows of src begin at `first`."""
    n = v.shape[0]
    if table_row < 0:
        for start in range(0, n, SPAN):
            down(v[start : min(start + SPAN, n)], src, first, start, column)
    elif length > 0:
        weighted(v, n, src, first, 0, table[table_row], length)
    else:
        for x in range(n):
            v[x] = real(0)


@loop(f"f4[:,:], {{u1,u2,f4}}[:,:], i8, i8, i8, i8, f4[:], f4[:], {GRID_TAPS}, {GRID_TAPS}, f4[:], f4[:]")
def downsample(
    out,
    src,
    first_point,
    top,
    spacing,
    channels,
    column,
    row,
    row_firsts,
    row_table_rows,
    row_table,
    row_lengths,
    firsts,
    table_rows,
    table,
    lengths,
    row_sums,
    filtered,
):
    """Rows of grid points: out[0] is number `first_point` of those that the row taps list; src begins with row `top`.

    Taps down (row_...), then across: which pixels each grid point takes, by which weights. Scratch: `row_sums` for a
    row of src, `filtered` for a piece of it.
    """
    n, low, high = out.shape[1] // channels, 0, out.shape[1] // channels
    while low < n and table_rows[low] >= 0:
        low += 1
    while high > low and table_rows[high - 1] >= 0:
        high -= 1
    for y in range(out.shape[0]):
        o, t = out[y], row_table_rows[first_point + y]
        if y > 0 and t >= 0 and t == row_table_rows[first_point + y - 1]:
            for x in range(o.shape[0]):
                o[x] = out[y - 1, x]
            continue
        row_down(
            row_sums, src, row_firsts[first_point + y] - top, column, t, row_table, row_lengths[max(t, 0)]
        )
        if low < high:
            v = row_sums[firsts[low] * channels :]
            inner_points(o[low * channels : high * channels], v, row, spacing, channels, filtered)
        for k in range(low):
            border_point(o, k, row_sums, firsts[k], table[table_rows[k]], lengths[table_rows[k]], channels)
        for k in range(high, n):
            border_point(o, k, row_sums, firsts[k], table[table_rows[k]], lengths[table_rows[k]], channels)


@helper
def repeat(e, b, spacing, channels):
    """e = each pixel of b `spacing` times."""
    k, r = 0, 0
    if channels == 3:
        for x in range(e.shape[0] // 3):
            e[3 * x], e[3 * x + 1], e[3 * x + 2] = b[k], b[k + 1], b[k + 2]
            r += 1
            if r == spacing:
                r = 0
                k += 3
    else:
        for x in range(e.shape[0] // channels):
            for c in range(channels):
                e[x * channels + c] = b[k + c]
            r += 1
            if r == spacing:
                r = 0
                k += channels


@helper
def upsample_across(o, e, tiles, spacing, channels):
    """o = the pixels of a row, from grid points that are repeated in e, by the four rows of weights in `tiles`."""
    stride, block = spacing * channels, tiles.shape[1]
    for start in range(0, o.shape[0], block):
        m = min(block, o.shape[0] - start)
        p, q, s, t = tiles[0][0:m], tiles[1][0:m], tiles[2][0:m], tiles[3][0:m]
        a, b = e[start : start + m], e[start + stride : start + stride + m]
        c, d = e[start + 2 * stride : start + 2 * stride + m], e[start + 3 * stride : start + 3 * stride + m]
        v = o[start : start + m]
        for x in range(m):
            v[x] = a[x] * p[x] + b[x] * q[x] + (c[x] * s[x] + d[x] * t[x])


@loop("f4[:,:], f4[:,:], i8, i8, i8, i8, f4[:], f4[:], f4[:,:], f4[:], f4[:], f4[:]")
def blur(ring, grid, first_point, rows, spacing, channels, column, row, tiles, row_sums, blurred, repeated):
    """`rows` grid rows blurred by the grid's own Gaussian, `column` and `row`, and upsampled across to pixels.

    `grid` begins radius rows above the first, which is number `first_point`; grid row k goes to slot k modulo the
    ring's height. Scratch for a row: `row_sums` and `blurred` of grid points, `repeated` of pixels.
    """
    n = grid.shape[1]
    m = n - (row.shape[0] - 1) * channels
    for y in range(rows):
        v, b = row_sums[0:n], blurred[0:m]
        down(v, grid, y, 0, column)
        across(b, v, channels, row, real(0))
        repeat(repeated, b, spacing, channels)
        upsample_across(ring[(first_point + y) % ring.shape[0]], repeated, tiles, spacing, channels)


@helper
def upsample_down(o, ring, y, start, near, spacing):
    """o = row y of the image, from the four grid rows around it, which are in the ring."""
    k, r, size = y // spacing - 1, y % spacing, ring.shape[0]
    p, q, s, t = near[spacing + r], near[r], near[spacing - r], near[2 * spacing - r]
    m = o.shape[0]
    a, b = ring[k % size][start : start + m], ring[(k + 1) % size][start : start + m]
    c, d = ring[(k + 2) % size][start : start + m], ring[(k + 3) % size][start : start + m]
    for x in range(m):
        o[x] = a[x] * p + b[x] * q + (c[x] * s + d[x] * t)


@loop("{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, f4[:], f4[:], i8[:]")
def upsample(out, ring, first, spacing, n, near, scratch, clipped):
    """Rows of the image, from row `first` on, from the grid rows in the ring."""
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            upsample_down(o, ring, first + y, start, near, spacing)
            finish(out[y][start : start + m], o, m, clipped)


@loop("{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, i8, f4, f4, f4[:], f4[:], i8[:]")
def unsharp(out, src, ring, first, top, left, spacing, n, amount, least, near, scratch, clipped):
    """in + amount (in - blurred) where the difference is `least` or more, else in; blurred as by `upsample`.

    src[top, left] is the item under out[0, 0].
    """
    block = scratch.shape[0]
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            upsample_down(o, ring, first + y, start, near, spacing)
            s = src[y + top][left + start : left + start + m]
            for x in range(m):
                value = real(s[x])
                change = value - o[x]
                o[x] = value + amount * change if abs(change) >= least else value
            finish(out[y][start : start + m], o, m, clipped)
