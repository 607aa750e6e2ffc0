"""The table of peers: every step beside a slow oracle and beside other libraries that compute the same.

One row is one case. Tests check it, the benchmark times it. Each family of steps has a file in this folder, which
exports its rows as `ROWS`; a new file is found by itself. Nothing heavy is imported before the rows are asked for, and
a library that is not installed is skipped.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imgconv.engine.step import Step

Array = Any  # numpy.ndarray, height x width x channels
Answer = Callable[..., Array | None]

FOLDER = Path(__file__).parent
HELPERS = ("table", "libraries")  # files of this folder that are not families
PEERS = {"scipy": "scipy", "opencv": "cv2", "skimage": "skimage", "pillow": "PIL", "torch": "torch"}
EDGES = ("replicate", "symmetric", "reflect101", "wrap", "constant:7")
ALL = ("u1", "u2", "f4")  # dtypes
INTEGERS = ("u1", "u2")
FLOAT = 2e-4  # a few operations in float32 on values of 0..255


@dataclass(frozen=True, eq=False)
class Timing:
    """A line of the benchmark: OpenCV's call that does the same, 8 bits in and as a user would write it.

    `target` is the wanted ratio of OpenCV's time to imgconv's. `image` is the picture, "rgb" or "gray"; `dtype` what
    imgconv gives (None: as the steps leave it). `megapixels` are the sizes of picture. `mean_difference` is how far
    apart the two results may be on average, in their own units.
    """

    name: str
    call: Callable[[Array], Array]
    _: KW_ONLY
    target: float = 1.0
    image: str = "rgb"
    dtype: str | None = "uint8"
    megapixels: tuple[float, ...] = (12.0, 1.0)
    mean_difference: float = 0.25

    def __post_init__(self) -> None:
        _check(bool(self.name) and callable(self.call), self.name, "a timing needs a name and a call")
        _check(self.image in ("rgb", "gray"), self.name, f"'{self.image}' is not a picture of the benchmark")
        _check(
            self.dtype in (None, "uint8", "uint16", "float32"), self.name, f"'{self.dtype}' is not a dtype"
        )
        _check(self.target > 0 and bool(self.megapixels), self.name, "needs a target and a size")


@dataclass(frozen=True, eq=False)
class Peer:
    """One row: the words of a step, who else knows the result, and how far from it imgconv may be.

    Oracle and peers take an image (height x width x channels) and give the result, or None where they cannot. If the
    row has `edges`, they take the edge too, as (mode, value), and floats are on the scale 0..255; otherwise floats are
    on the scale 0..1, and a peer's result for bytes is compared with what `save` would write.

    `tolerance` (oracle) and `peer_tolerance` are the largest differences, in units of a full scale of 255, or of the
    color space `space` if there is one. `dtypes` and `peer_dtypes` say which images the oracle and the peers can take,
    `channels` how many channels they may have. `turn` is the period of angles, 360, else 0. `step` is the step that the
    row is about.

    Errors: ValueError from a row that cannot be checked, TypeError from an unknown field.
    """

    words: str
    oracle: Answer | None = None
    _: KW_ONLY
    scipy: Answer | None = None
    opencv: Answer | None = None
    skimage: Answer | None = None
    pillow: Answer | None = None
    torch: Answer | None = None
    tolerance: float = FLOAT
    peer_tolerance: float | None = None  # as `tolerance`
    dtypes: tuple[str, ...] = ALL
    peer_dtypes: tuple[str, ...] | None = None  # as `dtypes`
    channels: tuple[int, ...] = (1, 3)
    edges: tuple[str, ...] = ()
    space: str = ""
    turn: float = 0.0
    step: str | None = None  # the first word
    timing: Timing | None = None

    def __post_init__(self) -> None:
        words = shlex.split(self.words)
        _check(bool(words), self.words, "needs the words of a step")
        self._default("step", words[0])
        self._default("peer_tolerance", self.tolerance)
        self._default("peer_dtypes", self.dtypes)
        peers = [getattr(self, name) for name in PEERS]
        _check(bool(self.oracle or any(peers) or self.timing), self.words, "needs an oracle or a peer")
        for call in (self.oracle, *peers):
            _check(call is None or callable(call), self.words, f"{call!r} cannot be called")
        for dtype in (*self.dtypes, *self.peer_dtypes):
            _check(dtype in ALL, self.words, f"'{dtype}' is not a dtype of the table")
        for edge in self.edges:
            _check(edge in EDGES, self.words, f"'{edge}' is not an edge of the table")
        _check(min(self.tolerance, self.peer_tolerance) >= 0, self.words, "a tolerance is negative")
        _check(bool(self.dtypes and self.channels), self.words, "needs a dtype and a number of channels")

    def _default(self, field: str, value: object) -> None:
        if getattr(self, field) is None:
            object.__setattr__(self, field, value)

    def steps(self, edge: str | None = None) -> list[Step]:
        """The steps that the words say, the last with `--edge`."""
        from imgconv.pipeline import grammar
        from imgconv.pipeline.presets import Names

        words = shlex.split(self.words)
        return grammar.parse([*words, *([] if edge is None else ["--edge", edge])], Names())

    def answers(self) -> Iterator[tuple[str, Answer]]:
        """The peers that have an answer and are installed, by name."""
        for name in PEERS:
            answer = getattr(self, name)
            if answer is not None and installed(name):
                yield name, answer


def _check(holds: bool, row: str, problem: str) -> None:
    if not holds:
        raise ValueError(f"peers, row '{row}': {problem}")


@cache
def installed(peer: str) -> bool:
    """Whether a library is there; it is not imported."""
    return find_spec(PEERS[peer]) is not None


def split_edge(text: str) -> tuple[str, float]:
    """`constant:7` -> ("constant", 7.0)."""
    mode, _, value = text.partition(":")
    return mode, float(value or 0)


@cache
def families() -> dict[str, list[Peer]]:
    """The rows of every family file in this folder. Errors: AttributeError from a file without `ROWS`."""
    names = sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem not in HELPERS)
    return {name: import_module(f"{__package__}.{name}").ROWS for name in names}


def every_row() -> list[Peer]:
    """The whole table."""
    return [row for rows in families().values() for row in rows]


def rows_of(*steps: str) -> list[Peer]:
    """The rows with an oracle for the named steps whose words fix the edge, or that know none."""
    rows = [row for row in every_row() if row.step in steps and row.oracle and not row.edges]
    _check({row.step for row in rows} == set(steps), " ".join(steps), "a step has no row")
    return rows
