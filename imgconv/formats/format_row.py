"""One row of the table of formats: what the files of a format can hold. A row that makes no sense cannot be made."""

from __future__ import annotations

from imgconv.core.dtypes import SIZES
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FormatRow(Record):
    """The facts about a format that its own module, the options and the sinks ask for.

    `magic` tells by the first bytes whether a file is of this format. `loader` is the module below `imgconv.formats`
    that reads and writes it. `dtypes` are those of the samples in its files; the first one is taken where the image's
    own is none of them. `alpha`: whether its pictures can have alpha; `gray`: whether they can be gray (else gray is
    stored as RGB). `side`: the largest width or height.
    `frames`: whether a file can hold several pictures; `pages`: whether those may differ in size and type;
    `duration` is (unit, longest) of the time that a frame is shown, in ms. `separator` stands between the numbers of a
    text format; "" means that the format is not text. `plugin` is (module, class) of Pillow's decoder.
    `quality` and `level` are (default, lowest, highest) of that option of `save`; None: the format has no use for it.
    """

    name: str
    suffixes: tuple[str, ...]
    magic: Callable[[bytes], bool]
    loader: str
    dtypes: tuple[str, ...]
    alpha: bool
    side: int
    gray: bool = True
    frames: bool = False
    pages: bool = False
    duration: tuple[int, int] | None = None
    separator: str = ""
    plugin: tuple[str, str] | None = None
    quality: tuple[int, int, int] | None = None
    level: tuple[int, int, int] | None = None
    lossless: bool = False

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for wrong, what in self._faults():
            if wrong:
                raise ValueError(f"format {self.name}: {what}")

    def _faults(self) -> tuple[tuple[bool, str], ...]:
        """What may be wrong with a row, and whether it is."""
        unit, longest = self.duration or (1, 1)
        numbers = [number for number in (self.quality, self.level) if number is not None]
        return (
            (not self.name.isalnum() or self.name != self.name.lower(), "its name is not lower-case letters"),
            (not self.suffixes or any(s[:1] != "." or s != s.lower() for s in self.suffixes), "bad suffixes"),
            (not callable(self.magic), "magic is not a function"),
            (not self.dtypes or any(dtype not in SIZES for dtype in self.dtypes), "unknown dtypes"),
            (self.side < 1, "side is not positive"),
            (self.pages and not self.frames, "pages without frames"),
            (self.frames and not self.pages and self.duration is None, "frames without durations"),
            (self.duration is not None and not self.frames, "durations without frames"),
            (
                not 0 < unit <= longest or longest % unit != 0,
                "longest duration is not a multiple of the unit",
            ),
            (self.plugin is not None and len(self.plugin) != 2, "plugin is not (module, class)"),
            (any(not low <= usual <= high for usual, low, high in numbers), "a default is out of its range"),
        )

    @property
    def text(self) -> bool:
        """Whether files are text. They are known by their suffix; by content only where there is no name."""
        return self.separator != ""

    @property
    def depths(self) -> dict[int, str]:
        """The dtype of each `--depth` (bits a channel) that files can have; 64 bits are no choice of it."""
        return {
            8 * SIZES[dtype]: dtype
            for dtype in sorted(self.dtypes, key=SIZES.__getitem__)
            if SIZES[dtype] < 8
        }
