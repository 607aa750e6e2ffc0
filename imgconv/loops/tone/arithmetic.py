"""Tone: one value in, one value out, with alpha kept as it is. `docs/loops.md` says what the arguments are.

A formula takes v, in the type of computed values, and two numbers, of which it may leave some. `pointwise` lays it
over the walk through rows that is written once, `_pointwise`: a copy of that function which calls the formula. The
machine code is that of a loop with the formula written into it (`docs/speed.md`). Formulas stand in this file:
the digest of its source names their machine code in the cache.

`alpha_stride` is the number of channels where the last one is alpha, and 0 where there is none.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish

POINTWISE = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, i8, i8, f8[:], i8[:]",
)
POINTWISE_INT = ("u1[:,:], u1[:,:], i8, i8, i8, i8", "u2[:,:], u2[:,:], i8, i8, i8, i8")


@helper
def keep_alpha(o, v, alpha_stride, times):
    """Put the alpha of v, times a factor, into o; both begin with a pixel's first channel."""
    if alpha_stride > 0:
        for i in range(o.shape[0] // alpha_stride):
            x = i * alpha_stride + alpha_stride - 1
            o[x] = v[x] * times


@helper
def keep_alpha_int(o, v, alpha_stride, n):
    if alpha_stride > 0:
        for i in range(n // alpha_stride):
            x = i * alpha_stride + alpha_stride - 1
            o[x] = v[x]


@helper
def formula(v, a, b):
    """What `pointwise` replaces."""
    return v


def _pointwise(out, src, a, b, alpha_stride, n, scratch, clipped):
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                o[x] = formula(real(v[x]), a, b)
            keep_alpha(o, v, alpha_stride, real(1))
            finish(out[y][start : start + m], o, m, clipped)


def _pointwise_int(out, src, a, b, alpha_stride, n):
    for y in range(out.shape[0]):
        o = out[y][0:n]
        v = src[y][0:n]
        for x in range(n):
            o[x] = formula(v[x], a, b)
        keep_alpha_int(o, v, alpha_stride, n)


def _over(walk, signatures, function):
    """The walk as a loop with this function as its formula."""
    copy = type(walk)(walk.__code__, {**globals(), "formula": helper(function)}, function.__name__)
    copy.__doc__ = function.__doc__
    return loop(*signatures)(copy)


def pointwise(function):
    """A loop (out, src, a, b, alpha_stride, n, scratch, clipped) over formula(v, a, b)."""
    return _over(_pointwise, POINTWISE, function)


def pointwise_int(function):
    """A loop (out, src, a, b, alpha_stride, n) over formula(v, a, b) of integers, in their own dtype."""
    return _over(_pointwise_int, POINTWISE_INT, function)


@pointwise
def clip(v, low, high):
    """low where v is less, high where it is more; NaN stays."""
    v = low if v < low else v
    return high if v > high else v


@pointwise
def threshold(v, level, full):
    """full where v >= level, 0 where it is less; NaN stays."""
    below = real(0) if v < level else v
    return full if v >= level else below


@pointwise
def absolute(v, _a, _b):
    """|v|."""
    return abs(v)


@pointwise
def round_half_even(v, _a, _b):
    """The integer nearest to v, the even one of two."""
    return np.rint(v)


@pointwise
def power(v, full, exponent):
    """full (v / full) ^ exponent, and 0 where v is below 0."""
    v = real(0) if v < real(0) else v
    return full * (v / full) ** exponent


@pointwise_int
def invert_int(v, full, _b):
    """full - v."""
    return full - v


@pointwise_int
def clip_int(v, low, high):
    """v, but not below low and not above high."""
    return min(max(np.int32(v), np.int32(low)), np.int32(high))


@pointwise_int
def threshold_int(v, level, full):
    """full where v >= level, else 0."""
    return full if np.int32(v) >= np.int32(level) else 0


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, f8, f8, i8, i8, f8[:], i8[:]",
)
def affine(out, src, origin, scale, shift, times, alpha_stride, n, scratch, clipped):
    """(v - origin) scale + shift; alpha times a factor of its own."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for x in range(m):
                o[x] = (real(v[x]) - origin) * scale + shift
            keep_alpha(o, v, alpha_stride, times)
            finish(out[y][start : start + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2}[:,:], f4[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2}[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def lookup(out, src, tables, channels, alpha_stride, n, scratch, clipped):
    """tables[c, v] for channel c, or tables[0, v] where there is one table only."""
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            if tables.shape[0] == 1:
                table = tables[0]
                for x in range(m):
                    o[x] = table[v[x]]
            else:
                for c in range(tables.shape[0]):
                    table = tables[c]
                    for i in range(m // channels):
                        x = i * channels + c
                        o[x] = table[v[x]]
            keep_alpha(o, v, alpha_stride, real(1))
            finish(out[y][start : start + m], o, m, clipped)


@loop("u1[:,:], u1[:,:], u1[:,:], i8")
def lookup_u8(out, src, tables, n):
    """tables[c, v] for channel c, or tables[0, v] where there is one table only."""
    channels = tables.shape[0]
    for y in range(out.shape[0]):
        o, v = out[y][0:n], src[y][0:n]
        if channels == 1:
            table = tables[0]
            for x in range(n):
                o[x] = table[v[x]]
        else:
            for c in range(channels):
                table = tables[c]
                for i in range(n // channels):
                    k = np.uint64(i * channels + c)
                    o[k] = table[v[k]]


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], f4[:,:], f8[:,:], i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], f8[:,:], f8[:,:], i8, i8, i8, f8[:], i8[:]",
)
def binned(out, src, tables, ranges, channels, alpha_stride, n, scratch, clipped):
    """tables[c, (v - ranges[c, 0]) ranges[c, 1]] for channel c, the index truncated; NaN stays."""
    last = tables.shape[1] - 1
    for y in range(out.shape[0]):
        for part in range(-(-n // scratch.shape[0])):
            start = part * scratch.shape[0]
            m = min(scratch.shape[0], n - start)
            v = src[y][start : start + m]
            o = scratch[0:m]
            for c in range(tables.shape[0]):
                low, scale = ranges[c, 0], ranges[c, 1]
                for i in range(m // channels):
                    x = i * channels + c
                    index = (np.float64(v[x]) - low) * scale
                    index = min(max(index, 0.0), np.float64(last))
                    o[x] = tables[c, int(index)] if v[x] == v[x] else v[x]
            keep_alpha(o, v, alpha_stride, real(1))
            finish(out[y][start : start + m], o, m, clipped)
