"""Expressions of kernels: `box3 * box3`, `identity + 1/2 (identity - gaussian5)`, `[1 2 1] ^ 3 / auto`.

    sum   = ["-"] term {("+" | "-") term}           aligned at the centers; + and - stand between spaces
    term  = power {"*" power | power | "/" number}  * is convolution; a number before a kernel scales it
    power = atom ["^" whole number]
    atom  = weights | name | "(" sum ")" | "[" sum "]"

Weights are a kernel's text (`parser`). A text without names and operators is left to that module alone, so that its
meaning and its errors stay the same.
"""

from __future__ import annotations

from imgconv.kernels.algebra import add, convolve, power
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.parser import MAX_TEXT, quoted, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

MAX_TOKENS = 200  # kernels and operators of one text
MAX_EXPONENT = 4094
_CLOSING = {"(": ")", "[": "]"}
_HOW = "write weights, a preset's name, or + - * ^ between them, as 'box3 * box3' or 'identity - [1 2 1] / 4'"


def is_expression(text: str, is_name: Callable[[str], bool]) -> bool:
    """Whether a text combines kernels; otherwise it is weights, a name or a file, or not valid."""
    if len(text) > MAX_TEXT:
        return False
    tokens = split(text)
    has_sign = "+" in tokens or "-" in tokens
    names = [token for token in tokens if _is_word(token)]
    if "^" in tokens or (has_sign and (names or any(token in _CLOSING for token in tokens))):
        return True
    if len(tokens) > 1 and any(is_name(name) for name in names):
        return True
    return "*" in tokens and not _is_factor(tokens)


def _is_factor(tokens: list[str]) -> bool:
    """Whether the only `*` is that of `1/9 * [...]`, which is a text of weights."""
    return tokens.count("*") == 1 and tokens[1:2] == ["*"] and len(tokens) > 2 and tokens[2] in _CLOSING


def _is_word(token: str) -> bool:
    return token[0].isalpha() and token not in ("x", "X")


def split(text: str) -> list[str]:
    """The tokens of a text: names, operators and runs of weights, in order."""
    tokens: list[str] = []
    weights = ""
    spaced = text
    for mark in "*^()[]":
        spaced = spaced.replace(mark, f" {mark} ")
    for line, row in enumerate(spaced.replace("\n", ";").split(";")):
        if line:
            weights += ";"
        for word in _words(row, tokens):
            if word in ("*", "^", "(", ")", "[", "]", "+", "-", "/") or _is_word(word):
                tokens += [weights.strip()] if weights.strip() else []
                tokens.append(word)
                weights = ""
            else:
                weights += f" {word}"
    return tokens + ([weights.strip()] if weights.strip() else [])


def _words(row: str, tokens: list[str]) -> list[str]:
    """The words of a row; a slash that touches what it divides becomes a word of its own. `tokens`: those before."""
    words: list[str] = []
    for word in row.split():
        *_, sign, before = "", "", *tokens[-2:], *words[-2:]
        head, slash, tail = word.partition("/")
        divides = _is_word(head) or before == "^" if head else _ends_kernel(before) or sign == "^"
        if slash and divides:
            words += [part for part in (head, "/", tail) if part]
        else:
            words.append("/ " if word == "/" else word)  # the slash of `1 / 9` belongs to the weights
    return words


def _ends_kernel(token: str) -> bool:
    """Whether a kernel ends with this token, and is not a run of weights."""
    return token in (")", "]") or (bool(token) and _is_word(token))


def evaluate(text: str, lookup: Callable[[str], Kernel], where: str = "") -> Kernel:
    """The kernel of an expression; `lookup` finds the kernel of a name. Errors: UsageError."""
    where = where or f"kernel {quoted(text)}"
    reader = _Reader(split(text), lookup, where)
    kernel = reader.sum()
    if reader.next:
        reader.refuse(f"unexpected {quoted(reader.next)} after {quoted(reader.tokens[reader.index - 1])}")
    return kernel


class _Reader:
    """Recursive descent over the tokens of a text; `index` is that of the next one."""

    def __init__(self, tokens: list[str], lookup: Callable[[str], Kernel], where: str) -> None:
        self.tokens, self.lookup, self.where, self.index = tokens, lookup, where, 0
        if len(tokens) > MAX_TOKENS:
            self.refuse(f"{len(tokens)} parts, {MAX_TOKENS} at most")

    @property
    def next(self) -> str:
        """The next token, "" at the end."""
        return self.tokens[self.index] if self.index < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """The next token if it is one of these, else ""."""
        if self.next and self.next in wanted:
            self.index += 1
            return self.tokens[self.index - 1]
        return ""

    def refuse(self, problem: str) -> NoReturn:
        refuse(self.where, f"{problem}; {_HOW}")

    def sum(self) -> Kernel:
        sign = self.take("-", "+")
        total = self.term(-1 if sign == "-" else 1)
        while sign := self.take("+", "-"):
            if self.is_bare(self.index - 2) and self.is_bare(self.index):
                self.refuse(
                    f"{sign} between bare weights could be a mistake: put them into brackets, as [1 2] {sign} [3]"
                )
            total = add(total, self.term(-1 if sign == "-" else 1), self.where)
        return total

    def is_bare(self, index: int) -> bool:
        """Whether a token is weights without brackets."""
        token = self.tokens[index] if 0 <= index < len(self.tokens) else ""
        return bool(token) and token not in ("(", ")", "[", "]") and not _is_word(token)

    def term(self, sign: int) -> Kernel:
        product = self.power()
        while self.next:
            if self.take("*"):
                product = convolve(product, self.power(), self.where)
            elif self.take("/"):
                product = product.divided(self.value("a divisor"), self.where)
            elif self.scales(product):
                product = convolve(product, self.power(), self.where)
            else:
                break
        return product.scaled(sign)

    def scales(self, product: Kernel) -> bool:
        """Whether a number stands before a kernel, as in `2 box3`."""
        before_kernel = _is_word(self.next) or self.next in _CLOSING
        is_number = self.is_bare(self.index - 1) and product.height == product.width == 1
        return before_kernel and is_number

    def power(self) -> Kernel:
        base = self.atom()
        if not self.take("^"):
            return base
        exponent = self.value("a whole number")
        if not exponent.isdecimal() or len(exponent) > 5 or int(exponent) > MAX_EXPONENT:
            self.refuse(f"^ {quoted(exponent)}: a power is a whole number, {MAX_EXPONENT} at most")
        return power(base, int(exponent), self.where)

    def value(self, what: str) -> str:
        """The next token, which must be a number or `auto`."""
        token = self.next
        if not token or token in "+-*^()[]/":
            self.refuse(f"{what} is missing after {quoted(self.tokens[self.index - 1])}")
        self.index += 1
        return token

    def atom(self) -> Kernel:
        token = self.next
        if not token or token in "+-*^)]/":
            after = f"after {quoted(self.tokens[self.index - 1])}" if self.index else "at the beginning"
            self.refuse(f"a kernel is missing {after}")
        self.index += 1
        if token in _CLOSING:
            kernel = self.sum()
            if not self.take(_CLOSING[token]):
                self.refuse(f"the {token!r} is never closed")
            return kernel
        return self.lookup(token) if _is_word(token) else parse(token, self.where)
