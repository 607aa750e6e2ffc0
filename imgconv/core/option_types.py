"""The types of options: how an option's text is read, checked and written back.

Every type has `metavar` (what help shows), `read(value)` (text or a Python value to the checked value; raises
UsageError that says what is wrong) and `text(value)` (text that reads back to the same value).
"""

from __future__ import annotations

import os

from imgconv.core.border import MODES, Border, parse_border
from imgconv.core.errors import UsageError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class OptionType:
    """Any text."""

    metavar = "TEXT"

    def read(self, value: Any) -> Any:
        return str(value)

    def text(self, value: Any) -> str:
        return str(value)

    def accepts_name(self, word: str) -> bool:
        """Whether a word that is also the name of a step is meant as this argument's value."""
        return False

    def is_plausible(self, word: str) -> bool:
        """Whether one more word may be meant as this argument's value, and not as a mistyped step."""
        return True


class Path(OptionType):
    """The path of a file, `-` for stdin or stdout, or a pattern such as `*.png`."""

    metavar = "PATH"

    def read(self, value: Any) -> Any:
        text = value if isinstance(value, str) else str(getattr(value, "__fspath__", value.__str__)())
        if not text or "\0" in text:
            raise UsageError("a path cannot be empty or hold a NUL character")
        return text

    def is_plausible(self, word: str) -> bool:
        return word == "-" or any(mark in word for mark in "./*?") or os.path.lexists(word)


class Name(OptionType):
    """A name that may also be a step's."""

    metavar = "NAME"

    def accepts_name(self, word: str) -> bool:
        return True


class Flag(OptionType):
    """On or off: yes, no, true, false, 1, 0, on, off."""

    metavar = ""

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("", "0", "false", "no", "off"):
            return False
        raise UsageError(f"'{value}' is neither yes nor no")


class Choice(OptionType):
    """One of some words. `aliases`: further spellings, which help does not list, and the words that they mean."""

    def __init__(self, words: Sequence[str], aliases: Mapping[str, str] = {}) -> None:
        self.words = tuple(words)
        self.aliases = aliases
        self.metavar = "|".join(self.words)

    def read(self, value: Any) -> str:
        text = str(value).strip().lower()
        word = self.aliases.get(text, text)
        if word not in self.words:
            raise UsageError(
                f"'{value}' is not one of {', '.join(self.words)}{did_you_mean(word, self.words)}"
            )
        return word

    def accepts_name(self, word: str) -> bool:
        return word in self.words or word in self.aliases


class Number(OptionType):
    """A finite number from `low` to `high`, both included, and more than `above`."""

    metavar = "NUMBER"

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        above: float | None = None,
    ) -> None:
        self.low, self.high, self.above = low, high, above

    def read(self, value: Any) -> float:
        number = self.number(value)
        if self.low is not None and number < self.low:
            raise UsageError(f"{value} is too small; the least is {self.low:g}")
        if self.above is not None and number <= self.above:
            raise UsageError(f"{value} is too small; it must be more than {self.above:g}")
        if self.high is not None and number > self.high:
            raise UsageError(f"{value} is too large; the most is {self.high:g}")
        return number

    def number(self, value: Any) -> float:
        """The number of a text or of a Python value, before its bounds are checked."""
        try:
            number = _fraction(value) if isinstance(value, str) else float(value)
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            raise UsageError(f"'{value}' is not a number") from None
        if number - number != 0:
            raise UsageError(f"'{value}' is not a finite number")
        return number

    def text(self, value: Any) -> str:
        return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

    @property
    def bounds(self) -> str:
        """`0 to 10`, for help."""
        low = "" if self.low is None else self.text(self.low)
        high = "" if self.high is None else self.text(self.high)
        if self.above is not None:
            return f"above {self.text(self.above)}" + (f" to {high}" if high else "")
        if low and high:
            return f"{low} to {high}"
        return f"{low} or more" if low else f"up to {high}" if high else ""


class Integer(Number):
    """A whole number from `low` to `high`, both included."""

    metavar = "N"

    def number(self, value: Any) -> int:
        try:
            if isinstance(value, str):
                if len(value) > 20:
                    raise ValueError
                return int(value)
            if int(value) != value:
                raise ValueError
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"'{value}' is not a whole number") from None

    def text(self, value: Any) -> str:
        return str(value)


class Numbers(OptionType):
    """A fixed number of numbers between commas, one for each name in `metavar` ("X,Y")."""

    def __init__(self, metavar: str, number: Number) -> None:
        self.metavar = metavar
        self.length = metavar.count(",") + 1
        self.number = number

    def read(self, value: Any) -> tuple[float, ...]:
        parts = value.split(",") if isinstance(value, str) else list(value)
        if len(parts) != self.length:
            raise UsageError(
                f"'{value}' is not {self.metavar}: write {self.length} numbers with commas between them"
            )
        return tuple(self.number.read(part) for part in parts)

    def text(self, value: Any) -> str:
        return ",".join(self.number.text(part) for part in value)


class Size(OptionType):
    """Rows and columns: `3`, or `3x5` for three rows of five."""

    metavar = "N|ROWSxCOLUMNS"

    def __init__(self, low: int = 1, high: int = 4095) -> None:
        self.number = Integer(low, high)

    def read(self, value: Any) -> tuple[int, int]:
        parts = value.lower().split("x") if isinstance(value, str) else value
        if isinstance(parts, int):
            parts = [parts]
        try:
            rows, columns = parts if len(parts) == 2 else (*parts, *parts)
            if "" in (rows, columns):
                raise ValueError(value)
        except (TypeError, ValueError):
            raise UsageError(f"'{value}' is not a size; write 3, or 3x5 for three rows of five") from None
        return int(self.number.read(rows)), int(self.number.read(columns))

    def text(self, value: Any) -> str:
        rows, columns = value
        return str(rows) if rows == columns else f"{rows}x{columns}"


class ChannelNames(OptionType):
    """Names of channels, or numbers from 0, between commas."""

    metavar = "CHANNELS"

    def read(self, value: Any) -> tuple[str, ...]:
        parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
        names = tuple(str(part).strip() for part in parts)
        if not all(part.isalnum() for part in names) or len(names) > 64:
            raise UsageError(f"'{value}' names no channels; write L, or a,b, or numbers from 0 as in 0,2")
        return names

    def text(self, value: Any) -> str:
        return ",".join(value)


class Padding(OptionType):
    """`keep`, `none`, or how many pixels: N, or TOP,RIGHT,BOTTOM,LEFT."""

    metavar = "keep|none|N|TOP,RIGHT,BOTTOM,LEFT"
    number = Integer(0, 1 << 20)

    def read(self, value: Any) -> str | tuple[int, int, int, int]:
        if value in ("keep", "none"):
            return str(value)
        try:
            if isinstance(value, int):
                value = [value]
            parts = value.split(",") if isinstance(value, str) else list(value)
            sides = [int(self.number.read(part)) for part in parts]
            top, right, bottom, left = sides if len(sides) == 4 else sides * 4
        except (TypeError, ValueError, UsageError):
            raise UsageError(
                f"'{value}' is not a valid padding; write keep, none, 2 or 1,2,1,2 (top, right, bottom, left)"
            ) from None
        return top, right, bottom, left

    def text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        return str(value[0]) if len(set(value)) == 1 else ",".join(map(str, value))


class BorderType(OptionType):
    """How the padding is filled: a mode of `core.border`, or another library's word such as `scipy:mirror`."""

    metavar = "|".join(mode.word for mode in MODES.values())

    def read(self, value: Any) -> Any:
        return value if isinstance(value, Border) else parse_border(str(value))


def _fraction(text: str) -> float:
    """`0.5` or `1/3`."""
    if len(text) > 400:
        raise ValueError(text)
    above, slash, below = text.partition("/")
    return float(above) / float(below) if slash else float(above)
