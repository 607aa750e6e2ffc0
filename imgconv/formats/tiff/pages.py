"""The pages of a TIFF: which of them are frames."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.formats.options import ReadOptions

SUBFILE_TYPE = 254  # the tag that tells what a page is
REDUCED, MASK = 1, 4
ORDERS: dict[str, Any] = {"<": "little", ">": "big"}


def selected_pages(file: Any, options: ReadOptions) -> tuple[list[Any], int]:
    """The pages to read, and how many there are; masks and reduced copies of other pages are not counted."""
    pages: list[Any] = []
    offsets = set()
    try:
        for page in file.pages:
            if page.offset in offsets:
                raise options.fault("damaged: circular page list")
            offsets.add(page.offset)
            if not integer_tag(page, SUBFILE_TYPE, 0) & (REDUCED | MASK):
                pages.append(page)
            if len(pages) == options.most_counted:
                break
        else:
            _check_end(file, page, len(pages), options)
    except Exception:
        if options.frame is None or options.frame >= len(pages):
            raise
    pages = pages or [file.pages[0]]
    return [pages[index] for index in options.selected_frames(len(pages))], len(pages)


def _check_end(file: Any, page: Any, count: int, options: ReadOptions) -> None:
    """Refuse a page list that breaks off before its end: tifffile would take the pages that it found."""
    layout, handle = file.tiff, file.filehandle
    handle.seek(page.offset)
    tags = int.from_bytes(handle.read(layout.tagnosize), ORDERS[file.byteorder])
    handle.seek(page.offset + layout.tagnosize + tags * layout.tagsize)
    if any(handle.read(layout.offsetsize)):
        raise options.fault(f"truncated or damaged: its page list breaks off after frame {count - 1}")


def integer_tag(page: Any, code: int, default: int) -> int:
    """The whole number that a tag of the page holds."""
    tag = page.tags.get(code)
    return int(tag.value) if tag is not None and isinstance(tag.value, int) else default
