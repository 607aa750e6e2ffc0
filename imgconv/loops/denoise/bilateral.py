"""Means whose weights fall off with distance and with difference, two taps at a time, opposite to each other."""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.exp2 import SPAN, begin, fade, means, planes
from imgconv.loops.round_and_store import finish

ROWS = 32  # rows of the result for which a block of the source is taken apart at once
B, C, D = SPAN, 2 * SPAN, 3 * SPAN


@helper
def pair1(sums, mid, one, two, o, a, b, m, far, k):
    """Add two taps of one channel: sums of weighted differences from the center, and of weights."""
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        d = one[z + a] - mid[z + o]
        e = two[z + b] - mid[z + o]
        u = fade(far - d * d * k)
        v = fade(far - e * e * k)
        sums[z] += u * d + v * e
        sums[z + np.uint64(B)] += u + v


@helper
def pair3(sums, mid, one, two, o, a, b, m, far, k):
    """The same of three channels: they share the weight of the sum of their differences."""
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        p, q, r = mid[z + o], mid[z + (o + np.uint64(B))], mid[z + (o + np.uint64(C))]
        d = one[z + a] - p
        e = one[z + (a + np.uint64(B))] - q
        f = one[z + (a + np.uint64(C))] - r
        g = two[z + b] - p
        h = two[z + (b + np.uint64(B))] - q
        i = two[z + (b + np.uint64(C))] - r
        s = abs(d) + abs(e) + abs(f)
        t = abs(g) + abs(h) + abs(i)
        u = fade(far - s * s * k)
        v = fade(far - t * t * k)
        sums[z] += u * d + v * g
        sums[z + np.uint64(B)] += u * e + v * h
        sums[z + np.uint64(C)] += u * f + v * i
        sums[z + np.uint64(D)] += u + v


@helper
def apart(sums, row, at, o, mid, c, m):
    """sums += the difference of channel c, without its sign."""
    a, b = np.uint64(at + c * SPAN), np.uint64(o + c * SPAN)
    for x in range(m):
        z = np.uint64(x)
        sums[z] += abs(row[z + a] - mid[z + b])


@helper
def weights(w, row, at, m, far, k, alpha):
    """The sum of differences becomes the weight, times the alpha of the pixel where there is one."""
    for x in range(m):
        w[x] = fade(far - w[x] * w[x] * k)
    if alpha > 0:
        a = np.uint64(at + alpha * SPAN)
        for x in range(m):
            z = np.uint64(x)
            w[z] *= max(row[z + a], real(0))


@helper
def add(sums, w, row, at, o, mid, c, m):
    a, b, s = np.uint64(at + c * SPAN), np.uint64(o + c * SPAN), np.uint64(c * SPAN)
    for x in range(m):
        z = np.uint64(x)
        sums[z + s] += w[z] * (row[z + a] - mid[z + b])


@helper
def tap(sums, mid, row, o, at, m, far, k, colors, alpha, w):
    """Add a tap of any number of channels."""
    for x in range(m):
        w[x] = real(0)
    for c in range(colors):
        apart(w, row, at, o, mid, c, m)
    weights(w, row, at, m, far, k, alpha)
    for c in range(colors):
        add(sums, w, row, at, o, mid, c, m)
    s = sums[colors * SPAN : colors * SPAN + m]
    for x in range(m):
        s[x] += w[x]


@helper
def pair(sums, mid, one, two, o, a, b, m, far, k, colors, alpha, w):
    if colors == 1 and alpha == 0:
        pair1(sums, mid, one, two, o, a, b, m, far, k)
    elif colors == 3 and alpha == 0:
        pair3(sums, mid, one, two, o, a, b, m, far, k)
    else:
        tap(sums, mid, one, o, a, m, far, k, colors, alpha, w)
        tap(sums, mid, two, o, b, m, far, k, colors, alpha, w)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8, i8, i8, i8[:], f4[:,:], f4, f4[:,:], f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, i8, i8, i8, i8[:], f8[:,:], f8, f8[:,:], f8[:], f8[:], f8[:], i8[:]",
)
def bilateral(out, src, width, channels, colors, alpha, reaches, far, k, room, sums, w, scratch, count):
    """Taps up to reaches[i] to each side in the rows i above and below; 2^far[i, j] is what the distance weighs."""
    radius = reaches.shape[0] - 1
    block = SPAN - 2 * radius
    for top in range(0, out.shape[0], ROWS):
        rows = min(ROWS, out.shape[0] - top)
        for start in range(0, width, block):
            m = min(block, width - start)
            planes(room, src, top, rows + 2 * radius, start, channels, m + 2 * radius)
            for y in range(rows):
                mid = room[y + radius]
                begin(sums, mid, radius, m, colors, alpha)
                for i in range(radius + 1):
                    up, down = room[y + radius - i], room[y + radius + i]
                    if i > 0:
                        pair(sums, mid, up, down, radius, radius, radius, m, far[i, 0], k, colors, alpha, w)
                    for j in range(1, reaches[i] + 1):
                        a, b = radius - j, radius + j
                        pair(sums, mid, up, up, radius, a, b, m, far[i, j], k, colors, alpha, w)
                        if i > 0:
                            pair(sums, mid, down, down, radius, a, b, m, far[i, j], k, colors, alpha, w)
                means(scratch, sums, mid, radius, m, channels, colors)
                at = start * channels
                finish(out[top + y][at : at + m * channels], scratch, m * channels, count)
