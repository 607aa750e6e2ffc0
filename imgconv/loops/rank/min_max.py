"""The minimum or the maximum of a neighborhood (van Herk down, doubled stretches across).

Of equal values the later one is taken and of NaNs the first, so that any cut into strips gives the same bits:
where two stretches are merged, the earlier one is the first argument. n, block, starts and shifts are in items;
width and height are in pixels and rows; channel_stride is the distance in items of neighbors in a row.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np

DTYPES = ("u1", "u2", "f4", "f8")


@helper
def merge(o, p, q, largest):
    """The smaller or larger of two, or NaN where one is NaN."""
    if largest:
        for x in range(o.shape[0]):
            a = p[x]
            b = q[x]
            o[x] = a if a > b or a != a else b
    else:
        for x in range(o.shape[0]):
            a = p[x]
            b = q[x]
            o[x] = a if a < b or a != a else b


@helper
def merge_three(o, p, q, r, largest):
    if largest:
        for x in range(o.shape[0]):
            a = p[x]
            b = q[x]
            c = r[x]
            d = a if a > b or a != a else b
            o[x] = d if d > c or d != d else c
    else:
        for x in range(o.shape[0]):
            a = p[x]
            b = q[x]
            c = r[x]
            d = a if a < b or a != a else b
            o[x] = d if d < c or d != d else c


@helper
def copy(o, p):
    for x in range(o.shape[0]):
        o[x] = p[x]


@helper
def suffixes(tails, src, y, group, height, start, w, largest):
    """tails[j] = the extreme of rows y + j to y + height - 1, for j below group."""
    shared = tails[group - 1][0:w]
    copy(shared, src[y + group - 1][start : start + w])
    for i in range(group, height):
        merge(shared, shared, src[y + i][start : start + w], largest)
    for j in range(group - 2, -1, -1):
        merge(tails[j][0:w], src[y + j][start : start + w], tails[j + 1][0:w], largest)


@helper
def across(o, v, spare, width, channel_stride, largest):
    """o[x] = the extreme of v[x + j channel_stride] for j below width, by doubling the stretch that v covers."""
    m = o.shape[0]
    if width == 1:
        copy(o, v[0:m])
    elif width == 3:
        merge_three(
            o,
            v[0:m],
            v[channel_stride : channel_stride + m],
            v[2 * channel_stride : 2 * channel_stride + m],
            largest,
        )
    else:
        now, then = v, spare
        span = 1
        while 2 * span < width:
            n = m + (width - 2 * span) * channel_stride
            merge(then[0:n], now[0:n], now[span * channel_stride : span * channel_stride + n], largest)
            now, then = then, now
            span *= 2
        shift = (width - span) * channel_stride
        merge(o, now[0:m], now[shift : shift + m], largest)


@loop(
    *(f"{dtype}[:,:], {dtype}[:,:], i8, i8, i8, i8, i8, i8, {dtype}[:,:], {dtype}[:,:]" for dtype in DTYPES)
)
def rectangle(out, src, height, width, channel_stride, n, block, largest, tails, scratch):
    """out[y, x] = the extreme of src[y + i, x + j channel_stride], i below height and j below width, over n items.

    Down (van Herk): the rows that a group of windows shares are merged once, the rows above them from the last to
    the first, those below from the first on: three operations an item, whatever the height. `tails`: a row for each
    window of a group; `scratch`: three rows. Both hold `block` items and the halo.
    """
    for start in range(0, n, block):
        m = min(block, n - start)
        w = m + (width - 1) * channel_stride
        v, spare, heads = scratch[0][0:w], scratch[1][0:w], scratch[2][0:w]
        for top in range(0, out.shape[0], tails.shape[0]):
            group = min(tails.shape[0], out.shape[0] - top)
            suffixes(tails, src, top, group, height, start, w, largest)
            across(out[top][start : start + m], tails[0][0:w], spare, width, channel_stride, largest)
            for j in range(1, group):
                below = src[top + j + height - 1][start : start + w]
                if j == 1:
                    copy(heads, below)
                else:
                    merge(heads, heads, below, largest)
                merge(v, tails[j][0:w], heads, largest)
                across(out[top + j][start : start + m], v, spare, width, channel_stride, largest)


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, i8, i8, i8, i8, {dtype}[:,:]" for dtype in DTYPES))
def low_rectangle(out, src, height, width, channel_stride, n, block, largest, scratch):
    """The same for a height of one to three rows; `scratch`: two rows."""
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + (width - 1) * channel_stride
            v, spare = scratch[0][0 : end - start], scratch[1][0 : end - start]
            if height == 1:
                copy(v, src[y][start:end])
            elif height == 2:
                merge(v, src[y][start:end], src[y + 1][start:end], largest)
            else:
                merge_three(v, src[y][start:end], src[y + 1][start:end], src[y + 2][start:end], largest)
            across(out[y][start : start + m], v, spare, width, channel_stride, largest)


@helper
def widen(tables, row, channel_stride, largest):
    """tables[p][x] = the extreme of row[x + j channel_stride] for j below 2**p, as far as the row goes."""
    copy(tables[0][0 : row.shape[0]], row)
    span = 1
    for p in range(1, tables.shape[0]):
        n = row.shape[0] - (2 * span - 1) * channel_stride
        if n > 0:
            below = tables[p - 1]
            merge(
                tables[p][0:n], below[0:n], below[span * channel_stride : span * channel_stride + n], largest
            )
        span *= 2


@helper
def take_run(o, table, first, second, fresh, largest):
    """Merge a run into o: two stretches of a table that cover it."""
    m = o.shape[0]
    p, q = table[first : first + m], table[second : second + m]
    if fresh:
        merge(o, p, q, largest)
    else:
        merge_three(o, o, p, q, largest)


@loop(
    *(
        f"{dtype}[:,:], {dtype}[:,:], i8[:], i8[:], i8[:], i8[:], i8, i8, i8, i8, i8, {dtype}[:,:]"
        for dtype in DTYPES
    )
)
def runs(out, src, begins, levels, firsts, seconds, width, channel_stride, n, block, largest, tables):
    """The same over a mask's runs: those of row i are begins[i] to begins[i + 1].

    Run t is covered by 2**levels[t] pixels from item firsts[t] on and as many from seconds[t] on. `tables`: a row
    for each level, of `block` items and the halo.
    """
    height = begins.shape[0] - 1
    for start in range(0, n, block):
        m = min(block, n - start)
        w = m + (width - 1) * channel_stride
        for s in range(out.shape[0] + height - 1):
            widen(tables, src[s][start : start + w], channel_stride, largest)
            for i in range(max(0, s - out.shape[0] + 1), min(height, s + 1)):
                o = out[s - i][start : start + m]
                for t in range(begins[i], begins[i + 1]):
                    take_run(o, tables[levels[t]], firsts[t], seconds[t], t == 0, largest)


@helper
def subtract_int(o, p, q, clipped):
    negative = np.int32(0)
    for x in range(o.shape[0]):
        a = p[x]
        b = q[x]
        o[x] = o.dtype.type(a - b) if a > b else o.dtype.type(0)
        negative = np.int32(negative + np.int32(a < b))
    clipped[0] += negative


@helper
def subtract_float(o, p, q, clipped):
    for x in range(o.shape[0]):
        o[x] = p[x] - q[x]


subtract = Overload({"u1": subtract_int, "u2": subtract_int, "f4": subtract_float, "f8": subtract_float})


@loop(*(f"{dtype}[:,:], {dtype}[:,:], {dtype}[:,:], i8, i8[:]" for dtype in DTYPES))
def difference(out, high, low, n, clipped):
    """out = high - low; negative integers become 0 and are counted in `clipped`."""
    for y in range(out.shape[0]):
        subtract(out[y][0:n], high[y][0:n], low[y][0:n], clipped)
