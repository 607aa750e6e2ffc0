"""The pages of a TIFF: which of them are frames."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.formats.options import ReadOptions

KIND = 254  # the tag that tells what a page is
REDUCED, MASK = 1, 4
ORDERS: dict[str, Any] = {"<": "little", ">": "big"}


def chosen(file: Any, options: ReadOptions) -> tuple[list[Any], int]:
    """The pages to read, and how many there are: masks and reduced copies of other pages do not count."""
    pages: list[Any] = []
    places = set()
    try:
        for page in file.pages:
            if page.offset in places:
                raise options.fault("damaged: its list of pages goes round")
            places.add(page.offset)
            if not number(page, KIND, 0) & (REDUCED | MASK):
                pages.append(page)
            if len(pages) == options.counted:
                break
        else:
            _check_end(file, page, len(pages), options)
    except Exception:
        if options.frame is None or options.frame >= len(pages):
            raise
    pages = pages or [file.pages[0]]
    return [pages[at] for at in options.chosen(len(pages))], len(pages)


def _check_end(file: Any, page: Any, count: int, options: ReadOptions) -> None:
    """A list of pages that does not end, but breaks off: tifffile takes what it has."""
    form, handle = file.tiff, file.filehandle
    handle.seek(page.offset)
    tags = int.from_bytes(handle.read(form.tagnosize), ORDERS[file.byteorder])
    handle.seek(page.offset + form.tagnosize + tags * form.tagsize)
    if any(handle.read(form.offsetsize)):
        raise options.fault(f"truncated or damaged: its list of pages breaks off behind frame {count - 1}")


def number(page: Any, tag: int, default: int) -> int:
    """A tag's whole number."""
    found = page.tags.get(tag)
    return int(found.value) if found is not None and isinstance(found.value, int) else default
