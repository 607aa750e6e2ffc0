"""Color to gray, and channels in another order. Alpha, where there is one, is the last channel, and is kept."""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.color.transfer import code, lightness
from imgconv.loops.round_and_store import finish

ANY = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], %s, i8, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], %s, i8, i8, i8, f8[:], i8[:]",
)


@loop("u1[:,:], u1[:,:], i8")
def gray_bytes(out, src, width):
    """(299 R + 587 G + 114 B) / 1000 half to even, of RGB bytes, in 16 bits: 1.4 times as fast as floats.

    With u = sum + 500 = 8 t + (w & 7), the quotient of t by 125 is that of u by 1000: (t 33555) >> 22.
    Nothing left over means that the sum lay in the middle, and then an odd quotient is one too large. NumPy's
    functions, unlike operators, stay in 16 bits, where LLVM takes 16 values at a time.
    """
    for y in range(out.shape[0]):
        o = out[y][0:width]
        s = src[y][0 : 3 * width]
        for x in range(width):
            r, g, b = np.uint16(s[3 * x]), np.uint16(s[3 * x + 1]), np.uint16(s[3 * x + 2])
            w = np.add(np.add(np.multiply(np.uint16(3), np.add(r, g)), np.add(b, b)), np.uint16(4))
            t = np.add(np.multiply(np.uint16(37), r), np.multiply(np.uint16(73), g))
            t = np.add(t, np.add(np.multiply(np.uint16(14), b), np.uint16(62)))
            t = np.add(t, np.right_shift(w, np.uint16(3)))
            high = np.uint16(np.right_shift(np.multiply(np.uint32(t), np.uint32(33555)), np.uint32(16)))
            q = np.right_shift(high, np.uint16(6))
            over = np.subtract(t, np.multiply(np.uint16(125), q))
            over = np.bitwise_or(over, np.bitwise_and(w, np.uint16(7)))
            middle = np.bitwise_xor(
                np.right_shift(np.add(over, np.uint16(0x7FFF)), np.uint16(15)), np.uint16(1)
            )
            o[x] = np.uint8(np.subtract(q, np.bitwise_and(q, middle)))


@helper
def split(r, g, b, v):
    """Channels apart: of u1, 32 pixels at a time."""
    for x in range(r.shape[0]):
        r[x] = v[3 * x]
        g[x] = v[3 * x + 1]
        b[x] = v[3 * x + 2]


@loop(
    "{u1,f4}[:,:], u1[:,:], f4[:], f4, i8, u1[:,:], f4[:], i8[:]",
    "{u1,f8}[:,:], u1[:,:], f8[:], f8, i8, u1[:,:], f8[:], i8[:]",
)
def gray_exact(out, src, weights, divisor, width, planes, scratch, clipped):
    """The weighted sum of RGB bytes over the divisor; whole weights, so that the sum is exact."""
    block = planes.shape[1]
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            m = min(block, width - start)
            r, g, b = planes[0][0:m], planes[1][0:m], planes[2][0:m]
            split(r, g, b, src[y][3 * start : 3 * (start + m)])
            o = scratch[0:m]
            for x in range(m):
                o[x] = (weights[0] * real(r[x]) + weights[1] * real(g[x]) + weights[2] * real(b[x])) / divisor
            finish(out[y][start : start + m], o, m, clipped)


@loop(*(text % "f8[:], f8" for text in ANY))
def gray(out, src, weights, divisor, channels, colors, width, scratch, clipped):
    """The weighted sum of the colors over the divisor, float64: equal channels give their own value."""
    alpha = channels - colors
    step = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // step)):
            start = part * step
            pixels = min(step, width - start)
            v = src[y][start * channels : (start + pixels) * channels]
            o = scratch[0 : pixels * (1 + alpha)]
            for x in range(pixels):
                total = np.float64(0)
                for c in range(colors):
                    total += weights[c] * np.float64(v[x * channels + c])
                o[x * (1 + alpha)] = total / divisor
                if alpha > 0:
                    o[x * 2 + 1] = v[x * channels + colors]
            m = pixels * (1 + alpha)
            finish(out[y][start * (1 + alpha) : start * (1 + alpha) + m], o, m, clipped)


@helper
def to_code(o, v, full):
    """Linear light to sRGB values, both 0 to full."""
    for x in range(o.shape[0]):
        o[x] = full * code(real(v[x]) / full)


@helper
def to_lightness(o, v, full):
    """Luminance to CIE L* / 100, both 0 to full."""
    for x in range(o.shape[0]):
        o[x] = full * real(1.16) * lightness(real(v[x]) / full)


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], f4, i8, i8, i8, i8, f4[:], f4[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], f8, i8, i8, i8, i8, f8[:], f8[:], i8[:]",
)
def luminance(out, src, full, lightness, channels, colors, width, planes, scratch, clipped):
    """Rec. 709 luminance of linear light, stored by the sRGB curve or as CIE L*."""
    channels_out = 1 + channels - colors
    step = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // step)):
            start = part * step
            pixels = min(step, width - start)
            v = src[y][start * channels : (start + pixels) * channels]
            light = planes[0:pixels]
            for x in range(pixels):
                r, g, b = v[x * channels], v[x * channels + 1], v[x * channels + 2]
                light[x] = real(0.2126) * r + real(0.7152) * g + real(0.0722) * b
            stored = planes[step : step + pixels]
            if lightness:
                to_lightness(stored, light, full)
            else:
                to_code(stored, light, full)
            o = scratch[0 : pixels * channels_out]
            for x in range(pixels):
                o[x * channels_out] = stored[x]
                if channels_out > 1:
                    o[x * channels_out + 1] = v[x * channels + colors]
            finish(
                out[y][start * channels_out : (start + pixels) * channels_out],
                o,
                pixels * channels_out,
                clipped,
            )


# ---- channels ----------------------------------------------------------------------------------------------


@helper
def merge(o, p, q, r):
    for x in range(p.shape[0]):
        o[3 * x] = p[x]
        o[3 * x + 1] = q[x]
        o[3 * x + 2] = r[x]


@loop(*(f"{dtype}[:,:], {dtype}[:,:], i8, i8, i8, i8, {dtype}[:,:]" for dtype in ("u1", "u2", "f4", "f8")))
def reorder(out, src, first, second, third, width, planes):
    """Three channels in another order, by planes: LLVM shuffles where it sees the distances."""
    block = planes.shape[1]
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            m = min(block, width - start)
            split(planes[0][0:m], planes[1][0:m], planes[2][0:m], src[y][3 * start : 3 * (start + m)])
            o = out[y][3 * start : 3 * (start + m)]
            merge(o, planes[first][0:m], planes[second][0:m], planes[third][0:m])
