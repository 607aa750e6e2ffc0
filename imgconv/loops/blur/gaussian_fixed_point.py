"""A bell in whole numbers: bytes as 16 bits with 7 of them behind the point, 16 to a vector instead of 8 floats.

Rows are lifted once, into a ring that holds each twice, so that those of one result always lie one after the other.
The terms are cut off, not rounded: half a unit for each is put back.
"""

from imgconv.jit.loop import helper, intrinsic, loop, np
from imgconv.loops.round_and_store import finish

BITS = 7
HALF = 1 << (BITS - 1)  # rounds, half up
LANES = 64  # items that `fold` computes at once


@intrinsic
def fold(out, at, src, center, step, weights, begin):
    """out[at + x] = begin + sum over i of weights[i] / 65536 (src[center + x - i step] + src[center + x + i step]).

    x < LANES; the center counts once; each term is rounded down. The sums of two have 16 bits.
    """
    for x in range(center, center + LANES):
        total = int(begin) + (int(src[x]) * int(weights[0]) >> 16)
        for i in range(1, weights.shape[0]):
            total += (int(src[x - i * step]) + int(src[x + i * step])) * int(weights[i]) >> 16
        out[at + x - center] = total


@helper
def lift(one, two, row):
    """Bytes with room behind the point, written twice."""
    for x in range(row.shape[0]):
        v = np.uint16(np.uint16(row[x]) << np.uint16(BITS))
        one[x] = v
        two[x] = v


@helper
def bring(ring, row, place, height):
    """A row of bytes comes to one of the ring's places, of which there are `height`."""
    one, two = place * (ring.shape[0] // (2 * height)), (place + height) * (ring.shape[0] // (2 * height))
    lift(ring[one : one + row.shape[0]], ring[two : two + row.shape[0]], row)


@helper
def fill(ring, src, start, m, weights, step):
    """The rows of the first result but its last."""
    height = 2 * weights.shape[0] - 1
    for y in range(height - 1):
        bring(ring, src[y][start : start + m + (height - 1) * step], y, height)


@helper
def blurred(result, ring, middle, src, y, start, m, weights, step, end):
    """Row y: its last source row comes to the ring; all of them are blurred down, then across. `end` is added."""
    radius, height = weights.shape[0] - 1, 2 * weights.shape[0] - 1
    half = weights.shape[0] // 2  # of what rounding down takes at the most
    n, wide, last = m + 2 * radius * step, ring.shape[0] // (2 * height), y + 2 * radius
    bring(ring, src[last][start : start + n], last % height, height)
    for x in range(0, n, LANES):
        fold(middle, x, ring, (y % height + radius) * wide + x, wide, weights, half)
    for x in range(0, m, LANES):
        fold(result, x, middle, radius * step + x, step, weights, half + end)


@helper
def lowered(out, values):
    """Back to bytes."""
    for x in range(out.shape[0]):
        out[x] = np.uint8(values[x] >> np.uint16(BITS))


@helper
def sharpened(o, row, values, amount):
    """in + amount (in - blurred)."""
    for x in range(o.shape[0]):
        v = np.float32(row[x])
        o[x] = v + amount * (v - np.float32(np.int32(values[x])) * np.float32(1 / 128))


@loop("u1[:,:], u1[:,:], u2[:], i8, i8, i8, u2[:], u2[:], u2[:]")
def bell(out, src, weights, step, n, block, ring, middle, result):
    """out[y, x] = the sum of weights over src[y + i, x + j step], i and j up to twice the radius."""
    for start in range(0, n, block):
        m = min(block, n - start)
        fill(ring, src, start, m, weights, step)
        for y in range(out.shape[0]):
            blurred(result, ring, middle, src, y, start, m, weights, step, HALF)
            lowered(out[y][start : start + m], result[0:m])


@loop("u1[:,:], u1[:,:], u2[:], i8, i8, i8, u2[:], u2[:], u2[:], f4, f4[:], i8[:]")
def unsharp(out, src, weights, step, n, block, ring, middle, result, amount, scratch, count):
    """in + amount (in - the same)."""
    radius = weights.shape[0] - 1
    for start in range(0, n, block):
        m = min(block, n - start)
        fill(ring, src, start, m, weights, step)
        for y in range(out.shape[0]):
            blurred(result, ring, middle, src, y, start, m, weights, step, 0)
            at = start + radius * step
            sharpened(scratch[0:m], src[y + radius][at : at + m], result, amount)
            finish(out[y][start : start + m], scratch, m, count)
