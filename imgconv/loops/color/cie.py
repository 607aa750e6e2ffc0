"""Formulas of the spaces made from linear light: each turns planes of one space into planes of another, in place.

Planes are p, q, r and, for four inks, s; `extra` is a number that some formulas take (`gcr`). XYZ is divided by the XYZ
of white, so that a gray has x = y = z; all formulas are written in differences, which are exactly 0 for a gray.
"""

from imgconv.core.color_spaces import WHITE_X, WHITE_Z
from imgconv.jit.loop import helper, real
from imgconv.loops.color.transfer import angle, code, cube_root, light, lightness, share, unit

WHITE_SUM = WHITE_X + 15 + 3 * WHITE_Z
WHITE_U, WHITE_V = 4 * WHITE_X / WHITE_SUM, 9 / WHITE_SUM
SAME = 3e-7  # shares of white that differ by less come from one gray


@helper
def nothing(p, q, r, s, extra):
    """No formula: at the end of paths of fewer than seven."""


@helper
def decode(p, q, r, s, extra):
    """sRGB values to linear light."""
    for x in range(p.shape[0]):
        p[x] = light(p[x])
        q[x] = light(q[x])
        r[x] = light(r[x])


@helper
def encode(p, q, r, s, extra):
    """Linear light to sRGB values."""
    for plane in (p, q, r):
        for x in range(plane.shape[0]):
            plane[x] = code(plane[x])


@helper
def xyz_of_linear(p, q, r, s, extra):
    """Rec. 709 primaries; the matrix of the sRGB standard, as OpenCV and scikit-image have it."""
    for x in range(p.shape[0]):
        green = q[x]
        red, blue = p[x] - green, r[x] - green
        p[x] = green + real(0.412453 / WHITE_X) * red + real(0.180423 / WHITE_X) * blue
        q[x] = green + real(0.212671) * red + real(0.072169) * blue
        r[x] = green + real(0.019334 / WHITE_Z) * red + real(0.950227 / WHITE_Z) * blue


@helper
def linear_of_xyz(p, q, r, s, extra):
    for x in range(p.shape[0]):
        y = q[x]
        dx, dz = p[x] - y, r[x] - y
        p[x] = y + real(3.0799349355329992) * dx - real(0.5427834192616812) * dz
        q[x] = y - real(0.9212341827539382) * dx + real(0.04524418126404751) * dz
        r[x] = y + real(0.0528896820458639) * dx + real(1.1511516563206472) * dz


@helper
def neutral(p, q, r, s, extra):
    """XYZ that was stored before: x or z that differ from y by rounding alone are y again."""
    for x in range(p.shape[0]):
        limit = real(SAME) * abs(q[x])
        p[x] = q[x] if abs(p[x] - q[x]) <= limit else p[x]
        r[x] = q[x] if abs(r[x] - q[x]) <= limit else r[x]


@helper
def lab_of_xyz(p, q, r, s, extra):
    for x in range(p.shape[0]):
        fx, fy, fz = lightness(p[x]), lightness(q[x]), lightness(r[x])
        p[x] = real(116) * fy
        q[x] = real(500) * (fx - fy)
        r[x] = real(200) * (fy - fz)


@helper
def xyz_of_lab(p, q, r, s, extra):
    for x in range(p.shape[0]):
        fy = p[x] * real(1 / 116)
        fx, fz = fy + q[x] * real(1 / 500), fy - r[x] * real(1 / 200)
        p[x], q[x], r[x] = share(fx), share(fy), share(fz)


@helper
def luv_of_xyz(p, q, r, s, extra):
    """u = 13 L (u' - u'n), and u' - u'n = 4 Xn (15 (x - y) + 3 Zn (x - z)) / (sum x sum of white)."""
    for x in range(p.shape[0]):
        y = q[x]
        total = real(WHITE_X) * p[x] + real(15) * y + real(3 * WHITE_Z) * r[x]
        lstar = real(116) * lightness(y)
        divisor = total if total != real(0) else real(1)
        k = real(13 / WHITE_SUM) * lstar / divisor
        du = real(15) * (p[x] - y) + real(3 * WHITE_Z) * (p[x] - r[x])
        dv = real(WHITE_X) * (y - p[x]) + real(3 * WHITE_Z) * (y - r[x])
        p[x], q[x], r[x] = lstar, real(4 * WHITE_X) * k * du, real(9) * k * dv


@helper
def xyz_of_luv(p, q, r, s, extra):
    """v' is at least 0.001, which no color comes near; L = 0 is black."""
    for x in range(p.shape[0]):
        lstar = p[x]
        divisor = lstar if abs(lstar) > real(1e-6) else real(1)
        k = real(1 / 13) / divisor
        u, v = q[x] * k + real(WHITE_U), r[x] * k + real(WHITE_V)
        v = real(0.001) if v < real(0.001) else v
        y = share(lstar * real(1 / 116))
        factor = y / v
        p[x] = real(2.25 / WHITE_X) * u * factor
        q[x] = y
        r[x] = (real(3) - real(0.75) * u - real(5) * v) * real(1 / WHITE_Z) * factor


@helper
def polar(p, q, r, s, extra):
    """L, a, b to L, chroma, hue."""
    for x in range(p.shape[0]):
        a, b = q[x], r[x]
        q[x] = (a * a + b * b) ** real(0.5)
        r[x] = angle(a, b)


@helper
def axes(p, q, r, s, extra):
    """L, chroma, hue to L, a, b."""
    for x in range(p.shape[0]):
        c = q[x]
        a, b = unit(r[x])
        q[x], r[x] = c * a, c * b


@helper
def swapped(p, q, r, s, extra):
    """The first plane last and the last first."""
    for x in range(p.shape[0]):
        p[x], r[x] = r[x], p[x]


@helper
def signed_root(t):
    root = cube_root(abs(t))
    return -root if t < real(0) else root


@helper
def oklab_of_linear(p, q, r, s, extra):
    """B. Ottosson, 2020."""
    for x in range(p.shape[0]):
        green = q[x]
        red, blue = p[x] - green, r[x] - green
        k = signed_root(green + real(0.4122214708) * red + real(0.0514459929) * blue)
        m = signed_root(green + real(0.2119034982) * red + real(0.1073969566) * blue)
        n = signed_root(green + real(0.0883024619) * red + real(0.6299787005) * blue)
        dl, ds = k - m, n - m
        p[x] = m + real(0.2104542553) * dl - real(0.0040720468) * ds
        q[x] = real(1.9779984951) * dl + real(0.4505937099) * ds
        r[x] = real(0.0259040371) * dl - real(0.8086757660) * ds


@helper
def linear_of_oklab(p, q, r, s, extra):
    for x in range(p.shape[0]):
        dl = real(0.5018991333962883) * q[x] + real(0.27965793216638635) * r[x]
        ds = real(0.016077165062413037) * q[x] - real(1.2276313601684616) * r[x]
        m = p[x] - real(0.2104542553) * dl + real(0.0040720468) * ds
        k, n = m + dl, m + ds
        k, m, n = k * k * k, m * m * m, n * n * n
        dl, ds = k - m, n - m
        p[x] = m + real(4.076741660928432) * dl + real(0.23096992861652926) * ds
        q[x] = m - real(1.2684380037611447) * dl - real(0.34131939622114355) * ds
        r[x] = m - real(0.004196086631061519) * dl + real(1.7076147009069358) * ds
