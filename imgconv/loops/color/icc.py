"""What a conversion between ICC profiles must not change: grays, and alpha."""

from imgconv.jit.loop import loop


@loop("u1[:,:], u1[:,:], i8, i8", "u2[:,:], u2[:,:], i8, i8")
def keep_gray(out, src, channels, width):
    """Where the colors of a pixel are equal in src, all become the second one in out."""
    for y in range(out.shape[0]):
        o = out[y]
        s = src[y]
        for x in range(width):
            i = channels * x
            if s[i] == s[i + 1] and s[i] == s[i + 2]:
                o[i] = o[i + 1]
                o[i + 2] = o[i + 1]


@loop(*(f"{kind}[:,:], {kind}[:,:], i8, i8, i8" for kind in ("u1", "u2", "f4", "f8")))
def copy_last(out, src, channels_out, channels_in, width):
    """The last channel of each pixel of out is the last one of src."""
    for y in range(out.shape[0]):
        o = out[y]
        s = src[y]
        for x in range(width):
            o[channels_out * x + channels_out - 1] = s[channels_in * x + channels_in - 1]
