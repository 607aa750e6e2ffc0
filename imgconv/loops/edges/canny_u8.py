"""`canny.edges` for bytes, 3 x 3 pixels and |x| + |y|, in 16 bits: sums are at most 2040, vectors twice as long."""

from imgconv.jit.loop import helper, loop, np
from imgconv.loops.edges.canny import steepest

TANGENT = 13573  # of 22.5 degrees, in OpenCV's 15 bits; that of 67.5 is 2 more


@helper
def smoothed(o, p, q, r):
    """1 2 1 down."""
    for x in range(o.shape[0]):
        o[x] = np.int16(p[x]) + np.int16(r[x]) + 2 * np.int16(q[x])


@helper
def changed(o, p, r):
    """-1 0 1 down."""
    for x in range(o.shape[0]):
        o[x] = np.int16(r[x]) - np.int16(p[x])


@helper
def across(o, p, r):
    """-1 0 1 across: gx."""
    for x in range(o.shape[0]):
        o[x] = r[x] - p[x]


@helper
def gathered(o, p, q, r):
    """1 2 1 across: gy."""
    for x in range(o.shape[0]):
        o[x] = p[x] + r[x] + 2 * q[x]


@helper
def magnitude(o, p, q):
    """|p| + |q|."""
    for x in range(o.shape[0]):
        o[x] = max(p[x], np.negative(p[x])) + max(q[x], np.negative(q[x]))


@helper
def steepest_of_three(mag, gx, gy, every, across, downwards):
    """`steepest` of three colors, written out with products, which become vectors."""
    for x in range(mag.shape[0]):
        i = np.uint64(3 * x)
        j, k = i + np.uint64(1), i + np.uint64(2)
        a, b, c = every[i], every[j], every[k]
        most = max(a, b, c)
        first = np.int16(a == most)
        second = np.int16((a != most) & (b == most))
        third = np.int16((a != most) & (b != most))
        mag[x] = most
        gx[x] = across[i] * first + across[j] * second + across[k] * third
        gy[x] = downwards[i] * first + downwards[j] * second + downwards[k] * third


@helper
def suppress_non_maxima(out, above, mag, below, gx, gy, low, high):
    """`canny.suppress_non_maxima`; y < x t is y <= x t >> 15 in whole numbers where x or y is not 0."""
    least, most = np.int16(low), np.int16(high)
    for x in range(out.shape[0]):
        i = np.uint64(x)
        j, k = i + np.uint64(1), i + np.uint64(2)
        u, v, m = gx[j], gy[j], mag[j]
        wide, tall = max(u, np.negative(u)), max(v, np.negative(v))
        slope = np.int16(np.right_shift(np.multiply(np.int32(wide), np.int32(TANGENT)), np.int32(15)))
        rest = np.subtract(tall, np.add(wide, wide))
        turn = np.bitwise_xor(u, v)
        flat = (tall <= slope) & (m > mag[i]) & (m >= mag[k])
        steep = (rest > slope) & (m > above[j]) & (m >= below[j])
        falling = (turn >= 0) & (m > above[i]) & (m > below[k])
        rising = (turn < 0) & (m > above[k]) & (m > below[i])
        oblique = (tall > slope) & (rest <= slope) & (falling | rising)
        passes = (m > least) & (flat | steep | oblique)
        out[i] = np.uint8(np.uint8(passes) + np.uint8(passes & (m > most)))


@loop("u1[:,:], u1[:,:], i8, i8, i8, i8, i8, i8, i8, i2[:,:], i2[:,:], i2[:,:]")
def edges(out, src, low, high, channel_stride, colors, width, row, height, magnitudes, gradients, scratch):
    """The map of an image from its row `row` on; arguments as for `canny.edges`."""
    block = magnitudes.shape[1] - 2
    for start in range(0, width, block):
        m = min(block, width - start)
        n = (m + 2) * channel_stride
        first, last = start * channel_stride, start * channel_stride + n + 2 * channel_stride
        s, c = scratch[0][0 : n + 2 * channel_stride], scratch[1][0 : n + 2 * channel_stride]
        for y in range(-2, out.shape[0]):
            image_row = row + y + 1
            mag = magnitudes[image_row % 3][0 : m + 2]
            gx, gy = gradients[image_row % 2][0 : m + 2], gradients[2 + image_row % 2][0 : m + 2]
            if 0 <= image_row < height:
                p, r = src[y + 2][first:last], src[y + 4][first:last]
                smoothed(s, p, src[y + 3][first:last], r)
                changed(c, p, r)
                if channel_stride == 1:
                    across(gx, s[0:n], s[2 : n + 2])
                    gathered(gy, c[0:n], c[1 : n + 1], c[2 : n + 2])
                    magnitude(mag, gx, gy)
                else:
                    u, v, all_magnitudes = scratch[2][0:n], scratch[3][0:n], scratch[4][0:n]
                    across(u, s[0:n], s[2 * channel_stride :])
                    gathered(v, c[0:n], c[channel_stride : n + channel_stride], c[2 * channel_stride :])
                    magnitude(all_magnitudes, u, v)
                    if channel_stride == 3 and colors == 3:
                        steepest_of_three(mag, gx, gy, all_magnitudes, u, v)
                    else:
                        steepest(mag, gx, gy, all_magnitudes, u, v, channel_stride, colors)
                if start == 0:
                    mag[0] = 0
                if start + m == width:
                    mag[m + 1] = 0
            else:
                for x in range(m + 2):
                    mag[x] = 0
            if y >= 0:
                o, before = out[y][start : start + m], image_row + 1
                suppress_non_maxima(
                    o,
                    magnitudes[(image_row + 1) % 3],
                    magnitudes[(image_row + 2) % 3],
                    mag,
                    gradients[before % 2],
                    gradients[2 + before % 2],
                    low,
                    high,
                )
