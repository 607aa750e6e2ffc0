"""Resampling weights: which input pixels an output pixel looks at, and their weights. As Pillow's.

A side of `length` input positions is resized to `resized` output positions.
"""

from imgconv.jit.loop import helper, loop, np

NEAREST, AREA, BILINEAR, BICUBIC, LANCZOS = range(5)
RADIUS = (0, 0, 1, 2, 3)  # pixels to each side, where the filter is not widened


@helper
def support(index, length, resized, filter):
    """The support: the input positions that output position `index` looks at, first and end, perhaps beyond the border.

    Integers only: Python and the loops must get the same.
    """
    if filter == NEAREST:
        first = (2 * index + 1) * length // (2 * resized)
        return first, first + 1
    if filter == AREA:
        return index * length // resized, ((index + 1) * length + resized - 1) // resized
    radius = 2 * RADIUS[filter] * max(length, resized)  # in units of 1 / (2 resized) pixels
    center = (2 * index + 1) * length + resized  # and half a pixel, to round
    return (center - radius) // (2 * resized), (center + radius) // (2 * resized)


@helper
def overlap(i, index, length, resized):
    """How much of input pixel i lies in output pixel `index`, in units of 1 / resized pixels."""
    return np.float64(min((i + 1) * resized, (index + 1) * length) - max(i * resized, index * length))


@helper
def sinc(x):
    """sin(pi x) / (pi x)."""
    if x == np.rint(x):
        return 1.0 if x == 0 else 0.0
    return np.sin(np.pi * x) / (np.pi * x)


@helper
def kernel(x, filter):
    """The filter at distance x from its center."""
    x = abs(x)
    if filter == BILINEAR:
        return max(1 - x, 0.0)
    if filter == LANCZOS:
        return sinc(x) * sinc(x / 3) if x < 3 else 0.0
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


@helper
def weight(i, index, length, resized, filter):
    """The weight of input position i for output position `index`, before their sum is made 1."""
    if filter == NEAREST:
        return 1.0
    if filter == AREA:
        return overlap(i, index, length, resized)
    distance = (2 * i + 1) * resized - (2 * index + 1) * length
    return kernel(np.float64(distance) / np.float64(2 * max(length, resized)), filter)


@loop("{f4,f8}[:,:], i8[:], i8[:], f8[:], i8, i8, i8, i8")
def weigh(table, firsts, counts, scratch, start, length, resized, filter):
    """For each output position from `start` on: its weights, its first tap and the number of taps."""
    for y in range(table.shape[0]):
        first, end = support(start + y, length, resized, filter)
        first, end = max(first, 0), min(end, length)
        total = 0.0
        for k in range(end - first):
            scratch[k] = weight(first + k, start + y, length, resized, filter)
            total += scratch[k]
        for k in range(end - first):
            table[y, k] = scratch[k] / total
        firsts[y] = first
        counts[y] = end - first


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8[:], i8[:], i8" for dtype in ("u1", "u2", "f4", "f8")))
def pick(out, src, row, tops, lefts, channels):
    """Pixel x of output row y is pixel lefts[x] of row tops[y] of the image; src begins at row tops[row]."""
    for y in range(out.shape[0]):
        o, v = out[y], src[tops[row + y] - tops[row]]
        if channels == 3:
            for x in range(lefts.shape[0]):
                i, k = np.uint64(3 * lefts[x]), np.uint64(3 * x)
                o[k] = v[i]
                o[k + np.uint64(1)] = v[i + np.uint64(1)]
                o[k + np.uint64(2)] = v[i + np.uint64(2)]
        elif channels == 1:
            for x in range(lefts.shape[0]):
                o[np.uint64(x)] = v[np.uint64(lefts[x])]
        else:
            for x in range(lefts.shape[0]):
                for c in range(channels):
                    o[x * channels + c] = v[lefts[x] * channels + c]
