"""Rotation by any angle: each output pixel from the pixels around the place that it comes from.

Places are whole numbers of 2^-36 pixels: exact, and the same for any strips. `xs` and `ys` say which column and row
holds what lies at a place, from `left` and `top` on; -1 where that is the constant `border`.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

BITS = 36
MASK = (1 << BITS) - 1
HALF = 1 << (BITS - 1)


@helper
def fraction(place):
    return np.float64(place & MASK) / np.float64(MASK + 1)


@helper
def share(weights, f, taps):
    """The weights of the taps, linear or cubic (a = -1/2); the place lies f of a pixel behind the one before it."""
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
def at(o, src, y, x, channels):
    """One pixel as it is."""
    for c in range(channels):
        o[np.uint64(c)] = src[np.uint64(y), np.uint64(x * channels + c)]


@helper
def between(o, src, y, x, right, below, channels):
    """One pixel between four of the image, `right` and `below` the first."""
    i, k = np.uint64(y), np.uint64(y + 1)
    for c in range(channels):
        here = np.uint64(x * channels + c)
        to = here + np.uint64(channels)
        a, b = real(src[i, here]), real(src[k, here])
        upper = a + (real(src[i, to]) - a) * right
        lower = b + (real(src[k, to]) - b) * right
        o[np.uint64(c)] = upper + (lower - upper) * below


@helper
def four(src, y, at, step, w):
    """Four pixels of a row, weighted."""
    i, a, b = np.uint64(y), np.uint64(at), np.uint64(at + step)
    c, d = np.uint64(at + 2 * step), np.uint64(at + 3 * step)
    return real(src[i, a]) * w[0] + real(src[i, b]) * w[1] + (real(src[i, c]) * w[2] + real(src[i, d]) * w[3])


@helper
def among(o, src, y, x, across, down, channels):
    """One pixel among sixteen of the image, y and x the first."""
    for c in range(channels):
        k = x * channels + c
        upper = four(src, y, k, channels, across) * down[0] + four(src, y + 1, k, channels, across) * down[1]
        lower = (
            four(src, y + 2, k, channels, across) * down[2] + four(src, y + 3, k, channels, across) * down[3]
        )
        o[np.uint64(c)] = upper + lower


@helper
def over(o, src, ys, xs, across, down, taps, channels, beyond):
    """One pixel with taps beyond the border."""
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
def rotate(out, src, places, xs, ys, row, taps, channels, beyond, across, down, scratch, count):
    """Rows from `row` on. `places`: x and y of the first pixel, cosine, sine, left, top, height, width."""
    cosine, sine, left, top = places[2], places[3], places[4], places[5]
    height, width = places[6], places[7]
    before = HALF if taps == 1 else -((taps // 2 - 1) << BITS)  # from the place to the first tap
    for y in range(out.shape[0]):
        x_place = places[0] + (row + y) * sine + before
        y_place = places[1] + (row + y) * cosine + before
        for x in range(scratch.shape[0] // channels):
            i, j = y_place >> BITS, x_place >> BITS
            right, below = fraction(x_place), fraction(y_place)
            o = scratch[x * channels :]
            inside = i >= 0 and j >= 0 and i + taps <= height and j + taps <= width
            if inside and taps == 1:
                at(o, src, i, j, channels)
            elif inside and taps == 2:
                between(o, src, i, j, real(right), real(below), channels)
            else:
                share(across, right, taps)
                share(down, below, taps)
                if inside:
                    among(o, src, i, j, across, down, channels)
                else:
                    over(o, src, ys[i - top :], xs[j - left :], across, down, taps, channels, beyond)
            x_place += cosine
            y_place -= sine
        finish(out[y], scratch, scratch.shape[0], count)
