"""Differences of blurred images."""

from imgconv.jit.loop import loop, real
from imgconv.loops.convolution.direct import add_taps
from imgconv.loops.convolution.separable import across, down
from imgconv.loops.round_and_store import finish


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], i8, f8[:], i8[:]",
)
def minus(out, a, b, n, scratch, count):
    """a - b."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            p = a[y][start : start + m]
            q = b[y][start : start + m]
            for x in range(m):
                scratch[x] = real(p[x]) - q[x]
            finish(out[y][start : start + m], scratch, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:,:], f4[:,:], i8, i8, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:,:], f8[:,:], i8, i8, f8[:], f8[:], i8[:]",
)
def crossed(out, src, columns, rows, step, n, room, scratch, count):
    """Two filters, each down by one of `columns`, given from the center outwards, and across by the other of `rows`."""
    block = max(1, scratch.shape[0])
    halo = (rows.shape[1] - 1) * step
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            o = scratch[0:m]
            v = room[0 : m + halo]
            down(v, src, y, start, columns[0])
            across(o, v, step, rows[1], real(0))
            down(v, src, y, start, columns[1])
            add_taps(o, v, 0, step, rows[0], 0)
            finish(out[y][start : start + m], o, m, count)
