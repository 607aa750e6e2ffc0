"""Kernels from files: .txt, .csv, .json, .toml, .npy. Files that are too large are refused before they are parsed."""

from __future__ import annotations

import os
from stat import S_ISREG

from imgconv.core.errors import did_you_mean
from imgconv.kernels.kernel import Kernel, parse
from imgconv.kernels.parser import check_shape, check_size, quoted, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO, NoReturn

MAX_FILE = 8 << 20  # bytes
MAX_TOML = 1 << 18  # characters
KEYS = ("summary", "source", "kernel", "divisor")


def read_kernel(path: str) -> Kernel:
    """The kernel in a file, named after it; the suffix is that of its format.

    .txt: a kernel's text over lines, `#` starts a comment; .csv: rows of numbers; .json: a list of rows, or
    {"kernel": ..., "divisor": ...}; .toml: a kernel preset; .npy: a 1-D or 2-D array. Numbers in texts are
    exact as written, floats in .npy bit for bit. Errors: UsageError that names file, line and key.
    """
    where = quoted(path, 200)[1:-1]
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in _READERS:
        refuse(
            where, f"a kernel is read from {' '.join(_READERS)}, not from {suffix or 'a name without suffix'}"
        )
    try:
        status = os.stat(path)
        if not S_ISREG(status.st_mode):
            refuse(where, "is not a regular file: give a kernel file, a preset's name or a kernel's text")
        if status.st_size > MAX_FILE:
            refuse(where, f"{status.st_size} bytes are too many: a kernel file may have {MAX_FILE} at most")
        with open(path, "rb") as file:
            return _READERS[suffix](file, where, os.path.basename(path))
    except FileNotFoundError:
        refuse(where, "no such file: check the path, or give a preset's name or a kernel's text")
    except RecursionError:
        refuse(where, "brackets are nested too deeply: a kernel is one list of rows")
    except (OSError, ValueError) as error:
        _refuse_error(where, error)


def kernel_from_table(
    table: Mapping[str, object], where: str, name: str = "", lookup: Callable[[str], Kernel] | None = None
) -> Kernel:
    """The kernel of a preset's table: `summary`, optional `source`, `kernel`, optional `divisor`.

    `kernel` is rows of numbers, one row, or a kernel's text; `divisor` a number or "auto". Floats are exact as written:
    0.1 is 1/10. `where` names the file in the UsageError. `lookup` finds the kernels that a text names.
    """
    for key in ("summary", "source"):
        if key in table and not isinstance(table[key], str):
            refuse(where, f"key '{key}' must be text in quotes")
    if not str(table.get("summary", "")).strip():
        refuse(where, "key 'summary' is missing: give one line about what the kernel does")
    return _from_keys(table, where, name, lookup)


def _from_keys(
    table: Mapping[str, object], where: str, name: str, lookup: Callable[[str], Kernel] | None = None
) -> Kernel:
    for key in table:
        if key not in KEYS:
            refuse(
                where, f"unknown key {quoted(key)}{did_you_mean(key, KEYS)} (the keys are {', '.join(KEYS)})"
            )
    if "kernel" not in table:
        refuse(where, "key 'kernel' is missing: give rows of numbers, as [[0, 1, 0], [1, 4, 1], [0, 1, 0]]")
    kernel = _from_value(table["kernel"], f"{where}: key 'kernel'", name, lookup)
    divisor = _as_written(table.get("divisor", "1"))
    if isinstance(divisor, bool) or not isinstance(divisor, (str, int)):
        refuse(where, "key 'divisor' must be a number or 'auto'")
    return kernel.divided(divisor, f"{where}: key 'divisor'")


def _from_value(
    value: object, where: str, name: str, lookup: Callable[[str], Kernel] | None = None
) -> Kernel:
    """The kernel of rows in a list, of one row, or of a kernel's text."""
    if isinstance(value, str):
        if lookup:
            from imgconv.kernels.expression import evaluate, is_expression

            if is_expression(value, lambda word: True):
                kernel = evaluate(value, lookup, where)
                return Kernel(kernel.numerators, kernel.denominator, name)
        return parse(value, where, name)
    if not isinstance(value, list):
        refuse(where, "must be rows of numbers in brackets, or a kernel's text in quotes")
    rows = value if any(isinstance(row, list) for row in value) else [value]
    for i, row in enumerate(rows, 1):
        if not isinstance(row, list):
            refuse(where, f"row {i} is {quoted(repr(row))} among lists: put it into brackets")
    check_shape([len(row) for row in rows], where)
    return Kernel.from_rows([[_as_written(number) for number in row] for row in rows], name, where)


def _as_written(value: object) -> object:
    """A float of a text file as its shortest text, as it was written: 0.1 becomes exactly 1/10."""
    return repr(value) if isinstance(value, float) else value


def _read_txt(file: BinaryIO, where: str, name: str) -> Kernel:
    return _parse_lines(_text(file, where), where, name)


def _read_csv(file: BinaryIO, where: str, name: str) -> Kernel:
    text = _text(file, where).replace('"', "")
    if ";" in text:  # spreadsheets write `0,5;1` where the decimal sign is a comma
        text = text.replace(",", ".").replace(";", ",")
    elif "," not in text:
        text = text.replace("\t", ",")
    return _parse_lines(text, where, name)


def _parse_lines(text: str, where: str, name: str) -> Kernel:
    return parse("\n".join(line.partition("#")[0] for line in text.split("\n")), where, name, line=1)


def _read_json(file: BinaryIO, where: str, name: str) -> Kernel:
    import json

    def refuse_constant(word: str) -> NoReturn:
        refuse(where, f"{word} cannot be a weight: every weight must be a finite number")

    value = json.loads(_text(file, where), parse_float=str, parse_constant=refuse_constant)
    return _from_keys(value, where, name) if isinstance(value, dict) else _from_value(value, where, name)


def _read_toml(file: BinaryIO, where: str, name: str) -> Kernel:
    return kernel_from_table(load_toml(_text(file, where), where), where, name)


def load_toml(text: str, where: str) -> dict[str, object]:
    """A TOML text as a table. Errors: UsageError for bad TOML and for long dotted names (quadratic time in tomllib)."""
    import re
    import tomllib

    if len(text) > MAX_TOML:
        refuse(
            where,
            f"{len(text)} characters, a .toml may have {MAX_TOML} at most: put a large kernel into a .npy file",
        )
    part = r"""(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.){0,128}+"|'[^'\n]{0,128}+')"""
    if match := re.search(rf"{part}(?:[ \t]*+\.[ \t]*+{part}){{16}}", text):
        number = text.count("\n", 0, match.start()) + 1
        refuse(where, f"line {number}: a name of more than 16 dotted parts")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        _refuse_error(where, error)
    except RecursionError:
        refuse(where, "brackets are nested too deeply: a kernel is one list of rows")


def _read_npy(file: BinaryIO, where: str, name: str) -> Kernel:
    import numpy as np

    npy = np.lib.format
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        refuse(where, "does not hold a plain array: save it again with numpy.save")
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, column_major, dtype = read_header(file)
    if len(shape) == 4:
        refuse(
            where, "a layer's weights (a 4-D array) cannot be a 2-D kernel: save one [out, in] slice of them"
        )
    if len(shape) not in (1, 2):
        refuse(where, f"a kernel is a 1-D or 2-D array, not {len(shape)}-D")
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        refuse(where, f"an array of {dtype} is not a kernel: save integers, float32 or float64")
    height, width = shape if len(shape) == 2 else (1, *shape)
    check_size(height, width, where)
    data = file.read(height * width * dtype.itemsize)
    if len(data) < height * width * dtype.itemsize:
        refuse(where, f"the file ends early: the header promises {height} x {width} of {dtype}")
    array = np.frombuffer(data, dtype).reshape((height, width), order="F" if column_major else "C")
    return Kernel.from_rows((array.astype("u1") if dtype.kind == "b" else array).tolist(), name, where)


def _text(file: BinaryIO, where: str) -> str:
    try:
        text = file.read(MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(where, "is not UTF-8 text: save it as UTF-8, or as .npy")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_error(where: str, error: Exception) -> NoReturn:
    """Refuse with the message of the system, json, tomllib or NumPy, on one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    refuse(where, f"cannot be read: {' '.join(text.split())[:200]}")


_READERS = {".txt": _read_txt, ".csv": _read_csv, ".json": _read_json, ".toml": _read_toml, ".npy": _read_npy}
