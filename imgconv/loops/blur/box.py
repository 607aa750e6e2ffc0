"""Box blur: columns are summed down into a row of sums, then these across.

`height`, `width` of the box and `area` are in pixels; `sums` holds a block with both flanks, `totals` a block.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, loop, np, real
from imgconv.loops.round_and_store import finish


@helper
def add(sums, src, y, start):
    row, a = np.uint64(y), np.uint64(start)
    for x in range(sums.shape[0]):
        k = np.uint64(x)
        sums[k] = np.int32(sums[k] + np.int32(src[row, k + a]))


@helper
def slide(sums, src, old, new, start):
    """Row `old` leaves the sums and row `new` enters: integers, so the sums do not depend on where they began."""
    p, q, a = np.uint64(old), np.uint64(new), np.uint64(start)
    for x in range(sums.shape[0]):
        k = np.uint64(x)
        sums[k] = np.int32(sums[k] + np.int32(np.int32(src[q, k + a]) - np.int32(src[p, k + a])))


@helper
def columns(sums, src, y, height, start):
    """Sums of rows y to y + height - 1; for y above 0 by sliding those of y - 1."""
    if y > 0:
        slide(sums, src, y - 1, y + height - 1, start)
    else:
        for x in range(sums.shape[0]):
            sums[x] = 0
        for i in range(height):
            add(sums, src, i, start)


@helper
def begin(totals, sums, stride, taps):
    """totals[x] = the sum of sums[x + j * stride] for j = 0, or 0 to 2; returns how many it took."""
    a, b = np.uint64(stride), np.uint64(2 * stride)
    if taps < 3:
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = sums[k]
        return 1
    for x in range(totals.shape[0]):
        k = np.uint64(x)
        totals[k] = np.int32(np.int32(sums[k] + sums[k + a]) + sums[k + b])
    return 3


@helper
def gather(totals, sums, offset, stride, taps):
    """totals[x] += sums[x + offset + j * stride] for j below taps."""
    j = 0
    while j + 2 <= taps:
        a, b = np.uint64(offset + j * stride), np.uint64(offset + (j + 1) * stride)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.int32(totals[k] + np.int32(sums[k + a] + sums[k + b]))
        j += 2
    if j < taps:
        a = np.uint64(offset + j * stride)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.int32(totals[k] + sums[k + a])


@helper
def write_whole(out, totals, area):
    """Means of bytes, rounded half to even; they need no clipping."""
    for x in range(totals.shape[0]):
        whole = np.int32(np.rint(real(totals[x]) / area))
        out[x] = min(max(whole, np.int32(0)), np.int32(65535))  # no change, but LLVM then packs by saturation


@helper
def write_byte(out, totals, area):
    for x in range(totals.shape[0]):
        whole = np.int32(np.rint(real(totals[x]) / area))
        out[x] = np.uint8(min(max(whole, np.int32(0)), np.int32(255)))


@helper
def write_float(out, totals, area):
    for x in range(totals.shape[0]):
        out[x] = real(totals[x]) / area


write = Overload({"u1": write_byte, "u2": write_whole, "f4": write_float})


@helper
def byte_columns(sums, src, y, height, start):
    """`columns` in 16 bits: NumPy's functions, unlike operators, stay in them, and LLVM takes 16 at a time."""
    s = np.uint64(start)
    if y > 0:
        p, q = np.uint64(y - 1), np.uint64(y + height - 1)
        for x in range(sums.shape[0]):
            k = np.uint64(x)
            rest = np.subtract(sums[k], np.uint16(src[p, k + s]))
            sums[k] = np.add(rest, np.uint16(src[q, k + s]))
    else:
        for x in range(sums.shape[0]):
            sums[x] = 0
        for i in range(height):
            p = np.uint64(i)
            for x in range(sums.shape[0]):
                k = np.uint64(x)
                sums[k] = np.add(sums[k], np.uint16(src[p, k + s]))


@helper
def byte_begin(totals, sums, stride, taps):
    """`begin` in 16 bits."""
    a, b = np.uint64(stride), np.uint64(2 * stride)
    if taps < 3:
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = sums[k]
        return 1
    for x in range(totals.shape[0]):
        k = np.uint64(x)
        totals[k] = np.add(np.add(sums[k], sums[k + a]), sums[k + b])
    return 3


@helper
def byte_gather(totals, sums, offset, stride, taps):
    """`gather` in 16 bits."""
    j = 0
    while j + 2 <= taps:
        a, b = np.uint64(offset + j * stride), np.uint64(offset + (j + 1) * stride)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.add(totals[k], np.add(sums[k + a], sums[k + b]))
        j += 2
    if j < taps:
        a = np.uint64(offset + j * stride)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.add(totals[k], sums[k + a])


@loop("{u1,u2,f4}[:,:], u1[:,:], i8, i8, i8, i8, i8, f4, u2[:], u2[:], u2[:]")
def small_bytes(out, src, height, width, run, channel_stride, n, area, sums, parts, totals):
    """`small` for bytes whose sum fits in 16 bits."""
    block = max(1, totals.shape[0])
    times = width // run
    for start in range(0, n, block):
        m = min(block, n - start)
        size = m + (width - 1) * channel_stride
        s = sums[0:size]
        p = parts[0 : size - (run - 1) * channel_stride]
        t = totals[0:m]
        for y in range(out.shape[0]):
            byte_columns(s, src, y, height, start)
            if run > 1:
                done = byte_begin(p, s, channel_stride, run)
                byte_gather(p, s, done * channel_stride, channel_stride, run - done)
                done = byte_begin(t, p, run * channel_stride, times)
                byte_gather(t, p, done * run * channel_stride, run * channel_stride, times - done)
                byte_gather(t, s, times * run * channel_stride, channel_stride, width - times * run)
            else:
                done = byte_begin(t, s, channel_stride, width)
                byte_gather(t, s, done * channel_stride, channel_stride, width - done)
            write(out[y][start : start + m], t, area)


@loop("{u1,u2,f4}[:,:], {u1,u2}[:,:], i8, i8, i8, i8, i8, f4, i4[:], i4[:], i4[:], f4[:], i8[:]")
def small(out, src, height, width, run, channel_stride, n, area, sums, parts, totals, scratch, clipped):
    """Integers whose sum fits in 24 bits. Across, sums of `run` neighbors (`parts`) are made once and shared."""
    block = max(1, scratch.shape[0])
    times = width // run
    for start in range(0, n, block):
        m = min(block, n - start)
        size = m + (width - 1) * channel_stride
        s = sums[0:size]
        p = parts[0 : size - (run - 1) * channel_stride]
        t = totals[0:m]
        for y in range(out.shape[0]):
            columns(s, src, y, height, start)
            if run > 1:
                done = begin(p, s, channel_stride, run)
                gather(p, s, done * channel_stride, channel_stride, run - done)
                done = begin(t, p, run * channel_stride, times)
                gather(t, p, done * run * channel_stride, run * channel_stride, times - done)
                gather(t, s, times * run * channel_stride, channel_stride, width - times * run)
            else:
                done = begin(t, s, channel_stride, width)
                gather(t, s, done * channel_stride, channel_stride, width - done)
            for x in range(m):
                scratch[x] = real(t[x]) / area
            finish(out[y][start : start + m], scratch, m, clipped)


@loop("{u1,u2,f4,f8}[:,:], {u1,u2}[:,:], i8, i8, i8, i8, f8, i4[:], f8[:], i8[:]")
def large(out, src, height, width, channel_stride, n, area, sums, scratch, clipped):
    """Integers whose sum fits in 53 bits, in float64: exact too. Across, each sum slides on from the one before."""
    block = max(1, scratch.shape[0])
    for start in range(0, n, block):
        m = min(block, n - start)
        s = sums[0 : m + (width - 1) * channel_stride]
        for y in range(out.shape[0]):
            columns(s, src, y, height, start)
            for c in range(min(channel_stride, m)):
                total = real(0)
                for j in range(width):
                    total += s[c + j * channel_stride]
                scratch[c] = total
                for x in range(c + channel_stride, m, max(1, channel_stride)):
                    total += real(s[x + (width - 1) * channel_stride]) - real(s[x - channel_stride])
                    scratch[x] = total
            for x in range(m):
                scratch[x] = scratch[x] / area
            finish(out[y][start : start + m], scratch, m, clipped)


@helper
def add_row(s, src, y, start):
    row, a = np.uint64(y), np.uint64(start)
    for x in range(s.shape[0]):
        k = np.uint64(x)
        s[k] += real(src[row, k + a])


@helper
def add_part(o, s, offset):
    a = np.uint64(offset)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] += s[k + a]


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def floats(out, src, height, width, channel_stride, n, area, sums, scratch, clipped):
    """Floats: each sum is taken anew from its first term, in float64."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            s = sums[0 : m + (width - 1) * channel_stride]
            o = scratch[0:m]
            for x in range(s.shape[0]):
                s[x] = 0
            for i in range(height):
                add_row(s, src, y + i, start)
            for x in range(m):
                o[x] = 0
            for j in range(width):
                add_part(o, s, j * channel_stride)
            for x in range(m):
                o[x] = o[x] / area
            finish(out[y][start : start + m], o, m, clipped)
