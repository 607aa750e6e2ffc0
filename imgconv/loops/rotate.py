"""Rotation by any angle: each output pixel from the pixels around the place that it comes from.

Places are whole numbers of 2^-36 pixels: exact, and the same for any strips. `xs` and `ys` say which column and row
holds what lies at a place, from `left` and `top` on; -1 where that is the constant `beyond`.
"""

from imgconv.jit import helper, loop, np, real
from imgconv.loops.resize import BICUBIC, BILINEAR, curve
from imgconv.loops.store import finish

BITS = 36
MASK = (1 << BITS) - 1
HALF = 1 << (BITS - 1)


@helper
def fraction(place):
    return np.float64(place & MASK) / np.float64(MASK + 1)


@helper
def share(weights, f, kind):
    """The weights of the taps; the place lies f of a pixel behind the one before it."""
    if kind == BILINEAR:
        weights[0] = 1 - f
        weights[1] = f
    elif kind == BICUBIC:
        for k in range(4):
            weights[k] = curve(f + 1 - k, kind)
    else:
        weights[0] = 1


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
def within(o, src, y, x, across, down, taps, channels):
    """One pixel whose taps all lie in the image."""
    for c in range(channels):
        total = real(0)
        for i in range(taps):
            part = real(0)
            for j in range(taps):
                part += real(src[y + i, (x + j) * channels + c]) * across[j]
            total += part * down[i]
        o[c] = total


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
def rotate(out, src, places, xs, ys, row, kind, channels, beyond, across, down, scratch, count):
    """Rows from `row` on. `places`: x and y of the first pixel, cosine, sine, left, top, height, width."""
    cosine, sine, left, top = places[2], places[3], places[4], places[5]
    height, width = places[6], places[7]
    taps = 2 if kind == BILINEAR else 4 if kind == BICUBIC else 1
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
                share(across, right, kind)
                share(down, below, kind)
                if inside:
                    within(o, src, i, j, across, down, taps, channels)
                else:
                    over(o, src, ys[i - top :], xs[j - left :], across, down, taps, channels, beyond)
            x_place += cosine
            y_place -= sine
        finish(out[y], scratch, scratch.shape[0], count)
