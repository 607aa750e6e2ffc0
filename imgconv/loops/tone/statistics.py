"""Extremes and histograms of each color channel: a loop adds a band of rows to what was measured before.

`colors` is the number of channels without alpha. Rows of the results are channels.
"""

from imgconv.jit.loop import loop, np


@loop("{u1,u2}[:,:], i8, i8, i8, f8[:,:]")
def extremes(src, channels, colors, n, ranges):
    """ranges[c] = the least and the largest value of channel c, and of what ranges[c] held."""
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, high = np.int32(65535), np.int32(0)
            if channels == 1:
                for x in range(n):
                    low = min(low, np.int32(v[x]))
                    high = max(high, np.int32(v[x]))
            else:
                for i in range(n // channels):
                    x = i * channels + c
                    low = min(low, np.int32(v[x]))
                    high = max(high, np.int32(v[x]))
            ranges[c, 0] = min(ranges[c, 0], np.float64(low))
            ranges[c, 1] = max(ranges[c, 1], np.float64(high))


@loop("{f4,f8}[:,:], i8, i8, i8, f8[:,:]")
def extremes_finite(src, channels, colors, n, ranges):
    """`extremes` of floats; what is not finite is left out."""
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, high = ranges[c, 0], ranges[c, 1]
            for i in range(n // channels):
                x = i * channels + c
                value = np.float64(v[x])
                if value - value == 0.0:
                    low = min(low, value)
                    high = max(high, value)
            ranges[c, 0], ranges[c, 1] = low, high


@loop("{u1,u2}[:,:], i8, i8, i8, i4[:,:]")
def histogram(src, channels, colors, n, counts):
    """counts[c, v] += 1 for each value v of channel c.

    Two or four tables in turn, each of `colors` rows: neighboring pixels are alike, and an addition would wait for
    the one before it.
    """
    tables, pixels, stride = counts.shape[0] // colors, n // channels, np.uint64(channels)
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            first, second = counts[c], counts[colors + c]
            third, fourth = counts[2 % tables * colors + c], counts[3 % tables * colors + c]
            for i in range(pixels // 4):
                x = np.uint64(4 * i * channels + c)
                first[v[x]] += 1
                second[v[x + stride]] += 1
                third[v[x + np.uint64(2) * stride]] += 1
                fourth[v[x + np.uint64(3) * stride]] += 1
            for i in range(pixels // 4 * 4, pixels):
                first[v[np.uint64(i * channels + c)]] += 1


@loop("{f4,f8}[:,:], f8[:,:], i8, i8, i8, i4[:,:]")
def histogram_binned(src, ranges, channels, colors, n, counts):
    """counts[c, (v - ranges[c, 0]) ranges[c, 1]] += 1, the index truncated; what is not finite is left out."""
    last = np.float64(counts.shape[1] - 1)
    for y in range(src.shape[0]):
        v = src[y][0:n]
        for c in range(colors):
            low, scale = ranges[c, 0], ranges[c, 1]
            bins = counts[c]
            for i in range(n // channels):
                x = i * channels + c
                index = (np.float64(v[x]) - low) * scale
                if index - index == 0.0:
                    bins[int(min(max(index, 0.0), last))] += 1
