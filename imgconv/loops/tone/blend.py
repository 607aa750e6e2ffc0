"""Arithmetic of two images: mix, subtract, absolute difference."""

from imgconv.jit.loop import loop
from imgconv.loops.round_and_store import finish

MIX, SUBTRACT, DIFFERENCE = 0, 1, 2


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], f4[:,:], i8, f4, i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], f8[:,:], i8, f8, i8, i8, i8, f8[:], i8[:]",
)
def mix(out, src, other, operation, amount, n, channels, alpha, scratch, clipped):
    """src + amount (other - src), amount (src - other) or its absolute value, by the operation.

    `alpha`: whether the last channel is alpha: `MIX` mixes it too, the others keep that of src.
    """
    for y in range(out.shape[0]):
        for start in range(0, n, scratch.shape[0]):
            m = min(scratch.shape[0], n - start)
            v, w = src[y][start : start + m], other[y][start : start + m]
            o = scratch[0:m]
            if operation == MIX:
                for x in range(m):
                    o[x] = v[x] + amount * (w[x] - v[x])
            elif operation == SUBTRACT:
                for x in range(m):
                    o[x] = amount * (v[x] - w[x])
            else:
                for x in range(m):
                    o[x] = abs(amount * (v[x] - w[x]))
            if alpha and operation != MIX:
                for i in range(m // channels):
                    x = i * channels + channels - 1
                    o[x] = v[x]
            finish(out[y][start : start + m], o, m, clipped)
