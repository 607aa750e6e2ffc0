"""list: names of steps by family, presets, kernels and formats, each with a line of help; or all with a word."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = list[tuple[str, str]]  # names and their lines of help

SECTIONS = ("steps", "presets", "kernels", "formats")


def sections(wanted: str, warn: Callable[[str], None]) -> list[tuple[str, Rows]]:
    """Titles and rows: of "all", of a section, of a family of steps, or all rows with that word.

    `warn` is told of presets that cannot be read. Errors: UsageError where nothing has the word.
    """
    groups = list(_groups(warn))
    chosen = [(title, rows) for section, title, rows in groups if wanted in ("all", section, title)]
    if not chosen:
        chosen = [(title, found) for _, title, rows in groups if (found := _with_word(wanted, rows))]
    if not chosen:
        names = [
            *SECTIONS,
            *(title for _, title, _ in groups),
            *(name for _, _, rows in groups for name, _ in rows),
        ]
        raise UsageError(
            f"list: nothing has '{wanted}' in its name or its line of help{did_you_mean(wanted, names)}"
        )
    return chosen


def _with_word(word: str, rows: Rows) -> Rows:
    return [row for row in rows if any(word.lower() in text.lower() for text in row)]


def _groups(warn: Callable[[str], None]) -> Iterator[tuple[str, str, Rows]]:
    """The section, the title and the rows of each group."""
    for title, rows in _steps().items():
        yield "steps", title, rows
    yield "presets", "presets", _library(False, warn)
    yield "kernels", "kernels", _library(True, warn)
    yield "formats", "formats", _formats()


def _steps() -> dict[str, Rows]:
    """Sources, steps by family, sinks."""
    from imgconv.steps.registry import table

    families: dict[str, Rows] = {"sources": []}
    sinks: Rows = []
    for row in sorted(table().values(), key=lambda row: (row.family, row.name)):
        titles = {"source": families["sources"], "sink": sinks}
        family = "two images" if row.family == "steps" else row.family
        rows = titles[row.role] if row.role in titles else families.setdefault(family, [])
        rows.append((row.name, row.summary))
    return {**families, "sinks": sinks}


def _library(kernels: bool, warn: Callable[[str], None]) -> Rows:
    from imgconv.kernels import library
    from imgconv.pipeline.presets import summary

    rows = []
    for name in sorted(library.paths()):
        try:
            if library.is_kernel(name) == kernels:
                rows.append((name, summary(name)))
        except UsageError as error:
            warn(str(error))
    return rows


def _formats() -> Rows:
    from imgconv.formats.registry import FORMATS

    return [(format.name, " ".join(format.suffixes)) for format in FORMATS.values()]
