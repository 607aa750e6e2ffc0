"""Differences of blurred images: of two that are given, and the Laplacian of a Gaussian."""

from imgconv.jit.loop import loop, real
from imgconv.loops.convolution.direct import add_taps
from imgconv.loops.convolution.separable import across, down
from imgconv.loops.round_and_store import finish


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, f8[:], i8[:]",
)
def minus(out, a, b, n, scratch, clipped):
    """out = a - b, n items a row."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            p = a[y][start : start + m]
            q = b[y][start : start + m]
            for x in range(m):
                scratch[x] = real(p[x]) - q[x]
            finish(out[y][start : start + m], scratch, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], f4[:,:], i8, i8, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], f8[:,:], i8, i8, f8[:], f8[:], i8[:]",
)
def crossed(out, src, columns, rows, channel_stride, n, column_sums, scratch, clipped):
    """The sum of two separable filters: columns[0] down with rows[1] across, and columns[1] with rows[0].

    The columns are symmetric and given from the center outwards, the rows whole.
    """
    block = max(1, scratch.shape[0])
    halo = (rows.shape[1] - 1) * channel_stride
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            v = column_sums[0 : m + halo]
            down(v, src, y, start, columns[0])
            across(o, v, channel_stride, rows[1], real(0))
            down(v, src, y, start, columns[1])
            add_taps(o, v, 0, channel_stride, rows[0], 0)
            finish(out[y][start : start + m], o, m, clipped)
