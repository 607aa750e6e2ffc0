"""Ranks of rectangles of bytes at a cost that does not grow with the size: histograms of columns that slide down, and
of a window that slides across (Perreault and Hebert, "Median filtering in constant time", 2007).

A value is a segment (v >> 4) and a place in it. A segment's histogram of a column is 16 bytes: byte p counts the values
up to place p. A window's is 16 numbers of 16 bits, kept for the segment that holds the result alone: a column comes and
one goes at each pixel, and all places are compared with the rank at once. So a column has 255 rows at the most, and a
window 65535 values. Five helpers are vectors of 16 in `lanes_counts`.
"""

from imgconv.jit.loop import helper, intrinsic, loop, np
from imgconv.loops.rank.sliding_histogram import clear, count_in, count_out, pick

SHIFT = 4
PLACES = 16
SEGMENTS = 256 // PLACES
ROWS, VALUES = 255, 65535  # at the most


@intrinsic
def raised(words, segment, x, steps, place):
    """One more value in column x; `steps`: for each place, 1 in each byte from it on."""
    for i in range(PLACES):
        at = int(PLACES * x + i)
        words[int(segment), at] += steps[int(PLACES * place + i)]


@intrinsic
def lowered(words, segment, x, steps, place):
    """One value less."""
    for i in range(PLACES):
        at = int(PLACES * x + i)
        words[int(segment), at] -= steps[int(PLACES * place + i)]


@intrinsic
def gathered(window, words, segment, x, width):
    """A segment's histogram of the window at x."""
    for i in range(PLACES):
        window[i] = sum(int(words[segment, PLACES * k + i]) for k in range(x, x + width))


@intrinsic
def not_above(window, rest):
    """How many counts of the window do not exceed the rest of the rank."""
    return sum(int(count) <= rest for count in window[0:PLACES])


@intrinsic
def follow(out, x, n, words, below, window, segment, rest, width, step):
    """Results from window x on, as long as they lie in the segment; where that ends, and the rest of the rank there.

    `window` is the histogram before, then the one where it ends, but not where the result lies in a lower segment.
    """
    counts = [int(count) for count in window[0:PLACES]]
    while x < n:
        new, old = x + width - 1, x - 1
        rest -= int(below[segment, new]) - int(below[segment, old])
        if rest < 0:
            break
        for i in range(PLACES):
            counts[i] += int(words[segment, PLACES * new + i]) - int(words[segment, PLACES * old + i])
        place = sum(count <= rest for count in counts)
        if place == PLACES:
            window[0:PLACES] = counts
            break
        out[x * step] = segment * PLACES + place
        x += 1
    return x, rest


@helper
def add_row(words, below, values, steps):
    """A row of values comes into the columns' histograms."""
    for x in range(values.shape[0]):
        v = np.uint64(values[x])
        raised(words, v >> np.uint64(SHIFT), np.uint64(x), steps, v & np.uint64(PLACES - 1))
    for s in range(1, below.shape[0]):
        count_in(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def drop_row(words, below, values, steps):
    for x in range(values.shape[0]):
        v = np.uint64(values[x])
        lowered(words, v >> np.uint64(SHIFT), np.uint64(x), steps, v & np.uint64(PLACES - 1))
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
        v, w = np.uint64(come[x]), np.uint64(gone[x])
        lowered(words, w >> np.uint64(SHIFT), np.uint64(x), steps, w & np.uint64(PLACES - 1))
        raised(words, v >> np.uint64(SHIFT), np.uint64(x), steps, v & np.uint64(PLACES - 1))
    low, high = span(come, gone)
    for s in range((low >> SHIFT) + 1, (high >> SHIFT) + 1):
        recount(below[s][0 : come.shape[0]], come, gone, come.dtype.type(s << SHIFT))


@helper
def seek(words, window, segment, rest, x, width):
    """The segment that holds the result of window x, and what the values below it leave of the rank.

    `window` is the histogram of the segment that it begins with, unless the rest is below 0.
    """
    while rest < 0:
        segment -= 1
        gathered(window, words, segment, x, width)
        rest += np.int64(window[PLACES - 1])
    while np.int64(window[PLACES - 1]) <= rest:
        rest -= np.int64(window[PLACES - 1])
        segment += 1
        gathered(window, words, segment, x, width)
    return segment, rest


@helper
def sweep(out, words, below, window, segment, width, rank, n, step):
    """One row of results; returns the segment of the last."""
    rest = rank
    for k in range(width):
        rest -= np.int64(below[segment, k])
    gathered(window, words, segment, 0, width)
    x = 0
    while x < n:
        segment, rest = seek(words, window, segment, rest, x, width)
        out[np.uint64(x * step)] = segment * PLACES + not_above(window, rest)
        x, rest = follow(out, x + 1, n, words, below, window, segment, rest, width, step)
    return segment


@helper
def apart(planes, rows, y, row, first, n, channels):
    """The channels of n pixels of a row, each to row y of its plane."""
    if channels == 3:
        p, q, r, at = planes[y], planes[rows + y], planes[2 * rows + y], np.uint64(first)
        for x in range(n):
            k = np.uint64(x)
            i = at + np.uint64(3) * k
            p[k], q[k], r[k] = row[i], row[i + np.uint64(1)], row[i + np.uint64(2)]
    else:
        for c in range(channels):
            pick(planes[c * rows + y][0:n], row, first + c, channels)


@loop("u1[:,:], u1[:,:], i8, i8, i8, i8, i8, i8, i8, u1[:,:], i8[:], u1[:,:], u1[:,:], u2[:], u1[:]")
def rectangle(
    out,
    src,
    height,
    width,
    channels,
    pixels,
    rank,
    tile,
    fresh,
    planes,
    segments,
    words,
    below,
    window,
    steps,
):
    """The rank-th of each window of height x width bytes, tile by tile across.

    Between calls the columns hold the height - 1 rows that the next windows share; `fresh`: they hold nothing yet.
    `planes`: as many rows for each channel as a call may have of src.
    """
    part, rows = 0, planes.shape[0] // channels
    for start in range(0, pixels, tile):
        m = min(tile, pixels - start)
        w = m + width - 1
        for y in range(out.shape[0] + height - 1):
            apart(planes, rows, y, src[y], start * channels, w, channels)
        for c in range(channels):
            mine, counts = (
                words[part * SEGMENTS : (part + 1) * SEGMENTS],
                below[part * SEGMENTS : (part + 1) * SEGMENTS],
            )
            plane = planes[c * rows : (c + 1) * rows]
            if fresh:
                clear(mine, counts)
                for i in range(height - 1):
                    add_row(mine, counts, plane[i][0:w], steps)
            add_row(mine, counts, plane[height - 1][0:w], steps)
            segment = segments[part]
            for y in range(out.shape[0]):
                first = out[y][start * channels + c :]
                segment = sweep(first, mine, counts, window, segment, width, rank, m, channels)
                if y + 1 < out.shape[0]:
                    exchange_rows(mine, counts, plane[y + height][0:w], plane[y][0:w], steps)
            drop_row(mine, counts, plane[out.shape[0] - 1][0:w], steps)
            segments[part] = segment
            part += 1
