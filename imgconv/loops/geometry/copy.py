"""Copy rows: into another dtype, into a strip with borders around it, and some channels of them."""

from imgconv.jit.loop import loop, np

SAME = ("u1[:,:], u1[:,:]", "u2[:,:], u2[:,:]", "f4[:,:], f4[:,:]", "f8[:,:], f8[:,:]")


@loop(
    "u1[:,:], u1[:,:], i8",
    "u2[:,:], u2[:,:], i8",
    "f4[:,:], {u1,u2,f4}[:,:], i8",
    "f8[:,:], {u1,u2,f4,f8}[:,:], i8",
)
def copy(out, src, n):
    """out = n items of each row of src."""
    for y in range(out.shape[0]):
        o, s = out[y][0:n], src[y][0:n]
        for x in range(n):
            o[x] = s[x]


@loop(*(f"{kind}, i8[:], i8, i8, f8" for kind in SAME))
def lay(out, src, rows, left, n, value):
    """Row y of out, from item `left` on, is row rows[y] of src (n items), or `value` where that is below 0."""
    for y in range(rows.shape[0]):
        o = out[y][left : left + n]
        if rows[y] < 0:
            for x in range(n):
                o[x] = value
        else:
            s = src[rows[y]]
            for x in range(n):
                o[x] = s[x]


@loop("{u1,u2,f4,f8}[:,:], i8[:], i8[:], f8")
def flank(out, targets, sources, value):
    """Item targets[k] of each row is the row's item sources[k], or `value` where that is below 0."""
    for y in range(out.shape[0]):
        row = out[y]
        for k in range(targets.shape[0]):
            x = np.uint64(targets[k])
            if sources[k] < 0:
                row[x] = value
            else:
                row[x] = row[np.uint64(sources[k])]


@loop(*(f"{kind}, i8[:], i8" for kind in SAME))
def pick(out, src, channels, width):
    """Channel k of out is channel channels[k] of src, whose number of channels is the last item of `channels`."""
    picked = channels.shape[0] - 1
    stride = channels[picked]
    for y in range(out.shape[0]):
        o = out[y]
        s = src[y]
        for x in range(width):
            for k in range(picked):
                o[x * picked + k] = s[x * stride + channels[k]]
