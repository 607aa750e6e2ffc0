"""Two images, value by value."""

from imgconv.jit.loop import loop
from imgconv.loops.round_and_store import finish

MIX, SUBTRACT, DIFFERENCE = 0, 1, 2


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], f4[:,:], i8, f4, i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], f8[:,:], i8, f8, i8, i8, i8, f8[:], i8[:]",
)
def mix(out, src, other, kind, amount, n, channels, alpha, scratch, count):
    """src + amount (other - src), amount (src - other) or its size; an alpha that comes last is mixed, or src's."""
    for y in range(out.shape[0]):
        for start in range(0, n, scratch.shape[0]):
            m = min(scratch.shape[0], n - start)
            v, w = src[y][start : start + m], other[y][start : start + m]
            o = scratch[0:m]
            if kind == 0:
                for x in range(m):
                    o[x] = v[x] + amount * (w[x] - v[x])
            elif kind == 1:
                for x in range(m):
                    o[x] = amount * (v[x] - w[x])
            else:
                for x in range(m):
                    o[x] = abs(amount * (v[x] - w[x]))
            if alpha and kind > 0:
                for i in range(m // channels):
                    at = i * channels + channels - 1
                    o[at] = v[at]
            finish(out[y][start : start + m], o, m, count)
