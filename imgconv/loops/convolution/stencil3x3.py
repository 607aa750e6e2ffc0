"""A pixel and its eight neighbors, those at the sides with one weight and those at the corners with another."""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def sides(o, src, y, start, step, center, side):
    u, c, d = np.uint64(y), np.uint64(y + 1), np.uint64(y + 2)
    a, b, e = np.uint64(start), np.uint64(start + step), np.uint64(start + 2 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        around = real(src[u, k + b]) + real(src[d, k + b]) + real(src[c, k + a]) + real(src[c, k + e])
        o[k] = center * real(src[c, k + b]) + side * around


@helper
def corners(o, src, y, start, step, corner):
    u, d = np.uint64(y), np.uint64(y + 2)
    a, b = np.uint64(start), np.uint64(start + 2 * step)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        around = real(src[u, k + a]) + real(src[u, k + b]) + real(src[d, k + a]) + real(src[d, k + b])
        o[k] = o[k] + corner * around


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, f8, i8, i8, f8[:], i8[:]",
)
def star(out, src, center, side, corner, step, n, scratch, count):
    """center in + side (up + down + left + right) + corner (the other four)."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            sides(o, src, y, start, step, center, side)
            if corner != 0:
                corners(o, src, y, start, step, corner)
            finish(out[y][start : start + m], o, m, count)
