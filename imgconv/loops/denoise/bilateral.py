"""Bilateral filter: means weighted by distance and by difference, two taps at a time, opposite to each other.

m is in pixels. o, a and b are the items of the center and of the two taps in their rows of planes (see `exp2`). A tap
weighs 2^(space - d^2 steepness): `space` for its distance, d for its difference from the center.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.exp2 import SPAN, begin, exp2, means, planes
from imgconv.loops.round_and_store import finish

ROWS = 32  # rows of the result for which a block of the source is split into planes at once
B, C, D = SPAN, 2 * SPAN, 3 * SPAN


@helper
def pair1(sums, mid, row_a, row_b, o, a, b, m, space, steepness):
    """Add two taps of one channel: sums of weighted differences from the center, and of weights."""
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        d = row_a[z + a] - mid[z + o]
        e = row_b[z + b] - mid[z + o]
        u = exp2(space - d * d * steepness)
        v = exp2(space - e * e * steepness)
        sums[z] += u * d + v * e
        sums[z + np.uint64(B)] += u + v


@helper
def pair3(sums, mid, row_a, row_b, o, a, b, m, space, steepness):
    """The same of three channels: they share the weight of the sum of their differences."""
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        p, q, r = mid[z + o], mid[z + (o + np.uint64(B))], mid[z + (o + np.uint64(C))]
        d = row_a[z + a] - p
        e = row_a[z + (a + np.uint64(B))] - q
        f = row_a[z + (a + np.uint64(C))] - r
        g = row_b[z + b] - p
        h = row_b[z + (b + np.uint64(B))] - q
        i = row_b[z + (b + np.uint64(C))] - r
        s = abs(d) + abs(e) + abs(f)
        t = abs(g) + abs(h) + abs(i)
        u = exp2(space - s * s * steepness)
        v = exp2(space - t * t * steepness)
        sums[z] += u * d + v * g
        sums[z + np.uint64(B)] += u * e + v * h
        sums[z + np.uint64(C)] += u * f + v * i
        sums[z + np.uint64(D)] += u + v


@helper
def add_distance(sums, row, tap_item, o, mid, c, m):
    """sums += |difference of channel c|."""
    a, b = np.uint64(tap_item + c * SPAN), np.uint64(o + c * SPAN)
    for x in range(m):
        z = np.uint64(x)
        sums[z] += abs(row[z + a] - mid[z + b])


@helper
def weights(w, row, tap_item, m, space, steepness, alpha):
    """Sums of differences become weights, times the alpha of the pixel where there is one."""
    for x in range(m):
        w[x] = exp2(space - w[x] * w[x] * steepness)
    if alpha > 0:
        a = np.uint64(tap_item + alpha * SPAN)
        for x in range(m):
            z = np.uint64(x)
            w[z] *= max(row[z + a], real(0))


@helper
def add(sums, w, row, tap_item, o, mid, c, m):
    """Add the weighted differences of channel c."""
    a, b, s = np.uint64(tap_item + c * SPAN), np.uint64(o + c * SPAN), np.uint64(c * SPAN)
    for x in range(m):
        z = np.uint64(x)
        sums[z + s] += w[z] * (row[z + a] - mid[z + b])


@helper
def tap(sums, mid, row, o, tap_item, m, space, steepness, colors, alpha, w):
    """Add a tap of any number of channels."""
    for x in range(m):
        w[x] = real(0)
    for c in range(colors):
        add_distance(w, row, tap_item, o, mid, c, m)
    weights(w, row, tap_item, m, space, steepness, alpha)
    for c in range(colors):
        add(sums, w, row, tap_item, o, mid, c, m)
    s = sums[colors * SPAN : colors * SPAN + m]
    for x in range(m):
        s[x] += w[x]


@helper
def pair(sums, mid, row_a, row_b, o, a, b, m, space, steepness, colors, alpha, w):
    """Add two taps: item a of row_a, item b of row_b."""
    if colors == 1 and alpha == 0:
        pair1(sums, mid, row_a, row_b, o, a, b, m, space, steepness)
    elif colors == 3 and alpha == 0:
        pair3(sums, mid, row_a, row_b, o, a, b, m, space, steepness)
    else:
        tap(sums, mid, row_a, o, a, m, space, steepness, colors, alpha, w)
        tap(sums, mid, row_b, o, b, m, space, steepness, colors, alpha, w)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8, i8, i8, i8[:], f4[:,:], f4, f4[:,:], f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, i8, i8, i8, i8[:], f8[:,:], f8, f8[:,:], f8[:], f8[:], f8[:], i8[:]",
)
def bilateral(
    out,
    src,
    width,
    channels,
    colors,
    alpha,
    half_widths,
    space,
    steepness,
    scratch_planes,
    sums,
    w,
    scratch,
    clipped,
):
    """Taps up to half_widths[i] pixels to each side in the rows i above and below; 2^space[i, j] weighs the distance.

    alpha: the index of the alpha channel, 0 where there is none. `scratch_planes`: ROWS rows and their halo; `sums`: a
    row of sums; `w`: a plane of weights; `scratch`: a row of pixels.
    """
    radius = half_widths.shape[0] - 1
    block = SPAN - 2 * radius
    for top in range(0, out.shape[0], ROWS):
        rows = min(ROWS, out.shape[0] - top)
        for start in range(0, width, block):
            m = min(block, width - start)
            planes(scratch_planes, src, top, rows + 2 * radius, start, channels, m + 2 * radius)
            for y in range(rows):
                mid = scratch_planes[y + radius]
                begin(sums, mid, radius, m, colors, alpha)
                for i in range(radius + 1):
                    up, down = scratch_planes[y + radius - i], scratch_planes[y + radius + i]
                    if i > 0:
                        pair(
                            sums,
                            mid,
                            up,
                            down,
                            radius,
                            radius,
                            radius,
                            m,
                            space[i, 0],
                            steepness,
                            colors,
                            alpha,
                            w,
                        )
                    for j in range(1, half_widths[i] + 1):
                        a, b = radius - j, radius + j
                        pair(sums, mid, up, up, radius, a, b, m, space[i, j], steepness, colors, alpha, w)
                        if i > 0:
                            pair(
                                sums,
                                mid,
                                down,
                                down,
                                radius,
                                a,
                                b,
                                m,
                                space[i, j],
                                steepness,
                                colors,
                                alpha,
                                w,
                            )
                means(scratch, sums, mid, radius, m, channels, colors)
                item = start * channels
                finish(out[top + y][item : item + m * channels], scratch, m * channels, clipped)
