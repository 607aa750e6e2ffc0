"""Spec: what an image is, without its pixels."""

from __future__ import annotations

from imgconv.core.color_spaces import SPACES
from imgconv.core.record import Record


class Spec(Record):
    """What an image is, without its pixels.

    `space` is a name of `color_spaces.SPACES`, or "none" for plain numbers. `alpha`: the last channel is one.
    `white` is the value of full scale (255, 65535, or what `--white` said); None for numbers taken as they are.
    `working` is the dtype of computed values: f4, or f8 with `--precision double`. `profile` is the ICC profile of inks
    (space cmyk) that are of a known press. `marks`: the images at the points that `mark` named.
    """

    height: int
    width: int
    channels: int
    dtype: str
    space: str = "none"
    alpha: bool = False
    white: float | None = None
    working: str = "f4"
    profile: bytes | None = None
    marks: tuple[tuple[str, Spec], ...] = ()

    @property
    def colors(self) -> int:
        """Channels without alpha."""
        return self.channels - self.alpha

    @property
    def full(self) -> float:
        """Full scale, for steps that need one: 1 where the numbers have none of their own."""
        return 1.0 if self.white is None else self.white

    @property
    def size(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        return self.height, self.width, self.channels

    @property
    def shape(self) -> str:
        """In words: `3x512x512` (channels, height, width)."""
        return f"{self.channels}x{self.height}x{self.width}"

    @property
    def picture(self) -> Spec:
        """The same in a space that pictures are stored in: gray, RGB, or numbers that are no color."""
        if self.space == "none" or SPACES[self.space].is_picture:
            return self
        return self.replace(space="rgb", channels=3 + self.alpha, profile=None)

    @property
    def computed(self) -> Spec:
        """The same image with values of the working dtype."""
        return self if self.dtype == self.working else self.replace(dtype=self.working)
