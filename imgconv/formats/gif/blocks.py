"""The blocks of a GIF: how many frames there are and how large, and where a frame's parts lie."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgconv.formats.options import ReadOptions

EXTENSION, FRAME = 0x21, 0x2C
RAMP = bytes(i // 3 for i in range(768))


class Scan:
    """What the blocks tell without decoding: the size that frames are shown in (`width`, `height`), the size that
    decoding needs (`reach`), how many frames there are (`most` are counted), and whether all color tables are ramps of
    grays.
    """

    def __init__(self, data: bytes, most: int, options: ReadOptions) -> None:
        self.width, self.height = (_number(data, offset) for offset in (6, 8))
        self.reach = self.width, self.height
        self.count = 0
        self.gray = True
        for offset, is_complete in _frames(data):
            right, bottom = _corner(data, offset)
            self.reach = max(self.reach[0], right), max(self.reach[1], bottom)
            if self.count == 0:  # a first frame beyond the screen makes it larger; others are cut off
                self.width, self.height = self.reach
            elif not is_complete:
                raise options.fault(f"truncated: the file ends in frame {self.count}")
            self.gray = self.gray and _is_ramp(data, offset)
            self.count += 1
            if self.count == most:
                break


def _number(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "little")


def _frames(data: bytes) -> Iterator[tuple[int, bool]]:
    """The offset of each frame's rectangle, and whether its data is complete. Damage ends the walk."""
    offset, size = 13 + table_size(data[10]), len(data)
    while offset < size:
        if data[offset] == EXTENSION:
            offset = blocks_end(data, offset + 2)
        elif data[offset] == FRAME and offset + 10 < size:
            rectangle = offset + 1
            offset = blocks_end(data, offset + 11 + table_size(data[offset + 9]))
            yield rectangle, offset <= size
        elif data[offset] == 0:  # some writers put more zeros than the format asks for
            offset += 1
        else:
            return


def _corner(data: bytes, offset: int) -> tuple[int, int]:
    """Right and bottom of the rectangle there."""
    left, top, width, height = (_number(data, offset + i) for i in (0, 2, 4, 6))
    return left + width, top + height


def _is_ramp(data: bytes, offset: int) -> bool:
    """Whether index N is the gray N in the color table of the frame there: its own, or the file's."""
    start, flags = (offset + 9, data[offset + 8]) if data[offset + 8] & 128 else (13, data[10])
    colors = data[start : start + table_size(flags)]
    return colors == RAMP[: len(colors)]


def table_size(flags: int) -> int:
    """Bytes of the color table that flags announce."""
    return 3 << (flags & 7) + 1 if flags & 128 else 0


def blocks_end(data: bytes, offset: int) -> int:
    """The offset behind a sequence of data blocks; more than the data's size where its end is missing."""
    size = len(data)
    while offset < size and data[offset]:
        offset += data[offset] + 1
    return offset + 1


def compressed_pixels(data: bytes) -> bytes:
    """The compressed pixels of a file that Pillow wrote with one frame, no table of its own and no extension."""
    start = 13 + table_size(data[10])
    if data[start] != FRAME or data[start + 9] & 0xC0:
        raise RuntimeError("Pillow wrote a GIF of another structure than was asked for")
    return data[start + 10 : -1]
