"""Color conversion: planes of a block of pixels go through all formulas of a conversion path at once.

One loop stands for every path; `conversion_loop` puts the formulas of a path into it. Alpha, where there is one, is
the last channel, and is kept.
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
    ("luv", "hcl"): (cie.polar, cie.swapped),
    ("hcl", "luv"): (cie.swapped, cie.axes),
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

SIGNATURES = (
    "{u1,u2,f4}[:,:], {u1,u2,f4}[:,:], f4[:], f4[:], f4[:], f4, i8, i8, i8, i8, f4[:,:], {u1,u2,f4}[:,:], i8[:]",
    "{u1,u2,f8}[:,:], {u1,u2,f8}[:,:], f8[:], f8[:], f8[:], f8, i8, i8, i8, i8, f8[:,:], {u1,u2,f8}[:,:], i8[:]",
)


@helper
def looked_up(v, planes, n, table, scales, colors, alpha):
    """Split the three channels of whole numbers into planes: what the table says of each value."""
    p, q, r, a = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[4][0:n]
    if alpha:
        for x in range(n):
            p[x], q[x], r[x] = table[v[4 * x]], table[v[4 * x + 1]], table[v[4 * x + 2]]
            a[x] = v[4 * x + 3]
    else:
        for x in range(n):
            p[x], q[x], r[x] = table[v[3 * x]], table[v[3 * x + 1]], table[v[3 * x + 2]]


@helper
def split(v, planes, n, table, scales, colors, alpha):
    """Split the channels into planes, each times its factor, plus its summand."""
    if colors == 3 and alpha == 0:
        p, q, r = planes[0][0:n], planes[1][0:n], planes[2][0:n]
        i, j, k = scales[0], scales[1], scales[2]
        a, b, c = scales[3], scales[4], scales[5]
        for x in range(n):
            p[x], q[x], r[x] = real(v[3 * x]) * i + a, real(v[3 * x + 1]) * j + b, real(v[3 * x + 2]) * k + c
    else:
        channels = colors + alpha
        for c in range(channels):
            plane = planes[c if c < colors else 4][0:n]
            factor = scales[c] if c < colors else real(1)
            summand = scales[colors + c] if c < colors else real(0)
            for x in range(n):
                plane[x] = real(v[x * channels + c]) * factor + summand


@helper
def merge(o, planes, n, colors, alpha):
    """Planes back into channels side by side."""
    if colors == 3 and alpha == 0:
        p, q, r = planes[0][0:n], planes[1][0:n], planes[2][0:n]
        for x in range(n):
            o[3 * x] = p[x]
            o[3 * x + 1] = q[x]
            o[3 * x + 2] = r[x]
    elif colors + alpha == 4:
        p, q, r, s = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[3 + alpha][0:n]
        for x in range(n):
            o[4 * x] = p[x]
            o[4 * x + 1] = q[x]
            o[4 * x + 2] = r[x]
            o[4 * x + 3] = s[x]
    else:
        channels = colors + alpha
        for c in range(channels):
            plane = planes[c if c < colors else 4][0:n]
            for x in range(n):
                o[x * channels + c] = plane[x]


@helper
def save_rounded(o, planes, stored, n, colors, alpha, clipped):
    for c in range(colors + alpha):
        k = c if c < colors else 4
        finish(stored[k][0:n], planes[k], n, clipped)
    merge(o, stored, n, colors, alpha)


@helper
def save_floats(o, planes, stored, n, colors, alpha, clipped):
    merge(o, planes, n, colors, alpha)


# Names that `_convert` calls. `conversion_loop` gives each path a copy of it with other functions under them.
load = split
first = second = third = fourth = fifth = sixth = seventh = nothing
save = Overload({"u1": save_rounded, "u2": save_rounded, "f4": save_floats, "f8": save_floats})


def _convert(
    out, src, table, before, after, gcr, colors_in, colors_out, alpha, width, planes, stored, clipped
):
    """Pixels of one color space to pixels of another; the numbers are those of `arguments`.

    `planes`, `stored`: scratch, five rows of a block of pixels; in the working float, and in the dtype of out.
    """
    block = planes.shape[1]
    channels_in, channels_out = colors_in + alpha, colors_out + alpha
    for y in range(out.shape[0]):
        for part in range(-(-width // block)):
            start = part * block
            n = min(block, width - start)
            v = src[y][start * channels_in : (start + n) * channels_in]
            load(v, planes, n, table, before, colors_in, alpha)
            p, q, r, s = planes[0][0:n], planes[1][0:n], planes[2][0:n], planes[3][0:n]
            first(p, q, r, s, gcr)
            second(p, q, r, s, gcr)
            third(p, q, r, s, gcr)
            fourth(p, q, r, s, gcr)
            fifth(p, q, r, s, gcr)
            sixth(p, q, r, s, gcr)
            seventh(p, q, r, s, gcr)
            for c in range(colors_out):
                if after[c] != real(1) or after[colors_out + c] != real(0):
                    plane, factor, summand = planes[c][0:n], after[c], after[colors_out + c]
                    for x in range(n):
                        plane[x] = plane[x] * factor + summand
            o = out[y][start * channels_out : (start + n) * channels_out]
            save(o, planes, stored, n, colors_out, alpha, clipped)


def arguments(*, table, before, after, gcr, colors_in, colors_out, alpha, width):
    """The numbers between out, src and the scratch memory, in the loop's order.

    `table`: each whole number as linear light, of paths that begin with it. `before`, `after`: factors of all
    channels, then summands, from pixels to formulas and from formulas to pixels. `gcr`: how much of the common gray
    becomes black ink. `colors_in`, `colors_out`: channels without alpha; `alpha`: 1 where there is one. `width` is in
    pixels.
    """
    return table, before, after, gcr, colors_in, colors_out, alpha, width


_loops = {}  # those that were asked for


def conversion_loop(path, decoded):
    """The loop for a path through these spaces; `decoded`: the table of whole numbers does its first formula."""
    key = (*path, decoded)
    if key not in _loops:
        formulas = [formula for i in range(len(path) - 1) for formula in FORMULAS[path[i : i + 2]]]
        if path[0] == "xyz":
            formulas.insert(0, cie.neutral)
        formulas = formulas[decoded:]
        names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
        replaced = dict(zip(names, formulas + [nothing] * (len(names) - len(formulas)), strict=True))
        if decoded:
            replaced["load"] = looked_up
        name = "_".join(path) + ("_whole" if decoded else "")
        function = type(_convert)(_convert.__code__, {**globals(), **replaced}, name)
        function.__doc__ = _convert.__doc__
        _loops[key] = loop(*SIGNATURES)(function)
    return _loops[key]
