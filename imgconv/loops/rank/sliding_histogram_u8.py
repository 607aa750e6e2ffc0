"""Ranks of rectangles of bytes at a cost that does not grow with the size: histograms of columns that slide down, and
of a window that slides across (Perreault and Hebert, "Median filtering in constant time", 2007).

A value is a segment (v >> 4) and a bin in it. A segment's histogram of a column is 16 bytes: byte b counts the values
up to bin b. A window's is 16 numbers of 16 bits, kept for the segment that holds the result alone: a column enters and
one leaves at each pixel, and all bins are compared with the rank at once. So a column has at most 255 rows, and a
window 65535 values. Five helpers are vectors of 16 in `jit.histogram_intrinsics`.

`columns`: for each segment a row of the histograms of all columns. `below`: for each segment and column, how many
values lie in lower segments. `window`: the window's histogram. `increments`: what a value in each bin adds to one.
"""

from imgconv.jit.loop import helper, intrinsic, loop, np
from imgconv.loops.rank.sliding_histogram import clear, count_in, count_out, pick

SHIFT = 4
BINS = 16
SEGMENTS = 256 // BINS
ROWS, VALUES = 255, 65535  # at the most


@intrinsic
def raised(columns, segment, x, increments, bin):
    """One more value in column x: 1 to each bin from its own on."""
    for i in range(BINS):
        target = int(BINS * x + i)
        columns[int(segment), target] += increments[int(BINS * bin + i)]


@intrinsic
def lowered(columns, segment, x, increments, bin):
    """One value less."""
    for i in range(BINS):
        target = int(BINS * x + i)
        columns[int(segment), target] -= increments[int(BINS * bin + i)]


@intrinsic
def gathered(window, columns, segment, x, width):
    """A segment's histogram of the window at x."""
    for i in range(BINS):
        window[i] = sum(int(columns[segment, BINS * k + i]) for k in range(x, x + width))


@intrinsic
def not_above(window, rest):
    """How many counts of the window do not exceed the rest of the rank."""
    return sum(int(count) <= rest for count in window[0:BINS])


@intrinsic
def follow(out, x, n, columns, below, window, segment, rest, width, channel_stride):
    """Results from window x on as long as they lie in the segment; returns where that ends and the rank's rest there.

    `window` is the histogram before, then the one where it ends, but not where the result lies in a lower segment.
    """
    counts = [int(count) for count in window[0:BINS]]
    while x < n:
        enters, leaves = x + width - 1, x - 1
        rest -= int(below[segment, enters]) - int(below[segment, leaves])
        if rest < 0:
            break
        for i in range(BINS):
            counts[i] += int(columns[segment, BINS * enters + i]) - int(columns[segment, BINS * leaves + i])
        bin = sum(count <= rest for count in counts)
        if bin == BINS:
            window[0:BINS] = counts
            break
        out[x * channel_stride] = segment * BINS + bin
        x += 1
    return x, rest


@helper
def add_row(columns, below, values, increments):
    """A row of values enters the columns' histograms."""
    for x in range(values.shape[0]):
        v = np.uint64(values[x])
        raised(columns, v >> np.uint64(SHIFT), np.uint64(x), increments, v & np.uint64(BINS - 1))
    for s in range(1, below.shape[0]):
        count_in(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def drop_row(columns, below, values, increments):
    """A row of values leaves the columns' histograms."""
    for x in range(values.shape[0]):
        v = np.uint64(values[x])
        lowered(columns, v >> np.uint64(SHIFT), np.uint64(x), increments, v & np.uint64(BINS - 1))
    for s in range(1, below.shape[0]):
        count_out(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def recount(below, come, gone, threshold):
    """Values below a threshold, after a row has come and another gone."""
    for x in range(below.shape[0]):
        more, less = below.dtype.type(come[x] < threshold), below.dtype.type(gone[x] < threshold)
        below[x] = below.dtype.type(below[x] + more - less)


@helper
def span(p, q):
    """The smallest and the largest value of two rows: thresholds beyond them count nothing new."""
    low, high = p[0], p[0]
    for x in range(p.shape[0]):
        a, b = p[x], q[x]
        c, d = (a, b) if a < b else (b, a)
        low = c if c < low else low
        high = d if d > high else high
    return np.int64(low), np.int64(high)


@helper
def exchange_rows(columns, below, come, gone, increments):
    """One row comes, another goes."""
    for x in range(come.shape[0]):
        v, w = np.uint64(come[x]), np.uint64(gone[x])
        lowered(columns, w >> np.uint64(SHIFT), np.uint64(x), increments, w & np.uint64(BINS - 1))
        raised(columns, v >> np.uint64(SHIFT), np.uint64(x), increments, v & np.uint64(BINS - 1))
    low, high = span(come, gone)
    for s in range((low >> SHIFT) + 1, (high >> SHIFT) + 1):
        recount(below[s][0 : come.shape[0]], come, gone, come.dtype.type(s << SHIFT))


@helper
def seek(columns, window, segment, rest, x, width):
    """The segment that holds the result of window x, and what the values below it leave of the rank.

    `window` is the histogram of the segment that it begins with, unless the rest is below 0.
    """
    while rest < 0:
        segment -= 1
        gathered(window, columns, segment, x, width)
        rest += np.int64(window[BINS - 1])
    while np.int64(window[BINS - 1]) <= rest:
        rest -= np.int64(window[BINS - 1])
        segment += 1
        gathered(window, columns, segment, x, width)
    return segment, rest


@helper
def sweep(out, columns, below, window, segment, width, rank, n, channel_stride):
    """One row of results; returns the segment of the last."""
    rest = rank
    for k in range(width):
        rest -= np.int64(below[segment, k])
    gathered(window, columns, segment, 0, width)
    x = 0
    while x < n:
        segment, rest = seek(columns, window, segment, rest, x, width)
        out[np.uint64(x * channel_stride)] = segment * BINS + not_above(window, rest)
        x, rest = follow(out, x + 1, n, columns, below, window, segment, rest, width, channel_stride)
    return segment


@helper
def split(planes, rows, y, row, first, n, channels):
    """Split the channels of n pixels of a row, each to row y of its plane."""
    if channels == 3:
        p, q, r, start = planes[y], planes[rows + y], planes[2 * rows + y], np.uint64(first)
        for x in range(n):
            k = np.uint64(x)
            i = start + np.uint64(3) * k
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
    columns,
    below,
    window,
    increments,
):
    """The rank-th of each window of height x width bytes, tile by tile across.

    Between calls the columns hold the height - 1 rows that the next windows share; `fresh`: they hold nothing yet.
    pixels: of a row of out; tile: pixels worked on at a time. `planes`: for each channel as many rows as src has;
    segments[p]: where the search of part p (a channel of a tile) begins.
    """
    part, rows = 0, planes.shape[0] // channels
    for start in range(0, pixels, tile):
        m = min(tile, pixels - start)
        w = m + width - 1
        for y in range(out.shape[0] + height - 1):
            split(planes, rows, y, src[y], start * channels, w, channels)
        for c in range(channels):
            low, high = part * SEGMENTS, (part + 1) * SEGMENTS
            mine, counts = columns[low:high], below[low:high]
            plane = planes[c * rows : (c + 1) * rows]
            if fresh:
                clear(mine, counts)
                for i in range(height - 1):
                    add_row(mine, counts, plane[i][0:w], increments)
            add_row(mine, counts, plane[height - 1][0:w], increments)
            segment = segments[part]
            for y in range(out.shape[0]):
                first = out[y][start * channels + c :]
                segment = sweep(first, mine, counts, window, segment, width, rank, m, channels)
                if y + 1 < out.shape[0]:
                    exchange_rows(mine, counts, plane[y + height][0:w], plane[y][0:w], increments)
            drop_row(mine, counts, plane[out.shape[0] - 1][0:w], increments)
            segments[part] = segment
            part += 1
