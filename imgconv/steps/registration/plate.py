"""Plate: one exposure, and where in the scan it stands. Rectangle, Motion: what is said of it."""

from __future__ import annotations

import numpy as np

from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Numbers = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32] | NDArray[np.float64]


class Rectangle(Record):
    """Columns left to right - 1, rows top to bottom - 1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def moved(self, x: int, y: int) -> Rectangle:
        return Rectangle(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, more: int) -> Rectangle:
        return Rectangle(self.left - more, self.top - more, self.right + more, self.bottom + more)

    def inside(self, shape: tuple[int, ...]) -> bool:
        """Whether all of it lies in an image."""
        return self.left >= 0 and self.top >= 0 and self.right <= shape[1] and self.bottom <= shape[0]

    def of(self, a: Numbers) -> Numbers:
        """That part of an image."""
        return a[self.top : self.bottom, self.left : self.right]

    def reduced(self, factor: int) -> Rectangle:
        """The whole pixels of an image `factor` times smaller that lie inside."""
        return Rectangle(
            -(-self.left // factor),
            -(-self.top // factor),
            self.right // factor,
            self.bottom // factor,
        )

    def within(self, other: Rectangle) -> Rectangle:
        """What both cover."""
        return Rectangle(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    @property
    def numbers(self) -> list[int]:
        """Left, top, width, height."""
        return [self.left, self.top, self.width, self.height]


class Motion:
    """Where a point of the reference lies in another plate: (x, y) -> linear (x, y) + shift."""

    def __init__(self, shift: Doubles, linear: Doubles | None = None) -> None:
        self.shift = shift
        self.linear = np.eye(2) if linear is None else linear

    @property
    def is_shift(self) -> bool:
        return bool((self.linear == np.eye(2)).all())

    def at(self, point: Doubles) -> Doubles:
        """The places of points, the last axis x and y."""
        return point @ self.linear.T + self.shift

    def back(self, point: Doubles) -> Doubles:
        """The points of the reference that lie at these places."""
        found: Doubles = (point - self.shift) @ np.linalg.inv(self.linear).T
        return found

    def finer(self) -> Motion:
        """The same between images of twice the size; a pixel's center is at a whole number in both."""
        return Motion(2 * self.shift + (np.ones(2) - self.linear @ np.ones(2)) / 2, self.linear)


class Plate:
    """One exposure: its numbers, the first row of its nominal third among them, and the picture inside its borders."""

    def __init__(self, numbers: Numbers, first: int, top: int = 0) -> None:
        self.numbers = numbers
        self.first = first  # the row of `numbers` at which its third of the scan begins
        self.top = top  # the row of the scan at which its third begins
        height, width = numbers.shape
        self.whole = self.frame = Rectangle(0, 0, width, height)
        self.limits = (
            -np.inf,
            np.inf,
        )  # values beyond these are black or white, and tell nothing of the scene
        self.levels: list[Numbers] = [numbers]

    @property
    def size(self) -> int:
        return min(self.frame.width, self.frame.height)

    def build(self, count: int) -> None:
        """Make so many halved copies, each half as large as the one before."""
        while len(self.levels) <= count:
            self.levels.append(halved(self.levels[-1]))


def halved(a: Numbers) -> Floats:
    """Means of 2 x 2 pixels."""
    a = a[: a.shape[0] // 2 * 2, : a.shape[1] // 2 * 2]
    found: Floats = np.add(a[::2, ::2], a[1::2, ::2], dtype=np.float32)
    found += a[::2, 1::2]
    found += a[1::2, 1::2]
    found *= np.float32(0.25)
    return found
