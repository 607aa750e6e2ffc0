"""Channels: taken out of an image, and put back among the others."""

from imgconv.jit.loop import helper, loop

DTYPES = (("u1", "u1"), ("u2", "u2"), ("f4", "{u1,u2,f4}"), ("f8", "{u1,u2,f4,f8}"))


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8" for dtype in ("u1", "u2", "f4", "f8")))
def one_of_three(out, src, channel, width):
    """One channel of three."""
    for y in range(out.shape[0]):
        o = out[y][0:width]
        s = src[y][0 : 3 * width]
        if channel == 0:
            for x in range(width):
                o[x] = s[3 * x]
        elif channel == 1:
            for x in range(width):
                o[x] = s[3 * x + 1]
        else:
            for x in range(width):
                o[x] = s[3 * x + 2]


@helper
def among_three(o, s, m, channel, width):
    if channel == 0:
        for x in range(width):
            o[3 * x] = m[x]
            o[3 * x + 1] = s[3 * x + 1]
            o[3 * x + 2] = s[3 * x + 2]
    elif channel == 1:
        for x in range(width):
            o[3 * x] = s[3 * x]
            o[3 * x + 1] = m[x]
            o[3 * x + 2] = s[3 * x + 2]
    else:
        for x in range(width):
            o[3 * x] = s[3 * x]
            o[3 * x + 1] = s[3 * x + 1]
            o[3 * x + 2] = m[x]


@loop(*(f"{out}[:,:], {src}[:,:], {out}[:,:], i8[:], i8, i8, i8, i8, i8" for out, src in DTYPES))
def put(out, src, part, numbers, channels_part, channels, top, left, width):
    """out = src from row `top` and column `left` on, with the first channels of `part` in place of those numbers.

    `channels_part`, `channels`: how many `part` has, and how many src and out have. `width` is in pixels.
    """
    for y in range(out.shape[0]):
        o = out[y][0 : channels * width]
        s = src[y + top][channels * left : channels * (left + width)]
        m = part[y][0 : channels_part * width]
        if channels == 3 and channels_part == 1:
            among_three(o, s, m, numbers[0], width)
        else:
            for x in range(channels * width):
                o[x] = s[x]
            for k in range(numbers.shape[0]):
                for x in range(width):
                    o[x * channels + numbers[k]] = m[x * channels_part + k]
