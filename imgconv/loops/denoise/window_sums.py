"""Sums over sliding windows, by sums of 2, 4, 8 neighbors: log2(size) passes.

Unlike running sums they do not depend on where they began, are as exact as pairwise sums, and a NaN stays near.
"""

from imgconv.jit.loop import helper, np


@helper
def accumulate(o, row, first, n, is_first):
    """o = row from item `first` on, or added to it."""
    a = np.uint64(first)
    if is_first:
        for x in range(n):
            k = np.uint64(x)
            o[k] = row[k + a]
    else:
        for x in range(n):
            k = np.uint64(x)
            o[k] += row[k + a]


@helper
def add_shifted(o, row, other, first, n):
    """o = row + other from item `first` on."""
    a = np.uint64(first)
    for x in range(n):
        k = np.uint64(x)
        o[k] = row[k] + other[k + a]


@helper
def down(sums, source, other, rows, n, size):
    """sums[y] = source[y] + ... + source[y + size - 1] for `rows` rows of n items; overwrites source and other.

    Not in place: LLVM looks whether whole buffers overlap, and would go item by item.
    """
    part, done = 1, 0
    while part <= size:
        if size & part:
            for y in range(rows):
                accumulate(sums[y], source[y + done], 0, n, done == 0)
            done += part
        if 2 * part <= size:
            for y in range(rows + size - 2 * part):
                add_shifted(other[y], source[y], source[y + part], 0, n)
            source, other = other, source
        part *= 2


@helper
def across(sums, line, other, n, channel_stride, size):
    """sums[x] = line[x] + line[x + s] + ... + line[x + (size - 1) s] for n items, s = channel_stride.

    Overwrites line and other.
    """
    part, done = 1, 0
    while part <= size:
        if size & part:
            accumulate(sums, line, done * channel_stride, n, done == 0)
            done += part
        if 2 * part <= size:
            add_shifted(other, line, line, part * channel_stride, n + (size - 2 * part) * channel_stride)
            line, other = other, line
        part *= 2
