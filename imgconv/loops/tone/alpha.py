"""Color multiplied by alpha, and back; alpha is the last channel. `docs/loops.md` says what the arguments are."""

from imgconv.jit.loop import helper, loop, real
from imgconv.loops.round_and_store import finish

ANY = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, i8, i8, f8[:], i8[:]",
)


@helper
def premultiply4(o, v, full, pixels):
    for x in range(pixels):
        a = real(v[4 * x + 3])
        o[4 * x] = real(v[4 * x]) * a / full
        o[4 * x + 1] = real(v[4 * x + 1]) * a / full
        o[4 * x + 2] = real(v[4 * x + 2]) * a / full
        o[4 * x + 3] = a


@helper
def premultiply_any(o, v, full, pixels, channels):
    for x in range(pixels):
        a = real(v[x * channels + channels - 1])
        for c in range(channels - 1):
            o[x * channels + c] = real(v[x * channels + c]) * a / full
        o[x * channels + channels - 1] = a


@loop(*ANY)
def premultiply(out, src, full, channels, width, scratch, clipped):
    """color * alpha / full."""
    block = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            pixels = min(block, width - start)
            first, m = start * channels, pixels * channels
            v = src[y][first : first + m]
            o = scratch[0:m]
            if channels == 4:
                premultiply4(o, v, full, pixels)
            else:
                premultiply_any(o, v, full, pixels, channels)
            finish(out[y][first : first + m], o, m, clipped)


@helper
def unpremultiply4(o, v, full, pixels):
    for x in range(pixels):
        a = real(v[4 * x + 3])
        times = full / a if a > real(0) else real(0)
        o[4 * x] = real(v[4 * x]) * times
        o[4 * x + 1] = real(v[4 * x + 1]) * times
        o[4 * x + 2] = real(v[4 * x + 2]) * times
        o[4 * x + 3] = a


@helper
def unpremultiply_any(o, v, full, pixels, channels):
    for x in range(pixels):
        a = real(v[x * channels + channels - 1])
        times = full / a if a > real(0) else real(0)
        for c in range(channels - 1):
            o[x * channels + c] = real(v[x * channels + c]) * times
        o[x * channels + channels - 1] = a


@loop(*ANY)
def unpremultiply(out, src, full, channels, width, scratch, clipped):
    """color * full / alpha, 0 where alpha is not above 0."""
    block = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            pixels = min(block, width - start)
            first, m = start * channels, pixels * channels
            v = src[y][first : first + m]
            o = scratch[0:m]
            if channels == 4:
                unpremultiply4(o, v, full, pixels)
            else:
                unpremultiply_any(o, v, full, pixels, channels)
            finish(out[y][first : first + m], o, m, clipped)


@loop(
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4, f4, i8, i8, f4[:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8, f8, i8, i8, f8[:], i8[:]",
)
def flatten(out, src, full, behind, channels, width, scratch, clipped):
    """color * alpha / full + behind * (1 - alpha / full), without alpha."""
    colors = channels - 1
    block = scratch.shape[0] // channels
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            pixels = min(block, width - start)
            v = src[y][start * channels : (start + pixels) * channels]
            o = scratch[0 : pixels * colors]
            for x in range(pixels):
                a = real(v[x * channels + colors])
                for c in range(colors):
                    o[x * colors + c] = (real(v[x * channels + c]) * a + behind * (full - a)) / full
            finish(out[y][start * colors : (start + pixels) * colors], o, pixels * colors, clipped)
