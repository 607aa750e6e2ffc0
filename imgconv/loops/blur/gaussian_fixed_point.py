"""Gaussian blur in 16-bit fixed point: bytes with 7 fractional bits, 16 to a vector instead of 8 floats.

Rows are converted once, into a ring buffer that holds each of them twice, so that the rows of one result are always
adjacent. Terms are truncated, not rounded; half a unit for each is added back.

Buffers, all of 16 bits, for a block of `block` items: `ring` holds 2 (2 radius + 1) rows with both flanks,
`column_sums` one such row, `blurred` one row without flanks.
"""

from imgconv.core.pixels import Vector
from imgconv.jit.loop import helper, intrinsic, loop, np
from imgconv.loops.round_and_store import finish

BITS = 7
HALF = 1 << (BITS - 1)  # rounds, half up
LANES = 64  # items that `fold` computes at once
BLOCK = 512  # items whose rows stay in the first-level cache


def operands(weights, channel_stride, n):
    """What both loops take after `out` and `src`, over rows of n items: the numbers, then the buffers."""
    block, height = min(n, BLOCK), 2 * len(weights) - 1
    row = block + (height - 1) * channel_stride + LANES
    ring, column_sums, blurred = 2 * height * row, row + LANES, block + LANES
    return (
        weights,
        channel_stride,
        n,
        block,
        Vector.zeros(ring, "u2"),
        Vector.zeros(column_sums, "u2"),
        Vector.zeros(blurred, "u2"),
    )


@intrinsic
def fold(out, offset, src, center, stride, weights, start):
    """out[offset + x] = start + the sum over i of weights[i] / 65536 (src[center + x - i stride] + its mirror image).

    x < LANES; the center counts once; each term is rounded down. The sums of two have 16 bits.
    """
    for x in range(center, center + LANES):
        total = int(start) + (int(src[x]) * int(weights[0]) >> 16)
        for i in range(1, weights.shape[0]):
            total += (int(src[x - i * stride]) + int(src[x + i * stride])) * int(weights[i]) >> 16
        out[offset + x - center] = total


@helper
def to_fixed_point(first, second, row):
    """Bytes to 16 bits with 7 fractional bits, written twice."""
    for x in range(row.shape[0]):
        v = np.uint16(np.uint16(row[x]) << np.uint16(BITS))
        first[x] = v
        second[x] = v


@helper
def load_row(ring, row, slot, height):
    """A row of bytes goes into a slot of the ring, which has `height` slots, and into the copy of that slot."""
    p, q = slot * (ring.shape[0] // (2 * height)), (slot + height) * (ring.shape[0] // (2 * height))
    to_fixed_point(ring[p : p + row.shape[0]], ring[q : q + row.shape[0]], row)


@helper
def load_first_rows(ring, src, start, m, weights, channel_stride):
    """The rows of the first result except its last one."""
    height = 2 * weights.shape[0] - 1
    for y in range(height - 1):
        load_row(ring, src[y][start : start + m + (height - 1) * channel_stride], y, height)


@helper
def blur_row(blurred, ring, column_sums, src, y, start, m, weights, channel_stride, end):
    """Row y, by its last source row, which goes into the ring, and the rows that are there; `end` is added."""
    radius, height = weights.shape[0] - 1, 2 * weights.shape[0] - 1
    half = weights.shape[0] // 2  # of the most that rounding down takes
    n, wide, last = m + 2 * radius * channel_stride, ring.shape[0] // (2 * height), y + 2 * radius
    load_row(ring, src[last][start : start + n], last % height, height)
    for x in range(0, n, LANES):
        fold(column_sums, x, ring, (y % height + radius) * wide + x, wide, weights, half)
    for x in range(0, m, LANES):
        fold(blurred, x, column_sums, radius * channel_stride + x, channel_stride, weights, half + end)


@helper
def to_bytes(out, values):
    for x in range(out.shape[0]):
        out[x] = np.uint8(values[x] >> np.uint16(BITS))


@helper
def sharpen(o, row, blurred, amount):
    """in + amount (in - blurred)."""
    for x in range(o.shape[0]):
        v = np.float32(row[x])
        o[x] = v + amount * (v - np.float32(np.int32(blurred[x])) * np.float32(1 / 128))


@loop("u1[:,:], u1[:,:], u2[:], i8, i8, i8, u2[:], u2[:], u2[:]")
def gaussian(out, src, weights, channel_stride, n, block, ring, column_sums, blurred):
    """out[y, x] = the sum of weights over src[y + i, x + j channel_stride], i and j up to twice the radius."""
    for start in range(0, n, block):
        m = min(block, n - start)
        load_first_rows(ring, src, start, m, weights, channel_stride)
        for y in range(out.shape[0]):
            blur_row(blurred, ring, column_sums, src, y, start, m, weights, channel_stride, HALF)
            to_bytes(out[y][start : start + m], blurred[0:m])


@loop("u1[:,:], u1[:,:], u2[:], i8, i8, i8, u2[:], u2[:], u2[:], f4, f4[:], i8[:]")
def unsharp(
    out, src, weights, channel_stride, n, block, ring, column_sums, blurred, amount, scratch, clipped
):
    """in + amount (in - blurred), blurred as by `gaussian`."""
    radius = weights.shape[0] - 1
    for start in range(0, n, block):
        m = min(block, n - start)
        load_first_rows(ring, src, start, m, weights, channel_stride)
        for y in range(out.shape[0]):
            blur_row(blurred, ring, column_sums, src, y, start, m, weights, channel_stride, 0)
            x = start + radius * channel_stride
            sharpen(scratch[0:m], src[y + radius][x : x + m], blurred, amount)
            finish(out[y][start : start + m], scratch, m, clipped)
