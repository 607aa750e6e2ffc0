"""Formulas of the spaces made from sRGB values of 0 to 1, in place; planes as in `cie`."""

from imgconv.jit.loop import helper, real
from imgconv.loops.color.transfer import hue_in

RED, BLUE = 0.299, 0.114  # Rec. 601
LUMA_RED, LUMA_BLUE = 0.298839, 0.114350  # the same with ImageMagick's digits


@helper
def hue_of(red, green, blue, high, spread):
    """The hue in degrees, [0, 360); 0 for a gray."""
    above = blue - red if green == high else red - green
    start = real(120) if green == high else real(240)
    above = green - blue if red == high else above
    start = real(0) if red == high else start
    h = start + real(60) * (above / (spread if spread > real(0) else real(1)))
    h = h + real(360) if h < real(0) else h
    return real(0) if h >= real(360) else h


@helper
def within(v):
    return min(max(v, real(0)), real(1))


@helper
def hue_parts(hue):
    """The shares of red, green and blue in a hue, 0 to 1."""
    h = hue_in(hue, 60)
    red = within(abs(h - real(3)) - real(1))
    return red, within(real(2) - abs(h - real(2))), within(real(2) - abs(h - real(4)))


@helper
def hsv_of_rgb(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = p[x], q[x], r[x]
        high, low = max(red, green, blue), min(red, green, blue)
        p[x] = hue_of(red, green, blue, high, high - low)
        q[x] = (high - low) / (high if high > real(0) else real(1))
        r[x] = high


@helper
def rgb_of_hsv(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = hue_parts(p[x])
        c, v = q[x] * r[x], r[x]
        p[x], q[x], r[x] = v - c * (real(1) - red), v - c * (real(1) - green), v - c * (real(1) - blue)


@helper
def hsl_of_rgb(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = p[x], q[x], r[x]
        high, low = max(red, green, blue), min(red, green, blue)
        widest = real(1) - abs(high + low - real(1))
        p[x] = hue_of(red, green, blue, high, high - low)
        q[x] = (high - low) / (widest if widest > real(0) else real(1))
        r[x] = (high + low) * real(0.5)


@helper
def rgb_of_hsl(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = hue_parts(p[x])
        c = q[x] * (real(1) - abs(real(2) * r[x] - real(1)))
        low = r[x] - real(0.5) * c
        p[x], q[x], r[x] = low + c * red, low + c * green, low + c * blue


@helper
def hcy_of_rgb(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = p[x], q[x], r[x]
        high, low = max(red, green, blue), min(red, green, blue)
        p[x] = hue_of(red, green, blue, high, high - low)
        q[x] = high - low
        r[x] = green + real(LUMA_RED) * (red - green) + real(LUMA_BLUE) * (blue - green)


@helper
def rgb_of_hcy(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = hue_parts(p[x])
        c = q[x]
        low = r[x] - c * (green + real(LUMA_RED) * (red - green) + real(LUMA_BLUE) * (blue - green))
        p[x], q[x], r[x] = low + c * red, low + c * green, low + c * blue


@helper
def ycbcr_of_rgb(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, blue = p[x] - q[x], r[x] - q[x]
        y = real(RED) * red + real(BLUE) * blue  # above green
        p[x] = q[x] + y
        q[x] = (blue - y) * real(0.5 / (1 - BLUE))
        r[x] = (red - y) * real(0.5 / (1 - RED))


@helper
def rgb_of_ycbcr(p, q, r, s, extra):
    for x in range(p.shape[0]):
        y, blue, red = p[x], q[x] * real(2 - 2 * BLUE), r[x] * real(2 - 2 * RED)
        p[x], r[x] = y + red, y + blue
        q[x] = y - (real(RED) * red + real(BLUE) * blue) * real(1 / (1 - RED - BLUE))


@helper
def cmyk_of_rgb(p, q, r, s, extra):
    """K = extra min(C, M, Y), inks (X - K) / (1 - K)."""
    for x in range(p.shape[0]):
        c, m, y = real(1) - p[x], real(1) - q[x], real(1) - r[x]
        k = real(extra) * min(c, m, y)
        rest = real(1) - k
        times = real(1) / rest if rest > real(0) else real(0)
        p[x], q[x], r[x], s[x] = (c - k) * times, (m - k) * times, (y - k) * times, k


@helper
def rgb_of_cmyk(p, q, r, s, extra):
    for x in range(p.shape[0]):
        rest = real(1) - s[x]
        p[x], q[x], r[x] = (real(1) - p[x]) * rest, (real(1) - q[x]) * rest, (real(1) - r[x]) * rest
