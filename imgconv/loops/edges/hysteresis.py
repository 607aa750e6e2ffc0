"""Hysteresis: weak pixels that are connected to strong ones become strong; and the map as an image."""

from imgconv.jit.loop import helper, loop, np

WEAK, STRONG = 1, 2
HALF, MASK = 32, (1 << 32) - 1  # a position on the stack is row << HALF | column
CHUNK = 64  # pixels of a row looked at together


@helper
def any_joined(above, row, below):
    """Whether a weak pixel is beside a strong one; rows have one more pixel at each end.

    Bit by bit in bytes, which LLVM takes 32 at a time.
    """
    joined = np.uint8(0)
    for x in range(row.shape[0] - 2):
        i = np.uint64(x)
        j, k = i + np.uint64(1), i + np.uint64(2)
        upper = np.bitwise_or(np.bitwise_or(above[i], above[j]), above[k])
        lower = np.bitwise_or(np.bitwise_or(below[i], below[j]), below[k])
        near = np.bitwise_or(np.bitwise_or(upper, lower), np.bitwise_or(row[i], row[k]))
        joined = np.bitwise_or(joined, np.bitwise_and(row[j], np.right_shift(near, np.uint8(1))))
    return joined != 0


@helper
def is_joined(rows, y, x, width):
    """Whether one of the neighbors is strong."""
    for v in range(max(y - 1, 0), min(y + 2, rows.shape[0])):
        for u in range(max(x - 1, 0), min(x + 2, width)):
            if rows[v, u] == STRONG:
                return True
    return False


@helper
def raise_around(rows, y, x, width, stack, filled):
    """The weak ones of the eight neighbors become strong and are pushed on the stack; returns how many it would hold.

    Where the stack is full they are only raised, and a later look at the rows finds what is beside them.
    """
    for v in range(max(y - 1, 0), min(y + 2, rows.shape[0])):
        for u in range(max(x - 1, 0), min(x + 2, width)):
            if rows[v, u] == WEAK:
                rows[v, u] = STRONG
                if filled < stack.shape[0]:
                    stack[filled] = (v << HALF) + u
                filled += 1
    return filled


@helper
def spread(rows, y, x, width, stack):
    """Raise what is connected to one pixel; returns whether the stack was too small for all of it."""
    short = False
    filled = raise_around(rows, y, x, width, stack, 0)
    while filled > 0:
        if filled > stack.shape[0]:
            filled = stack.shape[0]
            short = True
        filled -= 1
        position = stack[filled]
        filled = raise_around(rows, position >> HALF, position & MASK, width, stack, filled)
    return short


@loop("u1[:,:], i8, i8, i8, i8[:]")
def flood(rows, first, last, width, stack):
    """From rows first to last through all rows, until no weak pixel is beside a strong one."""
    again = True
    while again:
        again = False
        for y in range(first, last):
            above, row, below = rows[max(y - 1, 0)], rows[y], rows[min(y + 1, rows.shape[0] - 1)]
            for start in range(0, width, CHUNK):
                stop = min(start + CHUNK, width)
                if 0 < start and stop < width:
                    a, b = start - 1, stop + 1
                    if not any_joined(above[a:b], row[a:b], below[a:b]):
                        continue
                for x in range(start, stop):
                    if row[x] == WEAK and is_joined(rows, y, x, width):
                        row[x] = STRONG
                        again |= spread(rows, y, x, width, stack)
        if again:
            first, last = 0, rows.shape[0]


@loop("{u1,u2,f4,f8}[:,:], u1[:,:], f8, i8")
def to_image(out, rows, white, width):
    """White where the map is strong, else 0."""
    for y in range(out.shape[0]):
        o = out[y]
        row = rows[y]
        for x in range(width):
            o[x] = white if row[x] == STRONG else 0.0
