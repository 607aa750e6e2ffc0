"""Round computed values and store them: `finish(out, values, n, clipped)` writes a row of n items in the dtype of out.

Integers are rounded half to even and clipped; `clipped[0]` counts the samples that were.
"""

from imgconv.jit.helper import Overload
from imgconv.jit.loop import helper, np, real

BLOCK = 2048  # items of a row computed at a time, before they are stored: they stay in the first-level cache


@helper
def as_is(out, values, n, clipped):
    for x in range(n):
        out[x] = values[x]


@helper
def to_u1(out, values, n, clipped):
    """Round half to even and clip to 0..255; count what was clipped."""
    changed = np.int32(0)
    for x in range(n):
        v = np.rint(values[x])
        c = min(max(v, real(0)), real(255))
        changed = np.int32(changed + np.int32(v != c))
        whole = min(
            max(np.int32(c), np.int32(0)), np.int32(255)
        )  # no change, but LLVM then packs by saturation
        out[x] = np.uint8(whole)
    clipped[0] += changed


@helper
def to_u2(out, values, n, clipped):
    """Round half to even and clip to 0..65535; count what was clipped."""
    changed = np.int32(0)
    for x in range(n):
        v = np.rint(values[x])
        c = min(max(v, real(0)), real(65535))
        changed = np.int32(changed + np.int32(v != c))
        out[x] = np.uint16(min(max(np.int32(c), np.int32(0)), np.int32(65535)))
    clipped[0] += changed


finish = Overload({"u1": to_u1, "u2": to_u2, "f4": as_is, "f8": as_is})
