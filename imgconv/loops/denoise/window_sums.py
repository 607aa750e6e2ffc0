"""Sums of as many neighbors as asked for, by sums of 2, 4, 8 of them: a few passes whatever the number.

Unlike a running sum it does not depend on where it began, it is as exact as a sum in pairs, and a NaN stays near.
"""

from imgconv.jit.loop import helper, np


@helper
def put(o, row, at, n, is_first):
    a = np.uint64(at)
    if is_first:
        for x in range(n):
            k = np.uint64(x)
            o[k] = row[k + a]
    else:
        for x in range(n):
            k = np.uint64(x)
            o[k] += row[k + a]


@helper
def join(o, row, other, at, n):
    a = np.uint64(at)
    for x in range(n):
        k = np.uint64(x)
        o[k] = row[k] + other[k + a]


@helper
def down(sums, room, other, rows, n, size):
    """sums[y] = room[y] + ... + room[y + size - 1] for so many rows of n items; both rooms' values are used up.

    Not in place: LLVM looks whether whole rooms overlap, and would go item by item.
    """
    part, done = 1, 0
    while part <= size:
        if size & part:
            for y in range(rows):
                put(sums[y], room[y + done], 0, n, done == 0)
            done += part
        if 2 * part <= size:
            for y in range(rows + size - 2 * part):
                join(other[y], room[y], room[y + part], 0, n)
            room, other = other, room
        part *= 2


@helper
def across(sums, line, other, n, step, size):
    """sums[x] = line[x] + line[x + step] + ... + line[x + (size - 1) step]; both lines' values are used up."""
    part, done = 1, 0
    while part <= size:
        if size & part:
            put(sums, line, done * step, n, done == 0)
            done += part
        if 2 * part <= size:
            join(other, line, line, part * step, n + (size - 2 * part) * step)
            line, other = other, line
        part *= 2
