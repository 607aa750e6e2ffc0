"""The mean of a box: columns are summed down into a row of sums, then those across."""

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
    """Rows `old` leave the sums and rows `new` enter: whole numbers, so the sums do not depend on where they began."""
    p, q, a = np.uint64(old), np.uint64(new), np.uint64(start)
    for x in range(sums.shape[0]):
        k = np.uint64(x)
        sums[k] = np.int32(sums[k] + np.int32(np.int32(src[q, k + a]) - np.int32(src[p, k + a])))


@helper
def columns(sums, src, y, height, start):
    """Sums of rows y to y + height - 1; for y above 0 from those of the row before."""
    if y > 0:
        slide(sums, src, y - 1, y + height - 1, start)
    else:
        for x in range(sums.shape[0]):
            sums[x] = 0
        for i in range(height):
            add(sums, src, i, start)


@helper
def begin(totals, sums, step, count):
    """totals[x] = the sum of sums[x + j * step] for j = 0, or 0 to 2; returns how many it took."""
    a, b = np.uint64(step), np.uint64(2 * step)
    if count < 3:
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = sums[k]
        return 1
    for x in range(totals.shape[0]):
        k = np.uint64(x)
        totals[k] = np.int32(np.int32(sums[k] + sums[k + a]) + sums[k + b])
    return 3


@helper
def gather(totals, sums, at, step, count):
    """totals[x] += sums[x + at + j * step] for j below count."""
    j = 0
    while j + 2 <= count:
        a, b = np.uint64(at + j * step), np.uint64(at + (j + 1) * step)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.int32(totals[k] + np.int32(sums[k + a] + sums[k + b]))
        j += 2
    if j < count:
        a = np.uint64(at + j * step)
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
def byte_begin(totals, sums, step, count):
    """`begin` in 16 bits."""
    a, b = np.uint64(step), np.uint64(2 * step)
    if count < 3:
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = sums[k]
        return 1
    for x in range(totals.shape[0]):
        k = np.uint64(x)
        totals[k] = np.add(np.add(sums[k], sums[k + a]), sums[k + b])
    return 3


@helper
def byte_gather(totals, sums, at, step, count):
    """`gather` in 16 bits."""
    j = 0
    while j + 2 <= count:
        a, b = np.uint64(at + j * step), np.uint64(at + (j + 1) * step)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.add(totals[k], np.add(sums[k + a], sums[k + b]))
        j += 2
    if j < count:
        a = np.uint64(at + j * step)
        for x in range(totals.shape[0]):
            k = np.uint64(x)
            totals[k] = np.add(totals[k], sums[k + a])


@loop("{u1,u2,f4}[:,:], u1[:,:], i8, i8, i8, i8, i8, f4, u2[:], u2[:], u2[:]")
def byte_box(out, src, height, width, run, step, n, area, sums, parts, totals):
    """`small` for bytes whose sum fits 16 bits."""
    block = max(1, totals.shape[0])
    times = width // run
    for start in range(0, n, block):
        m = min(block, n - start)
        size = m + (width - 1) * step
        s = sums[0:size]
        p = parts[0 : size - (run - 1) * step]
        t = totals[0:m]
        for y in range(out.shape[0]):
            byte_columns(s, src, y, height, start)
            if run > 1:
                done = byte_begin(p, s, step, run)
                byte_gather(p, s, done * step, step, run - done)
                done = byte_begin(t, p, run * step, times)
                byte_gather(t, p, done * run * step, run * step, times - done)
                byte_gather(t, s, times * run * step, step, width - times * run)
            else:
                done = byte_begin(t, s, step, width)
                byte_gather(t, s, done * step, step, width - done)
            write(out[y][start : start + m], t, area)


@loop("{u1,u2,f4}[:,:], {u1,u2}[:,:], i8, i8, i8, i8, i8, f4, i4[:], i4[:], i4[:], f4[:], i8[:]")
def small(out, src, height, width, run, step, n, area, sums, parts, totals, scratch, count):
    """Whole numbers whose sum fits 24 bits. Across, sums of `run` neighbors are made once and `width // run` added."""
    block = max(1, scratch.shape[0])
    times = width // run
    for start in range(0, n, block):
        m = min(block, n - start)
        size = m + (width - 1) * step
        s = sums[0:size]
        p = parts[0 : size - (run - 1) * step]
        t = totals[0:m]
        for y in range(out.shape[0]):
            columns(s, src, y, height, start)
            if run > 1:
                done = begin(p, s, step, run)
                gather(p, s, done * step, step, run - done)
                done = begin(t, p, run * step, times)
                gather(t, p, done * run * step, run * step, times - done)
                gather(t, s, times * run * step, step, width - times * run)
            else:
                done = begin(t, s, step, width)
                gather(t, s, done * step, step, width - done)
            for x in range(m):
                scratch[x] = real(t[x]) / area
            finish(out[y][start : start + m], scratch, m, count)


@loop("{u1,u2,f4,f8}[:,:], {u1,u2}[:,:], i8, i8, i8, i8, f8, i4[:], f8[:], i8[:]")
def large(out, src, height, width, step, n, area, sums, scratch, count):
    """Whole numbers: sums below 2^53 in float64, exact too; across, each from the one before."""
    block = max(1, scratch.shape[0])
    for start in range(0, n, block):
        m = min(block, n - start)
        s = sums[0 : m + (width - 1) * step]
        for y in range(out.shape[0]):
            columns(s, src, y, height, start)
            for c in range(min(step, m)):
                total = real(0)
                for j in range(width):
                    total += s[c + j * step]
                scratch[c] = total
                for x in range(c + step, m, max(1, step)):
                    total += real(s[x + (width - 1) * step]) - real(s[x - step])
                    scratch[x] = total
            for x in range(m):
                scratch[x] = scratch[x] / area
            finish(out[y][start : start + m], scratch, m, count)


@helper
def add_row(s, src, y, start):
    row, a = np.uint64(y), np.uint64(start)
    for x in range(s.shape[0]):
        k = np.uint64(x)
        s[k] += real(src[row, k + a])


@helper
def add_part(o, s, at):
    a = np.uint64(at)
    for x in range(o.shape[0]):
        k = np.uint64(x)
        o[k] += s[k + a]


@loop(
    "{u1,u2,f4}[:,:], f4[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
    "{u1,u2,f8}[:,:], f8[:,:], i8, i8, i8, i8, f8, f8[:], f8[:], i8[:]",
)
def floats(out, src, height, width, step, n, area, sums, scratch, count):
    """Floats: each sum from its first term on, in float64."""
    block = max(1, scratch.shape[0])
    for y in range(out.shape[0]):
        for start in range(0, n, block):
            m = min(block, n - start)
            s = sums[0 : m + (width - 1) * step]
            o = scratch[0:m]
            for x in range(s.shape[0]):
                s[x] = 0
            for i in range(height):
                add_row(s, src, y + i, start)
            for x in range(m):
                o[x] = 0
            for j in range(width):
                add_part(o, s, j * step)
            for x in range(m):
                o[x] = o[x] / area
            finish(out[y][start : start + m], o, m, count)
