"""Kernels put together in a text: `box3 * box3`, `identity + 1/2 (identity - gaussian5)`, `[1 2 1] ^ 3 / auto`.

    sum   = ["-"] term {("+" | "-") term}          center on center; + and - stand between spaces
    term  = power {"*" power | power | "/" number}  * is one after the other; a number before a kernel scales it
    power = atom ["^" whole number]
    atom  = weights | name | "(" sum ")" | "[" sum "]"

Weights are a kernel's text (kerneltext.py). What holds neither names nor operators is left to that alone, so that its
meaning and its errors stay what they are.
"""

from __future__ import annotations

from imgconv.kernels.algebra import added, composed, powered
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.parser import MAX_TEXT, quoted, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

MAX_PARTS = 200  # kernels and operators of one text
MAX_EXPONENT = 4094
_CLOSING = {"(": ")", "[": "]"}
_HOW = "write weights, a preset's name, or + - * ^ between them, as 'box3 * box3' or 'identity - [1 2 1] / 4'"


def is_expression(text: str, is_name: Callable[[str], bool]) -> bool:
    """Whether a text puts kernels together; else it is weights, a name or a file, or wrong as such."""
    if len(text) > MAX_TEXT:
        return False
    parts = split(text)
    signs = [part for part in parts if part in ("+", "-")]
    names = [part for part in parts if _is_word(part)]
    if "^" in parts or (signs and (names or _brackets(parts))):
        return True
    if len(parts) > 1 and any(is_name(name) for name in names):
        return True
    return "*" in parts and not _is_factor(parts)


def _brackets(parts: list[str]) -> int:
    return sum(part in _CLOSING for part in parts)


def _is_factor(parts: list[str]) -> bool:
    """Whether the only `*` is that of `1/9 * [...]`, which is a text of weights."""
    return parts.count("*") == 1 and parts[1:2] == ["*"] and len(parts) > 2 and parts[2] in _CLOSING


def _is_word(part: str) -> bool:
    return part[0].isalpha() and part not in ("x", "X")


def split(text: str) -> list[str]:
    """Names, operators and runs of weights, in their order."""
    found: list[str] = []
    held = ""
    spaced = text
    for mark in "*^()[]":
        spaced = spaced.replace(mark, f" {mark} ")
    for line, row in enumerate(spaced.replace("\n", ";").split(";")):
        if line:
            held += ";"
        for word in _words(row, found):
            if word in ("*", "^", "(", ")", "[", "]", "+", "-", "/") or _is_word(word):
                found += [held.strip()] if held.strip() else []
                found.append(word)
                held = ""
            else:
                held += f" {word}"
    return found + ([held.strip()] if held.strip() else [])


def _words(row: str, found: list[str]) -> list[str]:
    """The words of a row; a divisor that touches what it divides becomes two."""
    words: list[str] = []
    for word in row.split():
        before = words[-1] if words else found[-1] if found else ""
        head, slash, tail = word.partition("/")
        divides = _is_word(head) or before == "^" if head else before in (")", "]") or _ends_word(before)
        if slash and divides:
            words += [part for part in (head, "/", tail) if part]
        else:
            words.append("/ " if word == "/" else word)  # the slash of `1 / 9` is a part of weights
    return words


def _ends_word(before: str) -> bool:
    return bool(before) and _is_word(before)


def evaluate(text: str, lookup: Callable[[str], Kernel], where: str = "") -> Kernel:
    """The kernel of an expression; `lookup` finds a name's. UsageError: what is wrong, and where."""
    where = where or f"kernel {quoted(text)}"
    reader = _Reader(split(text), lookup, where)
    found = reader.sum()
    if reader.next:
        reader.refuse(f"{quoted(reader.next)} is left over")
    return found


class _Reader:
    """The parts of a text, read from left to right."""

    def __init__(self, parts: list[str], lookup: Callable[[str], Kernel], where: str) -> None:
        self.parts, self.lookup, self.where, self.at = parts, lookup, where, 0
        if len(parts) > MAX_PARTS:
            self.refuse(f"{len(parts)} parts, {MAX_PARTS} at most")

    @property
    def next(self) -> str:
        """The part that comes, "" at the end."""
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def take(self, *wanted: str) -> str:
        """The next part if it is one of these, else "" ."""
        if self.next and self.next in wanted:
            self.at += 1
            return self.parts[self.at - 1]
        return ""

    def refuse(self, problem: str) -> NoReturn:
        refuse(self.where, f"{problem}; {_HOW}")

    def sum(self) -> Kernel:
        sign = self.take("-", "+")
        found = self.term(-1 if sign == "-" else 1)
        while sign := self.take("+", "-"):
            bare = self.is_bare(self.at - 2) and self.is_bare(self.at)
            if bare:
                self.refuse(
                    f"{sign} between bare weights could be a slip: put them into brackets, as [1 2] {sign} [3]"
                )
            found = added(found, self.term(-1 if sign == "-" else 1), self.where)
        return found

    def is_bare(self, at: int) -> bool:
        part = self.parts[at] if 0 <= at < len(self.parts) else ""
        return bool(part) and part not in ("(", ")", "[", "]") and not _is_word(part)

    def term(self, sign: int) -> Kernel:
        found = self.power()
        while self.next:
            if self.take("*"):
                found = composed(found, self.power(), self.where)
            elif self.take("/"):
                found = found.divided(self.value("a divisor"), self.where)
            elif self.scales(found):
                found = composed(found, self.power(), self.where)
            else:
                break
        return found.scaled(sign)

    def scales(self, found: Kernel) -> bool:
        """Whether a number stands before a kernel, as in `2 box3`."""
        comes = _is_word(self.next) or self.next in _CLOSING
        number = self.is_bare(self.at - 1) and found.height == found.width == 1
        return comes and number

    def power(self) -> Kernel:
        found = self.atom()
        if not self.take("^"):
            return found
        exponent = self.value("a whole number")
        if not exponent.isdecimal() or len(exponent) > 5 or int(exponent) > MAX_EXPONENT:
            self.refuse(f"^ {quoted(exponent)}: a power is a whole number, {MAX_EXPONENT} at most")
        return powered(found, int(exponent), self.where)

    def value(self, what: str) -> str:
        """The next part, which must be a number or `auto`."""
        part = self.next
        if not part or part in "+-*^()[]/":
            self.refuse(f"{what} is missing after {quoted(self.parts[self.at - 1])}")
        self.at += 1
        return part

    def atom(self) -> Kernel:
        part = self.next
        if not part or part in "+-*^)]/":
            after = f"after {quoted(self.parts[self.at - 1])}" if self.at else "at the beginning"
            self.refuse(f"a kernel is missing {after}")
        self.at += 1
        if part in _CLOSING:
            found = self.sum()
            if not self.take(_CLOSING[part]):
                self.refuse(f"the {part!r} is never closed")
            return found
        return self.lookup(part) if _is_word(part) else parse(part, self.where)
