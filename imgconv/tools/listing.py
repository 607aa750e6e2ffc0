"""list: the names of steps, presets, kernels and formats."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Iterator[tuple[str, str]]  # a name and its line of help


def sections(wanted: str, warn: Callable[[str], None]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The title and the rows of one section, or of "all"; `warn` is told of presets that cannot be read."""
    if wanted not in (*SECTIONS, "all"):
        near = did_you_mean(wanted, SECTIONS)
        raise UsageError(f"list: '{wanted}' is not one of {', '.join(SECTIONS)}{near}")
    for title, rows in SECTIONS.items():
        if wanted in (title, "all"):
            yield title, list(rows(warn))


def _steps(warn: Callable[[str], None]) -> Rows:
    from imgconv.steps.registry import table

    for row in sorted(table().values(), key=lambda row: row.name):
        yield row.name, row.summary


def _presets(warn: Callable[[str], None]) -> Rows:
    return _library(False, warn)


def _kernels(warn: Callable[[str], None]) -> Rows:
    return _library(True, warn)


def _library(kernels: bool, warn: Callable[[str], None]) -> Rows:
    from imgconv.kernels import library
    from imgconv.pipeline.presets import summary

    for name in sorted(library.paths()):
        try:
            if library.is_kernel(name) == kernels:
                yield name, summary(name)
        except UsageError as error:
            warn(str(error))


def _formats(warn: Callable[[str], None]) -> Rows:
    from imgconv.formats.registry import FORMATS

    for format in FORMATS.values():
        yield format.name, " ".join(format.suffixes)


SECTIONS: dict[str, Callable[[Callable[[str], None]], Rows]] = {
    "steps": _steps,
    "presets": _presets,
    "kernels": _kernels,
    "formats": _formats,
}
