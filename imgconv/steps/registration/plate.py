"""A plate is one exposure of the scan. Rectangle: an area of it. Motion: an affine map to another plate."""

from __future__ import annotations

import numpy as np

from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32] | NDArray[np.float64]


class Rectangle(Record):
    """An area in pixels: columns left to right - 1, rows top to bottom - 1."""

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

    def translated(self, x: int, y: int) -> Rectangle:
        """The same area, x pixels further right and y further down."""
        return Rectangle(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, margin: int) -> Rectangle:
        """The area with a margin in pixels on each side; negative: without it."""
        return Rectangle(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether it lies inside an image of this shape (rows, columns)."""
        return self.left >= 0 and self.top >= 0 and self.right <= shape[1] and self.bottom <= shape[0]

    def crop(self, a: Samples) -> Samples:
        """This part of an image, as a view."""
        return a[self.top : self.bottom, self.left : self.right]

    def downsampled(self, factor: int) -> Rectangle:
        """The area in an image `factor` times smaller: only pixels that lie completely inside."""
        return Rectangle(
            -(-self.left // factor),
            -(-self.top // factor),
            self.right // factor,
            self.bottom // factor,
        )

    def intersection(self, other: Rectangle) -> Rectangle:
        """The area that both cover."""
        return Rectangle(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    @property
    def xywh(self) -> list[int]:
        """Left, top, width, height."""
        return [self.left, self.top, self.width, self.height]


class Motion:
    """Affine map from a point (x, y) of the reference to its position in another plate: linear (x, y) + shift.

    shift: 2 numbers, in pixels. linear: 2 x 2, the identity by default.
    """

    def __init__(self, shift: Doubles, linear: Doubles | None = None) -> None:
        self.shift = shift
        self.linear = np.eye(2) if linear is None else linear

    @property
    def is_shift(self) -> bool:
        """Whether the linear part is exactly the identity."""
        return bool((self.linear == np.eye(2)).all())

    def apply(self, points: Doubles) -> Doubles:
        """Positions in the other plate of points of the reference; shape (..., 2), the last axis is x and y."""
        return points @ self.linear.T + self.shift

    def invert(self, positions: Doubles) -> Doubles:
        """Points of the reference that lie at positions in the other plate; shape (..., 2)."""
        points: Doubles = (positions - self.shift) @ np.linalg.inv(self.linear).T
        return points

    def upsampled(self) -> Motion:
        """The same motion between images of twice the size; pixel centers are at whole numbers in both."""
        return Motion(2 * self.shift + (np.ones(2) - self.linear @ np.ones(2)) / 2, self.linear)


class Plate:
    """One exposure: its samples (rows x columns), and the frame, which is the picture inside its borders."""

    def __init__(self, samples: Samples, third_start: int, top: int = 0) -> None:
        self.samples = samples
        self.third_start = third_start  # the row of `samples` at which this plate's third of the scan begins
        self.top = top  # the row of the scan at which this plate's third begins
        height, width = samples.shape
        self.whole = self.frame = Rectangle(0, 0, width, height)
        self.limits = (-np.inf, np.inf)  # samples outside are over- or underexposed: black or white
        self.pyramid: list[Samples] = [samples]

    @property
    def size(self) -> int:
        """The smaller side of the frame, in pixels."""
        return min(self.frame.width, self.frame.height)

    def build_pyramid(self, depth: int) -> None:
        """Image pyramid: add levels up to `depth`, each half the size of the one before."""
        while len(self.pyramid) <= depth:
            self.pyramid.append(downsample_by_2(self.pyramid[-1]))


def downsample_by_2(a: Samples) -> Floats:
    """Means of 2 x 2 pixels: (h, w) -> (h // 2, w // 2)."""
    a = a[: a.shape[0] // 2 * 2, : a.shape[1] // 2 * 2]
    means: Floats = np.add(a[::2, ::2], a[1::2, ::2], dtype=np.float32)
    means += a[::2, 1::2]
    means += a[1::2, 1::2]
    means *= np.float32(0.25)
    return means
