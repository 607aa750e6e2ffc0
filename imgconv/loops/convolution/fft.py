"""A kernel applied by Fourier transforms down the rows, and tap by tap across among the frequencies.

A transform down works on all items of a row at once, so that nothing is laid out anew and channels need no care; what
is left across costs one complex multiplication a column of the kernel. Two pieces of a row are transformed as the real
and the imaginary part of one. Dense 51x51, 12 MP RGB, 2 threads: 155 ms; numpy.fft by tiles of 512 x 512 380 ms,
without what it takes to import NumPy and to bring channels apart.

The transform is M. Pease's (1968), of radix 4, over 64 items at a time: each pass reads rows a quarter apart and writes
four rows in turn, so few tests show LLVM that they do not overlap. Its frequencies come out of order.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

LANES = 64  # items that go through a transform together; a row of it is 64 real parts, then 64 imaginary ones
ROW = 2 * LANES


@helper
def four(d, a, b, c, e, p, q, r, s, t, u):
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
def two(d, a, b):
    """One butterfly of radix 2, the last pass: nothing is turned."""
    for x in range(ROW):
        k = np.uint64(x)
        d[k] = a[k] + b[k]
        d[np.uint64(x + ROW)] = a[k] - b[k]


@helper
def transform(first, second, size, turns):
    """The transform of `size` rows of `first`, by passes to and fro; whether the result lies in `second`.

    `turns` holds cos and -sin of 2 pi k / size, one after the other.
    """
    blocks, there = 1, False
    while blocks < size:
        src, dst = (second, first) if there else (first, second)
        if 4 * blocks <= size:
            far = size // 4
            for k in range(far):
                t = 2 * (k // blocks * blocks)
                four(
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
                two(
                    dst[2 * k * ROW : (2 * k + 2) * ROW],
                    src[k * ROW : (k + 1) * ROW],
                    src[(k + far) * ROW : (k + far + 1) * ROW],
                )
            blocks *= 2
        there = not there
    return there


@helper
def taken(d, row, start, stop):
    """Up to 64 items of a row from `submit` on, zeros from `stop` on."""
    n = min(max(stop - start, 0), LANES)
    s = np.uint64(start)
    for x in range(n):
        k = np.uint64(x)
        d[k] = real(row[k + s])
    for x in range(n, LANES):
        d[x] = 0


@helper
def turned_four(o, i, row, half, at, step, taps, j):
    """o + i sqrt(-1) += four taps of the row, whose imaginary parts begin at `half`."""
    p, q, r, s = taps[2 * j], taps[2 * j + 2], taps[2 * j + 4], taps[2 * j + 6]
    t, u, v, w = taps[2 * j + 1], taps[2 * j + 3], taps[2 * j + 5], taps[2 * j + 7]
    a, b = np.uint64(at), np.uint64(at + step)
    c, d = np.uint64(at + 2 * step), np.uint64(at + 3 * step)
    h = np.uint64(half)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        m = k + h
        ar, br, cr, dr = row[k + a], row[k + b], row[k + c], row[k + d]
        ai, bi, ci, di = row[m + a], row[m + b], row[m + c], row[m + d]
        o[k] = o[k] + ar * p - ai * t + br * q - bi * u + cr * r - ci * v + dr * s - di * w
        i[k] = i[k] + ar * t + ai * p + br * u + bi * q + cr * v + ci * r + dr * w + di * s


@helper
def turned(o, i, row, half, at, p, t):
    a, h = np.uint64(at), np.uint64(half)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        ar, ai = row[k + a], row[k + h + a]
        o[k] = o[k] + ar * p - ai * t
        i[k] = i[k] + ar * t + ai * p


@helper
def across(o, i, row, half, step, taps):
    count = taps.shape[0] // 2
    for x in range(o.shape[0]):
        o[x] = 0
        i[x] = 0
    j = 0
    while j + 4 <= count:
        turned_four(o, i, row, half, j * step, step, taps, j)
        j += 4
    while j < count:
        turned(o, i, row, half, j * step, taps[2 * j], taps[2 * j + 1])
        j += 1


@helper
def clear(d):
    for x in range(d.shape[0]):
        d[x] = 0


@helper
def check(sound, d):
    """Infinity times 0 is no number, and stays none."""
    for x in range(LANES):
        k = np.uint64(x)
        sound[k] = sound[k] + d[k] * real(0) + d[np.uint64(x + LANES)] * real(0)


@helper
def put(row, values, start, n, bias, count):
    if n > 0:
        for x in range(n):
            values[x] += bias
        finish(row[start : start + n], values, n, count)


@loop("f4[:,:], {u1,u2,f4}[:,:], i8, i8, i8, i8, i8, f4[:], f4[:], f4[:], f4[:]")
def forward(plane, src, height, start, half, wide, stop, turns, first, second, sound):
    """Spectra of `wide` columns of src from item `submit` on, as real parts, and of those `half` further, as imaginary.

    plane: a row a frequency, real parts, then imaginary ones. Beyond `height` rows and `stop` items src is 0.
    `sound` is not 0 afterwards where a value is not finite.
    """
    size = plane.shape[0]
    for x in range(0, wide, LANES):
        for y in range(size):
            d = first[y * ROW : (y + 1) * ROW]
            if y < height:
                taken(d[0:LANES], src[y], start + x, stop)
                taken(d[LANES:ROW], src[y], start + half + x, stop)
                check(sound, d)
            else:
                clear(d)
        found = second if transform(first, second, size, turns) else first
        n = min(LANES, wide - x)
        for y in range(size):
            copy(plane[y][x : x + n], found[y * ROW : y * ROW + n])
            copy(plane[y][wide + x : wide + x + n], found[y * ROW + LANES : y * ROW + LANES + n])


@loop("f4[:,:], f4[:,:], i8, i8, i8, f4[:], f4[:]")
def multiply(plane, taps, wide, half, step, real_part, imaginary):
    """Each frequency's row times its own complex taps, in place: `half` items of either part are left."""
    for y in range(plane.shape[0]):
        o, i, row = real_part[0:half], imaginary[0:half], plane[y]
        across(o, i, row, wide, step, taps[y])
        copy(row[0:half], o)
        copy(row[wide : wide + half], i)


@loop("{u1,u2,f4}[:,:], f4[:,:], i8[:], i8, i8, i8, i8, f4, f4[:], f4[:], f4[:], i8[:]")
def backward(out, plane, places, start, half, wide, stop, bias, turns, first, second, count):
    """The columns of these spectra, into their places in out. `places`: in which row each frequency stands.

    With the parts exchanged before and after it, the transform is the inverse.
    """
    size = plane.shape[0]
    for x in range(0, half, LANES):
        n = min(LANES, half - x)
        for f in range(size):
            row, d = plane[places[f]], first[f * ROW : (f + 1) * ROW]
            copy(d[LANES : LANES + n], row[x : x + n])
            copy(d[0:n], row[wide + x : wide + x + n])
        found = second if transform(first, second, size, turns) else first
        left, right = start + x, start + half + x
        for y in range(out.shape[0]):
            at = places[y] * ROW
            put(out[y], found[at + LANES : at + ROW], left, min(n, stop - left), bias, count)
            put(out[y], found[at : at + LANES], right, min(n, stop - right), bias, count)


@loop("f4[:,:], f8[:,:], i8, i8[:], f8[:]")
def spectrum(taps, weights, below, frequencies, turns):
    """taps[y, 2 j] and [y, 2 j + 1]: the complex weight of column j at the frequency that stands in row y.

    That is the conjugate of the transform of column j, whose weights lie `below` rows apart, over the length.
    """
    size = taps.shape[0]
    for y in range(size):
        for j in range(weights.shape[1]):
            re, im = 0.0, 0.0
            for i in range(weights.shape[0]):
                t = 2 * (frequencies[y] * i * below % size)
                re += weights[i, j] * turns[t]
                im -= weights[i, j] * turns[t + 1]
            taps[y, 2 * j] = re / size
            taps[y, 2 * j + 1] = im / size


@loop("{u1,u2,f4}[:,:], f4[:,:], i8, i8[:]")
def stored(out, src, n, count):
    """Rows of computed values into rows of any dtype."""
    for y in range(out.shape[0]):
        finish(out[y], src[y], n, count)
