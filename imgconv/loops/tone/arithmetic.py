"""Tone: one number in, one number out, with alpha left as it is; and what is measured of an image.

`alpha` is the number of channels where the last one is alpha, and 0 where none is. Rows are worked on in
blocks of the length of `scratch`, which holds whole pixels.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

ANY = "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], %s i8, i8, f4[:], i8[:]"
ANY_DOUBLE = "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], %s i8, i8, f8[:], i8[:]"
WHOLE = ("u1[:,:], u1[:,:], i8, i8, i8, i8", "u2[:,:], u2[:,:], i8, i8, i8, i8")


@helper
def keep(o, v, alpha, times):
    """Put the alpha of v, times a factor, into o; both begin with a pixel's first channel."""
    if alpha > 0:
        for i in range(o.shape[0] // alpha):
            x = i * alpha + alpha - 1
            o[x] = v[x] * times


@helper
def keep_whole(o, v, alpha, n):
    if alpha > 0:
        for i in range(n // alpha):
            x = i * alpha + alpha - 1
            o[x] = v[x]


@loop(ANY % "f4, f4, f4, f4,", ANY_DOUBLE % "f8, f8, f8, f8,")
def affine(out, src, origin, scale, shift, times, alpha, n, scratch, count):
    """(v - origin) scale + shift; alpha times a factor of its own."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                o[x] = (real(v[x]) - origin) * scale + shift
            keep(o, v, alpha, times)
            finish(out[y][start : start + m], o, m, count)


@loop(ANY % "f4, f4,", ANY_DOUBLE % "f8, f8,")
def limit(out, src, low, high, alpha, n, scratch, count):
    """v, but low where it is less and high where it is more; NaN stays."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                value = real(v[x])
                value = low if value < low else value
                o[x] = high if value > high else value
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(ANY % "f4, f4,", ANY_DOUBLE % "f8, f8,")
def cut(out, src, level, full, alpha, n, scratch, count):
    """full where v >= level, 0 where it is less; NaN stays."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                value = real(v[x])
                below = real(0) if value < level else value
                o[x] = full if value >= level else below
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(ANY % "", ANY_DOUBLE % "")
def magnitude(out, src, alpha, n, scratch, count):
    """|v|."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                o[x] = abs(real(v[x]))
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(ANY % "", ANY_DOUBLE % "")
def nearest(out, src, alpha, n, scratch, count):
    """The whole number next to v, the even one of two."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                o[x] = np.rint(real(v[x]))
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(ANY % "f4, f4,", ANY_DOUBLE % "f8, f8,")
def power(out, src, full, exponent, alpha, n, scratch, count):
    """full (v / full) ^ exponent, and 0 where v is below 0."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                value = real(v[x])
                value = real(0) if value < real(0) else value
                o[x] = full * (value / full) ** exponent
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2}[:,:], f4[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2}[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def lookup(out, src, tables, channels, alpha, n, scratch, count):
    """tables[c, v] for channel c, or tables[0, v] where there is one table only."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            if tables.shape[0] == 1:
                table = tables[0]
                for x in range(m):
                    o[x] = table[v[x]]
            else:
                for c in range(tables.shape[0]):
                    table = tables[c]
                    for i in range(m // channels):
                        x = i * channels + c
                        o[x] = table[v[x]]
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop("u1[:,:], u1[:,:], u1[:,:], i8")
def lookup_u8(out, src, tables, n):
    """tables[c, v] for channel c, or tables[0, v] where there is one table only."""
    channels = tables.shape[0]
    for y in range(out.shape[0]):
        o, v = out[y][0:n], src[y][0:n]
        if channels == 1:
            table = tables[0]
            for x in range(n):
                o[x] = table[v[x]]
        else:
            for c in range(channels):
                table = tables[c]
                for i in range(n // channels):
                    k = np.uint64(i * channels + c)
                    o[k] = table[v[k]]


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], f4[:,:], f8[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], f8[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def binned(out, src, tables, ranges, channels, alpha, n, scratch, count):
    """tables[c, (v - ranges[c, 0]) ranges[c, 1]] for channel c, the place cut off to whole; NaN stays."""
    last = tables.shape[1] - 1
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for c in range(tables.shape[0]):
                low, scale = ranges[c, 0], ranges[c, 1]
                for i in range(m // channels):
                    x = i * channels + c
                    place = (np.float64(v[x]) - low) * scale
                    place = min(max(place, 0.0), np.float64(last))
                    o[x] = tables[c, int(place)] if v[x] == v[x] else v[x]
            keep(o, v, alpha, real(1))
            finish(out[y][start : start + m], o, m, count)


@loop(*WHOLE)
def invert_whole(out, src, full, unused, alpha, n):
    """full - v."""
    for y in range(out.shape[0]):
        o = out[y][0:n]
        v = src[y][0:n]
        for x in range(n):
            o[x] = full - v[x]
        keep_whole(o, v, alpha, n)


@loop(*WHOLE)
def limit_whole(out, src, low, high, alpha, n):
    """v, but not below low and not above high."""
    for y in range(out.shape[0]):
        o = out[y][0:n]
        v = src[y][0:n]
        for x in range(n):
            o[x] = min(max(np.int32(v[x]), np.int32(low)), np.int32(high))
        keep_whole(o, v, alpha, n)


@loop(*WHOLE)
def cut_whole(out, src, level, full, alpha, n):
    """full where v >= level, else 0."""
    for y in range(out.shape[0]):
        o = out[y][0:n]
        v = src[y][0:n]
        for x in range(n):
            o[x] = full if np.int32(v[x]) >= np.int32(level) else 0
        keep_whole(o, v, alpha, n)


@loop("{u1,u2}[:,:], i8, i8, i8, f8[:,:]")
def extremes(src, channels, colors, n, found):
    """found[c] becomes the least and the largest value of channel c, where they lie beyond it."""
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, high = np.int32(65535), np.int32(0)
            if channels == 1:
                for x in range(n):
                    low = min(low, np.int32(v[x]))
                    high = max(high, np.int32(v[x]))
            else:
                for i in range(n // channels):
                    x = i * channels + c
                    low = min(low, np.int32(v[x]))
                    high = max(high, np.int32(v[x]))
            found[c, 0] = min(found[c, 0], np.float64(low))
            found[c, 1] = max(found[c, 1], np.float64(high))


@loop("{f4,f8}[:,:], i8, i8, i8, f8[:,:]")
def extremes_finite(src, channels, colors, n, found):
    """The same; what is not finite is left out."""
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, high = found[c, 0], found[c, 1]
            for i in range(n // channels):
                x = i * channels + c
                value = np.float64(v[x])
                if value - value == 0.0:
                    low = min(low, value)
                    high = max(high, value)
            found[c, 0], found[c, 1] = low, high


@loop("{u1,u2}[:,:], i8, i8, i8, i4[:,:]")
def histogram(src, channels, colors, n, counts):
    """counts[c, v] grows by one for each value v of channel c; two or four tables in turn: neighbors are alike."""
    tables, pixels, step = counts.shape[0] // colors, n // channels, np.uint64(channels)
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            one, two = counts[c], counts[colors + c]
            three, four = counts[2 % tables * colors + c], counts[3 % tables * colors + c]
            for x in range(pixels // 4):
                at = np.uint64(4 * x * channels + c)
                one[v[at]] += 1
                two[v[at + step]] += 1
                three[v[at + np.uint64(2) * step]] += 1
                four[v[at + np.uint64(3) * step]] += 1
            for x in range(pixels // 4 * 4, pixels):
                one[v[np.uint64(x * channels + c)]] += 1


@loop("{f4,f8}[:,:], f8[:,:], i8, i8, i8, i4[:,:]")
def histogram_binned(src, ranges, channels, colors, n, counts):
    """The same over the bins of `binned`; what is not finite is left out."""
    last = np.float64(counts.shape[1] - 1)
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, scale = ranges[c, 0], ranges[c, 1]
            mine = counts[c]
            for i in range(n // channels):
                x = i * channels + c
                place = (np.float64(v[x]) - low) * scale
                if place - place == 0.0:
                    mine[int(min(max(place, 0.0), last))] += 1
