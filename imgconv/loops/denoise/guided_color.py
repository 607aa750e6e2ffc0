"""Guided filter with all three colors as the guide: a box has N and b, a pixel is v - N v + b with their means.

N = eps (covariance + eps)^-1, which is symmetric: six planes of rr, rg, rb, gg, gb, bb, and three of b = N mean. A row
of planes in the image holds `width` items of each plane, scratch rows SPAN. Boxes as in `guided`; n, block and width
are in pixels.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.guided import height_of, padded_row
from imgconv.loops.denoise.window_sums import accumulate, across, down
from imgconv.loops.round_and_store import finish

PLANES = 9
SPAN = 400  # items of a plane of a row, at most: a number that LLVM knows, so that it sees them beside each other
A, B, C, D, E, F, G, H = SPAN, 2 * SPAN, 3 * SPAN, 4 * SPAN, 5 * SPAN, 6 * SPAN, 7 * SPAN, 8 * SPAN


@helper
def product(o, row, item, channel_stride, first, second, n):
    """The plane of channel `first`, or of its product with channel `second`, where that is not below 0."""
    a, s, p = np.uint64(item), np.uint64(channel_stride), np.uint64(first)
    if second < 0:
        for x in range(n):
            o[x] = real(row[a + s * np.uint64(x) + p])
    else:
        q = np.uint64(second)
        for x in range(n):
            k = a + s * np.uint64(x)
            o[x] = real(row[k + p]) * real(row[k + q])


@helper
def fit_line(o, s, box_widths, box_height, n, eps):
    """N and b from the sums of r, g, b, rr, rg, rb, gg, gb, bb."""
    for x in range(n):
        k = np.uint64(x)
        part = real(1) / (real(box_widths[k]) * box_height)
        r, g, b = s[k] * part, s[k + np.uint64(A)] * part, s[k + np.uint64(B)] * part
        rr = max(s[k + np.uint64(C)] * part - r * r, real(0)) + eps
        rg, rb = s[k + np.uint64(D)] * part - r * g, s[k + np.uint64(E)] * part - r * b
        gg = max(s[k + np.uint64(F)] * part - g * g, real(0)) + eps
        gb = s[k + np.uint64(G)] * part - g * b
        bb = max(s[k + np.uint64(H)] * part - b * b, real(0)) + eps
        p, q, t = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        share = eps / (rr * p + rg * q + rb * t)
        p, q, t = p * share, q * share, t * share
        u, v, w = (rr * bb - rb * rb) * share, (rg * rb - rr * gb) * share, (rr * gg - rg * rg) * share
        o[k] = p
        o[k + np.uint64(A)] = q
        o[k + np.uint64(B)] = t
        o[k + np.uint64(C)] = u
        o[k + np.uint64(D)] = v
        o[k + np.uint64(E)] = w
        o[k + np.uint64(F)] = p * r + q * g + t * b
        o[k + np.uint64(G)] = q * r + u * g + v * b
        o[k + np.uint64(H)] = t * r + v * g + w * b


SCRATCH = "f8[:,:], f8[:,:], f8[:,:], f8[:], f8[:]"


@loop(
    "{f4,f8}[:,:], {u1,u2,f4,f8}[:,:], i8, i8, i8, i8, i8, f8, i8[:], i8[:], i8[:], " + SCRATCH,
)
def fit_lines(
    lines,
    src,
    src_row,
    first,
    height,
    radius,
    channel_stride,
    eps,
    box_widths,
    firsts,
    seconds,
    block_values,
    other,
    sums,
    line,
    fitted,
):
    """Rows of nine planes from row `first` of the image on, whose box begins with row `src_row` of src.

    src is padded by two radii with 0. N and b follow from the sums of channel firsts[i], or of its product with channel
    seconds[i] where that is not below 0. Scratch rows hold a block and the halo of a box: `block_values` and `other` a
    band of rows and the halo, `sums` a band for each of nine planes; `line` and `fitted`: a row of planes.
    """
    size, width = 2 * radius + 1, box_widths.shape[0]
    block, band = min(sums.shape[1] - size + 1, SPAN), sums.shape[0] // PLANES
    for top in range(0, lines.shape[0], max(1, band)):
        rows = min(band, lines.shape[0] - top)
        for start in range(0, width, max(1, block)):
            m = min(block, width - start)
            n = m + size - 1
            for i in range(PLANES):
                for y in range(rows + size - 1):
                    product(
                        block_values[y],
                        src[src_row + top + y],
                        (start + radius) * channel_stride,
                        channel_stride,
                        firsts[i],
                        seconds[i],
                        n,
                    )
                down(sums[i * band : i * band + rows], block_values, other, rows, n, size)
            for y in range(rows):
                for i in range(PLANES):
                    across(line[i * SPAN : i * SPAN + m], sums[i * band + y], block_values[0], m, 1, size)
                box_height = height_of(first + top + y, radius, height)
                fit_line(fitted, line, box_widths[start : start + m], box_height, m, eps)
                for i in range(PLANES):
                    a = i * width + start
                    accumulate(lines[top + y][a : a + m], fitted, i * SPAN, m, True)


@helper
def evaluate_line(o, row, item, s, box_widths, box_height, channel_stride, n):
    """v - N v + b, from the sums of N and b over the boxes that hold the pixel."""
    a, t = np.uint64(item), np.uint64(channel_stride)
    for x in range(n):
        k = np.uint64(x)
        i = a + k * t
        part = real(1) / (real(box_widths[k]) * box_height)
        r, g, b = real(row[i]), real(row[i + np.uint64(1)]), real(row[i + np.uint64(2)])
        j = k * t
        red = s[k + np.uint64(F)] - s[k] * r - s[k + np.uint64(A)] * g - s[k + np.uint64(B)] * b
        green = (
            s[k + np.uint64(G)] - s[k + np.uint64(A)] * r - s[k + np.uint64(C)] * g - s[k + np.uint64(D)] * b
        )
        blue = (
            s[k + np.uint64(H)] - s[k + np.uint64(B)] * r - s[k + np.uint64(D)] * g - s[k + np.uint64(E)] * b
        )
        o[j] = r + red * part
        o[j + np.uint64(1)] = g + green * part
        o[j + np.uint64(2)] = b + blue * part


FRAME = "i8, i8, i8, i8, i8, i8[:]"


@loop(
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], f4[:,:], {FRAME}, f4[:,:], f4[:,:], f4[:,:], f4[:], f4[:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], f8[:,:], {FRAME}, f8[:,:], f8[:,:], f8[:,:], f8[:], f8[:], i8[:]",
)
def evaluate_lines(
    out,
    src,
    lines,
    begin,
    first,
    height,
    radius,
    channel_stride,
    box_widths,
    block_values,
    other,
    sums,
    line,
    scratch,
    clipped,
):
    """out from row `first` of the image on; the planes `lines` begin with its row `begin`. A fourth channel stays.

    Scratch as for `fit_lines`; `scratch`: a row of pixels.
    """
    size, width = 2 * radius + 1, box_widths.shape[0]
    block, band = min(sums.shape[1] - size + 1, SPAN), sums.shape[0] // PLANES
    for top in range(0, out.shape[0], max(1, band)):
        rows = min(band, out.shape[0] - top)
        for start in range(0, width, max(1, block)):
            m = min(block, width - start)
            n = m + size - 1
            for i in range(PLANES):
                for y in range(rows + size - 1):
                    line_row = first + top + y - radius - begin
                    padded_row(block_values[y], lines, line_row, start, radius, 1, n, width, i * width)
                down(sums[i * band : i * band + rows], block_values, other, rows, n, size)
            for y in range(rows):
                for i in range(PLANES):
                    across(line[i * SPAN : i * SPAN + m], sums[i * band + y], block_values[0], m, 1, size)
                row, item = src[top + y + 2 * radius], (start + 2 * radius) * channel_stride
                box_height = height_of(first + top + y, radius, height)
                evaluate_line(
                    scratch, row, item, line, box_widths[start : start + m], box_height, channel_stride, m
                )
                for c in range(3, channel_stride):
                    for x in range(m):
                        scratch[x * channel_stride + c] = real(row[item + x * channel_stride + c])
                finish(
                    out[top + y][start * channel_stride : (start + m) * channel_stride],
                    scratch,
                    m * channel_stride,
                    clipped,
                )
