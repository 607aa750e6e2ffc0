"""Rotation by any angle: each output pixel is interpolated at the position that it comes from.

Positions are integers, in units of 2^-36 pixels: exact, and the same for any strips. `xs` and `ys` say which column
and row of the image holds the value of a position, from `left` and `top` on; -1 where that is the constant `beyond`.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

BITS = 36
MASK = (1 << BITS) - 1
HALF = 1 << (BITS - 1)


def mapping(*, x, y, cosine, sine, left, top, height, width):
    """The vector that `rotate` takes: where output pixel (0, 0) comes from, and cosine and sine of the angle, each in
    units of 2^-36 pixels; the first column and row of `xs` and `ys`; the size of the image in pixels.
    """
    return x, y, cosine, sine, left, top, height, width


@helper
def fraction(position):
    return np.float64(position & MASK) / np.float64(MASK + 1)


@helper
def share(weights, f, taps):
    """The weights of the taps, linear or cubic (a = -1/2), for a position f of a pixel behind the tap before it."""
    if taps == 1:
        weights[0] = 1
    elif taps == 2:
        weights[0] = 1 - f
        weights[1] = f
    else:
        weights[0] = ((-0.5 * f + 1) * f - 0.5) * f
        weights[1] = (1.5 * f - 2.5) * f * f + 1
        weights[2] = ((-1.5 * f + 2) * f + 0.5) * f
        weights[3] = (0.5 * f - 0.5) * f * f


@helper
def nearest(o, src, y, x, channels):
    """A pixel as it is."""
    for c in range(channels):
        o[np.uint64(c)] = src[np.uint64(y), np.uint64(x * channels + c)]


@helper
def bilinear(o, src, y, x, right, below, channels):
    """A pixel between four of the image, by shares `right` and `below` from the first."""
    i, k = np.uint64(y), np.uint64(y + 1)
    for c in range(channels):
        j = np.uint64(x * channels + c)
        m = j + np.uint64(channels)
        a, b = real(src[i, j]), real(src[k, j])
        upper = a + (real(src[i, m]) - a) * right
        lower = b + (real(src[k, m]) - b) * right
        o[np.uint64(c)] = upper + (lower - upper) * below


@helper
def four(src, y, x, channels, w):
    """The weighted sum of four pixels of a row, from item x on."""
    i, a, b = np.uint64(y), np.uint64(x), np.uint64(x + channels)
    c, d = np.uint64(x + 2 * channels), np.uint64(x + 3 * channels)
    return real(src[i, a]) * w[0] + real(src[i, b]) * w[1] + (real(src[i, c]) * w[2] + real(src[i, d]) * w[3])


@helper
def bicubic(o, src, y, x, across, down, channels):
    """A pixel among sixteen of the image, of which (y, x) is the first."""
    for c in range(channels):
        k = x * channels + c
        upper = four(src, y, k, channels, across) * down[0] + four(src, y + 1, k, channels, across) * down[1]
        lower = (
            four(src, y + 2, k, channels, across) * down[2] + four(src, y + 3, k, channels, across) * down[3]
        )
        o[np.uint64(c)] = upper + lower


@helper
def at_border(o, src, ys, xs, across, down, taps, channels, beyond):
    """A pixel with taps beyond the border."""
    for c in range(channels):
        total = real(0)
        for i in range(taps):
            part = real(0)
            for j in range(taps):
                outside = ys[i] < 0 or xs[j] < 0
                value = beyond if outside else real(src[ys[i], xs[j] * channels + c])
                part += value * across[j]
            total += part * down[i]
        o[c] = total


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], i8[:], i8[:], i8[:], i8, i8, i8, f4, f4[:], f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], i8[:], i8[:], i8[:], i8, i8, i8, f8, f8[:], f8[:], f8[:], i8[:]",
)
def rotate(out, src, map, xs, ys, row, taps, channels, beyond, across, down, scratch, clipped):
    """Rows from `row` on. `map` is `mapping`'s; `across` and `down` are scratch for 4 weights, `scratch` for a row."""
    cosine, sine, left, top = map[2], map[3], map[4], map[5]
    height, width = map[6], map[7]
    before = HALF if taps == 1 else -((taps // 2 - 1) << BITS)  # from the position to the first tap
    for y in range(out.shape[0]):
        x_position = map[0] + (row + y) * sine + before
        y_position = map[1] + (row + y) * cosine + before
        for x in range(scratch.shape[0] // channels):
            i, j = y_position >> BITS, x_position >> BITS
            right, below = fraction(x_position), fraction(y_position)
            o = scratch[x * channels :]
            inside = i >= 0 and j >= 0 and i + taps <= height and j + taps <= width
            if inside and taps == 1:
                nearest(o, src, i, j, channels)
            elif inside and taps == 2:
                bilinear(o, src, i, j, real(right), real(below), channels)
            else:
                share(across, right, taps)
                share(down, below, taps)
                if inside:
                    bicubic(o, src, i, j, across, down, channels)
                else:
                    at_border(o, src, ys[i - top :], xs[j - left :], across, down, taps, channels, beyond)
            x_position += cosine
            y_position -= sine
        finish(out[y], scratch, scratch.shape[0], clipped)
