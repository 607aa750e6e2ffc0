"""Ranks of any rectangle at a cost that does not grow with it: histograms of columns that slide down, and of a window
that slides across (Perreault and Hebert, "Median filtering in constant time", 2007).

A value is a segment (v >> 5) and a place in it. Histograms are running sums: bin b of a segment counts the values up to
place b, so that a result is found by comparing all 32 bins with the rank at once. A window's histogram is kept up for
the segment that holds the result alone; the others catch up when the result moves there.

Columns are seen twice: as counts, and as `words` of 64 bits to which a value's 32 counts are added at once (LLVM writes
short loops out before it looks for vectors).
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np

BINS = 32
SHIFT = 5


@helper
def add_narrow(columns, words, segment, x, steps, place):
    """One more value: 1 to each bin from its place on; 8 counts a word."""
    at = np.uint64(4 * x)
    for i in range(4):
        k = np.uint64(i)
        words[segment, at + k] = words[segment, at + k] + steps[place, k]


@helper
def add_wide(columns, words, segment, x, steps, place):
    at = np.uint64(8 * x)
    for i in range(8):
        k = np.uint64(i)
        words[segment, at + k] = words[segment, at + k] + steps[place, k]


@helper
def drop_narrow(columns, words, segment, x, steps, place):
    at = np.uint64(4 * x)
    for i in range(4):
        k = np.uint64(i)
        words[segment, at + k] = words[segment, at + k] - steps[place, k]


@helper
def drop_wide(columns, words, segment, x, steps, place):
    at = np.uint64(8 * x)
    for i in range(8):
        k = np.uint64(i)
        words[segment, at + k] = words[segment, at + k] - steps[place, k]


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
def add_row(columns, words, below, values, steps):
    """A row of values comes into the columns' histograms."""
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        add_value(columns, words, np.uint64(v >> SHIFT), x, steps, np.uint64(v & (BINS - 1)))
    for s in range(1, below.shape[0]):
        count_in(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def drop_row(columns, words, below, values, steps):
    for x in range(values.shape[0]):
        v = np.int64(values[x])
        drop_value(columns, words, np.uint64(v >> SHIFT), x, steps, np.uint64(v & (BINS - 1)))
    for s in range(1, below.shape[0]):
        count_out(below[s][0 : values.shape[0]], values, values.dtype.type(s << SHIFT))


@helper
def slide(window, column, new, old, rest):
    """A column comes into a window's segment, another goes; how many bins do not exceed the rest of the rank."""
    a, b = np.uint64(new * BINS), np.uint64(old * BINS)
    top = window.dtype.type(max(rest, 0))
    found = window.dtype.type(0)
    for i in range(BINS):
        k = np.uint64(i)
        count = window.dtype.type(window[k] + column[a + k] - column[b + k])
        window[k] = count
        found = window.dtype.type(found + window.dtype.type(count <= top))
    return np.int64(found)


@helper
def place_of(window, rest):
    found = 0
    for i in range(BINS):
        found += np.int64(np.int64(window[np.uint64(i)]) <= rest)
    return found


@helper
def bring(window, column, ats, segment, x, width, nothing):
    """A segment's histogram to the window at x, from the one that it stands for (-1: none).

    Column `nothing` holds no values. What the last slide found is kept, or LLVM drops the vectors with it.
    """
    at = ats[segment, 0]
    if at < 0 or 2 * (x - at) > width:
        for i in range(BINS):
            window[i] = window.dtype.type(0)
        for k in range(x, x + width):
            ats[segment, 1] = slide(window, column, k, nothing, 0)
    else:
        for k in range(at, x):
            ats[segment, 1] = slide(window, column, k + width, k, 0)
    ats[segment, 0] = x


@helper
def seek(windows, columns, ats, segment, under, x, width, rank, nothing):
    """The segment that holds the result, and how many values lie below it."""
    bring(windows[segment], columns[segment], ats, segment, x, width, nothing)
    while under > rank:
        segment -= 1
        bring(windows[segment], columns[segment], ats, segment, x, width, nothing)
        under -= np.int64(windows[segment, BINS - 1])
    while under + np.int64(windows[segment, BINS - 1]) <= rank:
        under += np.int64(windows[segment, BINS - 1])
        segment += 1
        bring(windows[segment], columns[segment], ats, segment, x, width, nothing)
    return segment, under


@helper
def keep_value(out, x, value, window, rest):
    out[x] = value


@helper
def keep_both(out, x, value, window, rest):
    """The value, and how many equal ones come before the result."""
    place = value & (BINS - 1)
    if place > 0:
        rest -= np.int64(window[place - 1])
    out[x] = (value << 32) | rest


keep = Overload({"u1": keep_value, "i8": keep_both})


@helper
def go_on(out, x, n, window, column, below, segment, under, width, rank, step):
    """Results from window x on, as long as they lie in the segment; where that ends, and the values below it there."""
    while x < n:
        under += np.int64(below[np.uint64(x + width - 1)]) - np.int64(below[np.uint64(x - 1)])
        place = slide(window, column, x + width - 1, x - 1, rank - under)
        if under > rank or place == BINS:
            break
        keep(out, x * step, segment * BINS + place, window, rank - under)
        x += 1
    return x, under


@helper
def sweep(out, columns, below, windows, ats, segment, width, rank, n, step):
    """One row of results; returns the segment of the last. ats[s, 0]: the window that histogram s stands for."""
    nothing = below.shape[1] - 1
    for s in range(ats.shape[0]):
        ats[s, 0] = -1
    under = 0
    for k in range(width):
        under += np.int64(below[segment, k])
    x = 0
    while x < n:
        segment, under = seek(windows, columns, ats, segment, under, x, width, rank, nothing)
        window, column = windows[segment], columns[segment]
        keep(out, x * step, segment * BINS + place_of(window, rank - under), window, rank - under)
        x, under = go_on(out, x + 1, n, window, column, below[segment], segment, under, width, rank, step)
        ats[segment, 0] = x
    return segment


@helper
def pick(values, row, first, step):
    at, by = np.uint64(first), np.uint64(step)
    for x in range(values.shape[0]):
        k = np.uint64(x)
        values[k] = row[at + k * by]


@helper
def clear(words, below):
    for s in range(words.shape[0]):
        for x in range(words.shape[1]):
            words[s, x] = words.dtype.type(0)
        for x in range(below.shape[1]):
            below[s, x] = below.dtype.type(0)


STATE = "{kind}[:,:], u8[:,:], {kind}[:,:], {sum}[:,:], i8[:,:], u8[:,:]"  # columns, words, below, windows, ats, steps
NARROW = STATE.format(kind="u1", sum="u2")  # up to 255 rows, 65535 values
WIDE = STATE.format(kind="u2", sum="i4")


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
    ats,
    steps,
):
    """The rank-th of each window's bytes, for windows that are too large for `rank_bytes`.

    Between calls the columns hold the height - 1 rows that the next windows share; `fresh`: they hold nothing yet.
    """
    part = 0
    many = ats.shape[0]
    for start in range(0, pixels, tile):
        m = min(tile, pixels - start)
        v = values[0 : m + width - 1]
        for c in range(channels):
            low, high = part * many, (part + 1) * many
            mine, packed, under = columns[low:high], words[low:high], below[low:high]
            first = start * channels + c
            if fresh:
                clear(packed, under)
                for i in range(height - 1):
                    pick(v, src[i], first, channels)
                    add_row(mine, packed, under, v, steps)
            segment = segments[part]
            for y in range(out.shape[0]):
                pick(v, src[y + height - 1], first, channels)
                add_row(mine, packed, under, v, steps)
                segment = sweep(out[y][first:], mine, under, windows, ats, segment, width, rank, m, channels)
                pick(v, src[y], first, channels)
                drop_row(mine, packed, under, v, steps)
            segments[part] = segment
            part += 1


@loop(*(f"i8[:,:], u2[:,:], i8, i8, i8, i8, {state}" for state in (NARROW, WIDE)))
def of_places(found, ids, height, width, rank, n, columns, words, below, windows, ats, steps):
    """The same over places in an order: (place << 32) | how many of its values come before the result."""
    w = n + width - 1
    clear(words, below)
    for i in range(height - 1):
        add_row(columns, words, below, ids[i][0:w], steps)
    segment = 0
    for y in range(found.shape[0]):
        add_row(columns, words, below, ids[y + height - 1][0:w], steps)
        segment = sweep(found[y], columns, below, windows, ats, segment, width, rank, n, 1)
        drop_row(columns, words, below, ids[y][0:w], steps)
