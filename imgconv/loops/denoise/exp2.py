"""Powers of two for weights, by bits and a polynomial, eight at a time; and pixels as planes, one for each channel.

A row of planes holds SPAN items of the first channel, then SPAN of the next, and so on. Sums have a plane for each
color, of weighted differences from the center, and then one of weights.
"""

from imgconv.jit.loop import helper, np, real
from imgconv.loops.color.transfer import is_double

SPAN = 400  # items of a row of a plane: a number that LLVM knows, so that it sees planes beside each other


@helper
def exp2(t):
    """2^t for t <= 0, with a relative error of 1.2e-7; 2^-126 where t is less, or NaN.

    The integer part of t goes into the exponent's bits, the rest through a fitted polynomial.
    """
    t = t if t > real(-126) else real(-126)
    if is_double():
        return np.exp(t * real(0.6931471805599453))
    whole = np.rint(t)
    f = t - whole
    p = real(0.05550733746934095) + f * (real(0.00967151305435636) + f * real(0.0013264727272427022))
    p = real(1) + f * (real(0.6931469775948128) + f * (real(0.24022242078911185) + f * p))
    return p * np.int32((np.int32(whole) << 23) + 1065353216).view(np.float32)


@helper
def plane(row, src, y, start, c, channels, pixels):
    """The plane of channel c: `pixels` pixels from pixel `start` of row y on."""
    q, a = np.uint64(y), np.uint64(start * channels + c)
    k, to = np.uint64(channels), np.uint64(c * SPAN)
    for x in range(pixels):
        z = np.uint64(x)
        row[to + z] = real(src[q, z * k + a])


@helper
def three_planes(row, src, y, start, pixels):
    """Three planes at once: LLVM loads the channels together and sorts them in registers."""
    q, a = np.uint64(y), np.uint64(3 * start)
    for x in range(pixels):
        z = np.uint64(x)
        k = z * np.uint64(3) + a
        row[z] = real(src[q, k])
        row[z + np.uint64(SPAN)] = real(src[q, k + np.uint64(1)])
        row[z + np.uint64(2 * SPAN)] = real(src[q, k + np.uint64(2)])


@helper
def planes(scratch, src, top, rows, start, channels, pixels):
    """Rows top to top + rows of src as planes, from pixel `start` on."""
    for y in range(rows):
        if channels == 3:
            three_planes(scratch[y], src, top + y, start, pixels)
        else:
            for c in range(channels):
                plane(scratch[y], src, top + y, start, c, channels, pixels)


@helper
def begin(sums, mid, o, m, colors, alpha):
    """Sums of the center alone, item `o` of mid: differences of 0, and its weight of 1, or its alpha."""
    for x in range(colors * SPAN):
        sums[x] = real(0)
    total = sums[colors * SPAN : colors * SPAN + m]
    for x in range(m):
        total[x] = max(mid[o + alpha * SPAN + x], real(0)) if alpha > 0 else real(1)


@helper
def three_means(o, sums, mid, center, m):
    """`means` of three colors."""
    first = np.uint64(center)
    for x in range(m):
        z = np.uint64(x)
        share = real(1) / sums[z + np.uint64(3 * SPAN)]
        k = z * np.uint64(3)
        o[k] = mid[z + first] + sums[z] * share
        o[k + np.uint64(1)] = mid[z + (first + np.uint64(SPAN))] + sums[z + np.uint64(SPAN)] * share
        o[k + np.uint64(2)] = mid[z + (first + np.uint64(2 * SPAN))] + sums[z + np.uint64(2 * SPAN)] * share


@helper
def means(o, sums, mid, center, m, channels, colors):
    """The center plus the mean difference; where no pixel weighs, the center. Alpha stays."""
    if channels == colors == 3:
        three_means(o, sums, mid, center, m)
        return
    for c in range(channels):
        for x in range(m):
            v = mid[center + c * SPAN + x]
            total = sums[colors * SPAN + x]
            share = real(1) / total if total > real(0) else real(0)
            o[x * channels + c] = v + sums[c * SPAN + x] * share if c < colors else v
