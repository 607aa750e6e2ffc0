"""`to --scaled` and `--of`: spaces in whole numbers, as OpenCV's 8-bit conversions hold them."""

from __future__ import annotations

import numpy as np
import pytest

import imgconv
from imgconv.core.errors import UsageError
from tests.oracles import color as slow
from tests.steps.color.test_convert import CORNERS, GRAYS, GRID
from tests.support.chains import outcome, random, stored

cv2 = pytest.importorskip("cv2")

OPENCV = {  # code, times and plus of each channel in 8 bits, by its documentation
    "lab": ("COLOR_RGB2Lab", (2.55, 1, 1), (0, 128, 128)),
    "luv": ("COLOR_RGB2Luv", (2.55, 255 / 354, 255 / 262), (0, 134 * 255 / 354, 140 * 255 / 262)),
    "hsv": ("COLOR_RGB2HSV_FULL", (255 / 360, 255, 255), (0, 0, 0)),
    "ycbcr": ("COLOR_RGB2YCrCb", (255, 255, 255), (0, 128, 128)),
}


@pytest.mark.parametrize("space", OPENCV)
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_stretched_as_opencv_has_it(space, dtype) -> None:
    code, times, plus = OPENCV[space]
    for a in (GRID, GRAYS, CORNERS, random((3, 1100, 3), "u1"), random((1, 1, 3), "u1")):
        wide = a if dtype == "u1" else a.astype(np.uint16) * 257
        exact = (slow.of_rgb(space, wide) * times + plus) * (1 if dtype == "u1" else 257)
        found = stored(wide, f"to {space} --scaled", dtype)
        most = np.iinfo(found.dtype).max
        assert abs(found - np.clip(exact, 0, most)).max() <= (0.501 if dtype == "u1" else 1)
        if dtype == "u1":
            theirs = cv2.cvtColor(a, getattr(cv2, code)).astype(int)
            theirs = theirs[..., [0, 2, 1]] if space == "ycbcr" else theirs
            apart = abs(found.astype(int) - theirs)
            apart = np.minimum(apart, 256 - apart) if space == "hsv" else apart  # of angles
            assert apart.max() <= 2 and (apart.mean() < 0.5 or apart.size < 100)


@pytest.mark.parametrize(
    "space", ["xyz", "lab", "luv", "lch", "hcl", "oklab", "oklch", "hcy", "hsv", "hsl", "ycbcr", "cmyk"]
)
def test_there_and_back_through_16_bits(space) -> None:
    a = random((7, 1100, 3), "u1")
    wide = imgconv.open(a).to("rgb").array() * np.float32(257)
    held = imgconv.open(wide.astype(np.uint16)).to(space, scaled=space != "cmyk").array(dtype="uint16")
    if space == "cmyk":
        assert held.shape[2] == 4
    assert (imgconv.open(held).to("rgb", of=space).array(dtype="uint8") == a).all()


def test_floats_are_in_the_units_of_the_space() -> None:
    a = random((9, 31, 3), "u1")
    lab = imgconv.open(a).to("lab").array()
    back = imgconv.open(lab).to("rgb", of="lab").array()
    assert abs(back * 255 - a).max() < 0.01
    lch = imgconv.open(lab).to("lch", of="lab").array()
    assert abs(lch - imgconv.open(a).to("lch").array()).max() < 1e-3


def test_gray_of_other_spaces_goes_by_rgb() -> None:
    a = random((9, 31, 3), "u1")
    for space in ("lab", "hsv", "cmyk"):
        assert abs(outcome(a, f"to {space} gray") - outcome(a, "gray")).max() < 1e-3
        held = imgconv.open(a).to(space, scaled=space != "cmyk").array(dtype="uint8")
        wanted = imgconv.open(held).to("rgb", of=space).gray().array()
        assert abs(imgconv.open(held).to("gray", of=space).array() - wanted).max() < 1e-3


@pytest.mark.parametrize(
    ("words", "channels", "says"),
    [
        ("to rgb --scaled", 3, "rgb has full scale already"),
        ("to cmyk --scaled", 3, "cmyk has full scale already"),
        ("to rgb --of lab", 1, "--of lab is for images of 3 channels"),
        ("to lab to rgb --of luv", 3, "this image has 3 (lab)"),
    ],
)
def test_errors(words, channels, says) -> None:
    with pytest.raises(UsageError, match=says.replace("(", r"\(").replace(")", r"\)")):
        outcome(random((4, 5, channels), "u1"), words)


def test_the_store_can_be_filled_with_every_space() -> None:
    from imgconv.core.color_spaces import COLORS
    from imgconv.tools.cache import color_loops

    names = {loop.title.rpartition(".")[2] for loop, _ in color_loops()}
    assert {"rgb_linear_xyz_lab_whole", "lab_xyz_linear_rgb", "rgb_hsv"} <= names
    ends = {
        end
        for name in names
        for end in (name.removesuffix("_whole").split("_")[0], name.removesuffix("_whole").split("_")[-1])
    }
    assert ends == set(COLORS) - {"gray"}
    assert len(color_loops()) < 200
