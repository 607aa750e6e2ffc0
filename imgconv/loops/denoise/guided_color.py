"""The guided filter with all three colors as the guide: each pixel v - N v + b, where N and b are means of boxes.

N = eps (covariance + eps)^-1, which is symmetric: six planes, and three of b = N mean.
"""

from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.denoise.guided import height_of, taken
from imgconv.loops.denoise.window_sums import across, down, put
from imgconv.loops.round_and_store import finish

PLANES = 9
SPAN = 400  # items of a plane of a row, at most: a number that LLVM knows, so that it sees them beside each other
A, B, C, D, E, F, G, H = SPAN, 2 * SPAN, 3 * SPAN, 4 * SPAN, 5 * SPAN, 6 * SPAN, 7 * SPAN, 8 * SPAN


@helper
def product(o, row, at, step, first, second, n):
    """Plane of a channel, or of the product of two; below 0 there is none."""
    a, s, p = np.uint64(at), np.uint64(step), np.uint64(first)
    if second < 0:
        for x in range(n):
            o[x] = real(row[a + s * np.uint64(x) + p])
    else:
        q = np.uint64(second)
        for x in range(n):
            k = a + s * np.uint64(x)
            o[x] = real(row[k + p]) * real(row[k + q])


@helper
def solve(o, s, wide, tall, n, eps):
    """N and b from the sums of r, g, b, rr, rg, rb, gg, gb, bb."""
    for x in range(n):
        k = np.uint64(x)
        part = real(1) / (real(wide[k]) * tall)
        r, g, b = s[k] * part, s[k + np.uint64(A)] * part, s[k + np.uint64(B)] * part
        rr = max(s[k + np.uint64(C)] * part - r * r, real(0)) + eps
        rg, rb = s[k + np.uint64(D)] * part - r * g, s[k + np.uint64(E)] * part - r * b
        gg = max(s[k + np.uint64(F)] * part - g * g, real(0)) + eps
        gb = s[k + np.uint64(G)] * part - g * b
        bb = max(s[k + np.uint64(H)] * part - b * b, real(0)) + eps
        p, q, t = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        share = eps / (rr * p + rg * q + rb * t)
        p, q, t = p * share, q * share, t * share
        u, v, w = (rr * bb - rb * rb) * share, (rg * rb - rr * gb) * share, (rr * gg - rg * rg) * share
        o[k] = p
        o[k + np.uint64(A)] = q
        o[k + np.uint64(B)] = t
        o[k + np.uint64(C)] = u
        o[k + np.uint64(D)] = v
        o[k + np.uint64(E)] = w
        o[k + np.uint64(F)] = p * r + q * g + t * b
        o[k + np.uint64(G)] = q * r + u * g + v * b
        o[k + np.uint64(H)] = t * r + v * g + w * b


ROOMS = "f8[:,:], f8[:,:], f8[:,:], f8[:], f8[:]"


@loop(
    "{f4,f8}[:,:], {u1,u2,f4,f8}[:,:], i8, i8, i8, i8, i8, f8, i8[:], i8[:], i8[:], " + ROOMS,
)
def lines(
    found, src, at, first, height, radius, step, eps, wide, ones, twos, room, other, sums, line, solved
):
    """Nine planes a row from row `first` of the image on; its box begins with row `at` of src.

    src is padded by two radii; planes are sums of channel ones[i], times twos[i]. `wide` are the columns of each box.
    """
    size, width = 2 * radius + 1, wide.shape[0]
    block, most = min(sums.shape[1] - size + 1, SPAN), sums.shape[0] // PLANES
    for top in range(0, found.shape[0], max(1, most)):
        rows = min(most, found.shape[0] - top)
        for start in range(0, width, max(1, block)):
            m = min(block, width - start)
            n = m + size - 1
            for i in range(PLANES):
                for y in range(rows + size - 1):
                    product(room[y], src[at + top + y], (start + radius) * step, step, ones[i], twos[i], n)
                down(sums[i * most : i * most + rows], room, other, rows, n, size)
            for y in range(rows):
                for i in range(PLANES):
                    across(line[i * SPAN : i * SPAN + m], sums[i * most + y], room[0], m, 1, size)
                tall = height_of(first + top + y, radius, height)
                solve(solved, line, wide[start : start + m], tall, m, eps)
                for i in range(PLANES):
                    a = i * width + start
                    put(found[top + y][a : a + m], solved, i * SPAN, m, True)


@helper
def values(o, row, at, s, wide, tall, step, n):
    """v - N v + b."""
    a, t = np.uint64(at), np.uint64(step)
    for x in range(n):
        k = np.uint64(x)
        i = a + k * t
        part = real(1) / (real(wide[k]) * tall)
        r, g, b = real(row[i]), real(row[i + np.uint64(1)]), real(row[i + np.uint64(2)])
        j = k * t
        red = s[k + np.uint64(F)] - s[k] * r - s[k + np.uint64(A)] * g - s[k + np.uint64(B)] * b
        green = (
            s[k + np.uint64(G)] - s[k + np.uint64(A)] * r - s[k + np.uint64(C)] * g - s[k + np.uint64(D)] * b
        )
        blue = (
            s[k + np.uint64(H)] - s[k + np.uint64(B)] * r - s[k + np.uint64(D)] * g - s[k + np.uint64(E)] * b
        )
        o[j] = r + red * part
        o[j + np.uint64(1)] = g + green * part
        o[j + np.uint64(2)] = b + blue * part


FRAME = "i8, i8, i8, i8, i8, i8[:]"


@loop(
    f"{{u1,u2,f4}}[:,:], {{u1,u2,f4}}[:,:], f4[:,:], {FRAME}, f4[:,:], f4[:,:], f4[:,:], f4[:], f4[:], i8[:]",
    f"{{u1,u2,f8}}[:,:], {{u1,u2,f8}}[:,:], f8[:,:], {FRAME}, f8[:,:], f8[:,:], f8[:,:], f8[:], f8[:], i8[:]",
)
def means(out, src, found, begin, first, height, radius, step, wide, room, other, sums, line, scratch, count):
    """out from row `first` of the image on, by planes that begin with its row `begin`; a fourth channel stays."""
    size, width = 2 * radius + 1, wide.shape[0]
    block, most = min(sums.shape[1] - size + 1, SPAN), sums.shape[0] // PLANES
    for top in range(0, out.shape[0], max(1, most)):
        rows = min(most, out.shape[0] - top)
        for start in range(0, width, max(1, block)):
            m = min(block, width - start)
            n = m + size - 1
            for i in range(PLANES):
                for y in range(rows + size - 1):
                    at = first + top + y - radius - begin
                    taken(room[y], found, at, start, radius, 1, n, width, i * width)
                down(sums[i * most : i * most + rows], room, other, rows, n, size)
            for y in range(rows):
                for i in range(PLANES):
                    across(line[i * SPAN : i * SPAN + m], sums[i * most + y], room[0], m, 1, size)
                row, at = src[top + y + 2 * radius], (start + 2 * radius) * step
                tall = height_of(first + top + y, radius, height)
                values(scratch, row, at, line, wide[start : start + m], tall, step, m)
                for c in range(3, step):
                    for x in range(m):
                        scratch[x * step + c] = real(row[at + x * step + c])
                finish(out[top + y][start * step : (start + m) * step], scratch, m * step, count)
