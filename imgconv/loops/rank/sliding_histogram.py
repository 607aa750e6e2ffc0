"""Ranks of any rectangle at a cost that does not grow with it: histograms of columns that slide down, and of a window
that slides across (Perreault and Hebert, "Median filtering in constant time", 2007).

A value is a segment (v >> 5) and a bin in it. Histograms are cumulative: bin b of a segment counts the values up to b,
so that a result is found by comparing all 32 bins with the rank at once. Only the window's histogram of the segment
that holds the result is kept up to date; the others catch up when the result moves there.

`columns`: for each segment a row of the histograms of all columns, and the same memory as `words` of 64 bits, to which
a value's 32 counts are added at once (LLVM writes short loops out before it looks for vectors). `below`: for each
segment and column, how many values lie in lower segments. `windows`: a histogram for each segment; positions[s, 0]: the
window that it stands for. `increments`: what a value in each bin adds to a histogram.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np

BINS = 32
SHIFT = 5


@helper
def add_narrow(columns, words, segment, x, increments, bin):
    """One more value: 1 to each bin from its own on; 8 counts a word."""
    first = np.uint64(4 * x)
    for i in range(4):
        k = np.uint64(i)
        words[segment, first + k] = words[segment, first + k] + increments[bin, k]


@helper
def add_wide(columns, words, segment, x, increments, bin):
    first = np.uint64(8 * x)
    for i in range(8):
        k = np.uint64(i)
        words[segment, first + k] = words[segment, first + k] + increments[bin, k]


@helper
def drop_narrow(columns, words, segment, x, increments, bin):
    first = np.uint64(4 * x)
    for i in range(4):
        k = np.uint64(i)
        words[segment, first + k] = words[segment, first + k] - increments[bin, k]


@helper
def drop_wide(columns, words, segment, x, increments, bin):
    first = np.uint64(8 * x)
    for i in range(8):
        k = np.uint64(i)
        words[segment, first + k] = words[segment, first + k] - increments[bin, k]


add_value = Overload({"u1": add_narrow, "u2": add_wide})
drop_value = Overload({"u1": drop_narrow, "u2": drop_wide})


@helper
def count_in(below, values, threshold):
    """below[x] += 1 where a value is below the threshold."""
    for x in range(values.shape[0]):
        below[x] = below.dtype.type(below[x] + below.dtype.type(values[x] < threshold))


@helper
def count_out(below, values, threshold):
    for x in range(values.shape[0]):
        below[x] = below.dtype.type(below[x] - below.dtype.type(values[x] < threshold))


@helper
def add_row(columns, words, below, values, increments):
    """A row of values enters the columns' histograms."""
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        add_value(columns, words, np.uint64(v >> SHIFT), x, increments, np.uint64(v & (BINS - 1)))
    for s in range(1, below.shape[0]):
        count_in(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def drop_row(columns, words, below, values, increments):
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        drop_value(columns, words, np.uint64(v >> SHIFT), x, increments, np.uint64(v & (BINS - 1)))
    for s in range(1, below.shape[0]):
        count_out(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def slide(window, column, enters, leaves, rest):
    """A column enters a window's histogram of a segment, another leaves; returns how many bins do not exceed `rest`."""
    a, b = np.uint64(enters * BINS), np.uint64(leaves * BINS)
    top = window.dtype.type(max(rest, 0))
    not_above = window.dtype.type(0)
    for i in range(BINS):
        k = np.uint64(i)
        count = window.dtype.type(window[k] + column[a + k] - column[b + k])
        window[k] = count
        not_above = window.dtype.type(not_above + window.dtype.type(count <= top))
    return np.int64(not_above)


@helper
def bin_of(window, rest):
    """How many bins do not exceed `rest`: the bin of the result."""
    not_above = 0
    for i in range(BINS):
        not_above += np.int64(np.int64(window[np.uint64(i)]) <= rest)
    return not_above


@helper
def catch_up(window, column, positions, segment, x, width, nothing):
    """Move a segment's histogram to the window at x, from the one that it stands for (-1: none).

    Column `nothing` holds no values. The last slide's result is stored, or LLVM drops the vectors with it.
    """
    start = positions[segment, 0]
    if start < 0 or 2 * (x - start) > width:
        for i in range(BINS):
            window[i] = window.dtype.type(0)
        for k in range(x, x + width):
            positions[segment, 1] = slide(window, column, k, nothing, 0)
    else:
        for k in range(start, x):
            positions[segment, 1] = slide(window, column, k + width, k, 0)
    positions[segment, 0] = x


@helper
def seek(windows, columns, positions, segment, under, x, width, rank, nothing):
    """The segment that holds the result, and how many values lie below it."""
    catch_up(windows[segment], columns[segment], positions, segment, x, width, nothing)
    while under > rank:
        segment -= 1
        catch_up(windows[segment], columns[segment], positions, segment, x, width, nothing)
        under -= np.int64(windows[segment, BINS - 1])
    while under + np.int64(windows[segment, BINS - 1]) <= rank:
        under += np.int64(windows[segment, BINS - 1])
        segment += 1
        catch_up(windows[segment], columns[segment], positions, segment, x, width, nothing)
    return segment, under


@helper
def store_value(out, x, value, window, rest):
    out[x] = value


@helper
def store_both(out, x, value, window, rest):
    """The value, and how many equal ones come before the result: value << 32 | their number."""
    bin = value & (BINS - 1)
    if bin > 0:
        rest -= np.int64(window[bin - 1])
    out[x] = (value << 32) | rest


store = Overload({"u1": store_value, "i8": store_both})


@helper
def follow(out, x, n, window, column, below, segment, under, width, rank, channel_stride):
    """Results from window x on as long as they lie in the segment; returns where that ends and what is below there."""
    while x < n:
        under += np.int64(below[np.uint64(x + width - 1)]) - np.int64(below[np.uint64(x - 1)])
        bin = slide(window, column, x + width - 1, x - 1, rank - under)
        if under > rank or bin == BINS:
            break
        store(out, x * channel_stride, segment * BINS + bin, window, rank - under)
        x += 1
    return x, under


@helper
def sweep(out, columns, below, windows, positions, segment, width, rank, n, channel_stride):
    """One row of results; returns the segment of the last. positions[s, 0]: the window of histogram s."""
    nothing = below.shape[1] - 1
    for s in range(positions.shape[0]):
        positions[s, 0] = -1
    under = 0
    for k in range(width):
        under += np.int64(below[segment, k])
    x = 0
    while x < n:
        segment, under = seek(windows, columns, positions, segment, under, x, width, rank, nothing)
        window, column = windows[segment], columns[segment]
        store(out, x * channel_stride, segment * BINS + bin_of(window, rank - under), window, rank - under)
        x, under = follow(
            out, x + 1, n, window, column, below[segment], segment, under, width, rank, channel_stride
        )
        positions[segment, 0] = x
    return segment


@helper
def pick(values, row, first, channel_stride):
    """Every channel_stride-th item of a row from `first` on."""
    start, stride = np.uint64(first), np.uint64(channel_stride)
    for x in range(values.shape[0]):
        k = np.uint64(x)
        values[k] = row[start + k * stride]


@helper
def clear(words, below):
    for s in range(words.shape[0]):
        for x in range(words.shape[1]):
            words[s, x] = words.dtype.type(0)
        for x in range(below.shape[1]):
            below[s, x] = below.dtype.type(0)


STATE = "{dtype}[:,:], u8[:,:], {dtype}[:,:], {sum}[:,:], i8[:,:], u8[:,:]"  # columns to increments
NARROW = STATE.format(dtype="u1", sum="u2")  # up to 255 rows, 65535 values
WIDE = STATE.format(dtype="u2", sum="i4")


@loop(f"u1[:,:], u1[:,:], i8, i8, i8, i8, i8, i8, i8, u1[:], i8[:], {WIDE}")
def of_bytes(
    out,
    src,
    height,
    width,
    channels,
    pixels,
    rank,
    tile,
    fresh,
    values,
    segments,
    columns,
    words,
    below,
    windows,
    positions,
    increments,
):
    """The rank-th of each window's bytes, tile by tile across, for windows too large for `sliding_histogram_u8`.

    Between calls the columns hold the height - 1 rows that the next windows share; `fresh`: they hold nothing yet.
    height, width: of a window; pixels: of a row of out; tile: pixels worked on at a time. `values`: a row of a
    channel of a tile; segments[p]: where the search of part p (a channel of a tile) begins.
    """
    part = 0
    count = positions.shape[0]
    for start in range(0, pixels, tile):
        m = min(tile, pixels - start)
        v = values[0 : m + width - 1]
        for c in range(channels):
            low, high = part * count, (part + 1) * count
            counts, packed, under = columns[low:high], words[low:high], below[low:high]
            first = start * channels + c
            if fresh:
                clear(packed, under)
                for i in range(height - 1):
                    pick(v, src[i], first, channels)
                    add_row(counts, packed, under, v, increments)
            segment = segments[part]
            for y in range(out.shape[0]):
                pick(v, src[y + height - 1], first, channels)
                add_row(counts, packed, under, v, increments)
                segment = sweep(
                    out[y][first:], counts, under, windows, positions, segment, width, rank, m, channels
                )
                pick(v, src[y], first, channels)
                drop_row(counts, packed, under, v, increments)
            segments[part] = segment
            part += 1


@loop(*(f"i8[:,:], u2[:,:], i8, i8, i8, i8, {state}" for state in (NARROW, WIDE)))
def of_buckets(
    results, buckets, height, width, rank, n, columns, words, below, windows, positions, increments
):
    """The same over the buckets of an order: bucket << 32 | how many of its values come before the result."""
    w = n + width - 1
    clear(words, below)
    for i in range(height - 1):
        add_row(columns, words, below, buckets[i][0:w], increments)
    segment = 0
    for y in range(results.shape[0]):
        add_row(columns, words, below, buckets[y + height - 1][0:w], increments)
        segment = sweep(results[y], columns, below, windows, positions, segment, width, rank, n, 1)
        drop_row(columns, words, below, buckets[y][0:w], increments)
