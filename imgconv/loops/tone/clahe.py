"""Local contrast (CLAHE): counts of each tile, tables from them, and values by the tables of the four tiles around.

Without fused products, which would round otherwise than OpenCV.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def tally_whole(src, mine, y, start, stop, channels, c, scale):
    for x in range(start, stop):
        mine[src[y, x * channels + c]] += 1


@helper
def tally_float(src, mine, y, start, stop, channels, c, scale):
    """Into the bin whose middle is next; values beyond the ends count there, NaN does not."""
    last = np.float64(mine.shape[0] - 1)
    for x in range(start, stop):
        place = np.float64(src[y, x * channels + c]) * scale
        if place == place:
            mine[np.int64(min(max(place, 0.0), last) + 0.5)] += 1


tally = Overload({"u1": tally_whole, "u2": tally_whole, "f4": tally_float, "f8": tally_float})


@loop("{u1,u2,f4,f8}[:,:], i8[:], i8[:], i8, i8, i8, i8, i8[:], f8, i4[:,:]", fastmath=())
def count(src, rows, bands, channels, colors, across, tile, mirrored, scale, counts):
    """Row rows[i] of src counts in the tiles of band bands[i]; `mirrored` are the columns that stand beyond the last.

    A tile's counts are row (channel * bands + band) * across + column of the counts.
    """
    width, down = across * tile - mirrored.shape[0], counts.shape[0] // (across * colors)
    for i in range(rows.shape[0]):
        for c in range(colors):
            first = (c * down + bands[i]) * across
            for t in range(across):
                stop = min((t + 1) * tile, width)
                tally(src, counts[first + t], rows[i], t * tile, stop, channels, c, scale)
            for x in range(width, across * tile):
                at = mirrored[x - width]
                tally(src, counts[first + x // tile], rows[i], at, at + 1, channels, c, scale)


@loop("i4[:,:], i4[:,:]", fastmath=())
def add(counts, more):
    """counts += more."""
    for y in range(counts.shape[0]):
        for x in range(counts.shape[1]):
            counts[y, x] += more[y, x]


@loop("f4[:,:], i4[:,:], i8, f4, i8", "f8[:,:], i4[:,:], i8, f8, i8", fastmath=())
def even(tables, counts, most, scale, whole):
    """Each tile's table: the counts up to a value, each `most` at most (0: any), times a scale.

    What is cut off is shared out: to all bins alike, and what is left over to one in so many, as OpenCV does.
    """
    bins = counts.shape[1]
    for y in range(counts.shape[0]):
        mine, table = counts[y], tables[y]
        if most > 0:
            cut = 0
            for x in range(bins):
                if mine[x] > most:
                    cut += mine[x] - most
                    mine[x] = most
            each, left = cut // bins, cut % bins
            for x in range(bins):
                mine[x] += each
            if left > 0:
                apart = max(bins // left, 1)
                for i in range(min(left, -(-bins // apart))):
                    mine[i * apart] += 1
        total = 0
        for x in range(bins):
            total += mine[x]
            v = real(total) * scale
            table[x] = np.rint(v) if whole > 0 else v


@loop("i8[:], {f4,f8}[:], i8", fastmath=())
def between(lefts, shares, tile):
    """For each place the tile whose middle is at or before it, -1 at first, and the share of the next; in float32."""
    part = np.float32(1) / np.float32(tile)
    for x in range(lefts.shape[0]):
        at = np.float32(x) * part - np.float32(0.5)
        lefts[x] = np.int64(np.floor(at))
        shares[x] = at - np.floor(at)


@helper
def look_whole(src, o, y, a, b, p, q, shares, down, start, stop, channels, c, scale):
    """Values by the tables of the tiles a, b above and p, q below."""
    up = real(1) - down
    for x in range(start, stop):
        v = src[y, x * channels + c]
        share = shares[x]
        rest = real(1) - share
        above = a[v] * rest + b[v] * share
        below = p[v] * rest + q[v] * share
        o[x * channels + c] = above * up + below * down


@helper
def look_float(src, o, y, a, b, p, q, shares, down, start, stop, channels, c, scale):
    """The same, straight between the middles of bins; NaN stays."""
    up, last = real(1) - down, real(a.shape[0] - 1)
    for x in range(start, stop):
        v = src[y, x * channels + c]
        place = v * scale if v == v else real(0)
        place = min(max(place, real(0)), last)
        i = np.int64(min(place, last - real(1)))
        f = place - real(i)
        share = shares[x]
        rest = real(1) - share
        one = (a[i] * rest + b[i] * share) * up + (p[i] * rest + q[i] * share) * down
        two = (a[i + 1] * rest + b[i + 1] * share) * up + (p[i + 1] * rest + q[i + 1] * share) * down
        o[x * channels + c] = one + f * (two - one) if v == v else v


look = Overload({"u1": look_whole, "u2": look_whole, "f4": look_float, "f8": look_float})

REST = "[:,:], i8[:], i8[:], %s[:], i8[:], %s[:], i8, i8, i8, i8, %s, %s[:], i8[:]"
SINGLE = [f"{t}[:,:], {t}[:,:], f4{REST.replace('%s', 'f4')}" for t in ("u1", "u2", "f4")]
DOUBLE = [f"{t}[:,:], {t}[:,:], f8{REST.replace('%s', 'f8')}" for t in ("u1", "u2", "f8")]


@loop(*SINGLE, *DOUBLE, fastmath=())
def blend(
    out, src, tables, cuts, lefts, shares, ups, downs, row, channels, colors, across, scale, scratch, count
):
    """Each value by four tables; from column cuts[s] on tiles s - 1 and s are at the left and at the right."""
    down, width = tables.shape[0] // (across * colors), lefts.shape[0]
    for y in range(out.shape[0]):
        at = ups[row + y]
        for c in range(colors):
            first = (c * down + max(at, 0)) * across
            second = (c * down + min(at + 1, down - 1)) * across
            for s in range(across + 1):
                a, b = max(s - 1, 0), min(s, across - 1)
                p, q, r, t = tables[first + a], tables[first + b], tables[second + a], tables[second + b]
                share = downs[row + y]
                look(src, scratch, y, p, q, r, t, shares, share, cuts[s], cuts[s + 1], channels, c, scale)
        for c in range(colors, channels):
            for x in range(width):
                scratch[x * channels + c] = src[y, x * channels + c]
        finish(out[y], scratch, width * channels, count)


@loop("i4[:,:], f4[:,:], i8, i8", fastmath=())
def pack(quads, tables, down, across):
    """Four tables of bytes as one of 32 bits, for each place between tiles: one look-up in place of four."""
    for y in range(quads.shape[0]):
        rest, s = y // (across + 1), y % (across + 1)
        c, at = rest // (down + 1), rest % (down + 1)
        first = (c * down + max(at - 1, 0)) * across
        second = (c * down + min(at, down - 1)) * across
        a, b = max(s - 1, 0), min(s, across - 1)
        p, q, r, t = tables[first + a], tables[first + b], tables[second + a], tables[second + b]
        for x in range(quads.shape[1]):
            high = np.int32(np.int32(t[x]) << 24)
            quads[y, x] = np.int32(p[x]) | np.int32(q[x]) << 8 | np.int32(r[x]) << 16 | high


@helper
def pick(line, row, quad, start, stop, channels, c):
    """By itself: LLVM takes items one by one where it looks them up, and eight at a time after that."""
    for x in range(start, stop):
        k = np.uint64(x)
        line[k] = quad[row[k * np.uint64(channels) + np.uint64(c)]]


@helper
def mix(o, line, shares, down, channels, c):
    """The weighted means of four bytes."""
    up = real(1) - down
    for x in range(line.shape[0]):
        k = np.uint64(x)
        v = line[k]
        share = shares[k]
        rest = real(1) - share
        p, q = real(np.int32(v & 255)), real(np.int32((v >> 8) & 255))
        r, t = real(np.int32((v >> 16) & 255)), real(np.int32((v >> 24) & 255))
        above = p * rest + q * share
        below = r * rest + t * share
        whole = np.int32(np.rint(above * up + below * down))
        o[k * np.uint64(channels) + np.uint64(c)] = min(max(whole, np.int32(0)), np.int32(255))


@loop("u1[:,:], u1[:,:], i4[:,:], i8[:], f4[:], i8[:], f4[:], i8, i8, i8, i8, i8, i4[:]", fastmath=())
def blend_bytes(out, src, quads, cuts, shares, ups, downs, row, channels, colors, down, across, line):
    """`blend` of bytes, to the same bits."""
    for y in range(out.shape[0]):
        share = downs[row + y]
        for c in range(colors):
            first = (c * (down + 1) + ups[row + y] + 1) * (across + 1)
            for s in range(across + 1):
                pick(line, src[y], quads[first + s], cuts[s], cuts[s + 1], channels, c)
            if channels == 1:
                mix(out[y], line, shares, share, 1, 0)
            else:
                mix(out[y], line, shares, share, channels, c)
        for c in range(colors, channels):
            for x in range(shares.shape[0]):
                out[y, x * channels + c] = src[y, x * channels + c]
