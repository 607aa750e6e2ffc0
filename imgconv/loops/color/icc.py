"""What stays as it is when colors go through an ICC profile: grays, and alpha."""

from imgconv.jit.loop import loop


@loop("u1[:,:], u1[:,:], i8, i8", "u2[:,:], u2[:,:], i8, i8")
def gray_again(out, src, channels, width):
    """Where the colors of src are equal, those of out all become the second one."""
    for y in range(out.shape[0]):
        o = out[y]
        s = src[y]
        for x in range(width):
            at = channels * x
            if s[at] == s[at + 1] and s[at] == s[at + 2]:
                o[at] = o[at + 1]
                o[at + 2] = o[at + 1]


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8" for kind in ("u1", "u2", "f4", "f8")))
def same_last(out, src, give, have, width):
    """The last of out's `give` channels is the last of src's `have`."""
    for y in range(out.shape[0]):
        o = out[y]
        s = src[y]
        for x in range(width):
            o[give * x + give - 1] = s[have * x + have - 1]
