"""Resampling: rows are put together down into scratch, then across, eight output rows side by side.

Shrinking by s, a filter that reaches a pixels to each side takes 2 a multiplications for each sample of the source
down, in vectors along the row, and 2 a / s across. There neighbouring outputs look at places s apart with other
weights, which no vector loads; so eight rows are laid side by side, and a vector holds one column of them.
"""

from imgconv.jit import helper, loop, np, real
from imgconv.loops.store import finish

NEAREST, AREA, BILINEAR, BICUBIC, LANCZOS = range(5)
REACH = (0, 0, 1, 2, 3)  # pixels to each side, where the filter is not widened
LANES = 8
TABLE = "[:,:], i8[:], i8[:]"  # weights, first taps, numbers of taps


@helper
def span(at, taken, spread, kind):
    """The input positions that output position `at` looks at, first and end, perhaps beyond the border.

    `taken` positions are spread over `spread`. Whole numbers only: Python and the loops must find the same.
    """
    if kind == NEAREST:
        first = (2 * at + 1) * taken // (2 * spread)
        return first, first + 1
    if kind == AREA:
        return at * taken // spread, ((at + 1) * taken + spread - 1) // spread
    reach = 2 * REACH[kind] * max(taken, spread)  # in units of 1 / (2 spread) pixels
    centre = (2 * at + 1) * taken + spread  # and half a pixel, to round
    return (centre - reach) // (2 * spread), (centre + reach) // (2 * spread)


@helper
def overlap(i, at, taken, spread):
    """How much of input pixel i lies in output pixel `at`, in 1 / spread pixels."""
    return np.float64(min((i + 1) * spread, (at + 1) * taken) - max(i * spread, at * taken))


@helper
def sinc(x):
    """sin(pi x) / (pi x)."""
    if x == np.rint(x):
        return 1.0 if x == 0 else 0.0
    return np.sin(np.pi * x) / (np.pi * x)


@helper
def curve(x, kind):
    """The filter at distance x from its centre."""
    x = abs(x)
    if kind == BILINEAR:
        return max(1 - x, 0.0)
    if kind == LANCZOS:
        return sinc(x) * sinc(x / 3) if x < 3 else 0.0
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


@helper
def weight(i, at, taken, spread, kind):
    """The weight of input position i for output position `at`, before their sum is made 1."""
    if kind == NEAREST:
        return 1.0
    if kind == AREA:
        return overlap(i, at, taken, spread)
    apart = (2 * i + 1) * spread - (2 * at + 1) * taken
    return curve(np.float64(apart) / np.float64(2 * max(taken, spread)), kind)


@loop("{f4,f8}[:,:], i8[:], i8[:], f8[:], i8, i8, i8, i8")
def weigh(table, firsts, counts, room, start, taken, spread, kind):
    """For each output position from `start` on: its first tap, how many there are, and their weights."""
    for y in range(table.shape[0]):
        first, end = span(start + y, taken, spread, kind)
        first, end = max(first, 0), min(end, taken)
        total = 0.0
        for k in range(end - first):
            room[k] = weight(first + k, start + y, taken, spread, kind)
            total += room[k]
        for k in range(end - first):
            table[y, k] = room[k] / total
        firsts[y] = first
        counts[y] = end - first


@helper
def one(v, src, y, start, w):
    s, a = np.uint64(start), np.uint64(y)
    for x in range(v.shape[0]):
        k = np.uint64(x)
        v[k] = real(src[a, k + s]) * w


@helper
def add(v, src, y, start, w):
    s, a = np.uint64(start), np.uint64(y)
    for x in range(v.shape[0]):
        k = np.uint64(x)
        v[k] = v[k] + real(src[a, k + s]) * w


@helper
def four(v, src, y, start, w, i):
    s = np.uint64(start)
    a, b, c, d = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2), np.uint64(y + 3)
    p, q, r, t = w[i], w[i + 1], w[i + 2], w[i + 3]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        v[k] = real(src[a, j]) * p + real(src[b, j]) * q + (real(src[c, j]) * r + real(src[d, j]) * t)


@helper
def add_four(v, src, y, start, w, i):
    s = np.uint64(start)
    a, b, c, d = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2), np.uint64(y + 3)
    p, q, r, t = w[i], w[i + 1], w[i + 2], w[i + 3]
    for x in range(v.shape[0]):
        k = np.uint64(x)
        j = k + s
        v[k] = v[k] + real(src[a, j]) * p + real(src[b, j]) * q + (real(src[c, j]) * r + real(src[d, j]) * t)


@helper
def down(v, src, y, start, weights, taps):
    """v = the weighted sum of `taps` rows of src from row y on, from item `start` on."""
    if taps < 4:
        one(v, src, y, start, weights[0])
        done = 1
    else:
        four(v, src, y, start, weights, 0)
        done = 4
    while done + 4 <= taps:
        add_four(v, src, y + done, start, weights, done)
        done += 4
    while done < taps:
        add(v, src, y + done, start, weights[done])
        done += 1


@helper
def beside(o, room, n):
    """Eight rows side by side: item x of row r is item 8 x + r."""
    a, b, c, d = room[0][0:n], room[1][0:n], room[2][0:n], room[3][0:n]
    e, f, g, h = room[4][0:n], room[5][0:n], room[6][0:n], room[7][0:n]
    for x in range(n):
        o[8 * x] = a[x]
        o[8 * x + 1] = b[x]
        o[8 * x + 2] = c[x]
        o[8 * x + 3] = d[x]
        o[8 * x + 4] = e[x]
        o[8 * x + 5] = f[x]
        o[8 * x + 6] = g[x]
        o[8 * x + 7] = h[x]


@helper
def apart(room, v, n):
    """And back."""
    a, b, c, d = room[0][0:n], room[1][0:n], room[2][0:n], room[3][0:n]
    e, f, g, h = room[4][0:n], room[5][0:n], room[6][0:n], room[7][0:n]
    for x in range(n):
        a[x] = v[8 * x]
        b[x] = v[8 * x + 1]
        c[x] = v[8 * x + 2]
        d[x] = v[8 * x + 3]
        e[x] = v[8 * x + 4]
        f[x] = v[8 * x + 5]
        g[x] = v[8 * x + 6]
        h[x] = v[8 * x + 7]


@helper
def column(o, to, v, at, step, weights, taps):
    """Eight items of o: the weighted sum of `taps` columns of v, `step` apart."""
    a = b = c = d = e = f = g = h = real(0)
    i = np.uint64(at)
    for k in range(taps):
        w = weights[k]
        a += v[i] * w
        b += v[i + np.uint64(1)] * w
        c += v[i + np.uint64(2)] * w
        d += v[i + np.uint64(3)] * w
        e += v[i + np.uint64(4)] * w
        f += v[i + np.uint64(5)] * w
        g += v[i + np.uint64(6)] * w
        h += v[i + np.uint64(7)] * w
        i += np.uint64(step)
    j = np.uint64(to)
    o[j] = a
    o[j + np.uint64(1)] = b
    o[j + np.uint64(2)] = c
    o[j + np.uint64(3)] = d
    o[j + np.uint64(4)] = e
    o[j + np.uint64(5)] = f
    o[j + np.uint64(6)] = g
    o[j + np.uint64(7)] = h


@helper
def across(o, v, weights, firsts, counts, start, stop, channels):
    """Output pixels start to stop of eight rows side by side."""
    left = firsts[start]
    for x in range(start, stop):
        for c in range(channels):
            at, to = (firsts[x] - left) * channels + c, (x - start) * channels + c
            column(o, 8 * to, v, 8 * at, 8 * channels, weights[x], counts[x])


@loop(
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], i8, f4{TABLE}, f4{TABLE}, i8, i8, f4[:,:], f4[:], f4[:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], i8, f8{TABLE}, f8{TABLE}, i8, i8, f8[:,:], f8[:], f8[:], i8[:]",
)
def resample(
    out, src, row, rows, tops, heights, columns, lefts, widths, channels, block, room, wide, narrow, count
):
    """Output rows from `row` on; the first row of src is the first that they look at."""
    for y in range(0, out.shape[0], LANES):
        lanes = min(LANES, out.shape[0] - y)
        for start in range(0, lefts.shape[0], block):
            stop = min(start + block, lefts.shape[0])
            left = lefts[start] * channels
            n = (lefts[stop - 1] + widths[stop - 1]) * channels - left
            m = (stop - start) * channels
            for r in range(lanes):
                at = row + y + r
                down(room[r][0:n], src, tops[at] - tops[row], left, rows[at], heights[at])
            beside(wide, room, n)
            across(narrow, wide, columns, lefts, widths, start, stop, channels)
            apart(room, narrow, m)
            for r in range(lanes):
                finish(out[y + r][start * channels : stop * channels], room[r], m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8[:], i8[:], i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8, i8[:], i8[:], i8, f8[:], i8[:]",
)
def pick(out, src, row, tops, lefts, channels, scratch, count):
    """Pixel x of output row y is pixel lefts[x] of row tops[y]; whole numbers are exact in `scratch`."""
    for y in range(out.shape[0]):
        v = src[tops[row + y] - tops[row]]
        for x in range(lefts.shape[0]):
            for c in range(channels):
                scratch[x * channels + c] = v[lefts[x] * channels + c]
        finish(out[y], scratch, scratch.shape[0], count)
