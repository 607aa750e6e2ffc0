"""Ranks of numbers of any width: a tile's values are sorted, and windows are searched in places of that order.

At most 1024 places: each stands for a few neighboring values, or for one value however often it occurs. What is left
to do is to go through the few values of one place, in order, and count those that lie in the window.
"""

from imgconv.jit.loop import helper, loop, np

PLACES = 1024
KINDS = ("u1", "u2", "i4", "i8")


@helper
def gather(keys, spots, src, first, step, rows, columns):
    """A tile's values with their rows and columns."""
    t = 0
    for y in range(rows):
        row = src[y]
        for x in range(columns):
            keys[t] = np.int64(row[first + x * step])
            spots[t] = np.int32((y << 16) | x)
            t += 1


@helper
def sort_digit(keys, spots, to_keys, to_spots, shift, flip, counts, n):
    """One pass of a radix sort; false where all have the same digit and nothing is moved."""
    for d in range(256):
        counts[d] = 0
    for t in range(n):
        counts[((keys[t] >> shift) & 255) ^ flip] += 1
    if counts[((keys[0] >> shift) & 255) ^ flip] == n:
        return False
    total = 0
    for d in range(256):
        many = counts[d]
        counts[d] = total
        total += many
    for t in range(n):
        d = ((keys[t] >> shift) & 255) ^ flip
        at = counts[d]
        to_keys[at] = keys[t]
        to_spots[at] = spots[t]
        counts[d] = at + 1
    return True


@helper
def cut(keys, n, starts):
    """Where each place begins: a value that fills one alone has it alone. Returns how many there are."""
    least = (n + PLACES // 2 - 2) // (PLACES // 2 - 1)
    places = 0
    begin = 0
    t = 0
    while t < n:
        stop = t + 1
        while stop < n and keys[stop] == keys[t]:
            stop += 1
        if t > begin and (t - begin >= least or stop - t >= least):
            starts[places] = begin
            places += 1
            begin = t
        t = stop
    starts[places] = begin
    starts[places + 1] = n
    return places + 1


@loop(*(f"{kind}[:,:], i8, i8, i8, i8, i8, i8, i8[:,:], i4[:,:], i8[:], i8[:], u2[:,:]" for kind in KINDS))
def index(src, first, step, rows, columns, digits, flip, keys, spots, counts, starts, ids):
    """Sort a tile; ids: each pixel's place. Row 0 of keys and spots: the order.

    `digits`: bytes of a value; `flip`: 128 where the last one has a sign.
    """
    n = rows * columns
    k, s, to_k, to_s = keys[0], spots[0], keys[1], spots[1]
    gather(k, s, src, first, step, rows, columns)
    for digit in range(digits):
        top = flip if digit == digits - 1 else 0
        if sort_digit(k, s, to_k, to_s, 8 * digit, top, counts, n):
            k, s, to_k, to_s = to_k, to_s, k, s
    places = cut(k, n, starts)
    for place in range(places):
        for t in range(starts[place], starts[place + 1]):
            spot = s[t]
            ids[spot >> 16][spot & 65535] = place
    for t in range(n):
        keys[0][t] = k[t]
        spots[0][t] = s[t]


@loop("i8[:,:], u2[:,:], i8[:], i8[:], i8[:], i8, i8, i8[:]")
def by_runs(found, ids, tops, firsts, lasts, rank, n, counts):
    """The rank-th place of a mask's windows, as `of_places` says it. Run t: row tops[t], columns firsts[t] to lasts[t].

    The histogram of a window slides across: a value goes and one comes for each run.
    """
    for y in range(found.shape[0]):
        for place in range(counts.shape[0]):
            counts[place] = 0
        for t in range(tops.shape[0]):
            row = ids[y + tops[t]]
            for x in range(firsts[t], lasts[t] + 1):
                counts[np.int64(row[x])] += 1
        place = 0
        under = 0
        for x in range(n):
            if x > 0:
                for t in range(tops.shape[0]):
                    row = ids[y + tops[t]]
                    gone = np.int64(row[x - 1 + firsts[t]])
                    come = np.int64(row[x + lasts[t]])
                    counts[gone] -= 1
                    counts[come] += 1
                    under += np.int64(come < place) - np.int64(gone < place)
            while under > rank:
                place -= 1
                under -= counts[place]
            while under + counts[place] <= rank:
                under += counts[place]
                place += 1
            found[y][x] = (place << 32) | (rank - under)


@helper
def inside(s, at, y, x, height, width):
    """How many of 32 places lie in the rectangle at y, x."""
    found = np.int32(0)
    for t in range(32):
        spot = s[np.uint64(at + t)]
        i = np.int32((spot >> np.int32(16)) - y)
        j = np.int32((spot & np.int32(0xFFFF)) - x)
        within = (i >= np.int32(0)) & (i < height) & (j >= np.int32(0)) & (j < width)
        found = np.int32(found + np.int32(within))
    return np.int64(found)


@loop(*(f"{kind}[:,:], i8, i8, i8[:,:], i8, i8[:,:], i4[:,:], i8[:], u1[:,:], i8" for kind in KINDS))
def resolve(out, first, step, found, n, keys, spots, starts, cells, full):
    """Values for places: the one of a place's values that has so many of the window's before it.

    `full`: the window is a rectangle, in which many values at a time are counted.
    """
    height, width = cells.shape
    tall, wide = np.int32(height), np.int32(width)
    k, s = keys[0], spots[0]
    for y in range(out.shape[0]):
        o = out[y]
        for x in range(n):
            place = found[y][x] >> 32
            rest = found[y][x] & 0xFFFFFFFF
            at, end = starts[place], starts[place + 1]
            if k[at] != k[end - 1]:
                while full and at + 32 < end:
                    many = inside(s, at, np.int32(y), np.int32(x), tall, wide)
                    if many > rest:
                        break
                    rest -= many
                    at += 32
                at -= 1
                while rest >= 0:
                    at += 1
                    i = (np.int64(s[at]) >> 16) - y
                    j = (np.int64(s[at]) & 65535) - x
                    if 0 <= i and i < height and 0 <= j and j < width and cells[i, j]:
                        rest -= 1
            o[first + x * step] = k[at]
