"""Guided filter, each channel its own guide: a line a v + b is fitted to each box, and a pixel takes the mean line of
the boxes that hold it.

n and block are in items, radius in pixels. A box has 2 radius + 1 rows and columns, of which only those in the image
count: box_widths[x] columns for item x.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.window_sums import across, down
from imgconv.loops.round_and_store import finish

SCRATCH = "f8[:,:], f8[:,:], f8[:,:], f8[:,:], f8[:,:], f8[:,:]"
FRAME = "i8, i8, i8, i8, i8, i8, i8[:]"


@helper
def square_values(one, two, row, first, n):
    """A row's values from item `first` on, and their squares."""
    a = np.uint64(first)
    for x in range(n):
        k = np.uint64(x)
        v = real(row[k + a])
        one[k] = v
        two[k] = v * v


@helper
def fit_line(slopes, bases, sums, squares, box_widths, box_height, n, eps):
    """The line of each box from the sums of its values and of their squares: var / (var + eps), mean (1 - that)."""
    for x in range(n):
        area = real(box_widths[x]) * box_height
        mean = sums[x] / area
        var = max(squares[x] / area - mean * mean, real(0))
        slope = var / (var + eps)
        slopes[x] = slope
        bases[x] = mean - slope * mean


@helper
def height_of(y, radius, height):
    """How many rows of the image a box around row y holds."""
    return real(min(y + radius, height - 1) - max(y - radius, 0) + 1)


@loop("{f4,f8}[:,:], {f4,f8}[:,:], {u1,u2,f4,f8}[:,:], i8, i8, i8, i8, i8, f8, i8[:], " + SCRATCH)
def fit_lines(
    slopes,
    bases,
    src,
    src_row,
    first,
    height,
    radius,
    channel_stride,
    eps,
    box_widths,
    block_values,
    squares,
    other,
    sums,
    totals,
    buffers,
):
    """Rows of slopes and bases from row `first` of the image on, whose box begins with row `src_row` of src.

    src is padded by two radii with 0. Scratch rows hold a block of items and the halo of a box: `block_values`,
    `squares` and `other` a band of rows and the halo, `sums` and `totals` the band, `buffers` 3 rows.
    """
    size, n = 2 * radius + 1, box_widths.shape[0]
    halo, block = (size - 1) * channel_stride, max(1, sums.shape[1] - (size - 1) * channel_stride)
    band = max(1, sums.shape[0])
    for top in range(0, slopes.shape[0], band):
        rows = min(band, slopes.shape[0] - top)
        for start in range(0, n, block):
            m = min(block, n - start)
            for y in range(rows + size - 1):
                square_values(
                    block_values[y],
                    squares[y],
                    src[src_row + top + y],
                    start + radius * channel_stride,
                    m + halo,
                )
            down(sums, block_values, other, rows, m + halo, size)
            down(totals, squares, other, rows, m + halo, size)
            for y in range(rows):
                across(buffers[0], sums[y], buffers[2], m, channel_stride, size)
                across(buffers[1], totals[y], buffers[2], m, channel_stride, size)
                box_height = height_of(first + top + y, radius, height)
                a, b = slopes[top + y][start : start + m], bases[top + y][start : start + m]
                fit_line(a, b, buffers[0], buffers[1], box_widths[start : start + m], box_height, m, eps)


@helper
def padded_row(o, rows, y, start, radius, channel_stride, n, limit, plane):
    """n items of a row from `start` on, less a radius, with 0 beyond the image; y may be beyond it too.

    The row is that of a plane of `limit` items which begins at item `plane`.
    """
    for x in range(n):
        o[x] = real(0)
    if y >= 0 and y < rows.shape[0]:
        low, high = max(start - radius * channel_stride, 0), min(start - radius * channel_stride + n, limit)
        to = low - (start - radius * channel_stride)
        row = rows[y]
        for x in range(high - low):
            o[to + x] = row[plane + low + x]


@helper
def evaluate_line(o, row, first, slopes, bases, box_widths, box_height, n):
    """The mean line at each value, from the sums of slopes and bases over the boxes that hold the pixel."""
    a = np.uint64(first)
    for x in range(n):
        k = np.uint64(x)
        o[k] = (slopes[k] * real(row[k + a]) + bases[k]) / (real(box_widths[k]) * box_height)


@loop(
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], f4[:,:], f4[:,:], {FRAME}, f4[:,:], f4[:,:], f4[:,:], f4[:,:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], f8[:,:], f8[:,:], {FRAME}, f8[:,:], f8[:,:], f8[:,:], f8[:,:], i8[:]",
)
def evaluate_lines(
    out,
    src,
    slopes,
    bases,
    begin,
    first,
    height,
    radius,
    channel_stride,
    alpha,
    box_widths,
    block_values,
    other,
    sums,
    buffers,
    clipped,
):
    """out from row `first` of the image on; slopes and bases begin with its row `begin`.

    alpha: the index of the alpha channel, which stays; 0 where there is none. Scratch as for `fit_lines`; `sums` has
    two bands.
    """
    size, n = 2 * radius + 1, box_widths.shape[0]
    halo, block = (size - 1) * channel_stride, max(1, sums.shape[1] - (size - 1) * channel_stride)
    band = max(1, sums.shape[0] // 2)
    for top in range(0, out.shape[0], band):
        rows = min(band, out.shape[0] - top)
        for start in range(0, n, block):
            m = min(block, n - start)
            for turn in range(2):
                lines = slopes if turn == 0 else bases
                for y in range(rows + size - 1):
                    line_row = first + top + y - radius - begin
                    padded_row(
                        block_values[y], lines, line_row, start, radius, channel_stride, m + halo, n, 0
                    )
                down(sums[turn * band : turn * band + rows], block_values, other, rows, m + halo, size)
            for y in range(rows):
                across(buffers[0], sums[y], buffers[2], m, channel_stride, size)
                across(buffers[1], sums[band + y], buffers[2], m, channel_stride, size)
                row, item = src[top + y + 2 * radius], start + 2 * radius * channel_stride
                box_height = height_of(first + top + y, radius, height)
                evaluate_line(
                    buffers[2],
                    row,
                    item,
                    buffers[0],
                    buffers[1],
                    box_widths[start : start + m],
                    box_height,
                    m,
                )
                if alpha > 0:
                    for i in range(-(-m // channel_stride)):
                        x = i * channel_stride + alpha
                        buffers[2][x] = real(row[item + x])
                finish(out[top + y][start : start + m], buffers[2], m, clipped)
