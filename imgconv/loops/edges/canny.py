"""Canny's local part: the gradient, and non-maximum suppression of its magnitude between the thresholds.

A map has 0 for no edge, 1 for a weak one and 2 for a strong one. The three rows of `magnitudes` are used in turn: the
row above, the pixel's own and the one below; magnitudes beyond the image are 0.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.edges.gradient import along_x, along_y, down
from imgconv.loops.edges.gradient_wide import across_five, down_five

TANGENT = 13573 / 32768  # of 22.5 degrees, in OpenCV's 15 bits; that of 67.5 is 2 more


@helper
def gradient(gx, gy, smooth, change, src, y, start, size, channel_stride):
    """The gradient over size x size pixels, 3 or 5."""
    if size == 3:
        down(smooth, change, src, y, start, gx.shape[0] + 2 * channel_stride, real(1), real(2))
        along_x(gx, smooth, channel_stride)
        along_y(gy, change, channel_stride, real(1), real(2))
    else:
        reach = gx.shape[0] + 4 * channel_stride
        down_five(smooth[0:reach], change[0:reach], src, y, start)
        across_five(gx, gy, smooth, change, channel_stride)


@helper
def magnitude(mag, gx, gy, squared):
    """gx^2 + gy^2, or |gx| + |gy|."""
    if squared:
        for x in range(mag.shape[0]):
            mag[x] = gx[x] * gx[x] + gy[x] * gy[x]
    else:
        for x in range(mag.shape[0]):
            mag[x] = abs(gx[x]) + abs(gy[x])


@helper
def steepest(mag, gx, gy, every, across, downwards, channel_stride, colors):
    """Of each pixel's colors the first with the largest magnitude."""
    for x in range(mag.shape[0]):
        best = x * channel_stride
        for c in range(x * channel_stride + 1, x * channel_stride + colors):
            best = c if every[c] > every[best] else best
        mag[x], gx[x], gy[x] = every[best], across[best], downwards[best]


@helper
def suppress_non_maxima(out, above, mag, below, gx, gy, low, high):
    """A row of the map: a pixel counts if it is larger than both neighbors along its gradient.

    Neighbors to the right and below may be as large, as in OpenCV.
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
def edges(
    out,
    src,
    low,
    high,
    squared,
    size,
    channel_stride,
    colors,
    width,
    row,
    height,
    magnitudes,
    gradients,
    scratch,
):
    """The map of an image of width x height pixels, from its row `row` on.

    `squared`: magnitudes are gx^2 + gy^2. `colors`: how many of a pixel's channels count. `magnitudes`: 3 rows of a
    block and a pixel each side; `gradients`: gx and gy of the same, each in two rows; `scratch`: 5 rows of all
    channels.
    """
    block = magnitudes.shape[1] - 2
    for start in range(0, width, block):
        m = min(block, width - start)
        for y in range(-2, out.shape[0]):
            image_row = row + y + 1
            slot = image_row % 3
            mag = magnitudes[slot][0 : m + 2]
            gx = gradients[image_row % 2][0 : m + 2]
            gy = gradients[2 + image_row % 2][0 : m + 2]
            if 0 <= image_row < height:
                if channel_stride == 1:
                    gradient(gx, gy, scratch[0], scratch[1], src, y + 2, start, size, 1)
                    magnitude(mag, gx, gy, squared)
                else:
                    n = (m + 2) * channel_stride
                    across, downwards, all_magnitudes = scratch[2][0:n], scratch[3][0:n], scratch[4][0:n]
                    gradient(
                        across,
                        downwards,
                        scratch[0],
                        scratch[1],
                        src,
                        y + 2,
                        start * channel_stride,
                        size,
                        channel_stride,
                    )
                    magnitude(all_magnitudes, across, downwards, squared)
                    steepest(mag, gx, gy, all_magnitudes, across, downwards, channel_stride, colors)
                if start == 0:
                    mag[0] = 0
                if start + m == width:
                    mag[m + 1] = 0
            else:
                for x in range(m + 2):
                    mag[x] = 0
            if y >= 0:
                own = (image_row + 2) % 3
                suppress_non_maxima(
                    out[y][start : start + m],
                    magnitudes[(image_row + 1) % 3],
                    magnitudes[own],
                    magnitudes[slot],
                    gradients[(image_row + 1) % 2],
                    gradients[2 + (image_row + 1) % 2],
                    low,
                    high,
                )
