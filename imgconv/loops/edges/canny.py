"""Canny's local part: gradients, and of each crest of their magnitude the pixels that are above the thresholds.

A map has 0 for no edge, 1 for a weak one and 2 for a strong one. Rows of magnitudes go round in `mags`: the one above,
the pixel's own and the one below; of pixels beyond the image they are 0.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.edges.gradient import along_x, along_y, down
from imgconv.loops.edges.gradient_wide import across_five, down_five

TANGENT = 13573 / 32768  # of 22.5 degrees, in OpenCV's 15 bits; that of 67.5 is 2 more


@helper
def slopes(gx, gy, smooth, change, src, y, start, size, step):
    """The gradient over size x size pixels, 3 or 5."""
    if size == 3:
        down(smooth, change, src, y, start, gx.shape[0] + 2 * step, real(1), real(2))
        along_x(gx, smooth, step)
        along_y(gy, change, step, real(1), real(2))
    else:
        reach = gx.shape[0] + 4 * step
        down_five(smooth[0:reach], change[0:reach], src, y, start)
        across_five(gx, gy, smooth, change, step)


@helper
def measure(mag, gx, gy, squared):
    if squared:
        for x in range(mag.shape[0]):
            mag[x] = gx[x] * gx[x] + gy[x] * gy[x]
    else:
        for x in range(mag.shape[0]):
            mag[x] = abs(gx[x]) + abs(gy[x])


@helper
def steepest(mag, gx, gy, wide, across, downwards, step, colors):
    """Of each pixel's colors the first with the largest magnitude."""
    for x in range(mag.shape[0]):
        at = x * step
        for c in range(x * step + 1, x * step + colors):
            at = c if wide[c] > wide[at] else at
        mag[x], gx[x], gy[x] = wide[at], across[at], downwards[at]


@helper
def crests(out, above, mag, below, gx, gy, low, high):
    """The map's row: a pixel counts if it is larger than both neighbors along its gradient.

    Neighbors at the sides may be as large on the right and below, as in OpenCV.
    """
    for x in range(out.shape[0]):
        i = np.uint64(x)
        j, k = i + np.uint64(1), i + np.uint64(2)
        m, across, downwards = mag[j], abs(gx[j]), abs(gy[j])
        slope, rest = across * real(TANGENT), downwards - across * real(2)
        turned = (gx[j] < 0) != (gy[j] < 0)
        flat = (downwards < slope) & (m > mag[i]) & (m >= mag[k])
        steep = (rest > slope) & (m > above[j]) & (m >= below[j])
        falling = (turned == 0) & (m > above[i]) & (m > below[k])
        rising = turned & (m > above[k]) & (m > below[i])
        oblique = (downwards >= slope) & (rest <= slope) & (falling | rising)
        passes = (m > low) & (flat | steep | oblique)
        out[i] = np.uint8(np.uint8(passes) + np.uint8(passes & (m > high)))


@loop(
    "u1[:,:], {u1,f4}[:,:], f4, f4, i8, i8, i8, i8, i8, i8, i8, f4[:,:], f4[:,:], f4[:,:]",
    "u1[:,:], {u1,u2,f8}[:,:], f8, f8, i8, i8, i8, i8, i8, i8, i8, f8[:,:], f8[:,:], f8[:,:]",
)
def edges(out, src, low, high, squared, size, step, colors, width, row, height, mags, pairs, wide):
    """The map of rows `row` on of an image of width x height pixels.

    `mags`: 3 rows of magnitudes; `pairs`: gx and gy, each in two rows; `wide`: 5 rows for all of the `step` channels,
    of which the first `colors` count.
    """
    block = mags.shape[1] - 2
    for start in range(0, width, block):
        m = min(block, width - start)
        for y in range(-2, out.shape[0]):
            at = row + y + 1
            line = at % 3
            mag = mags[line][0 : m + 2]
            gx = pairs[at % 2][0 : m + 2]
            gy = pairs[2 + at % 2][0 : m + 2]
            if 0 <= at < height:
                if step == 1:
                    slopes(gx, gy, wide[0], wide[1], src, y + 2, start, size, 1)
                    measure(mag, gx, gy, squared)
                else:
                    n = (m + 2) * step
                    across, downwards, all = wide[2][0:n], wide[3][0:n], wide[4][0:n]
                    slopes(across, downwards, wide[0], wide[1], src, y + 2, start * step, size, step)
                    measure(all, across, downwards, squared)
                    steepest(mag, gx, gy, all, across, downwards, step, colors)
                if start == 0:
                    mag[0] = 0
                if start + m == width:
                    mag[m + 1] = 0
            else:
                for x in range(m + 2):
                    mag[x] = 0
            if y >= 0:
                own = (at + 2) % 3
                crests(
                    out[y][start : start + m],
                    mags[(at + 1) % 3],
                    mags[own],
                    mags[line],
                    pairs[(at + 1) % 2],
                    pairs[2 + (at + 1) % 2],
                    low,
                    high,
                )
