"""The dtypes: one table, a row each. What loops, memory, files and users call a dtype, and the range of its values.

A dtype is known by its code, NumPy's without the byte order: `u1`, `f4`. No NumPy and no ctypes are imported here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Dtype:
    """One row of the table.

    `name` is NumPy's and Numba's, and what users write; `ctype` is ctypes' type; `format` is the letter of `struct` and
    `memoryview`. `full_scale` is the value of white, where the whole range of the dtype is used for it. `is_pixel`:
    images are handed from step to step, to files and to users in this dtype; the others are for counts and indices.
    """

    __slots__ = (
        "bits",
        "code",
        "ctype",
        "format",
        "full_scale",
        "is_float",
        "is_pixel",
        "levels",
        "name",
        "size",
    )

    def __init__(
        self, code: str, name: str, ctype: str, format: str, is_pixel: bool, full_scale: float | None
    ) -> None:
        self.code, self.name, self.ctype, self.format = code, name, ctype, format
        self.is_pixel, self.full_scale = is_pixel, full_scale
        self.size = int(code[1:])  # bytes
        self.bits = 8 * self.size  # of a channel
        self.is_float = code[0] == "f"
        self.levels = None if full_scale is None else int(full_scale) + 1  # how many values there are
        if not name.endswith(str(self.bits)) or self.levels not in (None, 1 << self.bits):
            raise ValueError(f"dtype {code}: name, bits and full scale do not fit together")


def _table(rows: Iterable[Dtype]) -> dict[str, Dtype]:
    """The rows by their codes. Errors: ValueError for a row with something that another row has already."""
    table: dict[str, Dtype] = {}
    for row in rows:
        if any(row.name == other.name or row.format == other.format for other in table.values()):
            raise ValueError(f"dtype {row.code}: another row has its name or format")
        table[row.code] = row
    return table


DTYPES = _table(
    (
        #     code  name       ctypes      struct is_pixel full_scale
        Dtype("u1", "uint8", "c_uint8", "B", True, 255.0),
        Dtype("u2", "uint16", "c_uint16", "H", True, 65535.0),
        Dtype("u8", "uint64", "c_uint64", "Q", False, None),
        Dtype("i2", "int16", "c_int16", "h", False, None),
        Dtype("i4", "int32", "c_int32", "i", False, None),
        Dtype("i8", "int64", "c_int64", "q", False, None),
        Dtype("f4", "float32", "c_float", "f", True, None),
        Dtype("f8", "float64", "c_double", "d", True, None),
    )
)
# The table by what is asked most: plain dictionaries for the paths that every strip takes.
SIZES = {code: row.size for code, row in DTYPES.items()}
FULL_SCALE = {code: row.full_scale for code, row in DTYPES.items() if row.full_scale is not None}
LEVELS = {code: row.levels for code, row in DTYPES.items() if row.levels is not None}
PIXEL_DTYPES = {row.name: code for code, row in DTYPES.items() if row.is_pixel}  # a user's word -> code
