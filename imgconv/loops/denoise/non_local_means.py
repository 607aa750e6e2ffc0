"""Non-local means: one offset after the other over a block, with the patches' distances as sums of boxes.

An offset and its opposite share their distances: what a pixel thinks of its partner, the partner thinks of it.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.exp2 import SPAN, begin, fade, means, planes
from imgconv.loops.denoise.window_sums import across, down
from imgconv.loops.round_and_store import finish

ROWS, BLOCK = 64, 128  # of the result at a time: all that an offset needs stays in the second-level cache
B, C, D = SPAN, 2 * SPAN, 3 * SPAN


@helper
def squares1(o, one, two, a, b, n):
    """The squared differences of two rows."""
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = one[z + a] - two[z + b]
        o[z] = d * d


@helper
def squares3(o, one, two, a, b, n):
    """The same of three channels, added."""
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = one[z + a] - two[z + b]
        e = one[z + (a + np.uint64(B))] - two[z + (b + np.uint64(B))]
        f = one[z + (a + np.uint64(C))] - two[z + (b + np.uint64(C))]
        o[z] = d * d + e * e + f * f


@helper
def more_squares(o, one, two, a, b, n):
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = one[z + a] - two[z + b]
        o[z] += d * d


@helper
def squares(o, one, two, a, b, n, colors):
    if colors == 3:
        squares3(o, one, two, a, b, n)
        return
    squares1(o, one, two, a, b, n)
    for c in range(1, colors):
        more_squares(o, one, two, a + c * SPAN, b + c * SPAN, n)


@helper
def weights(w, sums, n, near, less):
    for x in range(n):
        w[x] = fade(min(less - sums[x] * near, real(0)))


@helper
def add1(sums, mid, row, w, o, a, b, m):
    """Add a tap of one channel: weighted differences from the center, and weights."""
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        sums[z] += w[z + b] * (row[z + a] - mid[z + o])
        sums[z + np.uint64(B)] += w[z + b]


@helper
def add3(sums, mid, row, w, o, a, b, m):
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    for x in range(m):
        z = np.uint64(x)
        v = w[z + b]
        sums[z] += v * (row[z + a] - mid[z + o])
        sums[z + np.uint64(B)] += v * (row[z + (a + np.uint64(B))] - mid[z + (o + np.uint64(B))])
        sums[z + np.uint64(C)] += v * (row[z + (a + np.uint64(C))] - mid[z + (o + np.uint64(C))])
        sums[z + np.uint64(D)] += v


@helper
def add_any(sums, mid, row, w, o, a, b, m, colors, alpha):
    for x in range(m):
        weight = max(row[a + alpha * SPAN + x], real(0)) if alpha > 0 else real(1)
        weight *= w[b + x]
        for c in range(colors):
            sums[c * SPAN + x] += weight * (row[a + c * SPAN + x] - mid[o + c * SPAN + x])
        sums[colors * SPAN + x] += weight


@helper
def add(sums, mid, row, w, o, a, b, m, colors, alpha):
    if colors == 1 and alpha == 0:
        add1(sums, mid, row, w, o, a, b, m)
    elif colors == 3 and alpha == 0:
        add3(sums, mid, row, w, o, a, b, m)
    else:
        add_any(sums, mid, row, w, o, a, b, m, colors, alpha)


@helper
def offset(sums, room, m, y, x, sizes, near, less, rooms):
    """Add the taps at y, x and at the opposite place, y >= 0, for a block of rows of m pixels."""
    rows, search, patch, colors, alpha = sizes
    half, reach = search // 2, search // 2 + patch // 2
    third = (rooms.shape[0] - 2) // 3
    boxes, others, totals = rooms[0:third], rooms[third : 2 * third], rooms[2 * third : 3 * third]
    one, two = rooms[3 * third], rooms[3 * third + 1]
    left = min(0, -x)
    tall, wide = rows + y, m + abs(x)
    n = wide + patch - 1
    for j in range(tall + patch - 1):
        at = half + left
        squares(boxes[j], room[j + half - y], room[j + half], at, at + x, n, colors)
    down(totals, boxes, others, tall, n, patch)
    for j in range(tall):
        across(one, totals[j], two, wide, 1, patch)
        weights(boxes[j], one, wide, near, less)
    for j in range(rows):
        mid = room[j + reach]
        add(sums[j], mid, room[j + reach + y], boxes[j + y], reach, reach + x, -left, m, colors, alpha)
        add(sums[j], mid, room[j + reach - y], boxes[j], reach, reach - x, -left - x, m, colors, alpha)


REST = "i8, i8, i8, i8, i8, i8, %s, %s, %s[:,:], %s[:,:], %s[:,:], %s[:], i8[:]"
SINGLE, DOUBLE = REST.replace("%s", "f4"), REST.replace("%s", "f8")


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], " + SINGLE,
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], " + DOUBLE,
)
def nlm(
    out, src, width, channels, colors, alpha, search, patch, near, less, room, sums, rooms, scratch, count
):
    """2^min(less - near D, 0) weighs a pixel whose patch differs by D, the sum of squared differences."""
    half, reach = search // 2, search // 2 + patch // 2
    for top in range(0, out.shape[0], ROWS):
        rows = min(ROWS, out.shape[0] - top)
        sizes = rows, search, patch, colors, alpha
        for start in range(0, width, BLOCK):
            m = min(BLOCK, width - start)
            planes(room, src, top, rows + 2 * reach, start, channels, m + 2 * reach)
            for y in range(rows):
                begin(sums[y], room[y + reach], reach, m, colors, alpha)
            for y in range(half + 1):
                for x in range(-half if y > 0 else 1, half + 1):
                    offset(sums, room, m, y, x, sizes, near, less, rooms)
            for y in range(rows):
                means(scratch, sums[y], room[y + reach], reach, m, channels, colors)
                n = m * channels
                finish(out[top + y][start * channels : start * channels + n], scratch, n, count)
