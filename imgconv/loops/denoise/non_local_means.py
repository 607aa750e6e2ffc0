"""Non-local means: one offset after the other over a block, with the distances of patches as sums over windows.

An offset and its opposite share their distances, which are symmetric. Pixels lie in rows of planes (see `exp2`): o, a
and b are items of such a row; m and n are in pixels.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.exp2 import SPAN, begin, exp2, means, planes
from imgconv.loops.denoise.window_sums import across, down
from imgconv.loops.round_and_store import finish

ROWS, BLOCK = 64, 128  # of the result at a time: all that an offset needs stays in the second-level cache
B, C, D = SPAN, 2 * SPAN, 3 * SPAN


@helper
def squares1(o, row_a, row_b, a, b, n):
    """The squared differences of two rows."""
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = row_a[z + a] - row_b[z + b]
        o[z] = d * d


@helper
def squares3(o, row_a, row_b, a, b, n):
    """The same of three channels, added."""
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = row_a[z + a] - row_b[z + b]
        e = row_a[z + (a + np.uint64(B))] - row_b[z + (b + np.uint64(B))]
        f = row_a[z + (a + np.uint64(C))] - row_b[z + (b + np.uint64(C))]
        o[z] = d * d + e * e + f * f


@helper
def more_squares(o, row_a, row_b, a, b, n):
    """Add the squared differences of another channel."""
    a, b = np.uint64(a), np.uint64(b)
    for x in range(n):
        z = np.uint64(x)
        d = row_a[z + a] - row_b[z + b]
        o[z] += d * d


@helper
def squares(o, row_a, row_b, a, b, n, colors):
    """The squared differences of two rows, summed over the colors."""
    if colors == 3:
        squares3(o, row_a, row_b, a, b, n)
        return
    squares1(o, row_a, row_b, a, b, n)
    for c in range(1, colors):
        more_squares(o, row_a, row_b, a + c * SPAN, b + c * SPAN, n)


@helper
def weights(w, sums, n, steepness, noise):
    """2^min(noise - steepness D, 0) for the distances D of patches."""
    for x in range(n):
        w[x] = exp2(min(noise - sums[x] * steepness, real(0)))


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
    """Add a tap of three channels."""
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
    """Add a tap of any number of channels, weighted by alpha where there is one."""
    for x in range(m):
        weight = max(row[a + alpha * SPAN + x], real(0)) if alpha > 0 else real(1)
        weight *= w[b + x]
        for c in range(colors):
            sums[c * SPAN + x] += weight * (row[a + c * SPAN + x] - mid[o + c * SPAN + x])
        sums[colors * SPAN + x] += weight


@helper
def add(sums, mid, row, w, o, a, b, m, colors, alpha):
    """Add the tap at item a of a row to the sums of the center at item o of mid; its weights begin at w[b]."""
    if colors == 1 and alpha == 0:
        add1(sums, mid, row, w, o, a, b, m)
    elif colors == 3 and alpha == 0:
        add3(sums, mid, row, w, o, a, b, m)
    else:
        add_any(sums, mid, row, w, o, a, b, m, colors, alpha)


@helper
def offset(sums, scratch_planes, m, y, x, sizes, steepness, noise, buffers):
    """Add the taps at the offset y, x and at its opposite, y >= 0, for a block of rows of m pixels."""
    rows, search, patch, colors, alpha = sizes
    half, reach = search // 2, search // 2 + patch // 2
    third = (buffers.shape[0] - 2) // 3
    boxes, others, totals = buffers[0:third], buffers[third : 2 * third], buffers[2 * third : 3 * third]
    distances, spare = buffers[3 * third], buffers[3 * third + 1]
    left = min(0, -x)
    tall, wide = rows + y, m + abs(x)
    n = wide + patch - 1
    for j in range(tall + patch - 1):
        first = half + left
        squares(boxes[j], scratch_planes[j + half - y], scratch_planes[j + half], first, first + x, n, colors)
    down(totals, boxes, others, tall, n, patch)
    for j in range(tall):
        across(distances, totals[j], spare, wide, 1, patch)
        weights(boxes[j], distances, wide, steepness, noise)
    for j in range(rows):
        mid = scratch_planes[j + reach]
        add(
            sums[j],
            mid,
            scratch_planes[j + reach + y],
            boxes[j + y],
            reach,
            reach + x,
            -left,
            m,
            colors,
            alpha,
        )
        add(
            sums[j],
            mid,
            scratch_planes[j + reach - y],
            boxes[j],
            reach,
            reach - x,
            -left - x,
            m,
            colors,
            alpha,
        )


REST = "i8, i8, i8, i8, i8, i8, %s, %s, %s[:,:], %s[:,:], %s[:,:], %s[:], i8[:]"
SINGLE, DOUBLE = REST.replace("%s", "f4"), REST.replace("%s", "f8")


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], " + SINGLE,
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], " + DOUBLE,
)
def nlm(
    out,
    src,
    width,
    channels,
    colors,
    alpha,
    search,
    patch,
    steepness,
    noise,
    scratch_planes,
    sums,
    buffers,
    scratch,
    clipped,
):
    """2^min(noise - steepness D, 0) weighs a pixel whose patch differs by D, the sum of squared differences.

    alpha: the index of the alpha channel, 0 where there is none. `scratch_planes`: ROWS rows and their halo; `sums`:
    ROWS rows of sums; `buffers`: three of distances for a block and its halo, and two rows; `scratch`: a block.
    """
    half, reach = search // 2, search // 2 + patch // 2
    for top in range(0, out.shape[0], ROWS):
        rows = min(ROWS, out.shape[0] - top)
        sizes = rows, search, patch, colors, alpha
        for start in range(0, width, BLOCK):
            m = min(BLOCK, width - start)
            planes(scratch_planes, src, top, rows + 2 * reach, start, channels, m + 2 * reach)
            for y in range(rows):
                begin(sums[y], scratch_planes[y + reach], reach, m, colors, alpha)
            for y in range(half + 1):
                for x in range(-half if y > 0 else 1, half + 1):
                    offset(sums, scratch_planes, m, y, x, sizes, steepness, noise, buffers)
            for y in range(rows):
                means(scratch, sums[y], scratch_planes[y + reach], reach, m, channels, colors)
                n = m * channels
                finish(out[top + y][start * channels : start * channels + n], scratch, n, clipped)
