"""Pictures right by default, from file to file: no dark rims, 16 bits from end to end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import imgconv
from tests.support.command import run

RED = np.array([255, 0, 0])
FILTERS = {  # and the same on premultiplied floats
    "gaussian --sigma 3": lambda image: image.gaussian(sigma=3),
    "gaussian --sigma 8": lambda image: image.gaussian(sigma=8),
    "conv '1 2 1; 2 4 2; 1 2 1' --divisor auto": lambda image: image.conv(
        "1 2 1; 2 4 2; 1 2 1", divisor="auto"
    ),
    "box --size 7": lambda image: image.box(size=7),
    "resize --scale 0.37": lambda image: image.resize(scale=0.37),
    "resize --scale 1.7 --filter bilinear": lambda image: image.resize(scale=1.7, filter="bilinear"),
    "avg-pool --size 3": lambda image: image.avg_pool(size=3),
    "motion-blur --length 9": lambda image: image.motion_blur(length=9),
}


def disc(size: int = 96) -> np.ndarray:
    """A red disc on transparent black, its rim one pixel soft."""
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    cover = np.clip(size / 3 + 0.5 - np.hypot(x, y), 0, 1)
    return np.dstack([*(np.where(cover > 0, c, 0) for c in RED), np.rint(cover * 255)]).astype(np.uint8)


@pytest.mark.parametrize("words", FILTERS)
def test_no_dark_rim(words, tmp_path, capsys) -> None:
    source, target = tmp_path / "disc.npy", tmp_path / "out.png"
    np.save(source, disc())
    assert run(capsys, f"-q open {source} {words} save {target}").code == 0
    found = imgconv.open(target).array().astype(float)
    weighted = disc().astype(np.float32)
    weighted[..., :3] *= weighted[..., 3:] / 255
    wanted = FILTERS[words](imgconv.open(weighted, alpha="straight", white=255)).array().astype(float)
    rim = (found[..., 3] > 8) & (found[..., 3] < 250)
    assert rim.sum() > 50
    assert (found[rim][:, :3] == RED).all()
    assert abs(found[..., 3] - np.clip(wanted[..., 3], 0, 255)).max() <= 0.51
    assert abs(found[..., 0] * found[..., 3] / 255 - np.clip(wanted[..., 0], 0, 255)).max() <= 1.01


def test_the_guard_sees_a_dark_rim(tmp_path, capsys) -> None:
    source, target = tmp_path / "disc.npy", tmp_path / "out.png"
    np.save(source, disc())
    run(capsys, f"-q --alpha straight open {source} gaussian --sigma 3 save {target}")
    found = imgconv.open(target).array().astype(int)
    rim = (found[..., 3] > 8) & (found[..., 3] < 250)
    assert found[rim][:, 0].min() < 128


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_16_bits_from_end_to_end(suffix, channels, tmp_path: Path, capsys) -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    a = ramp if channels == 1 else np.dstack([ramp, ramp.T, ramp[::-1]])
    source, copy, soft = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}", tmp_path / f"c.{suffix}"
    imgconv.open(a).save(source)
    assert run(capsys, f"open {source} save {copy}").code == 0
    assert (imgconv.open(copy).array() == a).all()
    assert run(capsys, f"-q open {source} gaussian --sigma 1 --edge wrap save {soft}").code == 0
    found = imgconv.open(soft).array()
    assert found.dtype == np.uint16
    assert len(np.unique(found)) > 60_000
