"""CLAHE: counts of each tile, lookup tables from them, and values by the tables of the four tiles around.

Without fused multiply-add, which would round differently from OpenCV. Tables and counts are rows of a matrix: row
(channel * down + i) * across + j is of tile j of the i-th row of tiles. `docs/loops.md` says what other arguments are.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def tally_int(src, tile_counts, y, start, stop, channels, c, scale):
    for x in range(start, stop):
        tile_counts[src[y, x * channels + c]] += 1


@helper
def tally_float(src, tile_counts, y, start, stop, channels, c, scale):
    """Count in the bin whose center is nearest; values beyond the ends count there, NaN does not."""
    last = np.float64(tile_counts.shape[0] - 1)
    for x in range(start, stop):
        index = np.float64(src[y, x * channels + c]) * scale
        if index == index:
            tile_counts[np.int64(min(max(index, 0.0), last) + 0.5)] += 1


tally = Overload({"u1": tally_int, "u2": tally_int, "f4": tally_float, "f8": tally_float})


@loop("{u1,u2,f4,f8}[:,:], i8[:], i8[:], i8, i8, i8, i8, i8[:], f8, i4[:,:]", fastmath=())
def count(src, rows, bands, channels, colors, across, tile, mirrored, scale, counts):
    """Row rows[i] of src is counted in the bands[i]-th row of tiles, `tile` pixels wide; `scale`: bins a unit.

    `mirrored` are the columns of src that stand beyond its last one.
    """
    width, down = across * tile - mirrored.shape[0], counts.shape[0] // (across * colors)
    for i in range(rows.shape[0]):
        for c in range(colors):
            first = (c * down + bands[i]) * across
            for t in range(across):
                stop = min((t + 1) * tile, width)
                tally(src, counts[first + t], rows[i], t * tile, stop, channels, c, scale)
            for x in range(width, across * tile):
                column = mirrored[x - width]
                tally(src, counts[first + x // tile], rows[i], column, column + 1, channels, c, scale)


@loop("i4[:,:], i4[:,:]", fastmath=())
def add(counts, more):
    """counts += more."""
    for y in range(counts.shape[0]):
        for x in range(counts.shape[1]):
            counts[y, x] += more[y, x]


@loop("f4[:,:], i4[:,:], i8, f4, i8", "f8[:,:], i4[:,:], i8, f8, i8", fastmath=())
def equalize(tables, counts, limit, scale, is_integer):
    """Each tile's table: the counts up to a value, times a scale; counts are clipped at `limit` first (0: no limit).

    What was clipped is spread over all bins evenly, and the remainder over bins at equal distances, as OpenCV does.
    """
    bins = counts.shape[1]
    for y in range(counts.shape[0]):
        tile_counts, table = counts[y], tables[y]
        if limit > 0:
            excess = 0
            for x in range(bins):
                if tile_counts[x] > limit:
                    excess += tile_counts[x] - limit
                    tile_counts[x] = limit
            share, rest = excess // bins, excess % bins
            for x in range(bins):
                tile_counts[x] += share
            if rest > 0:
                distance = max(bins // rest, 1)
                for i in range(min(rest, -(-bins // distance))):
                    tile_counts[i * distance] += 1
        total = 0
        for x in range(bins):
            total += tile_counts[x]
            v = real(total) * scale
            table[x] = np.rint(v) if is_integer > 0 else v


@loop("i8[:], {f4,f8}[:], i8", fastmath=())
def interpolation(lefts, shares, tile):
    """For each pixel the tile whose center is at or before it, -1 at first, and the share of the next; in float32."""
    part = np.float32(1) / np.float32(tile)
    for x in range(lefts.shape[0]):
        position = np.float32(x) * part - np.float32(0.5)
        lefts[x] = np.int64(np.floor(position))
        shares[x] = position - np.floor(position)


@helper
def look_up_int(src, o, y, a, b, p, q, shares, down, start, stop, channels, c, scale):
    """Values by the tables a, b of the tiles above and p, q of those below."""
    up = real(1) - down
    for x in range(start, stop):
        v = src[y, x * channels + c]
        share = shares[x]
        rest = real(1) - share
        above = a[v] * rest + b[v] * share
        below = p[v] * rest + q[v] * share
        o[x * channels + c] = above * up + below * down


@helper
def look_up_float(src, o, y, a, b, p, q, shares, down, start, stop, channels, c, scale):
    """The same, linearly between the centers of bins; NaN stays."""
    up, last = real(1) - down, real(a.shape[0] - 1)
    for x in range(start, stop):
        v = src[y, x * channels + c]
        position = v * scale if v == v else real(0)
        position = min(max(position, real(0)), last)
        i = np.int64(min(position, last - real(1)))
        f = position - real(i)
        share = shares[x]
        rest = real(1) - share
        low = (a[i] * rest + b[i] * share) * up + (p[i] * rest + q[i] * share) * down
        high = (a[i + 1] * rest + b[i + 1] * share) * up + (p[i + 1] * rest + q[i + 1] * share) * down
        o[x * channels + c] = low + f * (high - low) if v == v else v


look_up = Overload({"u1": look_up_int, "u2": look_up_int, "f4": look_up_float, "f8": look_up_float})

REST = "[:,:], i8[:], i8[:], %s[:], i8[:], %s[:], i8, i8, i8, i8, %s, %s[:], i8[:]"
SINGLE = [f"{t}[:,:], {t}[:,:], f4{REST.replace('%s', 'f4')}" for t in ("u1", "u2", "f4")]
DOUBLE = [f"{t}[:,:], {t}[:,:], f8{REST.replace('%s', 'f8')}" for t in ("u1", "u2", "f8")]


@loop(*SINGLE, *DOUBLE, fastmath=())
def blend(
    out,
    src,
    tables,
    segments,
    lefts,
    left_shares,
    tops,
    top_shares,
    row,
    channels,
    colors,
    across,
    scale,
    scratch,
    clipped,
):
    """Each value by the tables of four tiles, interpolated; `tops`, `lefts` and their shares are `interpolation`'s.

    From column segments[j] on the tiles j - 1 and j are at the left and at the right.
    """
    down, width = tables.shape[0] // (across * colors), lefts.shape[0]
    for y in range(out.shape[0]):
        top = tops[row + y]
        for c in range(colors):
            first = (c * down + max(top, 0)) * across
            second = (c * down + min(top + 1, down - 1)) * across
            for j in range(across + 1):
                a, b = max(j - 1, 0), min(j, across - 1)
                p, q, r, t = tables[first + a], tables[first + b], tables[second + a], tables[second + b]
                share, start, stop = top_shares[row + y], segments[j], segments[j + 1]
                look_up(src, scratch, y, p, q, r, t, left_shares, share, start, stop, channels, c, scale)
        for c in range(colors, channels):
            for x in range(width):
                scratch[x * channels + c] = src[y, x * channels + c]
        finish(out[y], scratch, width * channels, clipped)


@loop("i4[:,:], f4[:,:], i8, i8", fastmath=())
def pack(quads, tables, down, across):
    """Four tables of bytes as one of 32 bits, for each space between four tiles: one lookup in place of four."""
    for y in range(quads.shape[0]):
        rest, j = y // (across + 1), y % (across + 1)
        c, i = rest // (down + 1), rest % (down + 1)
        first = (c * down + max(i - 1, 0)) * across
        second = (c * down + min(i, down - 1)) * across
        a, b = max(j - 1, 0), min(j, across - 1)
        p, q, r, t = tables[first + a], tables[first + b], tables[second + a], tables[second + b]
        for x in range(quads.shape[1]):
            high = np.int32(np.int32(t[x]) << 24)
            quads[y, x] = np.int32(p[x]) | np.int32(q[x]) << 8 | np.int32(r[x]) << 16 | high


@helper
def pick(line, row, quad, start, stop, channels, c):
    """A loop of its own: LLVM takes items one by one where it looks them up, and eight at a time in `mix`."""
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
        mean = np.int32(np.rint(above * up + below * down))
        o[k * np.uint64(channels) + np.uint64(c)] = min(max(mean, np.int32(0)), np.int32(255))


@loop("u1[:,:], u1[:,:], i4[:,:], i8[:], f4[:], i8[:], f4[:], i8, i8, i8, i8, i8, i4[:]", fastmath=())
def blend_bytes(
    out, src, quads, segments, left_shares, tops, top_shares, row, channels, colors, down, across, line
):
    """`blend` of bytes, to the same bits; `quads` are `pack`'s, `line` is scratch of a pixel an item."""
    for y in range(out.shape[0]):
        share = top_shares[row + y]
        for c in range(colors):
            first = (c * (down + 1) + tops[row + y] + 1) * (across + 1)
            for j in range(across + 1):
                pick(line, src[y], quads[first + j], segments[j], segments[j + 1], channels, c)
            if channels == 1:
                mix(out[y], line, left_shares, share, 1, 0)
            else:
                mix(out[y], line, left_shares, share, channels, c)
        for c in range(colors, channels):
            for x in range(left_shares.shape[0]):
                out[y, x * channels + c] = src[y, x * channels + c]
