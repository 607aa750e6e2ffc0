"""Quantization: scale, shift, round half to even, clip to the dtype's range."""

from imgconv.jit.loop import loop, np, real
from imgconv.loops.round_and_store import BLOCK, finish


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, i8, i8, f8[:], i8[:]",
)
def quantize(out, src, scale, shift, absolute, n, scratch, clipped):
    """scale |v| + shift or scale v + shift, rounded into the dtype of out; NaN and infinity are 0, and counted."""
    for y in range(out.shape[0]):
        row = src[y]
        for start in range(0, n, BLOCK):
            m = min(BLOCK, n - start)
            v = row[start : start + m]
            o = scratch[0:m]
            not_finite = np.int32(0)
            for x in range(m):
                value = real(v[x])
                value = abs(value) if absolute else value
                finite = value - value == 0
                not_finite = np.int32(not_finite + np.int32(not finite))
                o[x] = value * scale + shift if finite else real(0)
            clipped[0] += not_finite
            finish(out[y][start : start + m], o, m, clipped)
