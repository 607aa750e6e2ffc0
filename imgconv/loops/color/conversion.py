"""From color space to color space: planes of a block of pixels go through the formulas of the whole way at once.

One loop stands for every way; `way` puts a way's formulas into it. Alpha, where there is one, is the last channel and
goes along.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, real
from imgconv.loops.color import cie, hue
from imgconv.loops.color.cie import nothing
from imgconv.loops.round_and_store import finish

BLOCK = 960
FORMULAS = {
    ("rgb", "linear"): (cie.decode,),
    ("linear", "rgb"): (cie.encode,),
    ("linear", "xyz"): (cie.xyz_of_linear,),
    ("xyz", "linear"): (cie.linear_of_xyz,),
    ("xyz", "lab"): (cie.lab_of_xyz,),
    ("lab", "xyz"): (cie.xyz_of_lab,),
    ("xyz", "luv"): (cie.luv_of_xyz,),
    ("luv", "xyz"): (cie.xyz_of_luv,),
    ("lab", "lch"): (cie.polar,),
    ("lch", "lab"): (cie.axes,),
    ("luv", "hcl"): (cie.polar, cie.turned_round),
    ("hcl", "luv"): (cie.turned_round, cie.axes),
    ("linear", "oklab"): (cie.oklab_of_linear,),
    ("oklab", "linear"): (cie.linear_of_oklab,),
    ("oklab", "oklch"): (cie.polar,),
    ("oklch", "oklab"): (cie.axes,),
    ("rgb", "hsv"): (hue.hsv_of_rgb,),
    ("hsv", "rgb"): (hue.rgb_of_hsv,),
    ("rgb", "hsl"): (hue.hsl_of_rgb,),
    ("hsl", "rgb"): (hue.rgb_of_hsl,),
    ("rgb", "hcy"): (hue.hcy_of_rgb,),
    ("hcy", "rgb"): (hue.rgb_of_hcy,),
    ("rgb", "ycbcr"): (hue.ycbcr_of_rgb,),
    ("ycbcr", "rgb"): (hue.rgb_of_ycbcr,),
    ("rgb", "cmyk"): (hue.cmyk_of_rgb,),
    ("cmyk", "rgb"): (hue.rgb_of_cmyk,),
}
LONGEST = 7  # formulas of a way: hcl to oklch

SIGNATURES = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], f4[:], f4[:], f4, i8, i8, i8, i8, f4[:,:], {u1,u2,f4}[:,:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], f8[:], f8[:], f8, i8, i8, i8, i8, f8[:,:], {u1,u2,f8}[:,:], i8[:]",
)


@helper
def looked_up(v, planes, n, table, scales, have, alpha):
    """Whole numbers: what the table makes of each of three."""
    p, q, r, a = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[4][0:n]
    if alpha:
        for x in range(n):
            p[x], q[x], r[x] = table[v[4 * x]], table[v[4 * x + 1]], table[v[4 * x + 2]]
            a[x] = v[4 * x + 3]
    else:
        for x in range(n):
            p[x], q[x], r[x] = table[v[3 * x]], table[v[3 * x + 1]], table[v[3 * x + 2]]


@helper
def split(v, planes, n, table, scales, have, alpha):
    """Channels apart, each times its scale, plus its shift."""
    if have == 3 and alpha == 0:
        p, q, r = planes[0][0:n], planes[1][0:n], planes[2][0:n]
        i, j, k = scales[0], scales[1], scales[2]
        a, b, c = scales[3], scales[4], scales[5]
        for x in range(n):
            p[x], q[x], r[x] = real(v[3 * x]) * i + a, real(v[3 * x + 1]) * j + b, real(v[3 * x + 2]) * k + c
    else:
        step = have + alpha
        for c in range(step):
            place = c if c < have else 4
            k = scales[c] if c < have else real(1)
            more = scales[have + c] if c < have else real(0)
            plane = planes[place][0:n]
            for x in range(n):
                plane[x] = real(v[x * step + c]) * k + more


@helper
def merge(o, planes, n, give, alpha):
    """Channels side by side."""
    if give == 3 and alpha == 0:
        p, q, r = planes[0][0:n], planes[1][0:n], planes[2][0:n]
        for x in range(n):
            o[3 * x] = p[x]
            o[3 * x + 1] = q[x]
            o[3 * x + 2] = r[x]
    elif give + alpha == 4:
        p, q, r, s = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[3 + alpha][0:n]
        for x in range(n):
            o[4 * x] = p[x]
            o[4 * x + 1] = q[x]
            o[4 * x + 2] = r[x]
            o[4 * x + 3] = s[x]
    else:
        step = give + alpha
        for c in range(step):
            plane = planes[c if c < give else 4][0:n]
            for x in range(n):
                o[x * step + c] = plane[x]


@helper
def rounded(o, planes, stored, n, give, alpha, count):
    for c in range(give + alpha):
        place = c if c < give else 4
        finish(stored[place][0:n], planes[place], n, count)
    merge(o, stored, n, give, alpha)


@helper
def plainly(o, planes, stored, n, give, alpha, count):
    merge(o, planes, n, give, alpha)


load = split  # of the loop, and so are the formulas; each way has its own
first = second = third = fourth = fifth = sixth = seventh = nothing
save = Overload({"u1": rounded, "u2": rounded, "f4": plainly, "f8": plainly})


def _way(out, src, table, into, onto, extra, have, give, alpha, width, planes, stored, count):
    """Pixels of one space to pixels of another; `into` and `onto` are the channels' scales, then their shifts."""
    block = planes.shape[1]
    before, after = have + alpha, give + alpha
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            n = min(block, width - start)
            load(src[y][start * before : (start + n) * before], planes, n, table, into, have, alpha)
            p, q, r, s = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[3][0:n]
            first(p, q, r, s, extra)
            second(p, q, r, s, extra)
            third(p, q, r, s, extra)
            fourth(p, q, r, s, extra)
            fifth(p, q, r, s, extra)
            sixth(p, q, r, s, extra)
            seventh(p, q, r, s, extra)
            for c in range(give):
                if onto[c] != real(1) or onto[give + c] != real(0):
                    plane, times, more = planes[c][0:n], onto[c], onto[give + c]
                    for x in range(n):
                        plane[x] = plane[x] * times + more
            save(out[y][start * after : (start + n) * after], planes, stored, n, give, alpha, count)


_ways = {}  # the loops that were asked for


def way(path, decoded):
    """The loop for a way through these spaces; `decoded`: the table of whole numbers does its first formula."""
    key = (*path, decoded)
    if key not in _ways:
        found = [formula for at in range(len(path) - 1) for formula in FORMULAS[path[at : at + 2]]]
        if path[0] == "xyz":
            found.insert(0, cie.neutral)
        found = found[decoded:]
        names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
        parts = dict(zip(names, found + [nothing] * (LONGEST - len(found)), strict=True))
        if decoded:
            parts["load"] = looked_up
        made = type(_way)(_way.__code__, {**globals(), **parts}, "_".join(path) + "_whole" * decoded)
        made.__doc__ = _way.__doc__
        _ways[key] = loop(*SIGNATURES)(made)
    return _ways[key]
