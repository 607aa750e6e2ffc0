"""Some channels of an image by themselves, and back among the others."""

from imgconv.jit.loop import helper, loop

KINDS = (("u1", "u1"), ("u2", "u2"), ("f4", "{u1,u2,f4}"), ("f8", "{u1,u2,f4,f8}"))


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8" for kind in ("u1", "u2", "f4", "f8")))
def one_of_three(out, src, place, width):
    """One channel of three."""
    for y in range(out.shape[0]):
        o = out[y][0:width]
        s = src[y][0 : 3 * width]
        if place == 0:
            for x in range(width):
                o[x] = s[3 * x]
        elif place == 1:
            for x in range(width):
                o[x] = s[3 * x + 1]
        else:
            for x in range(width):
                o[x] = s[3 * x + 2]


@helper
def among_three(o, s, m, place, width):
    if place == 0:
        for x in range(width):
            o[3 * x] = m[x]
            o[3 * x + 1] = s[3 * x + 1]
            o[3 * x + 2] = s[3 * x + 2]
    elif place == 1:
        for x in range(width):
            o[3 * x] = s[3 * x]
            o[3 * x + 1] = m[x]
            o[3 * x + 2] = s[3 * x + 2]
    else:
        for x in range(width):
            o[3 * x] = s[3 * x]
            o[3 * x + 1] = s[3 * x + 1]
            o[3 * x + 2] = m[x]


@loop(*(f"{out}[:,:], {src}[:,:], {out}[:,:], i8[:], i8, i8, i8, i8, i8" for out, src in KINDS))
def put(out, src, made, places, have, channels, top, left, width):
    """out = src from row `top` and column `left` on, with the first of made's `have` channels at `places`."""
    for y in range(out.shape[0]):
        o = out[y][0 : channels * width]
        s = src[y + top][channels * left : channels * (left + width)]
        m = made[y][0 : have * width]
        if channels == 3 and have == 1:
            among_three(o, s, m, places[0], width)
        else:
            for x in range(channels * width):
                o[x] = s[x]
            for k in range(places.shape[0]):
                for x in range(width):
                    o[x * channels + places[k]] = m[x * have + k]
