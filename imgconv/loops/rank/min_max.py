"""The smallest or the largest of a neighborhood.

Of equal values the later one is taken and of NaNs the first, so that any cut into strips gives the same bits:
where two stretches are put together, the earlier one is the first argument.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np

KINDS = ("u1", "u2", "f4", "f8")


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
def suffixes(tails, src, y, group, height, at, w, largest):
    """tails[j] = the extreme of rows y + j to y + height - 1, for j below group."""
    shared = tails[group - 1][0:w]
    copy(shared, src[y + group - 1][at : at + w])
    for i in range(group, height):
        merge(shared, shared, src[y + i][at : at + w], largest)
    for j in range(group - 2, -1, -1):
        merge(tails[j][0:w], src[y + j][at : at + w], tails[j + 1][0:w], largest)


@helper
def across(o, v, spare, width, step, largest):
    """o[x] = the extreme of v[x + j step] for j below width, by doubling the stretch that v covers."""
    m = o.shape[0]
    if width == 1:
        copy(o, v[0:m])
    elif width == 3:
        merge_three(o, v[0:m], v[step : step + m], v[2 * step : 2 * step + m], largest)
    else:
        now, then = v, spare
        span = 1
        while 2 * span < width:
            n = m + (width - 2 * span) * step
            merge(then[0:n], now[0:n], now[span * step : span * step + n], largest)
            now, then = then, now
            span *= 2
        shift = (width - span) * step
        merge(o, now[0:m], now[shift : shift + m], largest)


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8, i8, i8, i8, {kind}[:,:], {kind}[:,:]" for kind in KINDS))
def rectangle(out, src, height, width, step, n, block, largest, tails, rooms):
    """out[y, x] = the extreme of src[y + i, x + j step], i below height and j below width, over n items.

    Down (van Herk): the rows that a group of windows shares are put together once, the rows above them from the last
    to the first, those below from the first on: three operations an item, whatever the height.
    """
    for start in range(0, n, block):
        m = min(block, n - start)
        w = m + (width - 1) * step
        v, spare, heads = rooms[0][0:w], rooms[1][0:w], rooms[2][0:w]
        for top in range(0, out.shape[0], tails.shape[0]):
            group = min(tails.shape[0], out.shape[0] - top)
            suffixes(tails, src, top, group, height, start, w, largest)
            across(out[top][start : start + m], tails[0][0:w], spare, width, step, largest)
            for j in range(1, group):
                below = src[top + j + height - 1][start : start + w]
                if j == 1:
                    copy(heads, below)
                else:
                    merge(heads, heads, below, largest)
                merge(v, tails[j][0:w], heads, largest)
                across(out[top + j][start : start + m], v, spare, width, step, largest)


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8, i8, i8, i8, {kind}[:,:]" for kind in KINDS))
def low_rectangle(out, src, height, width, step, n, block, largest, rooms):
    """The same for one to three rows."""
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            end = start + m + (width - 1) * step
            v, spare = rooms[0][0 : end - start], rooms[1][0 : end - start]
            if height == 1:
                copy(v, src[y][start:end])
            elif height == 2:
                merge(v, src[y][start:end], src[y + 1][start:end], largest)
            else:
                merge_three(v, src[y][start:end], src[y + 1][start:end], src[y + 2][start:end], largest)
            across(out[y][start : start + m], v, spare, width, step, largest)


@helper
def widen(tables, row, step, largest):
    """tables[p][x] = the extreme of row[x + j step] for j below 2**p, as far as the row goes."""
    copy(tables[0][0 : row.shape[0]], row)
    span = 1
    for p in range(1, tables.shape[0]):
        n = row.shape[0] - (2 * span - 1) * step
        if n > 0:
            below = tables[p - 1]
            merge(tables[p][0:n], below[0:n], below[span * step : span * step + n], largest)
        span *= 2


@helper
def take_run(o, table, first, second, fresh, largest):
    """Put a run into o: two stretches of a table that cover it."""
    m = o.shape[0]
    p, q = table[first : first + m], table[second : second + m]
    if fresh:
        merge(o, p, q, largest)
    else:
        merge_three(o, o, p, q, largest)


@loop(
    *(
        f"{kind}[:,:], {kind}[:,:], i8[:], i8[:], i8[:], i8[:], i8, i8, i8, i8, i8, {kind}[:,:]"
        for kind in KINDS
    )
)
def runs(out, src, begins, levels, firsts, seconds, width, step, n, block, largest, tables):
    """The same over a mask's runs: those of row i are begins[i] to begins[i + 1].

    Run t is covered by 2**levels[t] items from firsts[t] on and as many from seconds[t] on.
    """
    height = begins.shape[0] - 1
    for start in range(0, n, block):
        m = min(block, n - start)
        w = m + (width - 1) * step
        for s in range(out.shape[0] + height - 1):
            widen(tables, src[s][start : start + w], step, largest)
            for i in range(max(0, s - out.shape[0] + 1), min(height, s + 1)):
                o = out[s - i][start : start + m]
                for t in range(begins[i], begins[i + 1]):
                    take_run(o, tables[levels[t]], firsts[t], seconds[t], t == 0, largest)


@helper
def less_whole(o, p, q, count):
    below = np.int32(0)
    for x in range(o.shape[0]):
        a = p[x]
        b = q[x]
        o[x] = o.dtype.type(a - b) if a > b else o.dtype.type(0)
        below = np.int32(below + np.int32(a < b))
    count[0] += below


@helper
def less_real(o, p, q, count):
    for x in range(o.shape[0]):
        o[x] = p[x] - q[x]


less = Overload({"u1": less_whole, "u2": less_whole, "f4": less_real, "f8": less_real})


@loop(*(f"{kind}[:,:], {kind}[:,:], {kind}[:,:], i8, i8[:]" for kind in KINDS))
def difference(out, high, low, n, count):
    """out = high - low; whole numbers stop at 0, and what was below is counted."""
    for y in range(out.shape[0]):
        less(out[y][0:n], high[y][0:n], low[y][0:n], count)
