"""Exit codes, and the exceptions that carry them to the only handler, in `cli.main`.

The codes are plain integers: an IntEnum would cost 7 ms of a 50 ms process (`import enum`).
"""

from __future__ import annotations


class Exit:
    """The exit codes of the command line. They are API; a test pins them."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    EXTRA_MISSING = 3
    CLOSED_PIPE = 141


class ImgconvError(Exception):
    """One line for the user: what, where, and what to do next."""

    code = Exit.SOME_FAILED


class UsageError(ImgconvError):
    """A wrong word, option, preset, kernel or chain of steps; nothing was read or written."""

    code = Exit.USAGE


class FileError(ImgconvError):
    """An input that cannot be read or an output that cannot be written."""


class ExtraMissing(ImgconvError):
    """A feature whose optional package is not installed."""

    code = Exit.EXTRA_MISSING

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional part: pip install 'imgconv[{extra}]'")


def did_you_mean(word: str, known: object) -> str:
    """`; did you mean 'x'?`, or "" where no known word is similar."""
    import difflib

    near = difflib.get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.6)  # type: ignore[attr-defined]
    return f"; did you mean '{near[0]}'?" if near else ""


def quote_path(path: str) -> str:
    r"""A file's name for a message: in quotes, with control characters escaped.

    >>> print(quote_path("a\nb.png"))
    'a\nb.png'
    """
    return f"'{escape(path)}'"


def escape(text: str) -> str:
    """A text in which a terminal finds no control character: they are written as in Python."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
