"""The sRGB curve, roots and angles from additions and products alone, which the processor does eight at a time.

A power begins with a guess y of x^(-1/n) from the bits of x: they are nearly the logarithm, and 1/n of it is nearly
the root's. With h = 1 - x y^n, x^p = x y^(n (1 - p)) (1 - h)^(p - 1). The last factor is a polynomial fitted over
the h that guesses leave: within 2e-8 (of the twelfth root 1e-7), where float32 itself rounds by 3e-7. float64 first
betters the guess by the first terms of (1 - h)^(-1/n): what is left of h is its fourth power. NaN stays.
"""

from imgconv.jit.loop import helper, np, real

KAPPA, EPSILON = 24389 / 27, 216 / 24389  # CIE: where L* begins to be a cube root


@helper
def is_double():
    return real(1) + real(1e-10) != real(1)


@helper
def guess(x, top, part):
    """Nearly x^(-part), from the bits of x."""
    bits = np.float32(x).view(np.int32)
    return real(np.int32(np.float32(top) - np.float32(bits) * np.float32(part)).view(np.float32))


@helper
def refine3(x, y):
    h = real(1) - x * y * (y * y)
    return y * (real(1) + h * (real(1 / 3) + h * (real(2 / 9) + h * real(14 / 81))))


@helper
def cube_root(x):
    """x^(1/3) of x >= 0; h is -0.12 to 0.09."""
    y = guess(x, 1419967116.0, 1 / 3)
    if is_double():
        y = refine3(x, refine3(x, y))
    t = x * y * y
    h = real(1) - t * y
    p = real(0.4941629971695912) + h * (real(0.45818856515304546) + h * real(0.3945928868850978))
    p = h * (real(0.6666659475260075) + h * (real(0.5555353094303834) + h * p))
    return t * ((real(1) if is_double() else real(1.0000000120463939)) + p)


@helper
def refine5(x, y):
    square = y * y
    h = real(1) - x * y * (square * square)
    return y * (real(1) + h * (real(0.2) + h * (real(0.12) + h * real(0.088))))


@helper
def power_2_4(x):
    """x^2.4 of x > 0; h is -0.19 to 0.14."""
    y = guess(x, 1277970404.0, 0.2)
    if is_double():
        y = refine5(x, refine5(x, y))
    t = x * y
    square = y * y
    h = real(1) - t * (square * square)
    p = real(0.37568438585144687) + h * (real(0.35463299762264633) + h * real(0.28479479752351483))
    p = h * (
        real(0.6000002813742688) + h * (real(0.4799900853282305) + h * (real(0.4158981396465621) + h * p))
    )
    return t * t * t * ((real(1) if is_double() else real(1.000000010737048)) + p)


@helper
def refine12(x, y):
    three = y * y * y
    six = three * three
    h = real(1) - x * six * six
    return y * (real(1) + h * (real(1 / 12) + h * (real(13 / 288) + h * real(325 / 10368))))


@helper
def power_5_12(x):
    """x^(1/2.4) of x > 0; h is -0.45 to 0.3."""
    y = guess(x, 1153722172.0, 1 / 12)
    if is_double():
        y = refine12(x, refine12(x, refine12(x, y)))
    three = y * y * y
    six = three * three
    t = x * six
    h = real(1) - t * six
    p = real(0.32487686665533066) + h * (real(0.328660811051663) + h * real(0.19324762329330955))
    p = real(0.35485741602319126) + h * (real(0.3248339089808199) + h * p)
    p = real(0.4618339870886838) + h * (real(0.39767250800525944) + h * p)
    p = h * (real(0.5833335479093857) + h * p)
    return t * y * ((real(1) if is_double() else real(0.9999999084897631)) + p)


@helper
def light(v):
    """An sRGB value as linear light."""
    base = (v + real(0.055)) * real(1 / 1.055)
    high = power_2_4(real(0.08) if base < real(0.08) else base)
    return v * real(1 / 12.92) if v <= real(0.04045) else high


@helper
def code(v):
    """Linear light as an sRGB value."""
    high = real(1.055) * power_5_12(real(0.003) if v < real(0.003) else v) - real(0.055)
    return v * real(12.92) if v <= real(0.0031308) else high


@helper
def lightness(t):
    """(L* + 16) / 116 - 16 / 116 of a share of white: a cube root, or near black a straight line; 0 at 0."""
    high = cube_root(real(0.008) if t < real(0.008) else t) - real(16 / 116)
    return high if t > real(EPSILON) else t * real(KAPPA / 116)


@helper
def share(g):
    """The inverse of `lightness`."""
    root = g + real(16 / 116)
    return root * root * root if root > real(6 / 29) else g * real(116 / KAPPA)


@helper
def angle(x, y):
    """Degrees in [0, 360) of the direction x, y, and 0 where both are 0; within 3e-5."""
    if is_double():
        degrees = np.degrees(np.arctan2(y, x))
    else:
        across, up = abs(x), abs(y)
        large = max(across, up)
        t = min(across, up) / (large if large > real(0) else real(1))
        z = t * t
        p = real(5.530353984586488) + z * (
            real(-3.2106874628535342) + z * (real(1.25721074649518) + z * real(-0.23348124450243013))
        )
        p = real(-19.096668443196467) + z * (real(11.42913645887759) + z * (real(-7.971609993346693) + z * p))
        degrees = t * (real(57.295743757690055) + z * p)
        degrees = real(90) - degrees if up > across else degrees
        degrees = real(180) - degrees if x < real(0) else degrees
        degrees = -degrees if y < real(0) else degrees
    degrees = degrees + real(360) if degrees < real(0) else degrees
    return real(0) if degrees >= real(360) else degrees


@helper
def cosine(f):
    """cos of -45 to 45 degrees; within 1e-7."""
    z = f * f
    return real(0.999999972747113) + z * (
        real(-0.00015230827347660503) + z * (real(3.865243858040362e-09) + z * real(-3.840195305845895e-14))
    )


@helper
def sine(f):
    """sin of -45 to 45 degrees; within 1e-7."""
    z = f * f
    p = real(1.3493220556453078e-11) + z * real(-9.602283127429969e-17)
    return f * (real(0.01745329229101272) + z * (real(-8.860946068311049e-07) + z * p))


@helper
def unit(degrees):
    """cos and sin of an angle; within 2e-7 for -360 to 720."""
    if is_double():
        return np.sin(np.radians(real(90) - degrees)), np.sin(np.radians(degrees))  # no sincos in C itself
    quarters = np.rint(degrees * real(1 / 90))
    rest = degrees - quarters * real(90)
    turn = quarters - real(4) * np.floor(quarters * real(0.25))
    c, s = cosine(rest), sine(rest)
    swapped = turn == real(1) or turn == real(3)
    x = s if swapped else c
    y = c if swapped else s
    x = -x if turn == real(1) or turn == real(2) else x
    return x, (-y if turn >= real(2) else y)


@helper
def hue_in(hue, size):
    """A hue in units of `size` degrees, [0, 360 / size)."""
    whole = hue - real(360) * np.floor(hue * real(1 / 360))
    return whole * real(1 / size)
