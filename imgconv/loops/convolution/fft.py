"""Convolution by Fourier transforms down the columns, and tap by tap across at each frequency.

A transform down works on all items of a row at once, so that nothing is rearranged and channels need no special care;
across, each column of the kernel costs one complex multiplication. Two pieces of a row are transformed together, as
real and imaginary parts. Dense 51x51, 12 MP RGB, 2 threads: 155 ms; numpy.fft in tiles of 512 x 512: 380 ms, without
the time to import NumPy and to separate channels.

The transform is M. Pease's (1968), of radix 4, over 64 items at a time: each pass reads rows a quarter apart and writes
four rows in turn, so few tests show LLVM that they do not overlap. Its frequencies come out of order.

Units: `start`, `half`, `wide`, `stop` and `channel_stride` are items of a row. A plane has a row for each frequency:
`wide` real parts, then `wide` imaginary parts. `turns` holds cos and -sin of 2 pi k / size, one after the other.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

LANES = 64  # items transformed together: 64 real parts, then 64 imaginary parts
ROW = 2 * LANES


@helper
def butterfly4(d, a, b, c, e, p, q, r, s, t, u):
    """One butterfly of radix 4; (p, q), (r, s), (t, u) turn the second, third and fourth result."""
    for x in range(LANES):
        k = np.uint64(x)
        i = np.uint64(x + LANES)
        sum_r, sum_i, diff_r, diff_i = a[k] + c[k], a[i] + c[i], a[k] - c[k], a[i] - c[i]
        odd_r, odd_i, turn_r, turn_i = b[k] + e[k], b[i] + e[i], b[i] - e[i], e[k] - b[k]
        d[k], d[i] = sum_r + odd_r, sum_i + odd_i
        one_r, one_i = diff_r + turn_r, diff_i + turn_i
        d[np.uint64(x + 2 * LANES)] = one_r * p - one_i * q
        d[np.uint64(x + 3 * LANES)] = one_r * q + one_i * p
        two_r, two_i = sum_r - odd_r, sum_i - odd_i
        d[np.uint64(x + 4 * LANES)] = two_r * r - two_i * s
        d[np.uint64(x + 5 * LANES)] = two_r * s + two_i * r
        three_r, three_i = diff_r - turn_r, diff_i - turn_i
        d[np.uint64(x + 6 * LANES)] = three_r * t - three_i * u
        d[np.uint64(x + 7 * LANES)] = three_r * u + three_i * t


@helper
def copy(d, a):
    for x in range(d.shape[0]):
        d[x] = a[x]


@helper
def butterfly2(d, a, b):
    """One butterfly of radix 2, the last pass: nothing is turned."""
    for x in range(ROW):
        k = np.uint64(x)
        d[k] = a[k] + b[k]
        d[np.uint64(x + ROW)] = a[k] - b[k]


@helper
def transform(first, second, size, turns):
    """Transform `size` rows of `first`, by passes to `second` and back; returns whether the result is in `second`."""
    blocks, in_second = 1, False
    while blocks < size:
        src, dst = (second, first) if in_second else (first, second)
        if 4 * blocks <= size:
            far = size // 4
            for k in range(far):
                t = 2 * (k // blocks * blocks)
                butterfly4(
                    dst[4 * k * ROW : (4 * k + 4) * ROW],
                    src[k * ROW : (k + 1) * ROW],
                    src[(k + far) * ROW : (k + far + 1) * ROW],
                    src[(k + 2 * far) * ROW : (k + 2 * far + 1) * ROW],
                    src[(k + 3 * far) * ROW : (k + 3 * far + 1) * ROW],
                    turns[t],
                    turns[t + 1],
                    turns[2 * t],
                    turns[2 * t + 1],
                    turns[3 * t],
                    turns[3 * t + 1],
                )
            blocks *= 4
        else:
            far = size // 2
            for k in range(far):
                butterfly2(
                    dst[2 * k * ROW : (2 * k + 2) * ROW],
                    src[k * ROW : (k + 1) * ROW],
                    src[(k + far) * ROW : (k + far + 1) * ROW],
                )
            blocks *= 2
        in_second = not in_second
    return in_second


@helper
def load_items(d, row, start, stop):
    """d = up to 64 items of a row from `start` on, and zeros from `stop` on."""
    n = min(max(stop - start, 0), LANES)
    s = np.uint64(start)
    for x in range(n):
        k = np.uint64(x)
        d[k] = real(row[k + s])
    for x in range(n, LANES):
        d[x] = 0


@helper
def add_four_taps(o, i, row, half, offset, stride, taps, j):
    """o + i sqrt(-1) += four taps of the row, whose imaginary parts begin at `half`."""
    p, q, r, s = taps[2 * j], taps[2 * j + 2], taps[2 * j + 4], taps[2 * j + 6]
    t, u, v, w = taps[2 * j + 1], taps[2 * j + 3], taps[2 * j + 5], taps[2 * j + 7]
    a, b = np.uint64(offset), np.uint64(offset + stride)
    c, d = np.uint64(offset + 2 * stride), np.uint64(offset + 3 * stride)
    h = np.uint64(half)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        m = k + h
        ar, br, cr, dr = row[k + a], row[k + b], row[k + c], row[k + d]
        ai, bi, ci, di = row[m + a], row[m + b], row[m + c], row[m + d]
        o[k] = o[k] + ar * p - ai * t + br * q - bi * u + cr * r - ci * v + dr * s - di * w
        i[k] = i[k] + ar * t + ai * p + br * u + bi * q + cr * v + ci * r + dr * w + di * s


@helper
def add_tap(o, i, row, half, offset, p, t):
    a, h = np.uint64(offset), np.uint64(half)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        ar, ai = row[k + a], row[k + h + a]
        o[k] = o[k] + ar * p - ai * t
        i[k] = i[k] + ar * t + ai * p


@helper
def across(o, i, row, half, stride, taps):
    columns = taps.shape[0] // 2
    for x in range(o.shape[0]):
        o[x] = 0
        i[x] = 0
    j = 0
    while j + 4 <= columns:
        add_four_taps(o, i, row, half, j * stride, stride, taps, j)
        j += 4
    while j < columns:
        add_tap(o, i, row, half, j * stride, taps[2 * j], taps[2 * j + 1])
        j += 1


@helper
def clear(d):
    for x in range(d.shape[0]):
        d[x] = 0


@helper
def check_finite(nonfinite, d):
    """Infinity and NaN times 0 are NaN, and NaN stays NaN."""
    for x in range(LANES):
        k = np.uint64(x)
        nonfinite[k] = nonfinite[k] + d[k] * real(0) + d[np.uint64(x + LANES)] * real(0)


@helper
def store_items(row, values, start, n, bias, clipped):
    if n > 0:
        for x in range(n):
            values[x] += bias
        finish(row[start : start + n], values, n, clipped)


@loop("f4[:,:], {u1,u2,f4}[:,:], i8, i8, i8, i8, i8, f4[:], f4[:], f4[:], f4[:]")
def forward(plane, src, height, start, half, wide, stop, turns, first, second, nonfinite):
    """plane = spectra of `wide` columns of src from item `start` on, as real parts, and of those `half` further on.

    Beyond `height` rows and `stop` items src counts as 0. `first` and `second` are scratch of size * ROW items.
    `nonfinite` has a value other than 0 afterwards if a value of src is not finite.
    """
    size = plane.shape[0]
    for x in range(0, wide, LANES):
        for y in range(size):
            d = first[y * ROW : (y + 1) * ROW]
            if y < height:
                load_items(d[0:LANES], src[y], start + x, stop)
                load_items(d[LANES:ROW], src[y], start + half + x, stop)
                check_finite(nonfinite, d)
            else:
                clear(d)
        spectra = second if transform(first, second, size, turns) else first
        n = min(LANES, wide - x)
        for y in range(size):
            copy(plane[y][x : x + n], spectra[y * ROW : y * ROW + n])
            copy(plane[y][wide + x : wide + x + n], spectra[y * ROW + LANES : y * ROW + LANES + n])


@loop("f4[:,:], f4[:,:], i8, i8, i8, f4[:], f4[:]")
def multiply(plane, taps, wide, half, channel_stride, real_part, imaginary):
    """Convolve each frequency's row with its own complex taps, in place: `half` items of both parts are left."""
    for y in range(plane.shape[0]):
        o, i, row = real_part[0:half], imaginary[0:half], plane[y]
        across(o, i, row, wide, channel_stride, taps[y])
        copy(row[0:half], o)
        copy(row[wide : wide + half], i)


@loop("{u1,u2,f4}[:,:], f4[:,:], i8[:], i8, i8, i8, i8, f4, f4[:], f4[:], f4[:], i8[:]")
def backward(out, plane, frequency_rows, start, half, wide, stop, bias, turns, first, second, clipped):
    """out = the columns of these spectra, plus bias. frequency_rows[f] is the row of frequency f.

    With real and imaginary parts exchanged before and after it, the transform is the inverse.
    """
    size = plane.shape[0]
    for x in range(0, half, LANES):
        n = min(LANES, half - x)
        for f in range(size):
            row, d = plane[frequency_rows[f]], first[f * ROW : (f + 1) * ROW]
            copy(d[LANES : LANES + n], row[x : x + n])
            copy(d[0:n], row[wide + x : wide + x + n])
        spectra = second if transform(first, second, size, turns) else first
        left, right = start + x, start + half + x
        for y in range(out.shape[0]):
            i = frequency_rows[y] * ROW
            store_items(out[y], spectra[i + LANES : i + ROW], left, min(n, stop - left), bias, clipped)
            store_items(out[y], spectra[i : i + LANES], right, min(n, stop - right), bias, clipped)


@loop("f4[:,:], f8[:,:], i8, i8[:], f8[:]")
def spectrum(taps, weights, dilation, frequencies, turns):
    """taps[y, 2 j] and taps[y, 2 j + 1] = the complex weight of the kernel's column j at frequency frequencies[y].

    It is the conjugate of the transform of column j, whose weights lie `dilation` rows apart, divided by the size.
    """
    size = taps.shape[0]
    for y in range(size):
        for j in range(weights.shape[1]):
            re, im = 0.0, 0.0
            for i in range(weights.shape[0]):
                t = 2 * (frequencies[y] * i * dilation % size)
                re += weights[i, j] * turns[t]
                im -= weights[i, j] * turns[t + 1]
            taps[y, 2 * j] = re / size
            taps[y, 2 * j + 1] = im / size


@loop("{u1,u2,f4}[:,:], f4[:,:], i8, i8[:]")
def store_rows(out, src, n, clipped):
    """out = rows of computed values, converted to the dtype of out."""
    for y in range(out.shape[0]):
        finish(out[y], src[y], n, clipped)
