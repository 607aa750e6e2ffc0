"""The parser of a kernel's text: exact numbers, rows, products and factors, with errors that say what is wrong.

It turns text into tables of exact fractions, not into a `Kernel`. Sizes are checked before anything is built, since a
kernel's text may come from anywhere.
"""

from __future__ import annotations

from math import gcd

from imgconv.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

Fraction = tuple[int, int]  # numerator, denominator > 0, in lowest terms
Table = list[list[Fraction]]

MAX_SIDE = 4095
MAX_AREA = 1 << 22
MAX_TEXT = 1 << 20  # characters of a text that is not from a file
MAX_DIGITS = 1300  # of one number: what the exact fraction of a float can need
MAX_EXPONENT = 400  # the smallest floats are 5e-324
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-"})  # how papers and web pages print a minus
_LOOKALIKES = str.maketrans({"l": "1", "I": "1", "O": "0", "o": "0", ",": ".", "\\": "/", ":": "/"})


def read_text(text: str, where: str, line: int = 0) -> tuple[list[Table], Fraction, str]:
    """The tables (one, or a product's column and row), the factor and the divisor of a kernel's text.

    `line`: the line where the text begins in a file, whose size was checked; 0: rows are counted. Errors: UsageError.
    """
    if len(text) > MAX_TEXT and not line:
        refuse(
            where, f"{len(text)} characters of text, {MAX_TEXT} at most: put a large kernel into a .npy file"
        )
    before, body, behind, skipped = _unwrap(text.translate(_DASHES), where)
    rows = _split_rows(body, where, line + skipped if line else 0)
    if any("x" in entries for _, entries in rows):
        rows = _split_product(rows, where)
        tables = [_read_rows([row], where) for row in rows]
    else:
        tables = [_read_rows(rows, where)]
    return tables, number(before or "1", f"{where}: factor"), behind


def number(text: str, where: str) -> Fraction:
    """The exact value of "2", "-0.5", "1e-3" or "1/9". Errors: UsageError for anything else."""
    top, slash, bottom = text.translate(_DASHES).partition("/")
    above, below = _decimal(top, where), _decimal(bottom, where) if slash else (1, 1)
    if above is None or below is None:
        refuse(where, f"{quoted(text)} {_hint(text)}")
    if below[0] == 0:
        refuse(where, f"{quoted(text)} divides by zero")
    return reduced(above[0] * below[1], above[1] * below[0])


def exact(value: object, where: str) -> Fraction:
    """The exact value of an int, a float (bit for bit), a NumPy scalar or a number's text. Errors: UsageError."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, str):
        return number(value.strip(), where)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse(where, f"{quoted(repr(value))} is not a number: write 2, -0.5 or '1/9'")
    if value - value != 0:
        refuse(where, f"{value} cannot be a weight: every weight must be a finite number")
    return value.as_integer_ratio()


def reduced(n: int, d: int) -> Fraction:
    """n / d in lowest terms, d not 0."""
    common = gcd(n, d) if d > 0 else -gcd(n, d)
    return n // common, d // common


def fraction_text(n: int, d: int) -> str:
    """`3`, or `1/9`."""
    return str(n) if d == 1 else f"{n}/{d}"


def quoted(text: str, width: int = 48) -> str:
    """The text in quotes on one line, control characters escaped, shortened to `width` characters."""
    return repr(text if len(text) <= width else text[: width - 1] + "…")


def check_shape(lengths: Sequence[int], where: str, labels: Sequence[str] = ()) -> None:
    """Refuse rows of these lengths unless they are a matrix of an allowed size; `labels` names them in the error."""
    width = lengths[0] if lengths else 0
    check_size(len(lengths), width, where)
    labels = labels or [f"row {i}" for i in range(1, len(lengths) + 1)]
    for label, length in zip(labels, lengths, strict=True):
        if length != width:
            entries = "1 entry" if length == 1 else f"{length} entries"
            counts = f"{label} has {entries}, {labels[0]} has {width}"
            refuse(where, f"{counts}: give every row the same number")


def check_size(height: int, width: int, where: str) -> None:
    """Refuse a kernel of a size that is not allowed."""
    if height < 1 or width < 1:
        refuse(where, "no numbers: a kernel needs at least one, as '1 2 1'")
    if max(height, width) > MAX_SIDE or height * width > MAX_AREA:
        limits = f"at most {MAX_SIDE} a side and {MAX_AREA} weights"
        refuse(where, f"{height} x {width} is too large: {limits}; blur steps take a size of their own")


def refuse(where: str, problem: str) -> NoReturn:
    """Raise the UsageError `where: problem`."""
    raise UsageError(f"{where}: {problem}")


def _decimal(text: str, where: str) -> Fraction | None:
    """The value of digits with an optional sign, point and exponent (not reduced); None for other text."""
    body = text[1:] if text[:1] in ("+", "-") else text
    mantissa, mark, power = body.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    digits, size = whole + part, (power[1:] if power[:1] in ("+", "-") else power)
    if not _are_digits(digits) or (mark and not _are_digits(size)):
        return None
    if len(digits) > MAX_DIGITS:
        refuse(where, f"{quoted(text)} has {len(digits)} digits, {MAX_DIGITS} at most")
    if len(size) > 9 or int(size or "0") > MAX_EXPONENT:
        refuse(where, f"{quoted(text)} is out of range: exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    exponent = int(power or "0") - len(part)
    value = -int(digits) if text.startswith("-") else int(digits)
    return (value * 10**exponent, 1) if exponent >= 0 else (value, 10**-exponent)


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _hint(text: str) -> str:
    """What is wrong with a text that is not a number."""
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return "cannot be a weight: every weight must be a finite number"
    if text.startswith("/") or text.endswith("/"):
        return "is not a number: write a fraction without spaces, as 1/9"
    if "x" in text.lower() and any(character.isdigit() for character in text):
        return "is not a number: put spaces around the x of a product, as '1 2 1 x -1 0 1'"
    guess = text.translate(_LOOKALIKES).strip("'\"[]()_fF").replace("--", "-").replace("_", "")
    parts = guess.split("/")
    if len(text) <= 24 and len(parts) <= 2 and all(_decimal(part, quoted(text)) for part in parts):
        return f"is not a number: did you mean {guess}?"
    return "is not a number: write 2, -0.5, 1e-3 or 1/9"


def _unwrap(text: str, where: str) -> tuple[str, str, str, int]:
    """Factor, kernel, divisor and the lines before the bracket in `factor [kernel] / divisor`."""
    start = min((index for index in (text.find("["), text.find("(")) if index >= 0), default=-1)
    if start < 0:
        return "", text, "", 0
    end = text.rfind("]" if text[start] == "[" else ")")
    if end < start:
        refuse(where, f"the {text[start]!r} is never closed")
    body = text[start + 1 : end]
    if any(bracket in body for bracket in "[]()"):
        refuse(where, "one pair of brackets at most: split the rows by ';', as '[0 1 0; 1 4 1; 0 1 0]'")
    before, behind = "".join(text[:start].split()), "".join(text[end + 1 :].split())
    if behind and not behind.startswith("/"):
        refuse(where, f"{quoted(behind)} after the bracket: only a divisor may stand there, as '/ 16'")
    factor = before.removesuffix("*").removesuffix("×")
    return factor, body, behind.removeprefix("/"), text.count("\n", 0, start)


def _split_rows(text: str, where: str, line: int) -> list[tuple[str, list[str]]]:
    """The label and the entries of each row; the x of a product is an entry of its own."""
    rows: list[tuple[str, list[str]]] = []
    for i, content in enumerate(text.split("\n")):
        parts = content.split(";")
        if not parts[-1].strip():
            parts.pop()  # an empty line, or a `;` at its end
        for part in parts:
            label = f"line {line + i}" if line else f"row {len(rows) + 1}"
            if not part.strip():
                refuse(where, f"{label} is empty: write numbers between the ';'")
            rows.append((label, _split_row(part, f"{where}: {label}")))
    return rows


def _split_row(text: str, where: str) -> list[str]:
    """The entries of one row, split by spaces and commas."""
    entries: list[str] = []
    pieces = text.replace("×", " x ").split(",")
    for piece in pieces:
        words = piece.split()
        if not words and len(pieces) > 1:
            refuse(where, f"entry {len(entries) + 1} is empty: write a number between the commas")
        entries += ["x" if entry == "X" else entry for entry in words]
    return entries


def _split_product(rows: list[tuple[str, list[str]]], where: str) -> list[tuple[str, list[str]]]:
    """The column and the row of a product."""
    label, entries = rows[0]
    cross = entries.index("x") if "x" in entries else 0
    column, row = entries[:cross], entries[cross + 1 :]
    if len(rows) > 1 or not column or not row or "x" in row:
        refuse(where, "a product is one column, x, one row, without ';': as '1 2 1 x -1 0 1'")
    return [(f"{label}, column", column), (f"{label}, row", row)]


def _read_rows(rows: list[tuple[str, list[str]]], where: str) -> Table:
    check_shape([len(entries) for _, entries in rows], where, [label for label, _ in rows])
    known: dict[str, Fraction] = {}
    table = []
    for label, entries in rows:
        for i, entry in enumerate(entries, 1):
            if entry not in known:
                known[entry] = number(entry, f"{where}: {label}, entry {i}")
        table.append([known[entry] for entry in entries])
    return table
