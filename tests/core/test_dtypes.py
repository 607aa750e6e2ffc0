"""The table of dtypes: what it says is what ctypes, struct and NumPy say, and a wrong row is refused."""

from __future__ import annotations

import ctypes
import struct

import numpy as np
import pytest

from imgconv.core.dtypes import DTYPES, FULL_SCALE, LEVELS, PIXEL_DTYPES, SIZES, Dtype, _table
from imgconv.core.pixels import Pixels, Vector


@pytest.mark.parametrize("code", DTYPES)
def test_a_row_says_what_others_say(code):
    row, numpys = DTYPES[code], np.dtype(code)
    assert row.name == numpys.name
    assert (
        row.size
        == numpys.itemsize
        == ctypes.sizeof(getattr(ctypes, row.ctype))
        == struct.calcsize(row.format)
    )
    assert row.bits == 8 * row.size
    assert row.is_float == (numpys.kind == "f")
    assert np.dtype(row.format) == np.ctypeslib.as_array((getattr(ctypes, row.ctype) * 1)()).dtype == numpys


@pytest.mark.parametrize("code", DTYPES)
def test_memory_of_every_dtype(code):
    pixels = Pixels.of_numbers([[0, 1], [2, 3]], 1, code)
    assert pixels.numbers() == [(0, 1), (2, 3)]
    assert np.asarray(pixels).dtype == np.dtype(code)
    assert list(Vector((1, 2), code)) == [1, 2]


def test_full_scale_is_the_largest_value():
    for code, white in FULL_SCALE.items():
        assert white == np.iinfo(code).max == LEVELS[code] - 1
    assert list(FULL_SCALE) == list(LEVELS)
    assert list(SIZES) == list(DTYPES)


def test_the_words_of_users():
    assert PIXEL_DTYPES == {"uint8": "u1", "uint16": "u2", "float32": "f4", "float64": "f8"}


@pytest.mark.parametrize(
    "row",
    [
        ("u4", "uint16", "c_uint32", "I", False, None),  # the name of another size
        ("u4", "uint32", "c_uint32", "I", True, 65535.0),  # a white that is not its largest value
    ],
)
def test_a_wrong_row_is_refused(row):
    with pytest.raises(ValueError, match="u4: name, bits and full scale"):
        Dtype(*row)


def test_a_field_that_is_missing_or_there_twice_is_refused():
    with pytest.raises(TypeError):
        Dtype("u4", "uint32", "c_uint32", "I", False)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="another row"):
        _table([*DTYPES.values(), Dtype("u4", "uint32", "c_uint32", "i", False, None)])
