"""Pooling: rows are combined down a window, then across it, whole rows at a time.

Across, every position is computed in vectors and every column_stride-th one kept: faster than a loop that skips.
A window has `height` x `width` taps, `row_dilation` and `column_dilation` pixels apart, moved by `row_stride` and
`column_stride`. `pixels` is the width of the result, `block` how many of its pixels are worked on at a time; `buffers`
holds two rows of what a block looks at. `docs/loops.md` says what other arguments are.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

WINDOW = "i8, i8, i8, i8, i8, i8"  # height, width, row_dilation, column_dilation, row_stride, column_stride
SIZE = "i8, i8, i8"  # channels, pixels, block


@helper
def thin(o, v, column_stride, channels, pixels):
    """Every column_stride-th pixel of v; usual numbers are written out: LLVM shuffles where it knows the distances."""
    if column_stride == 1:
        for x in range(pixels * channels):
            o[x] = v[x]
    elif column_stride == 2 and channels == 1:
        for x in range(pixels):
            o[x] = v[2 * x]
    elif column_stride == 2 and channels == 3:
        for x in range(pixels):
            o[3 * x] = v[6 * x]
            o[3 * x + 1] = v[6 * x + 1]
            o[3 * x + 2] = v[6 * x + 2]
    elif column_stride == 2 and channels == 4:
        for x in range(pixels):
            o[4 * x] = v[8 * x]
            o[4 * x + 1] = v[8 * x + 1]
            o[4 * x + 2] = v[8 * x + 2]
            o[4 * x + 3] = v[8 * x + 3]
    else:
        for x in range(pixels):
            for c in range(channels):
                o[x * channels + c] = v[x * column_stride * channels + c]


@helper
def larger(o, p, q):
    """The larger of two, or NaN where one is NaN."""
    for x in range(o.shape[0]):
        a = p[x]
        b = q[x]
        o[x] = a if a > b or a != a else b


@helper
def enlarge(o, p):
    for x in range(o.shape[0]):
        a = o[x]
        b = p[x]
        o[x] = a if a > b or a != a else b


@helper
def copy(o, p):
    for x in range(o.shape[0]):
        o[x] = p[x]


@loop(*(f"{dtype}[:,:], {dtype}[:,:], {WINDOW}, {SIZE}, {dtype}[:,:]" for dtype in ("u1", "u2", "f4", "f8")))
def largest(
    out,
    src,
    height,
    width,
    row_dilation,
    column_dilation,
    row_stride,
    column_stride,
    channels,
    pixels,
    block,
    buffers,
):
    """Max pooling: the largest value of each window."""
    for y in range(out.shape[0]):
        for part in range(-(-pixels // block)):
            start = part * block
            many = min(block, pixels - start)
            m = ((many - 1) * column_stride + 1) * channels
            n = m + (width - 1) * column_dilation * channels
            first = start * column_stride * channels
            stop = first + n
            v = buffers[0][0:n]
            if height == 1:
                copy(v, src[y * row_stride][first:stop])
            else:
                larger(v, src[y * row_stride][first:stop], src[y * row_stride + row_dilation][first:stop])
            for i in range(2, height):
                enlarge(v, src[y * row_stride + i * row_dilation][first:stop])
            o = buffers[1][0:m]
            jump = column_dilation * channels
            if width == 1:
                copy(o, v)
            else:
                larger(o, v[0:m], v[jump : jump + m])
            for j in range(2, width):
                enlarge(o, v[j * jump : j * jump + m])
            thin(
                out[y][start * channels : (start + many) * channels],
                buffers[1],
                column_stride,
                channels,
                many,
            )


@helper
def quarter(o, p, q, r, s):
    """(p + q + r + s) / 4, half to even. NumPy's functions, unlike operators, stay in 16 bits."""
    for x in range(o.shape[0]):
        total = np.add(np.add(np.uint16(p[x]), np.uint16(q[x])), np.add(np.uint16(r[x]), np.uint16(s[x])))
        odd = np.bitwise_and(np.right_shift(total, np.uint16(2)), np.uint16(1))
        o[x] = np.uint8(np.right_shift(np.add(total, np.add(odd, np.uint16(1))), np.uint16(2)))


@loop("u1[:,:], u1[:,:], i8, i8, i8, u1[:,:]")
def halve(out, src, channels, pixels, block, buffers):
    """The mean of each 2 x 2 bytes, half to even."""
    for y in range(out.shape[0]):
        for part in range(-(-pixels // block)):
            start = part * block
            many = min(block, pixels - start)
            m = (2 * many - 1) * channels
            above = src[2 * y][2 * start * channels :]
            below = src[2 * y + 1][2 * start * channels :]
            beside = channels + m
            quarter(buffers[0][0:m], above[0:m], above[channels:beside], below[0:m], below[channels:beside])
            thin(out[y][start * channels : (start + many) * channels], buffers[0], 2, channels, many)


@helper
def fourth_of_bytes(p, q, r, s, o):
    for x in range(o.shape[0]):
        total = np.add(np.add(np.uint16(p[x]), np.uint16(q[x])), np.add(np.uint16(r[x]), np.uint16(s[x])))
        o[x] = real(np.int32(total)) * real(0.25)


@helper
def fourth_of_any(p, q, r, s, o):
    """o = ((p + q) + (r + s)) / 4, summed in float64."""
    for x in range(o.shape[0]):
        total = (np.float64(p[x]) + np.float64(q[x])) + (np.float64(r[x]) + np.float64(s[x]))
        o[x] = real(total) * real(0.25)


fourth = Overload({"u1": fourth_of_bytes, "u2": fourth_of_any, "f4": fourth_of_any})


@loop("{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8, i8, i8, f4[:], f4[:], i8[:]")
def halve_any(out, src, channels, pixels, block, buffer, scratch, clipped):
    """`mean` of 2 x 2, to the bit: its three passes over rows of float64 take twice as long."""
    for y in range(out.shape[0]):
        for start in range(0, pixels, block):
            many = min(block, pixels - start)
            m = (2 * many - 1) * channels
            above = src[2 * y][2 * start * channels :]
            below = src[2 * y + 1][2 * start * channels :]
            beside = channels + m
            fourth(above[0:m], below[0:m], above[channels:beside], below[channels:beside], buffer[0:m])
            o = scratch[0 : many * channels]
            thin(o, buffer, 2, channels, many)
            finish(out[y][start * channels : (start + many) * channels], o, many * channels, clipped)


@helper
def gather(o, p):
    """o += p in the type of o: 16 bits stay 16 bits."""
    for x in range(o.shape[0]):
        o[x] = np.add(o[x], o.dtype.type(p[x]))


@helper
def convert(o, p):
    for x in range(o.shape[0]):
        o[x] = p[x]


@helper
def sums(buffers, src, top, first, height, width, row_dilation, jump, m, n):
    """Row 1 of buffers: the sum of each window, down each column first, then across."""
    v = buffers[0][0:n]
    o = buffers[1][0:m]
    convert(v, src[top][first : first + n])
    for i in range(1, height):
        gather(v, src[top + i * row_dilation][first : first + n])
    convert(o, v[0:m])
    for j in range(1, width):
        gather(o, v[j * jump : j * jump + m])


@helper
def divide(o, v, rows, columns, channels, pixels):
    """v / (rows * columns[x]) for each pixel x; 0 where nothing counts."""
    for x in range(pixels):
        taps = max(real(rows * columns[x]), real(1))
        for c in range(channels):
            o[x * channels + c] = real(v[x * channels + c]) / taps


@helper
def divide_all(o, v, taps):
    """v / taps."""
    for x in range(o.shape[0]):
        o[x] = real(v[x]) / taps


@loop(
    f"{{u1,u2,f4}}[:,:], u1[:,:], {WINDOW}, {SIZE}, i8, i8[:], i8[:], u2[:,:], f4[:], i8[:]",
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], {WINDOW}, {SIZE}, i8, i8[:], i8[:], f8[:,:], f4[:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], {WINDOW}, {SIZE}, i8, i8[:], i8[:], f8[:,:], f8[:], i8[:]",
)
def mean(
    out,
    src,
    height,
    width,
    row_dilation,
    column_dilation,
    row_stride,
    column_stride,
    channels,
    pixels,
    block,
    row,
    rows,
    columns,
    buffers,
    scratch,
    clipped,
):
    """Average pooling: the sum of each window over rows[row + y] * columns[x], the taps that count.

    Summed in the dtype of `buffers`.
    """
    for y in range(out.shape[0]):
        for part in range(-(-pixels // block)):
            start = part * block
            many = min(block, pixels - start)
            m = ((many - 1) * column_stride + 1) * channels
            n = m + (width - 1) * column_dilation * channels
            first, jump = start * column_stride * channels, column_dilation * channels
            sums(buffers, src, y * row_stride, first, height, width, row_dilation, jump, m, n)
            v = buffers[0][0 : many * channels]
            thin(v, buffers[1], column_stride, channels, many)
            o = scratch[0 : many * channels]
            left, right = columns[start], columns[start + many - 1]
            if left == width and right == width and rows[row + y] == height:
                divide_all(o, v, real(height * width))
            else:
                divide(o, v, rows[row + y], columns[start : start + many], channels, many)
            finish(out[y][start * channels : (start + many) * channels], o, many * channels, clipped)
