"""Borders: what lies beyond the edge of an image. One table of modes, from which words, help and checks follow."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIBRARIES = {"numpy": "NumPy", "scipy": "SciPy", "opencv": "OpenCV", "torch": "PyTorch", "lecture": "lecture"}
AMBIGUOUS = ("reflect", "mirror", "same")  # words that mean different things in different libraries


class Mode:
    """One row of the table: which pixel of a row (or column) of N stands at a position outside of 0 to N - 1.

    `index(x, N)` is its index, or -1 where a constant stands instead. `period(N)`: after how many positions the padding
    repeats; `index` is then asked for 0 to period - 1 alone, and for the pixels themselves too. None: it never does.
    `folds`: what stands d beyond an edge is at most d inside of it, so that a filter can add the weights that it has
    there to those of pixels within its own reach. `takes_value`: the value of the constant is part of the word.
    `elsewhere`: each library's word for it, or "" where it has none.
    """

    __slots__ = ("elsewhere", "folds", "index", "name", "period", "takes_value")

    def __init__(
        self,
        name: str,
        *,
        index: Callable[[int, int], int],
        period: Callable[[int], int] | None,
        folds: bool,
        takes_value: bool = False,
        elsewhere: tuple[str, ...],
    ) -> None:
        if len(elsewhere) != len(LIBRARIES):
            raise ValueError(f"edge mode {name}: say what each of {', '.join(LIBRARIES)} calls it, or ''")
        self.name, self.index, self.period, self.folds = name, index, period, folds
        self.takes_value = takes_value
        self.elsewhere = dict(zip(LIBRARIES, elsewhere, strict=True))

    @property
    def word(self) -> str:
        """What users write: `wrap`, `constant:K`."""
        return f"{self.name}:K" if self.takes_value else self.name


def _table(rows: Iterable[Mode]) -> dict[str, Mode]:
    """The rows by their names. Errors: ValueError for a word that stands for two modes."""
    table: dict[str, Mode] = {}
    for row in rows:
        taken = [library for library, word in row.elsewhere.items() if word in _words_of(library, table)]
        if row.name in (*table, *LIBRARIES, *AMBIGUOUS, "zero") or taken:
            raise ValueError(f"edge mode {row.name}: its name, or its word in {taken}, is taken")
        table[row.name] = row
    return table


def _words_of(library: str, modes: dict[str, Mode]) -> dict[str, str]:
    """A library's words, and the names of the modes that they stand for."""
    return {row.elsewhere[library]: name for name, row in modes.items() if row.elsewhere[library]}


MODES = _table(
    (
        Mode(
            "constant",
            index=lambda x, n: -1,
            period=None,
            folds=True,  # the constant 0 adds nothing
            takes_value=True,
            elsewhere=("constant", "constant", "constant", "zeros", "zero"),
        ),
        Mode(
            "replicate",
            index=lambda x, n: 0 if x < 0 else n - 1,
            period=None,
            folds=True,
            elsewhere=("edge", "nearest", "replicate", "replicate", "same"),
        ),
        Mode(
            "symmetric",
            index=lambda x, n: min(x, 2 * n - 1 - x),
            period=lambda n: 2 * n,
            folds=True,
            elsewhere=("symmetric", "reflect", "reflect", "", "mirror"),
        ),
        Mode(
            "reflect101",
            index=lambda x, n: min(x, 2 * n - 2 - x),
            period=lambda n: max(2 * n - 2, 1),
            folds=True,
            elsewhere=("reflect", "mirror", "reflect_101", "reflect", ""),
        ),
        Mode(
            "wrap",
            index=lambda x, n: x,
            period=lambda n: n,
            folds=False,
            elsewhere=("wrap", "wrap", "wrap", "circular", ""),
        ),
    )
)


class Border(Record):
    """How the padding is filled: the name of one of `MODES`, and the value where it is a constant."""

    mode: str = "replicate"
    value: float = 0.0

    def __str__(self) -> str:
        return f"{self.mode}:{self.value:g}" if MODES[self.mode].takes_value else self.mode

    def fits(self, dtype: str) -> bool:
        """Whether what fills the padding can stand among pixels of that dtype."""
        if not MODES[self.mode].takes_value or dtype not in FULL_SCALE:
            return True
        return 0 <= self.value <= FULL_SCALE[dtype] and self.value == int(self.value)

    @property
    def folds(self) -> bool:
        """Whether the padding adds nothing but pixels that are no further inside than it is outside (see `Mode`)."""
        return MODES[self.mode].folds and self.value == 0

    def map_index(self, x: int, length: int) -> int:
        """The index, 0 to length - 1, of the pixel that stands at position x; -1 where the constant does."""
        if 0 <= x < length:
            return x
        mode = MODES[self.mode]
        return mode.index(x % mode.period(length) if mode.period else x, length)


REPLICATE = Border()


def parse_border(text: str) -> Border:
    """`constant:K`, `zero`, one of the modes, or a library's word behind its name (`scipy:mirror`)."""
    word = text.strip().lower()
    if word == "zero":
        return Border("constant")
    name, colon, rest = word.partition(":")
    if name in MODES and MODES[name].takes_value:
        return Border(name, _number(rest, text) if colon else 0.0)
    if name in LIBRARIES:
        return _elsewhere(name, rest, text)
    if word in AMBIGUOUS:
        others = ", ".join(f"{library}:{word}" for library in LIBRARIES)
        raise UsageError(
            f"edge '{word}' means different things in different libraries; say one of these, "
            f"or {others} where they have it\n{table()}"
        )
    if word not in MODES:
        known = ", ".join(("zero", *(row.word for row in MODES.values())))
        raise UsageError(f"unknown edge '{text}'; it is one of {known}{did_you_mean(word, ('zero', *MODES))}")
    return Border(word)


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0:
        raise UsageError(f"edge '{whole}': '{text}' is not a finite number; write for example constant:128")
    return value


def _elsewhere(library: str, word: str, whole: str) -> Border:
    words = _words_of(library, MODES)
    if word not in words:
        known = ", ".join(f"{library}:{name}" for name in words)
        raise UsageError(f"edge '{whole}' is not one of {library}'s: {known}")
    return Border(words[word])


def table() -> str:
    """The modes as text: what stands beyond a b c d, and what each library calls it."""
    rows = [("name", "beyond a b c d", *LIBRARIES.values())]
    for row in MODES.values():
        letters = ["abcdk"[Border(row.name).map_index(x, 4)] for x in range(-2, 6)]
        beyond = " | ".join(" ".join(part) for part in (letters[:2], letters[2:6], letters[6:]))
        rows.append((row.word, beyond, *(word or "-" for word in row.elsewhere.values())))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
