"""The nearest of a few colors."""

from imgconv.jit.loop import loop, np

FURTHEST = 2147483647


@loop("u1[:,:], i4[:,:], i4[:,:], i8, i8")
def nearest(out, colors, palette, count, most):
    """out[0, i] is the place of the palette's color that is nearest to color i; the first of those equally near.

    Colors and palette are rows of red, green and blue, 0 to 255. Distance and place are one number, so that the
    smallest can be sought in vectors of eight.
    """
    reds, greens, blues = palette[0], palette[1], palette[2]
    for i in range(count):
        red, green, blue = colors[0, i], colors[1, i], colors[2, i]
        best = np.int32(FURTHEST)
        for k in range(most):
            r = np.int32(reds[k] - red)
            g = np.int32(greens[k] - green)
            b = np.int32(blues[k] - blue)
            far = np.int32(np.int32(r * r) + np.int32(g * g) + np.int32(b * b))
            best = min(best, np.int32(np.int32(far << 8) | np.int32(k)))
        out[0, i] = best & 255
