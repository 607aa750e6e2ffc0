"""Symmetric 3x3 stencils: one weight for the center, one for the four sides, one for the four corners."""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def sides(o, src, y, start, stride, center, side):
    u, c, d = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2)
    a, b, e = np.uint64(start), np.uint64(start + stride), np.uint64(start + 2 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        around = real(src[u, k + b]) + real(src[d, k + b]) + real(src[c, k + a]) + real(src[c, k + e])
        o[k] = center * real(src[c, k + b]) + side * around


@helper
def corners(o, src, y, start, stride, corner):
    u, d = np.uint64(y), np.uint64(y + 2)
    a, b = np.uint64(start), np.uint64(start + 2 * stride)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        around = real(src[u, k + a]) + real(src[u, k + b]) + real(src[d, k + a]) + real(src[d, k + b])
        o[k] = o[k] + corner * around


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, f8, i8, i8, f8[:], i8[:]",
)
def star(out, src, center, side, corner, channel_stride, n, scratch, clipped):
    """out = center in + side (up + down + left + right) + corner (the four diagonal neighbors)."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            sides(o, src, y, start, channel_stride, center, side)
            if corner != 0:
                corners(o, src, y, start, channel_stride, corner)
            finish(out[y][start : start + m], o, m, clipped)
