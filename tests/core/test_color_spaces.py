"""The table of color spaces: what rows say, rows that are refused, and a space that is added in a scratch copy."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.color_spaces import (
    COLORS,
    INTENTS,
    OWN_UNITS,
    SPACES,
    WHITE_X,
    WHITE_Z,
    ColorSpace,
    _table,
    is_scaled,
    linear_to_srgb,
    space_of,
    srgb_to_linear,
    white_of,
)
from imgconv.loops.color.conversion import FORMULAS
from imgconv.steps.color.conversion_path import conversion_path
from tests.oracles import color as slow
from tests.support.scratch import scratch_copy

UNIT = (0.0, 1.0)


@pytest.mark.parametrize("space", sorted(set(SPACES) - {"gray"}))
def test_formulas_lead_to_every_space_and_back(space):
    assert conversion_path("rgb", space)[-1] == space
    assert conversion_path(space, "rgb")[-1] == "rgb"


def test_every_formula_is_of_spaces_in_the_table():
    assert {space for pair in FORMULAS for space in pair} == set(SPACES) - {"gray"}


@pytest.mark.parametrize("space", OWN_UNITS)
def test_ranges_and_full_scale_hold_the_colors_of_the_screen(space):
    """By the oracle, for a grid of colors: a range or a full scale of another space would not fit."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    values = slow.of_rgb(space, grid).reshape(-1, 3)
    row = SPACES[space]
    low, high = np.array(row.ranges).T
    level = (high - low) / 255  # half of one is rounded away: Cb and Cr of 0.5 are 255.5 of 255
    assert (values >= low - 0.51 * level).all() and (values <= high + 0.51 * level).all()
    assert ((values.max(0) - values.min(0)) > 0.4 * (high - low)).all(), "the range is far too wide"
    if "h" in row.channels:
        assert row.ranges[row.channels.index("h")] == (0.0, 360.0)
        assert row.full[row.channels.index("h")] == 360
    assert (np.array(row.units) == ((WHITE_X, 1, WHITE_Z) if space == "xyz" else 1)).all()


def test_white():
    assert np.allclose(slow.FULL_SCALE, (WHITE_X, 1, WHITE_Z), atol=1e-9)
    assert {space: white_of(space) for space in (*SPACES, "none")} == {
        **dict.fromkeys(("gray", "rgb", "linear", "none"), 1.0),
        "cmyk": 0.0,
        **dict.fromkeys(OWN_UNITS),
    }


def test_spaces_by_channels():
    assert [space_of(channels) for channels in range(6)] == ["none", "gray", "none", "rgb", "none", "none"]
    assert [space for space in (*SPACES, "none") if is_scaled(space)] == ["gray", "rgb", "linear", "cmyk"]
    assert list(COLORS) == list(SPACES) and COLORS["cmyk"] == 4 and COLORS["gray"] == 1


def test_srgb_there_and_back():
    values = np.linspace(0, 1, 1001)
    assert np.allclose([srgb_to_linear(v) for v in values], slow.linear(values), atol=1e-15)
    assert np.allclose([linear_to_srgb(srgb_to_linear(v)) for v in values], values, atol=1e-7)


def test_intents_are_those_of_icc():
    ImageCms = pytest.importorskip("PIL.ImageCms")
    assert {name: number for name, (number, _) in INTENTS.items()} == {
        "perceptual": ImageCms.Intent.PERCEPTUAL,
        "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "saturation": ImageCms.Intent.SATURATION,
        "absolute": ImageCms.Intent.ABSOLUTE_COLORIMETRIC,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"white": None},  # units of its own, and no ranges
        {"white": None, "ranges": (UNIT,) * 3},  # no full scale: `--on` would take the image's
        {"white": None, "full": (1.0,) * 3},  # no ranges: `separate` would not scale
        {"white": None, "ranges": (UNIT,) * 2, "full": (1.0,) * 3},  # a channel without a range
        {"white": None, "ranges": ((0.0, 0.0), UNIT, UNIT), "full": (1.0,) * 3},
        {"white": None, "ranges": (UNIT,) * 3, "full": (1.0, 0.0, 1.0)},
        {"white": None, "ranges": (UNIT,) * 3, "full": (1.0,) * 3, "units": (1.0,)},
        {"white": None, "ranges": (UNIT,) * 3, "full": (1.0,) * 3, "tints": True},
        {"white": None, "ranges": (UNIT,) * 3, "full": (1.0,) * 3, "is_picture": True},
        {"white": 1.0, "ranges": (UNIT,) * 3, "full": (1.0,) * 3},  # both
    ],
)
def test_a_row_that_lacks_something_is_refused(fields):
    with pytest.raises(ValueError, match="color space ycocg"):
        ColorSpace("ycocg", "y co cg", **fields)


def test_rows_that_cannot_be_told_apart_are_refused():
    with pytest.raises(TypeError, match="white"):
        ColorSpace("ycocg", "y co cg")
    with pytest.raises(ValueError, match="color space x"):
        ColorSpace("x", "a A b", white=1.0)
    for name in ("rgb", "none"):
        with pytest.raises(ValueError, match="the name is taken"):
            _table([*SPACES.values(), ColorSpace(name, "a b c", white=1.0)])


ROW = """        ColorSpace("ycocg", "y co cg", white=None, ranges=(_UNIT, (-0.5, 0.5), (-0.5, 0.5)), full=_ONE),
"""
FORMULA = """    ("rgb", "ycocg"): (hue.ycocg_of_rgb,),
    ("ycocg", "rgb"): (hue.rgb_of_ycocg,),
"""
LOOPS = """

@helper
def ycocg_of_rgb(p, q, r, s, extra):
    for x in range(p.shape[0]):
        red, green, blue = p[x], q[x], r[x]
        p[x] = real(0.25) * red + real(0.5) * green + real(0.25) * blue
        q[x] = real(0.5) * (red - blue)
        r[x] = real(0.5) * green - real(0.25) * (red + blue)


@helper
def rgb_of_ycocg(p, q, r, s, extra):
    for x in range(p.shape[0]):
        y, co, cg = p[x], q[x], r[x]
        p[x], q[x], r[x] = y + co - cg, y + cg, y - co - cg

"""
USE = """
import json
import numpy as np
import imgconv
rgb = imgconv.open(np.array([[[255, 0, 0], [10, 200, 30]]], np.uint8))
pixels = rgb.to("ycocg")
on = pixels.scale(2, on="co").array()
wide = rgb.to("ycocg", scaled=True).array(dtype="uint16")
rgb.to("ycocg").separate("{channel}.png")
print(json.dumps({
    "to": pixels.array().tolist(),
    "on": on.tolist(),
    "threshold": pixels.threshold(0.45, on="co").array().tolist(),
    "scaled": rgb.to("ycocg", scaled=True).array(dtype="uint8").tolist(),
    "back": imgconv.open(wide).to("rgb", of="ycocg").array("uint8").tolist(),
    "separate": imgconv.open("co.png").array().tolist(),
    "info": rgb.to("ycocg").to("lab").array().shape,
}))
"""


def test_a_space_that_is_added(tmp_path):
    """A row and the formulas in a scratch copy: `to`, `--on`, `--scaled`, `--of`, `separate`, help; no other file."""
    import json

    changed = scratch_copy(
        tmp_path,
        *("imgconv/core/color_spaces.py", "SPACES = _table(\n    (\n", ROW),
        *("imgconv/loops/color/conversion.py", "FORMULAS = {\n", FORMULA),
        *(
            "imgconv/loops/color/hue.py",
            "LUMA_RED, LUMA_BLUE = 0.298839, 0.114350  # the same with ImageMagick's digits\n",
            LOOPS,
        ),
    )
    help = changed("-m", "imgconv", "to", "--help")
    assert help.count("ycocg") >= 2, help
    assert "did you mean 'ycocg'" in changed("-m", "imgconv", "shape", "3x4x5", "to", "ycoc", "explain")
    told = json.loads(changed("-c", USE))
    y, co, cg = (63.75 + 0 + 0) / 255, 127.5 / 255, -63.75 / 255
    second = ((2.5 + 100 + 7.5) / 255, (10 - 30) / 2 / 255, (100 - 10) / 255)
    assert np.allclose(told["to"], [[[y, co, cg], second]], atol=1e-6)
    assert np.allclose(told["on"], [[[y, 2 * co, cg], [second[0], 2 * second[1], second[2]]]], atol=1e-6)
    assert np.array(told["threshold"])[0, :, 1].tolist() == [1, 0], "the full scale of co is 1"
    assert told["scaled"][0][0] == [64, 255, 64]
    assert told["back"] == [[[255, 0, 0], [10, 200, 30]]]
    assert told["separate"] == [[255, round((second[1] + 0.5) * 255)]]
    assert told["info"] == [1, 2, 3]
