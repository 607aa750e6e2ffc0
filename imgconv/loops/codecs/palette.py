"""The nearest color of a palette."""

from imgconv.jit.loop import loop, np

FURTHEST = 2147483647


@loop("u1[:,:], i4[:,:], i4[:,:], i8, i8")
def nearest(out, colors, palette, count, most):
    """out[0, i] is the index of the palette's color that is nearest to color i; the first of equally near ones.

    `count` colors and a palette of `most` colors, each as rows of red, green and blue, 0 to 255. The distance is the
    sum of squares; it is packed with the index into one number, so that the minimum is found in vectors of eight.
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
