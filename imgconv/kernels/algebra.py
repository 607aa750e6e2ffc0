"""Kernels put together: sums, one after the other, powers. Exact; no NumPy."""

from __future__ import annotations

from math import gcd

from imgconv.kernels.kernel import Kernel
from imgconv.kernels.parser import check_size, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PRODUCT = 1 << 20  # bytes of the numbers that two kernels become: multiplied in two seconds


def added(a: Kernel, b: Kernel, where: str) -> Kernel:
    """The sum, center (K // 2) on center, with zeros around the smaller one. UsageError: too large."""
    height, width = max(a.height, b.height), max(a.width, b.width)
    common = a.denominator * b.denominator // gcd(a.denominator, b.denominator)
    rows = [[0] * width for _ in range(height)]
    for kernel in (a, b):
        times = common // kernel.denominator
        top, left = height // 2 - kernel.height // 2, width // 2 - kernel.width // 2
        for target, row in zip(rows[top:], kernel.numerators, strict=False):
            for x, n in enumerate(row, left):
                target[x] += n * times
    return Kernel(rows, common, where)


def composed(a: Kernel, b: Kernel, where: str) -> Kernel:
    """One kernel for `a`, then `b`: their full convolution, (h + h' - 1) x (w + w' - 1).

    Two kernels of even size have centers that the result, which is odd, cannot have: its own is half a pixel up and
    left of each. The weights of each become one whole number, with room between them, and one product holds all sums
    (L. Kronecker, 1882). UsageError: too large.
    """
    height, width = a.height + b.height - 1, a.width + b.width - 1
    check_size(height, width, where)
    area = min(a.height * a.width, b.height * b.width)
    size = (_largest(a) * _largest(b) * area).bit_length() // 8 + 1  # bytes of a sum and its sign
    if height * width * size > MAX_PRODUCT:
        refuse(where, f"{height} x {width} weights of {size} bytes are too many to multiply out exactly")
    half = int.from_bytes((b"\0" * (size - 1) + b"\x80") * (height * width), "little")
    total = _packed(a, width, size) * _packed(b, width, size) + half
    data = total.to_bytes(height * width * size + 1, "little")
    offset = 1 << (8 * size - 1)
    sums = [
        int.from_bytes(data[at : at + size], "little") - offset
        for at in range(0, height * width * size, size)
    ]
    rows = [sums[y * width : (y + 1) * width] for y in range(height)]
    return Kernel(rows, a.denominator * b.denominator, where)


def powered(kernel: Kernel, exponent: int, where: str) -> Kernel:
    """`exponent` times the same kernel, one after the other; none at all is the identity. UsageError: too large."""
    check_size(exponent * (kernel.height - 1) + 1, exponent * (kernel.width - 1) + 1, where)
    found, square = Kernel([[1]]), kernel
    while exponent:
        if exponent % 2:
            found = composed(found, square, where)
        exponent //= 2
        if exponent:
            square = composed(square, square, where)
    return found


def _largest(kernel: Kernel) -> int:
    return max(1, *(abs(n) for row in kernel.numerators for n in row))


def _packed(kernel: Kernel, width: int, size: int) -> int:
    """The weights as digits of `size` bytes, rows `width` digits apart."""
    above, below = (
        b"".join(_digits([max(sign * n, 0) for n in row], width, size) for row in kernel.numerators)
        for sign in (1, -1)
    )
    return int.from_bytes(above, "little") - int.from_bytes(below, "little")


def _digits(row: Sequence[int], width: int, size: int) -> bytes:
    return b"".join(n.to_bytes(size, "little") for n in row) + bytes((width - len(row)) * size)
