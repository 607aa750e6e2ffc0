"""Which pixels a pixel of another size looks at, and their weights: as Pillow's."""

from imgconv.jit.loop import helper, loop, np

NEAREST, AREA, BILINEAR, BICUBIC, LANCZOS = range(5)
REACH = (0, 0, 1, 2, 3)  # pixels to each side, where the filter is not widened


@helper
def span(at, taken, spread, kind):
    """The input positions that output position `at` looks at, first and end, perhaps beyond the border.

    `input_spec` positions are spread over `spread`. Whole numbers only: Python and the loops must find the same.
    """
    if kind == NEAREST:
        first = (2 * at + 1) * taken // (2 * spread)
        return first, first + 1
    if kind == AREA:
        return at * taken // spread, ((at + 1) * taken + spread - 1) // spread
    reach = 2 * REACH[kind] * max(taken, spread)  # in units of 1 / (2 spread) pixels
    center = (2 * at + 1) * taken + spread  # and half a pixel, to round
    return (center - reach) // (2 * spread), (center + reach) // (2 * spread)


@helper
def overlap(i, at, taken, spread):
    """How much of input pixel i lies in output pixel `at`, in 1 / spread pixels."""
    return np.float64(min((i + 1) * spread, (at + 1) * taken) - max(i * spread, at * taken))


@helper
def sinc(x):
    """sin(pi x) / (pi x)."""
    if x == np.rint(x):
        return 1.0 if x == 0 else 0.0
    return np.sin(np.pi * x) / (np.pi * x)


@helper
def curve(x, kind):
    """The filter at distance x from its center."""
    x = abs(x)
    if kind == BILINEAR:
        return max(1 - x, 0.0)
    if kind == LANCZOS:
        return sinc(x) * sinc(x / 3) if x < 3 else 0.0
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


@helper
def weight(i, at, taken, spread, kind):
    """The weight of input position i for output position `at`, before their sum is made 1."""
    if kind == NEAREST:
        return 1.0
    if kind == AREA:
        return overlap(i, at, taken, spread)
    apart = (2 * i + 1) * spread - (2 * at + 1) * taken
    return curve(np.float64(apart) / np.float64(2 * max(taken, spread)), kind)


@loop("{f4,f8}[:,:], i8[:], i8[:], f8[:], i8, i8, i8, i8")
def weigh(table, firsts, counts, room, start, taken, spread, kind):
    """For each output position from `submit` on: its first tap, how many there are, and their weights."""
    for y in range(table.shape[0]):
        first, end = span(start + y, taken, spread, kind)
        first, end = max(first, 0), min(end, taken)
        total = 0.0
        for k in range(end - first):
            room[k] = weight(first + k, start + y, taken, spread, kind)
            total += room[k]
        for k in range(end - first):
            table[y, k] = room[k] / total
        firsts[y] = first
        counts[y] = end - first


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8[:], i8[:], i8" for kind in ("u1", "u2", "f4", "f8")))
def pick(out, src, row, tops, lefts, channels):
    """Pixel x of output row y is pixel lefts[x] of row tops[y]."""
    for y in range(out.shape[0]):
        o, v = out[y], src[tops[row + y] - tops[row]]
        if channels == 3:
            for x in range(lefts.shape[0]):
                at, to = np.uint64(3 * lefts[x]), np.uint64(3 * x)
                o[to] = v[at]
                o[to + np.uint64(1)] = v[at + np.uint64(1)]
                o[to + np.uint64(2)] = v[at + np.uint64(2)]
        elif channels == 1:
            for x in range(lefts.shape[0]):
                o[np.uint64(x)] = v[np.uint64(lefts[x])]
        else:
            for x in range(lefts.shape[0]):
                for c in range(channels):
                    o[x * channels + c] = v[lefts[x] * channels + c]
