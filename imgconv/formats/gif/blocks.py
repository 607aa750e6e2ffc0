"""The blocks of a GIF: how many pictures there are and how large, and one picture's parts."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgconv.formats.options import ReadOptions

EXTENSION, PICTURE = 0x21, 0x2C
RAMP = bytes(at // 3 for at in range(768))


class Scan:
    """What the blocks tell: the size that pictures are shown in, how many there are (`most` are counted), and
    whether every color table is a ramp of grays.
    """

    def __init__(self, data: bytes, most: int, options: ReadOptions) -> None:
        self.width, self.height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
        self.reach = self.width, self.height  # what decoding needs
        self.count = 0
        self.gray = True
        for place, whole in _pictures(data):
            right, bottom = _corner(data, place)
            self.reach = max(self.reach[0], right), max(self.reach[1], bottom)
            if self.count == 0:  # a first picture beyond the screen makes it larger; others are cut off
                self.width, self.height = self.reach
            elif not whole:
                raise options.fault(f"truncated: the file ends in frame {self.count}")
            self.gray = self.gray and _is_ramp(data, place)
            self.count += 1
            if self.count == most:
                break


def _pictures(data: bytes) -> Iterator[tuple[int, bool]]:
    """Where each picture's place and size stand, and whether its data has an end. Damage ends the walk."""
    at, size = 13 + table(data[10]), len(data)
    while at < size:
        if data[at] == EXTENSION:
            at = behind(data, at + 2)
        elif data[at] == PICTURE and at + 10 < size:
            place = at + 1
            at = behind(data, at + 11 + table(data[at + 9]))
            yield place, at <= size
        elif data[at] == 0:  # some writers put more zeros than the format asks for
            at += 1
        else:
            return


def _corner(data: bytes, place: int) -> tuple[int, int]:
    """The lower right corner of the picture there."""
    left, top, width, height = (
        int.from_bytes(data[place + at : place + at + 2], "little") for at in (0, 2, 4, 6)
    )
    return left + width, top + height


def _is_ramp(data: bytes, place: int) -> bool:
    """Whether index N is the gray N in the table of the picture there: its own, or the file's."""
    at, flags = (place + 9, data[place + 8]) if data[place + 8] & 128 else (13, data[10])
    colors = data[at : at + table(flags)]
    return colors == RAMP[: len(colors)]


def table(flags: int) -> int:
    """Bytes of the color table that flags announce."""
    return 3 << (flags & 7) + 1 if flags & 128 else 0


def behind(data: bytes, at: int) -> int:
    """The place behind a row of blocks; beyond the end of the data where there is no end."""
    size = len(data)
    while at < size and data[at]:
        at += data[at] + 1
    return at + 1


def parts(data: bytes) -> tuple[bytes, bytes]:
    """Color table and compressed pixels of a file that Pillow wrote with one picture and no extension."""
    at = 13 + table(data[10])
    if data[at] != PICTURE or data[at + 9] & 0xC0:
        raise RuntimeError("a GIF of another build than was asked for")
    return data[13:at], data[at + 10 : -1]
