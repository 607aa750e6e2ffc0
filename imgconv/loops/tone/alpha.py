"""Color weighted by alpha, and back; alpha is the last channel."""

from imgconv.jit.loop import helper, loop, real
from imgconv.loops.round_and_store import finish

ANY = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, i8, i8, f8[:], i8[:]",
)


@helper
def weigh4(o, v, full, pixels):
    for x in range(pixels):
        a = real(v[4 * x + 3])
        o[4 * x] = real(v[4 * x]) * a / full
        o[4 * x + 1] = real(v[4 * x + 1]) * a / full
        o[4 * x + 2] = real(v[4 * x + 2]) * a / full
        o[4 * x + 3] = a


@helper
def weigh(o, v, full, pixels, channels):
    for x in range(pixels):
        a = real(v[x * channels + channels - 1])
        for c in range(channels - 1):
            o[x * channels + c] = real(v[x * channels + c]) * a / full
        o[x * channels + channels - 1] = a


@loop(*ANY)
def premultiply(out, src, full, channels, width, scratch, count):
    """color * alpha / full."""
    step = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // step)):
            start = part * step
            pixels = min(step, width - start)
            at, m = start * channels, pixels * channels
            v = src[y][at : at + m]
            o = scratch[0:m]
            if channels == 4:
                weigh4(o, v, full, pixels)
            else:
                weigh(o, v, full, pixels, channels)
            finish(out[y][at : at + m], o, m, count)


@helper
def unweigh4(o, v, full, pixels):
    for x in range(pixels):
        a = real(v[4 * x + 3])
        times = full / a if a > real(0) else real(0)
        o[4 * x] = real(v[4 * x]) * times
        o[4 * x + 1] = real(v[4 * x + 1]) * times
        o[4 * x + 2] = real(v[4 * x + 2]) * times
        o[4 * x + 3] = a


@helper
def unweigh(o, v, full, pixels, channels):
    for x in range(pixels):
        a = real(v[x * channels + channels - 1])
        times = full / a if a > real(0) else real(0)
        for c in range(channels - 1):
            o[x * channels + c] = real(v[x * channels + c]) * times
        o[x * channels + channels - 1] = a


@loop(*ANY)
def unpremultiply(out, src, full, channels, width, scratch, count):
    """color * full / alpha, 0 where alpha is not above 0."""
    step = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // step)):
            start = part * step
            pixels = min(step, width - start)
            at, m = start * channels, pixels * channels
            v = src[y][at : at + m]
            o = scratch[0:m]
            if channels == 4:
                unweigh4(o, v, full, pixels)
            else:
                unweigh(o, v, full, pixels, channels)
            finish(out[y][at : at + m], o, m, count)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, i8, i8, f8[:], i8[:]",
)
def flatten(out, src, full, behind, channels, width, scratch, count):
    """color * alpha / full + behind * (1 - alpha / full), without alpha."""
    colors = channels - 1
    step = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // step)):
            start = part * step
            pixels = min(step, width - start)
            v = src[y][start * channels : (start + pixels) * channels]
            o = scratch[0 : pixels * colors]
            for x in range(pixels):
                a = real(v[x * channels + colors])
                for c in range(colors):
                    o[x * colors + c] = (real(v[x * channels + c]) * a + behind * (full - a)) / full
            finish(out[y][start * colors : (start + pixels) * colors], o, pixels * colors, count)
