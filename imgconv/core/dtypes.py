"""The dtypes of pixels: their sizes, names and ranges."""

from __future__ import annotations

NAMES = {
    "u1": "uint8",
    "u2": "uint16",
    "u8": "uint64",
    "i2": "int16",
    "i4": "int32",
    "i8": "int64",
    "f4": "float32",
    "f8": "float64",
}
SIZES = {"u1": 1, "u2": 2, "u8": 8, "i2": 2, "i4": 4, "i8": 8, "f4": 4, "f8": 8}
FULL_SCALE = {"u1": 255.0, "u2": 65535.0}
LEVELS = {"u1": 256, "u2": 65536}  # values of the whole dtypes
