"""The color spaces: one table, a row each; and what follows from it. The formulas are in `loops/color`.

A new space is a row here and its formulas there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Range = tuple[float, float]

WHITE_X, WHITE_Z = (
    0.950456,
    1.088754,
)  # XYZ of white, Y being 1: D65, 2 degrees; the matrix of sRGB x (1, 1, 1)


class ColorSpace:
    """One row of the table. There are two kinds of spaces, by what their values are counted in.

    Values of a *scaled* space lie between 0 and the full scale of the image. `white` is what white is in each channel
    then, of full scale: 1, or 0 of inks. `tints`: a channel alone is a color.

    The others have *units of their own*, and `white` is None: they are brought to a scaled space before they are laid
    on a background or stored as a picture. `ranges` are the least and the largest value of each channel: what `to
    --scaled` and `separate` stretch to full scale. `full` is the full scale of each channel for a step `--on` it.
    `units` are what 1 of the formulas is in each channel of the pixels.

    `is_picture`: picture files hold the space itself, whatever their format.
    """

    __slots__ = ("channels", "full", "is_picture", "name", "ranges", "tints", "units", "white")

    def __init__(
        self,
        name: str,
        channels: str,
        *,
        white: float | None,
        tints: bool = False,
        is_picture: bool = False,
        ranges: tuple[Range, ...] = (),
        full: tuple[float, ...] = (),
        units: tuple[float, ...] = (),
    ) -> None:
        self.name, self.channels, self.white = name, tuple(channels.split()), white
        self.tints, self.is_picture = tints, is_picture
        self.ranges, self.full = ranges, full
        self.units = units or (1.0,) * len(self.channels)
        self._check()

    @property
    def is_scaled(self) -> bool:
        """Whether values lie between 0 and the full scale of the image."""
        return self.white is not None

    def _check(self) -> None:
        """Errors: ValueError where a field is missing, or does not fit the others."""
        own = 0 if self.is_scaled else len(self.channels)
        wrong = len(self.ranges) != own or len(self.full) != own or len(self.units) != len(self.channels)
        if wrong or not self.channels or len(set(map(str.lower, self.channels))) != len(self.channels):
            raise ValueError(
                f"color space {self.name}: say white, of a scaled space, or ranges and full for each channel"
            )
        if any(low >= high for low, high in self.ranges) or any(v <= 0 for v in (*self.full, *self.units)):
            raise ValueError(f"color space {self.name}: a range is empty, or a full scale is not above 0")
        if not self.is_scaled and (self.tints or self.is_picture):
            raise ValueError(f"color space {self.name}: tints and pictures are of scaled spaces")


def _table(rows: Iterable[ColorSpace]) -> dict[str, ColorSpace]:
    """The rows by their names. Errors: ValueError for a name that is there twice."""
    table: dict[str, ColorSpace] = {}
    for row in rows:
        if row.name in table or row.name == "none":
            raise ValueError(f"color space {row.name}: the name is taken")
        table[row.name] = row
    return table


_UNIT, _PERCENT, _DEGREES = (0.0, 1.0), (0.0, 100.0), (0.0, 360.0)
_SIGNED_BYTE, _SIGNED_UNIT = (-128.0, 127.0), (-128 / 255, 127 / 255)
_HUNDRED, _ONE, _HUE_FIRST = (100.0, 100.0, 100.0), (1.0, 1.0, 1.0), (360.0, 1.0, 1.0)

SPACES = _table(
    (
        ColorSpace("gray", "v", white=1.0, is_picture=True),
        ColorSpace("rgb", "r g b", white=1.0, tints=True, is_picture=True),
        ColorSpace("linear", "r g b", white=1.0, tints=True),
        ColorSpace(
            "xyz",
            "x y z",
            white=None,
            ranges=((0.0, WHITE_X), _UNIT, (0.0, WHITE_Z)),
            full=_ONE,
            units=(WHITE_X, 1.0, WHITE_Z),
        ),
        ColorSpace("lab", "L a b", white=None, ranges=(_PERCENT, _SIGNED_BYTE, _SIGNED_BYTE), full=_HUNDRED),
        ColorSpace(
            "luv", "L u v", white=None, ranges=(_PERCENT, (-134.0, 220.0), (-140.0, 122.0)), full=_HUNDRED
        ),
        ColorSpace(
            "lch", "L C h", white=None, ranges=(_PERCENT, (0.0, 182.0), _DEGREES), full=(100.0, 100.0, 360.0)
        ),
        ColorSpace(
            "hcl", "h C L", white=None, ranges=(_DEGREES, (0.0, 182.0), _PERCENT), full=(360.0, 100.0, 100.0)
        ),
        ColorSpace("hcy", "h C y", white=None, ranges=(_DEGREES, _UNIT, _UNIT), full=_HUE_FIRST),
        ColorSpace("hsv", "h s v", white=None, ranges=(_DEGREES, _UNIT, _UNIT), full=_HUE_FIRST),
        ColorSpace("hsl", "h s L", white=None, ranges=(_DEGREES, _UNIT, _UNIT), full=_HUE_FIRST),
        ColorSpace("ycbcr", "y cb cr", white=None, ranges=(_UNIT, _SIGNED_UNIT, _SIGNED_UNIT), full=_ONE),
        ColorSpace("oklab", "L a b", white=None, ranges=(_UNIT, _SIGNED_UNIT, _SIGNED_UNIT), full=_ONE),
        ColorSpace(
            "oklch", "L C h", white=None, ranges=(_UNIT, (0.0, 0.5), _DEGREES), full=(1.0, 1.0, 360.0)
        ),
        ColorSpace("cmyk", "c m y k", white=0.0, tints=True),
    )
)
COLORS = {name: len(row.channels) for name, row in SPACES.items()}  # channels, alpha not counted
PICTURES = {
    len(row.channels): name for name, row in SPACES.items() if row.is_picture
}  # by the number of channels
OWN_UNITS = tuple(name for name, row in SPACES.items() if not row.is_scaled)
TINTED = tuple(name for name, row in SPACES.items() if row.tints)


def space_of(channels: int) -> str:
    """The space of a picture with so many channels, alpha not counted: gray, rgb, or "none"."""
    return PICTURES.get(channels, "none")


def is_scaled(space: str) -> bool:
    """Whether values lie between 0 and the full scale of the image; not of "none", whose numbers may be anything."""
    return space in SPACES and SPACES[space].is_scaled


def white_of(space: str) -> float | None:
    """What white is in each channel, of full scale; None for spaces with units of their own."""
    return SPACES[space].white if space in SPACES else 1.0


def srgb_to_linear(value: float) -> float:
    """Linear light, 0 to 1, of an sRGB value of 0 to 1 (IEC 61966-2-1). `loops/color/transfer.light` is its loop."""
    low: float = value / 12.92
    high: float = ((value + 0.055) / 1.055) ** 2.4
    return low if value <= 0.04045 else high


def linear_to_srgb(light: float) -> float:
    """The sRGB value of linear light, both 0 to 1. `loops/color/transfer.code` is its loop."""
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


# Rendering intents: their numbers in ICC profiles, and how a conversion by them is described.
INTENTS = {
    "relative": (1, "relative colorimetric, black point compensated"),
    "perceptual": (0, "perceptual"),
    "saturation": (2, "saturation"),
    "absolute": (3, "absolute colorimetric"),
}
