"""Histograms as counts and as pictures, and what `info` tells of values beyond the range."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image as Pillow

import imgconv
from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from imgconv.engine.run_report import Report, RunContext
from imgconv.io.value_ranges import histograms, ranges
from imgconv.steps.tone.histogram import Histogram
from tests.oracles import tone as slow
from tests.peers.table import rows_of
from tests.support.chains import check_row, image_of, infer, outcome, random
from tests.support.command import SAMPLES, run

MATRIX = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]  # sRGB, IEC 61966-2-1


def context() -> RunContext:
    return RunContext(Run(), Report())


@pytest.mark.parametrize("row", rows_of("histogram"), ids=lambda row: row.words)
def test_rows(row):
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_counts(dtype, channels):
    a = random((37, 53, channels), dtype)
    colors = channels - (channels in (2, 4))
    for threads in (1, 3):
        found = histograms(image_of(a), Run(threads=threads, strip=5))
        assert found["counts"] == slow.bins(a[:, :, :colors])
        assert found["bins"] == 256 and len(found["ranges"]) == colors
    if dtype != "f4":
        assert found["ranges"] == [[0, np.iinfo(dtype).max]] * colors
        wanted = np.bincount(a[:, :, 0].ravel() >> (8 if dtype == "u2" else 0), minlength=256)
        assert found["counts"][0] == wanted.tolist()
    else:
        assert found["ranges"][0] == pytest.approx([a[:, :, 0].min(), a[:, :, 0].max()])


def test_computed_values_have_the_bins_of_full_scale():
    """Whole numbers stay in their bin; what is beyond is in the first and the last, what is not finite in none."""
    a = np.arange(-3, 260, dtype=np.float32).reshape(1, -1, 1)
    counts = histograms(image_of(a, white=255.0), Run())["counts"][0]
    assert counts == [4] + [1] * 254 + [5]
    wide = np.arange(65536, dtype=np.float32).reshape(256, 256, 1)
    assert histograms(image_of(wide, white=65535.0), Run())["counts"][0] == [256] * 256
    strange = np.array([[[np.nan], [np.inf], [-np.inf], [5]]], np.float32)
    assert sum(histograms(image_of(strange, white=255.0), Run())["counts"][0]) == 1
    assert sum(histograms(image_of(strange), Run())["counts"][0]) == 1
    assert sum(histograms(image_of(strange[:, :3]), Run())["counts"][0]) == 0


def test_the_picture_by_hand():
    a = np.array([[[0], [0], [0], [0], [255], [255], [100], [255]]], np.uint8)
    picture = outcome(a, "histogram --size 4x256")[:, :, 0]
    assert picture[:, 0].tolist() == [255] * 4
    assert picture[:, 255].tolist() == [0, 255, 255, 255]
    assert picture[:, 100].tolist() == [0, 0, 0, 255]
    assert not picture[:, 1:100].any()
    narrow = outcome(a, "histogram --size 4x2")[:, :, 0]
    assert narrow.tolist() == [[255, 0], [255, 255], [255, 255], [255, 255]]
    nothing = outcome(np.full((2, 2, 1), np.nan, np.float32), "histogram --size 3x3")
    assert not nothing.any()


def test_spec_and_errors(tmp_path):
    spec = infer(image_of(random((9, 9, 4), "u2")).spec, [Histogram()])
    assert (spec.shape, spec.dtype, spec.space, spec.alpha, spec.white) == (
        "3x256x512",
        "u1",
        "rgb",
        False,
        255.0,
    )
    with pytest.raises(UsageError, match="1 or 3 channels, not 4"):
        infer(image_of(random((9, 9, 4), "u1"), alpha=False).spec, [Histogram()])
    target = tmp_path / "h.png"
    imgconv.open(SAMPLES / "gradient16-rgb.tif").gaussian().histogram(log=True).save(target)
    with Pillow.open(target) as picture:
        assert picture.size == (512, 256)
    chain = imgconv.open(SAMPLES / "camera.png").histogram().invert().crop("0,0,10,10")
    assert chain.array().shape == (10, 10)


def told(capsys, *words):
    return json.loads(run(capsys, "-q", "open", *words).out)


def test_info_of_a_file(capsys):
    found = told(capsys, str(SAMPLES / "camera.png"), "info", "--histogram")
    camera = imgconv.open(SAMPLES / "camera.png").array()
    assert found["histogram"]["counts"] == [np.bincount(camera.ravel(), minlength=256).tolist()]
    assert found["histogram"]["ranges"] == [[0, 255]]
    assert (found["below"], found["above"], found["nan"], found["out_of_gamut"]) == ([0], [0], [0], 0)
    assert "histogram" not in told(capsys, str(SAMPLES / "camera.png"), "info")


def test_info_of_computed_values(capsys):
    found = told(capsys, str(SAMPLES / "camera.png"), "scale", "2", "--shift", "-100", "info")
    values = imgconv.open(SAMPLES / "camera.png").array().astype(int) * 2 - 100
    assert (found["below"], found["above"]) == ([(values < 0).sum()], [(values > 255).sum()])
    assert found["out_of_gamut"] == ((values < 0) | (values > 255)).sum()


def test_whole_numbers_of_no_color(tmp_path, capsys):
    np.save(tmp_path / "a.npy", np.zeros((3, 3, 5), np.uint8))
    assert told(capsys, str(tmp_path / "a.npy"), "info")["out_of_gamut"] is None
    assert told(capsys, str(SAMPLES / "gradient16-rgb.tif"), "info")["out_of_gamut"] == 0


def test_info_of_strange_numbers():
    a = np.zeros((2, 3, 3), np.float32)
    a[0, 0] = np.nan, np.inf, -np.inf
    a[1, 1] = -1, 300, 255.4
    found = ranges(image_of(a, white=255.0), context())
    assert found["nan"] == [1, 0, 0] and found["infinite"] == [0, 1, 1]
    assert found["below"] == [1, 0, 1] and found["above"] == [0, 2, 1]
    assert found["out_of_gamut"] == 2
    found = ranges(image_of(a), context())
    assert (found["below"], found["above"], found["out_of_gamut"]) == (None, None, None)
    assert found["nan"] == [1, 0, 0]


@pytest.mark.parametrize(
    "space", ["lab", "luv", "lch", "oklab", "oklch", "hcl", "xyz", "hsv", "hsl", "ycbcr", "cmyk"]
)
def test_a_picture_in_another_space_is_within_the_gamut(space, capsys):
    found = told(capsys, str(SAMPLES / "coffee.jpg"), "to", space, "info")
    assert found["out_of_gamut"] == 0
    assert found["below"] == ([0] * 4 if space == "cmyk" else None)


def test_colors_that_no_screen_shows(capsys):
    """L 50, a 120, b 0 has a green below 0; grays do not."""
    lab = np.zeros((4, 5, 3), np.float32)
    lab[..., 0] = 50
    lab[1, :3, 1] = 120
    assert ranges(image_of(lab, space="lab", white=255.0), context())["out_of_gamut"] == 3
    assert ranges(image_of(lab, space="lab", white=65535.0), context())["out_of_gamut"] == 3
    rng = np.random.default_rng(0)
    many = np.stack([rng.uniform(low, high, (40, 40)) for low, high in ((0, 100), (-90, 90), (-90, 90))], 2)
    f = (many[..., 0] + 16) / 116
    f = np.stack([f + many[..., 1] / 500, f, f - many[..., 2] / 200], 2)
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2) * (0.95047, 1, 1.08883)
    linear = xyz @ np.linalg.inv(MATRIX).T
    high = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, high)
    outside = ((encoded < -1 / 510) | (encoded > 1 + 1 / 510)).any(axis=2).sum()
    found = ranges(image_of(many.astype(np.float32), space="lab", white=255.0), context())["out_of_gamut"]
    assert abs(found - outside) <= 3
