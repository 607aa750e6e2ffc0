"""PPM and PGM of more than 8 bits: every number as it stands in the file."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import imgconv
from imgconv.core.errors import FileError
from tests.support.chains import random


def pnm(a, most=65535, comment=b""):
    kind = b"P6" if a.shape[2] == 3 else b"P5"
    size = b"%d %d\n%s%d\n" % (a.shape[1], a.shape[0], comment, most)
    return kind + b"\n" + size + a.astype(">u2").tobytes()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (7, 1), (1, 9), (23, 31)])
def test_there_and_back(channels, size, tmp_path):
    a = random((*size, channels), "u2")
    (tmp_path / "a.ppm").write_bytes(pnm(a, comment=b"# made by hand\n"))
    image = imgconv.open(tmp_path / "a.ppm")
    assert (image.array().reshape(a.shape) == a).all() and image.array().dtype == np.uint16
    image.save(tmp_path / "b.ppm")
    assert (tmp_path / "b.ppm").read_bytes() == pnm(a)
    theirs = cv2.imread(str(tmp_path / "b.ppm"), cv2.IMREAD_UNCHANGED).reshape(a.shape)
    assert (theirs[..., ::-1] == a).all()


@pytest.mark.parametrize("most", [256, 1023, 4095, 65534])
def test_other_whites_are_stretched(most, tmp_path):
    a = random((9, 31, 3), "u2") % (most + 1)
    a[0, 0], a[0, 1] = 0, most
    (tmp_path / "a.ppm").write_bytes(pnm(a, most))
    found = imgconv.open(tmp_path / "a.ppm").array()
    assert abs(found - a * (65535 / most)).max() <= 0.5
    assert (found[0, 0] == 0).all() and (found[0, 1] == 65535).all()


def test_numbers_above_white_are_white(tmp_path):
    (tmp_path / "a.ppm").write_bytes(pnm(np.full((2, 2, 3), 60_000, np.uint16), 1000))
    assert (imgconv.open(tmp_path / "a.ppm").array() == 65535).all()


@pytest.mark.parametrize(
    "data",
    [b"P6 3 3 65535\n" + bytes(53), b"P6 3 3 65535", b"P6 3 3 65536\n" + bytes(60), b"P6 # 3 3 65535\n"],
)
def test_damage_is_told(data, tmp_path):
    (tmp_path / "a.ppm").write_bytes(data)
    with pytest.raises(FileError, match=r"a\.ppm"):
        imgconv.open(tmp_path / "a.ppm").array()


def test_eight_bits_go_through_pillow(tmp_path):
    a = random((9, 31, 3), "u1")
    imgconv.open(a).save(tmp_path / "a.ppm")
    assert (tmp_path / "a.ppm").read_bytes() == b"P6\n31 9\n255\n" + a.tobytes()
    assert (imgconv.open(tmp_path / "a.ppm").array() == a).all()
