"""Arithmetic of kernels: sums, convolutions and powers. Exact; no NumPy."""

from __future__ import annotations

from math import gcd

from imgconv.kernels.kernel import Kernel
from imgconv.kernels.parser import check_size, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PRODUCT = 1 << 20  # bytes of the integers that two kernels are packed into: multiplied in two seconds


def add(a: Kernel, b: Kernel, where: str) -> Kernel:
    """The sum, aligned at the centers (K // 2), with zeros around the smaller kernel. Errors: UsageError."""
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


def convolve(a: Kernel, b: Kernel, where: str) -> Kernel:
    """Full convolution: the kernel that does what `a` and then `b` do, (h + h' - 1) x (w + w' - 1).

    The centers of two kernels of even size add up to half a pixel that the center of the result, whose size is odd,
    cannot hold: the result lies half a pixel up and left for each of them. Errors: UsageError for one too large.

    Kronecker substitution (L. Kronecker, 1882): the weights of each kernel are packed as the digits of one integer, so
    that the product of the two integers holds all sums of products as its digits. For example, with digits of base
    1000 and rows of 3 digits, [1 -2] and [3 4] become 1 - 2 * 1000 = -1999 and 3 + 4 * 1000 = 4003. Their product
    -8001997 = 3 - 2 * 1000 - 8 * 1000^2 holds 3, -2, -8. To read the negative digits, half the base is added to every
    digit first, which leaves none negative: 500500500 - 8001997 = 492498503, of which the digits 503, 498, 492, minus
    500 each, are 3, -2, -8. Here a digit has `size` bytes, enough for the largest sum and its sign.

    >>> from imgconv.kernels.kernel import parse
    >>> convolve(parse("1 -2"), parse("3 4"), "").text()
    '3 -2 -8'
    """
    height, width = a.height + b.height - 1, a.width + b.width - 1
    check_size(height, width, where)
    area = min(a.height * a.width, b.height * b.width)
    size = (_largest(a) * _largest(b) * area).bit_length() // 8 + 1  # bytes a digit
    if height * width * size > MAX_PRODUCT:
        refuse(where, f"{height} x {width} weights of {size} bytes are too many to multiply out exactly")
    half = 1 << (8 * size - 1)  # of the base
    halves = int.from_bytes(half.to_bytes(size, "little") * (height * width), "little")
    product = _packed(a, width, size) * _packed(b, width, size) + halves
    data = product.to_bytes(height * width * size + 1, "little")
    sums = [
        int.from_bytes(data[start : start + size], "little") - half
        for start in range(0, height * width * size, size)
    ]
    rows = [sums[y * width : (y + 1) * width] for y in range(height)]
    return Kernel(rows, a.denominator * b.denominator, where)


def power(kernel: Kernel, exponent: int, where: str) -> Kernel:
    """The kernel convolved with itself, `exponent` times in all; 0 gives the identity. Errors: UsageError."""
    check_size(exponent * (kernel.height - 1) + 1, exponent * (kernel.width - 1) + 1, where)
    result, square = Kernel([[1]]), kernel
    while exponent:
        if exponent % 2:
            result = convolve(result, square, where)
        exponent //= 2
        if exponent:
            square = convolve(square, square, where)
    return result


def _largest(kernel: Kernel) -> int:
    return max(1, *(abs(n) for row in kernel.numerators for n in row))


def _packed(kernel: Kernel, width: int, size: int) -> int:
    """The numerators as one integer: digits of `size` bytes, `width` digits a row."""
    positive, negative = (
        b"".join(_digits([max(sign * n, 0) for n in row], width, size) for row in kernel.numerators)
        for sign in (1, -1)
    )
    return int.from_bytes(positive, "little") - int.from_bytes(negative, "little")


def _digits(row: Sequence[int], width: int, size: int) -> bytes:
    return b"".join(n.to_bytes(size, "little") for n in row) + bytes((width - len(row)) * size)
