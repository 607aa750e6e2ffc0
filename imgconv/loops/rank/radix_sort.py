"""Ranks of integers of any width: a tile's values are sorted (radix sort) and cut into buckets, and the result of
each window is searched among the buckets.

At most 1024 buckets: each holds a few values that follow one another in the order, or one value however often it
occurs. What is left to do is to go through the few values of one bucket, in order, and count those that lie in the
window. A position is row << 16 | column in the tile; a window's result is bucket << 32 | index among the bucket's
values in the window.
"""

from imgconv.jit.loop import helper, loop, np

BUCKETS = 1024
DTYPES = ("u1", "u2", "i4", "i8")


@helper
def gather(keys, positions, src, first, channel_stride, rows, columns):
    """A tile's values with their positions."""
    t = 0
    for y in range(rows):
        row = src[y]
        for x in range(columns):
            keys[t] = np.int64(row[first + x * channel_stride])
            positions[t] = np.int32((y << 16) | x)
            t += 1


@helper
def sort_digit(keys, positions, to_keys, to_positions, shift, sign, counts, n):
    """One pass of a radix sort; false where all have the same digit and nothing is moved."""
    for d in range(256):
        counts[d] = 0
    for t in range(n):
        counts[((keys[t] >> shift) & 255) ^ sign] += 1
    if counts[((keys[0] >> shift) & 255) ^ sign] == n:
        return False
    total = 0
    for d in range(256):
        count = counts[d]
        counts[d] = total
        total += count
    for t in range(n):
        d = ((keys[t] >> shift) & 255) ^ sign
        target = counts[d]
        to_keys[target] = keys[t]
        to_positions[target] = positions[t]
        counts[d] = target + 1
    return True


@helper
def split(keys, n, starts):
    """Where each bucket begins: a value that fills one has it for itself. Returns the number of buckets."""
    least = (n + BUCKETS // 2 - 2) // (BUCKETS // 2 - 1)
    buckets = 0
    begin = 0
    t = 0
    while t < n:
        stop = t + 1
        while stop < n and keys[stop] == keys[t]:
            stop += 1
        if t > begin and (t - begin >= least or stop - t >= least):
            starts[buckets] = begin
            buckets += 1
            begin = t
        t = stop
    starts[buckets] = begin
    starts[buckets + 1] = n
    return buckets + 1


@loop(*(f"{dtype}[:,:], i8, i8, i8, i8, i8, i8, i8[:,:], i4[:,:], i8[:], i8[:], u2[:,:]" for dtype in DTYPES))
def index(src, first, channel_stride, rows, columns, digits, sign, keys, positions, counts, starts, buckets):
    """Sort a tile of rows x columns, from item `first` of src on; buckets[y, x]: the bucket of each pixel.

    Row 0 of `keys` and of `positions` then holds the values and their positions in order, `starts` where each
    bucket begins there. `digits`: bytes of a value; `sign`: 128 where the last one has a sign. `counts`: 256 numbers.
    """
    n = rows * columns
    k, s, to_k, to_s = keys[0], positions[0], keys[1], positions[1]
    gather(k, s, src, first, channel_stride, rows, columns)
    for digit in range(digits):
        top = sign if digit == digits - 1 else 0
        if sort_digit(k, s, to_k, to_s, 8 * digit, top, counts, n):
            k, s, to_k, to_s = to_k, to_s, k, s
    used = split(k, n, starts)
    for bucket in range(used):
        for t in range(starts[bucket], starts[bucket + 1]):
            position = s[t]
            buckets[position >> 16][position & 65535] = bucket
    for t in range(n):
        keys[0][t] = k[t]
        positions[0][t] = s[t]


@loop("i8[:,:], u2[:,:], i8[:], i8[:], i8[:], i8, i8, i8[:]")
def by_runs(results, buckets, tops, firsts, lasts, rank, n, counts):
    """The results of a mask's windows. Run t of the mask: row tops[t], columns firsts[t] to lasts[t].

    The histogram of a window slides across: a value leaves and one enters for each run.
    """
    for y in range(results.shape[0]):
        for bucket in range(counts.shape[0]):
            counts[bucket] = 0
        for t in range(tops.shape[0]):
            row = buckets[y + tops[t]]
            for x in range(firsts[t], lasts[t] + 1):
                counts[np.int64(row[x])] += 1
        bucket = 0
        under = 0
        for x in range(n):
            if x > 0:
                for t in range(tops.shape[0]):
                    row = buckets[y + tops[t]]
                    gone = np.int64(row[x - 1 + firsts[t]])
                    come = np.int64(row[x + lasts[t]])
                    counts[gone] -= 1
                    counts[come] += 1
                    under += np.int64(come < bucket) - np.int64(gone < bucket)
            while under > rank:
                bucket -= 1
                under -= counts[bucket]
            while under + counts[bucket] <= rank:
                under += counts[bucket]
                bucket += 1
            results[y][x] = (bucket << 32) | (rank - under)


@helper
def inside(s, start, y, x, height, width):
    """How count of 32 positions lie in the rectangle at y, x."""
    hits = np.int32(0)
    for t in range(32):
        position = s[np.uint64(start + t)]
        i = np.int32((position >> np.int32(16)) - y)
        j = np.int32((position & np.int32(0xFFFF)) - x)
        within = (i >= np.int32(0)) & (i < height) & (j >= np.int32(0)) & (j < width)
        hits = np.int32(hits + np.int32(within))
    return np.int64(hits)


@loop(*(f"{dtype}[:,:], i8, i8, i8[:,:], i8, i8[:,:], i4[:,:], i8[:], u1[:,:], i8" for dtype in DTYPES))
def resolve(out, first, channel_stride, results, n, keys, positions, starts, footprint, full):
    """Values for results: the value of the bucket that has so count of the window's values before it.

    `full`: the window is a rectangle, in which 32 values at a time are counted.
    """
    height, width = footprint.shape
    tall, wide = np.int32(height), np.int32(width)
    k, s = keys[0], positions[0]
    for y in range(out.shape[0]):
        o = out[y]
        for x in range(n):
            bucket = results[y][x] >> 32
            rest = results[y][x] & 0xFFFFFFFF
            t, end = starts[bucket], starts[bucket + 1]
            if k[t] != k[end - 1]:
                while full and t + 32 < end:
                    count = inside(s, t, np.int32(y), np.int32(x), tall, wide)
                    if count > rest:
                        break
                    rest -= count
                    t += 32
                t -= 1
                while rest >= 0:
                    t += 1
                    i = (np.int64(s[t]) >> 16) - y
                    j = (np.int64(s[t]) & 65535) - x
                    if 0 <= i and i < height and 0 <= j and j < width and footprint[i, j]:
                        rest -= 1
            o[first + x * channel_stride] = k[t]
