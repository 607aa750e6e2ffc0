"""Ranks of rectangles of bytes at a cost that does not grow with the size: histograms of columns that slide down, and
of a window that slides across (Perreault and Hebert, "Median filtering in constant time", 2007).

A value is a segment (v >> 3) and a place in it. A segment's histogram of a column is one word of 64 bits: byte p counts
the values up to place p. A window's is two words of four counts of 16 bits, the even and the odd places, kept for the
segment that holds the result alone: a column comes and one goes at each pixel, and all places are compared with the
rank at once. So a column has 255 rows at the most, and a window 65534 values.
"""

from imgconv.jit import helper, loop, np
from imgconv.loops.rank_flat import count_in, count_out, pick

SHIFT = 3
PLACES = 8
LANES = 0x00FF00FF00FF00FF  # every other byte of a word
ONES = 0x0001000100010001
TOPS = 0x8000800080008000
HALVES = 0x7FFF7FFF7FFF7FFF
HALF = 0x7FFF
ROWS, VALUES = 255, 65534  # at the most


@helper
def add_row(words, below, values, steps):
    """A row of values comes into the columns' histograms; steps[p]: 1 in each byte from p on."""
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        s, k = np.uint64(v >> SHIFT), np.uint64(x)
        words[s, k] = words[s, k] + steps[np.uint64(v & (PLACES - 1))]
    for s in range(1, below.shape[0]):
        count_in(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def drop_row(words, below, values, steps):
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        s, k = np.uint64(v >> SHIFT), np.uint64(x)
        words[s, k] = words[s, k] - steps[np.uint64(v & (PLACES - 1))]
    for s in range(1, below.shape[0]):
        count_out(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def recount(below, come, gone, threshold):
    for x in range(below.shape[0]):
        more, less = below.dtype.type(come[x] < threshold), below.dtype.type(gone[x] < threshold)
        below[x] = below.dtype.type(below[x] + more - less)


@helper
def span(p, q):
    """The smallest and the largest of two rows: thresholds beyond them count nothing new."""
    low, high = p[0], p[0]
    for x in range(p.shape[0]):
        a, b = p[x], q[x]
        c, d = (a, b) if a < b else (b, a)
        low = c if c < low else low
        high = d if d > high else high
    return np.int64(low), np.int64(high)


@helper
def exchange_rows(words, below, come, gone, steps):
    """One row comes, another goes."""
    for x in range(come.shape[0]):
        v, w = np.int64(come[x]), np.int64(gone[x])
        s, t, k = np.uint64(v >> SHIFT), np.uint64(w >> SHIFT), np.uint64(x)
        words[s, k] = words[s, k] + steps[np.uint64(v & (PLACES - 1))]
        words[t, k] = words[t, k] - steps[np.uint64(w & (PLACES - 1))]
    low, high = span(come, gone)
    for s in range((low >> SHIFT) + 1, (high >> SHIFT) + 1):
        recount(below[s][0 : come.shape[0]], come, gone, come.dtype.type(s << SHIFT))


@helper
def evens(word):
    return word & np.uint64(LANES)


@helper
def odds(word):
    return (word >> np.uint64(8)) & np.uint64(LANES)


@helper
def window(word, x, width):
    """A segment's histogram of the window at x."""
    even, odd = np.uint64(0), np.uint64(0)
    for k in range(width):
        column = word[np.uint64(x + k)]
        even = even + evens(column)
        odd = odd + odds(column)
    return even, odd


@helper
def total(odd):
    """How many of a window's values a segment holds: the count of its last place."""
    return np.int64(odd >> np.uint64(48))


@helper
def places_above(even, odd, rest):
    """How many places have counts above the rest of the rank.

    Halves are compared, which leaves the top bit free to show the outcome: of an odd rest count > rest is
    count >> 1 > rest >> 1, of an even one (count + 1) >> 1 > rest >> 1.
    """
    up = np.uint64(1 - (rest & 1)) * np.uint64(ONES)
    add = np.uint64(HALF - (rest >> 1)) * np.uint64(ONES)
    even = ((even + up) >> np.uint64(1)) & np.uint64(HALVES)
    odd = ((odd + up) >> np.uint64(1)) & np.uint64(HALVES)
    over = ((even + add) & np.uint64(TOPS)) >> np.uint64(15)
    over = over + (((odd + add) & np.uint64(TOPS)) >> np.uint64(15))
    over = over + (over >> np.uint64(32))
    return np.int64((over + (over >> np.uint64(16))) & np.uint64(15))


@helper
def seek(words, segment, under, x, width, rank):
    """The segment that holds the result, how many values lie below it, and its histogram."""
    even, odd = window(words[segment], x, width)
    while under > rank:
        segment -= 1
        even, odd = window(words[segment], x, width)
        under -= total(odd)
    while under + total(odd) <= rank:
        under += total(odd)
        segment += 1
        even, odd = window(words[segment], x, width)
    return segment, under, even, odd


@helper
def go_on(out, x, n, word, below, even, odd, segment, under, width, rank, step):
    """Results from window x on, as long as they lie in the segment; where that ends, and the values below it there."""
    while x < n:
        new, old = np.uint64(x + width - 1), np.uint64(x - 1)
        under += np.int64(below[new]) - np.int64(below[old])
        if under > rank:
            break
        even = even + evens(word[new]) - evens(word[old])
        odd = odd + odds(word[new]) - odds(word[old])
        above = places_above(even, odd, rank - under)
        if above == 0:
            break
        out[np.uint64(x * step)] = (segment + 1) * PLACES - above
        x += 1
    return x, under


@helper
def sweep(out, words, below, segment, width, rank, n, step):
    """One row of results; returns the segment of the last."""
    under = 0
    for k in range(width):
        under += np.int64(below[segment, k])
    x = 0
    while x < n:
        segment, under, even, odd = seek(words, segment, under, x, width, rank)
        out[np.uint64(x * step)] = (segment + 1) * PLACES - places_above(even, odd, rank - under)
        x, under = go_on(
            out, x + 1, n, words[segment], below[segment], even, odd, segment, under, width, rank, step
        )
    return segment


@loop("u1[:,:], u1[:,:], i8, i8, i8, i8, i8, i8, i8, u1[:,:], i8[:], u8[:,:], u1[:,:], u8[:]")
def rectangle(
    out, src, height, width, channels, pixels, rank, tile, fresh, rows, segments, words, below, steps
):
    """The rank-th of each window of height x width bytes, tile by tile across.

    Between calls the columns hold the height - 1 rows that the next windows share; `fresh`: they hold nothing yet.
    """
    part = 0
    many = 256 >> SHIFT
    for start in range(0, pixels, tile):
        m = min(tile, pixels - start)
        w = m + width - 1
        come, gone = rows[0][0:w], rows[1][0:w]
        for c in range(channels):
            packed, under = words[part * many : (part + 1) * many], below[part * many : (part + 1) * many]
            first = start * channels + c
            if fresh:
                for s in range(many):
                    for x in range(w):
                        packed[s, x] = np.uint64(0)
                        under[s, x] = np.uint8(0)
                for i in range(height - 1):
                    pick(come, src[i], first, channels)
                    add_row(packed, under, come, steps)
            pick(come, src[height - 1], first, channels)
            add_row(packed, under, come, steps)
            segment = segments[part]
            for y in range(out.shape[0]):
                segment = sweep(out[y][first:], packed, under, segment, width, rank, m, channels)
                pick(gone, src[y], first, channels)
                if y + 1 < out.shape[0]:
                    pick(come, src[y + height], first, channels)
                    exchange_rows(packed, under, come, gone, steps)
            drop_row(packed, under, gone, steps)
            segments[part] = segment
            part += 1
