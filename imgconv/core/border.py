"""What lies beyond the border of an image."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.record import Record

MODES = ("constant", "replicate", "symmetric", "reflect101", "wrap")

TABLE = """\
name         beyond a b c d       NumPy      SciPy     OpenCV       PyTorch    lecture
constant:K   k k | a b c d | k k  constant   constant  CONSTANT     zeros      zero padding
replicate    a a | a b c d | d d  edge       nearest   REPLICATE    replicate  same
symmetric    b a | a b c d | d c  symmetric  reflect   REFLECT      -          mirror
reflect101   c b | a b c d | c b  reflect    mirror    REFLECT_101  reflect    -
wrap         c d | a b c d | a b  wrap       wrap      WRAP         circular   -"""

NAMES_ELSEWHERE = {
    "numpy": {"edge": "replicate", "symmetric": "symmetric", "reflect": "reflect101", "wrap": "wrap"},
    "scipy": {"nearest": "replicate", "reflect": "symmetric", "mirror": "reflect101", "wrap": "wrap"},
    "opencv": {"replicate": "replicate", "reflect": "symmetric", "reflect_101": "reflect101", "wrap": "wrap"},
    "torch": {"replicate": "replicate", "reflect": "reflect101", "circular": "wrap"},
    "lecture": {"same": "replicate", "mirror": "symmetric"},
}
NAMES_OF_ZERO = {
    "numpy": "constant",
    "scipy": "constant",
    "opencv": "constant",
    "torch": "zeros",
    "lecture": "zero",
}
AMBIGUOUS = ("reflect", "mirror", "same")


class Border(Record):
    """How the padding is filled: one of `MODES`, and the value where it is `constant`."""

    mode: str = "replicate"
    value: float = 0.0

    def __str__(self) -> str:
        return f"constant:{self.value:g}" if self.mode == "constant" else self.mode

    def fits(self, dtype: str) -> bool:
        """Whether what fills the padding can stand among pixels of that dtype."""
        if self.mode != "constant" or dtype not in FULL_SCALE:
            return True
        return 0 <= self.value <= FULL_SCALE[dtype] and self.value == int(self.value)

    def map_index(self, at: int, length: int) -> int:
        """The position inside 0..length-1 that fills position `at`; -1 where the constant does."""
        if 0 <= at < length:
            return at
        if self.mode == "constant":
            return -1
        if self.mode == "replicate" or length == 1:
            return 0 if at < 0 else length - 1
        if self.mode == "wrap":
            return at % length
        again = 1 if self.mode == "symmetric" else 0  # whether the border pixel itself is repeated
        period = 2 * (length - 1 + again)
        place = at % period
        return place if place < length else period - again - place


REPLICATE = Border()


def parse_border(text: str) -> Border:
    """`constant:K`, `zero`, one of the modes, or a peer's word behind the peer's name (`scipy:mirror`)."""
    word = text.strip().lower()
    if word == "zero":
        return Border("constant")
    name, colon, rest = word.partition(":")
    if name == "constant":
        return Border("constant", _number(rest, text) if colon else 0.0)
    if name in NAMES_ELSEWHERE:
        return _elsewhere(name, rest, text)
    if word in AMBIGUOUS:
        raise UsageError(
            f"edge '{word}' means different things in different libraries; say one of these, "
            f"or numpy:{word}, scipy:{word}, opencv:{word}, torch:{word}, lecture:{word} where they have it\n{TABLE}"
        )
    if word not in MODES:
        known = ("zero", *MODES)
        raise UsageError(
            f"unknown edge '{text}'{did_you_mean(word, known)}; it is one of {', '.join(known)}:K"
        )
    return Border(word)


def _number(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0:
        raise UsageError(f"edge '{whole}': '{text}' is no finite number; write for example constant:128")
    return value


def _elsewhere(library: str, word: str, whole: str) -> Border:
    if word == NAMES_OF_ZERO[library]:
        return Border("constant")
    known = NAMES_ELSEWHERE[library]
    if word not in known:
        words = ", ".join(f"{library}:{name}" for name in (NAMES_OF_ZERO[library], *known))
        raise UsageError(f"edge '{whole}' is none of {library}'s: {words}")
    return Border(known[word])
