"""The guided filter with the image as its own guide: each pixel a line a v + b, whose a and b are means of boxes."""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.window_sums import across, down
from imgconv.loops.round_and_store import finish

ROOMS = "f8[:,:], f8[:,:], f8[:,:], f8[:,:], f8[:,:], f8[:,:]"
FRAME = "i8, i8, i8, i8, i8, i8, i8[:]"


@helper
def powers(one, two, row, at, n):
    """A row's values and their squares."""
    a = np.uint64(at)
    for x in range(n):
        k = np.uint64(x)
        v = real(row[k + a])
        one[k] = v
        two[k] = v * v


@helper
def line(first, second, ones, twos, wide, tall, n, eps):
    """The line of each box from the sums of its values and of their squares: var / (var + eps), mean (1 - that)."""
    for x in range(n):
        count = real(wide[x]) * tall
        mean = ones[x] / count
        var = max(twos[x] / count - mean * mean, real(0))
        slope = var / (var + eps)
        first[x] = slope
        second[x] = mean - slope * mean


@helper
def height_of(y, radius, height):
    """Rows of the image that a box around row y holds."""
    return real(min(y + radius, height - 1) - max(y - radius, 0) + 1)


@loop("{f4,f8}[:,:], {f4,f8}[:,:], {u1,u2,f4,f8}[:,:], i8, i8, i8, i8, i8, f8, i8[:], " + ROOMS)
def lines(
    slopes,
    bases,
    src,
    at,
    first,
    height,
    radius,
    step,
    eps,
    wide,
    room,
    squares,
    other,
    sums,
    totals,
    buffers,
):
    """Rows of slopes and bases from row `first` of the image on; its box begins with row `at` of src.

    src is padded by two radii. `wide` are the columns that each box holds; what is beyond the image counts 0.
    """
    size, n = 2 * radius + 1, wide.shape[0]
    halo, block = (size - 1) * step, max(1, sums.shape[1] - (size - 1) * step)
    most = max(1, sums.shape[0])
    for top in range(0, slopes.shape[0], most):
        rows = min(most, slopes.shape[0] - top)
        for start in range(0, n, block):
            m = min(block, n - start)
            for y in range(rows + size - 1):
                powers(room[y], squares[y], src[at + top + y], start + radius * step, m + halo)
            down(sums, room, other, rows, m + halo, size)
            down(totals, squares, other, rows, m + halo, size)
            for y in range(rows):
                across(buffers[0], sums[y], buffers[2], m, step, size)
                across(buffers[1], totals[y], buffers[2], m, step, size)
                tall = height_of(first + top + y, radius, height)
                a, b = slopes[top + y][start : start + m], bases[top + y][start : start + m]
                line(a, b, buffers[0], buffers[1], wide[start : start + m], tall, m, eps)


@helper
def taken(o, rows, y, start, radius, step, n, limit, plane):
    """A row of a plane with what is beyond the image as 0; y may be beyond it too."""
    for x in range(n):
        o[x] = real(0)
    if y >= 0 and y < rows.shape[0]:
        low, high = max(start - radius * step, 0), min(start - radius * step + n, limit)
        to = low - (start - radius * step)
        row = rows[y]
        for x in range(high - low):
            o[to + x] = row[plane + low + x]


@helper
def values(o, row, at, slopes, bases, wide, tall, n):
    """The mean line at each value."""
    a = np.uint64(at)
    for x in range(n):
        k = np.uint64(x)
        o[k] = (slopes[k] * real(row[k + a]) + bases[k]) / (real(wide[k]) * tall)


@loop(
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], f4[:,:], f4[:,:], {FRAME}, f4[:,:], f4[:,:], f4[:,:], f4[:,:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], f8[:,:], f8[:,:], {FRAME}, f8[:,:], f8[:,:], f8[:,:], f8[:,:], i8[:]",
)
def means(
    out,
    src,
    slopes,
    bases,
    begin,
    first,
    height,
    radius,
    step,
    alpha,
    wide,
    room,
    other,
    sums,
    buffers,
    count,
):
    """out from row `first` of the image on, by lines that begin with its row `begin`."""
    size, n = 2 * radius + 1, wide.shape[0]
    halo, block = (size - 1) * step, max(1, sums.shape[1] - (size - 1) * step)
    most = max(1, sums.shape[0] // 2)
    for top in range(0, out.shape[0], most):
        rows = min(most, out.shape[0] - top)
        for start in range(0, n, block):
            m = min(block, n - start)
            for turn in range(2):
                of = slopes if turn == 0 else bases
                for y in range(rows + size - 1):
                    at = first + top + y - radius - begin
                    taken(room[y], of, at, start, radius, step, m + halo, n, 0)
                down(sums[turn * most : turn * most + rows], room, other, rows, m + halo, size)
            for y in range(rows):
                across(buffers[0], sums[y], buffers[2], m, step, size)
                across(buffers[1], sums[most + y], buffers[2], m, step, size)
                row, at = src[top + y + 2 * radius], start + 2 * radius * step
                tall = height_of(first + top + y, radius, height)
                values(buffers[2], row, at, buffers[0], buffers[1], wide[start : start + m], tall, m)
                if alpha > 0:
                    for i in range(-(-m // step)):
                        x = i * step + alpha
                        buffers[2][x] = real(row[at + x])
                finish(out[top + y][start : start + m], buffers[2], m, count)
