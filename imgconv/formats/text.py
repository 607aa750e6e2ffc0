"""Numbers as text, written and parsed: a line for each row; an empty line separates channels."""

from __future__ import annotations

import struct
from array import array

from imgconv.core.errors import FileError, quote_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.pixels import Pixels

WHOLE = 1e15  # below it a whole number is written without a decimal point or an exponent

_single = struct.Struct("f")


def matrix_text(pixels: Pixels, separator: str = " ") -> str:
    """The numbers of an image; each is the shortest text that reads back as the same number."""
    as_text = shortest_single if pixels.dtype == "f4" else shortest
    channels = pixels.channels
    rows = pixels.numbers()
    blocks = (
        "".join(separator.join(map(as_text, row[channel::channels])) + "\n" for row in rows)
        for channel in range(channels)
    )
    return "\n".join(blocks)


def shortest(value: float) -> str:
    """The shortest text that reads back as the same float64.

    >>> shortest(3.0), shortest(0.1), shortest(1e300)
    ('3', '0.1', '1e+300')
    """
    return str(int(value)) if -WHOLE < value < WHOLE and value == int(value) else repr(value)


def shortest_single(value: float) -> str:
    """The shortest text that reads back as the same float32: it takes six to nine digits."""
    if -WHOLE < value < WHOLE and value == int(value):
        return str(int(value))
    for digits in (6, 7, 8):
        text = f"{value:.{digits}g}"
        try:
            if _single.unpack(_single.pack(float(text)))[0] == value:
                return text
        except OverflowError:
            continue
    return f"{value:.9g}"


def parse_matrix(text: str, where: str, most: int = 1 << 28) -> list[list[array[float]]]:
    """Channels of rows of numbers; all rows are of the same length, and all channels of the same height.

    Numbers are separated by spaces or by commas; empty lines separate channels; lines that begin with `#` are
    comments. `most`: numbers at most. Errors: FileError with `where`, the line and the entry.
    """
    channels: list[list[array[float]]] = [[]]
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            if channels[-1]:
                channels.append([])
        elif not line.lstrip().startswith("#"):
            row = _row(line, f"{where}, line {number}")
            count += len(row)
            if count > most:
                raise FileError(f"{where}: it holds more numbers than the limit of {most} (--max-pixels)")
            _check_width(row, channels, f"{where}, line {number}")
            channels[-1].append(row)
    if not channels[-1] and len(channels) > 1:
        channels.pop()
    _check_heights(channels, where)
    return channels


def _row(line: str, where: str) -> array[float]:
    entries = line.split(",") if "," in line else line.split()
    try:
        if "_" in line:  # Python's float takes 1_000
            raise ValueError
        return array("d", map(float, entries))
    except ValueError:
        number, entry = next((i, entry) for i, entry in enumerate(entries, 1) if not _is_number(entry))
        what = f"{quote_path(entry.strip()[:40])} is not a number" if entry.strip() else "it is empty"
        raise FileError(f"{where}, entry {number}: {what}") from None


def _is_number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return "_" not in entry


def _check_width(row: array[float], channels: list[list[array[float]]], where: str) -> None:
    if channels[0] and len(row) != len(channels[0][0]):
        raise FileError(f"{where}: {len(row)} numbers, but the first row has {len(channels[0][0])}")


def _check_heights(channels: list[list[array[float]]], where: str) -> None:
    if not channels[0]:
        raise FileError(f"{where}: it holds no numbers")
    for number, rows in enumerate(channels[1:], 2):
        if len(rows) != len(channels[0]):
            raise FileError(
                f"{where}: channel {number} has {len(rows)} rows, but the first has {len(channels[0])}"
            )
