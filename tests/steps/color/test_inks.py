"""Inks: CMYK files in and out, by the plain formulas and by the profile of a press; how much ink; separations."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

import imgconv
from imgconv.core.errors import ExtraMissing, FileError, UsageError
from imgconv.steps.color.icc import srgb, transform
from tests.oracles import color as oracle_spaces
from tests.support import profiles
from tests.support.chains import random
from tests.support.command import run
from tests.support.profiles import picture

PRESS, OTHER = profiles.press("Press"), profiles.press("Other", 0.7)
INTENTS = ("perceptual", "relative", "saturation", "absolute")


def inks(dtype="u1", channels=4, seed=0):
    return random((40, 60, channels), dtype, seed)


def tiff(path, array, icc=None, **more):
    tifffile.imwrite(path, array, photometric="separated", iccprofile=icc, **more)
    return str(path)


def smooth():
    """Inks that JPEG keeps."""
    y, x = np.mgrid[:40, :60]
    return np.stack([x * 4, y * 6, 255 - x * 4, (x + y) * 2], -1).astype(np.uint8)


def jpeg(path, array, icc=None):
    Pillow.fromarray(array, "CMYK").save(path, icc_profile=icc, quality=100)
    return str(path)


@pytest.fixture
def press(tmp_path):
    (tmp_path / "press.icc").write_bytes(PRESS)
    return str(tmp_path / "press.icc")


def cms(array, modes, pair, intent="relative"):
    """What LittleCMS makes of a whole picture."""
    before, after = (ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in pair)
    number = INTENTS.index(intent)
    flags = 0x2000 if intent == "relative" else 0
    made = ImageCms.profileToProfile(
        Pillow.fromarray(array, modes[0]), before, after, number, modes[1], flags=flags
    )
    return np.asarray(made)


def naive(a):
    full = np.iinfo(a.dtype).max
    v = a / full
    return (1 - v[..., :3]) * (1 - v[..., 3:4]) * full


# ---- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("icc", [None, PRESS])
def test_tiff_copies_are_exact(dtype, icc, tmp_path):
    a = inks(dtype)
    image = imgconv.open(tiff(tmp_path / "a.tif", a, icc))
    assert (image.array() == a).all() and image.array().dtype == a.dtype
    image.save(tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        page = file.pages[0]
        assert (page.asarray() == a).all() and page.photometric.name == "SEPARATED"
        tag = page.tags.get(34675)
        assert (tag.value if tag else None) == icc
    if dtype == "u1":
        assert (np.asarray(picture(tmp_path / "b.tif")) == a).all()


def test_tiff_with_alpha_and_with_more_inks(tmp_path):
    a = inks(channels=5)
    imgconv.open(tiff(tmp_path / "a.tif", a, extrasamples=("unassalpha",))).save(tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert (file.asarray() == a).all() and file.pages[0].extrasamples[0].name == "UNASSALPHA"
    spot = imgconv.open(tiff(tmp_path / "c.tif", a, extrasamples=("unspecified",)))
    assert (spot.array() == a).all()


def test_jpeg_both_ways(tmp_path):
    a = smooth()
    path = jpeg(tmp_path / "a.jpg", a, PRESS)
    assert (imgconv.open(path).array() == np.asarray(picture(path))).all()
    imgconv.open(path).save(tmp_path / "b.jpg", quality=100)
    made = picture(tmp_path / "b.jpg")
    assert made.mode == "CMYK" and made.info["icc_profile"] == PRESS
    assert abs(np.asarray(made).astype(int) - a).max() <= 4


def test_filters_keep_inks(tmp_path):
    path = jpeg(tmp_path / "a.jpg", smooth(), PRESS)
    imgconv.open(path).gaussian().save(tmp_path / "b.tif")
    made = picture(tmp_path / "b.tif")
    assert made.mode == "CMYK" and made.info["icc_profile"] == PRESS
    assert imgconv.open(path).median().array().dtype == np.uint8


# ---- to colors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b.png", "b.webp", "b.bmp"])
def test_pictures_of_inks_are_rgb(name, tmp_path):
    a = inks()
    more = {"lossless": True} if name.endswith("webp") else {}
    imgconv.open(tiff(tmp_path / "a.tif", a)).save(tmp_path / name, **more)
    assert abs(np.asarray(picture(tmp_path / name)) - naive(a)).max() <= 0.501
    imgconv.open(tiff(tmp_path / "a.tif", a, PRESS)).save(tmp_path / name, **more)
    made = picture(tmp_path / name)
    pair = PRESS, srgb.srgb("rgb")
    assert (np.asarray(made) == cms(a, ("CMYK", "RGB"), pair)).all()
    if name != "b.bmp":
        assert made.info["icc_profile"] == srgb.srgb("rgb")


def test_other_spaces_and_gray(tmp_path):
    a = inks()
    plain = cms(a, ("CMYK", "RGB"), (PRESS, srgb.srgb("rgb")))
    image, wanted = imgconv.open(tiff(tmp_path / "a.tif", a, PRESS)), imgconv.open(plain)
    assert (image.to("lab").array() == wanted.to("lab").array()).all()
    assert (image.gray().array() == wanted.gray().array()).all()
    image.to("lab").save(tmp_path / "b.tif")
    assert picture(tmp_path / "b.tif").mode == "RGB"
    assert (np.asarray(picture(tmp_path / "b.tif")) == plain).all()
    untagged = imgconv.open(tiff(tmp_path / "c.tif", a))
    assert abs(untagged.gray().array() - naive(a) @ (0.299, 0.587, 0.114)).max() < 1e-3


def test_gray_of_any_space_is_gray_of_its_colors():
    a = random((9, 31, 3), "u1")
    assert abs(imgconv.open(a).to("lab").gray().array() - imgconv.open(a).gray().array()).max() < 0.01


@pytest.mark.parametrize("icc", [b"x" * 200, profiles.screen("P3")])
def test_a_profile_of_another_kind_is_left_out(icc, capsys, tmp_path):
    a = inks()
    path = tiff(tmp_path / "a.tif", a, icc)
    done = run(capsys, "open", path, "save", str(tmp_path / "b.tif"))
    assert done.code == 0 and len(done.lines) == 1 and "ignored" in done.err
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert (file.asarray() == a).all() and 34675 not in file.pages[0].tags


# ---- to inks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intent", INTENTS)
def test_to_the_inks_of_a_press_and_back(intent, press, tmp_path):
    a = random((40, 60, 3), "u1")
    there = imgconv.open(a).to("cmyk", profile=press, intent=intent)
    wanted = cms(a, ("RGB", "CMYK"), (srgb.srgb("rgb"), PRESS), intent)
    assert (there.array() == wanted).all()
    there.save(tmp_path / "b.tif").save(tmp_path / "b.png")
    assert picture(tmp_path / "b.tif").info["icc_profile"] == PRESS
    back = np.asarray(picture(tmp_path / "b.png"))
    assert (back == cms(wanted, ("CMYK", "RGB"), (PRESS, srgb.srgb("rgb")))).all()


def test_computed_values_are_rounded_first(press):
    a = random((20, 30, 3), "u1")
    found = imgconv.open(a).gaussian().to("cmyk", profile=press).array()
    soft = np.rint(imgconv.open(a).gaussian().array()).astype(np.uint8)
    assert found.dtype == np.float32
    assert (found == cms(soft, ("RGB", "CMYK"), (srgb.srgb("rgb"), PRESS))).all()


def test_from_press_to_press(press, tmp_path):
    a = inks()
    found = imgconv.open(tiff(tmp_path / "a.tif", a, OTHER)).to("cmyk", profile=press).array()
    assert (found == cms(a, ("CMYK", "CMYK"), (OTHER, PRESS))).all()
    same = imgconv.open(tiff(tmp_path / "b.tif", a, PRESS)).to("cmyk", profile=press).array()
    assert (same == a).all()


def test_the_plain_formulas_carry_no_profile(press, tmp_path):
    a = random((20, 30, 3), "u1")
    imgconv.open(a).to("cmyk", profile=press).to("rgb").to("cmyk").save(tmp_path / "b.tif")
    made = picture(tmp_path / "b.tif")
    assert made.mode == "CMYK" and "icc_profile" not in made.info


def test_alpha_is_left_alone(press, tmp_path):
    a = random((20, 30, 4), "u1")
    for more in ({}, {"profile": press}):
        there = imgconv.open(a).to("cmyk", **more)
        assert (there.array()[..., 4] == a[..., 3]).all()
        assert (there.to("rgb").array()[..., 3] == a[..., 3]).all()
        there.save(tmp_path / "b.tif").save(tmp_path / "b.jpg")
        assert tifffile.imread(tmp_path / "b.tif").shape == (20, 30, 5)
    clear = np.zeros((8, 8, 4), np.uint8)
    imgconv.open(clear).to("cmyk").save(tmp_path / "c.jpg")
    assert not np.asarray(picture(tmp_path / "c.jpg")).any()  # white paper
    imgconv.open(clear).to("lab").save(tmp_path / "d.jpg")
    assert (np.asarray(picture(tmp_path / "d.jpg")) == 255).all()


def test_sixteen_bits_need_an_optional_part(press, monkeypatch):
    monkeypatch.setattr(transform, "has_sixteen", lambda: False)
    for a in (random((20, 30, 3), "u2"), random((20, 30, 3), "f4")):
        with pytest.raises(ExtraMissing, match=r"pip install 'imgconv\[icc\]'"):
            imgconv.open(a).to("cmyk", profile=press).array()


def test_sixteen_bits_through_a_press(press):
    pytest.importorskip("imagecodecs")
    a = random((20, 30, 3), "u2")
    found = imgconv.open(a).to("cmyk", profile=press).array()
    eight = (a // 257).astype(np.uint8)
    assert found.dtype == np.uint16
    wanted = cms(eight, ("RGB", "CMYK"), (srgb.srgb("rgb"), PRESS))
    again = imgconv.open(eight.astype(np.uint16) * 257).to("cmyk", profile=press).array()
    assert abs(again / 257 - wanted).max() < 3


def test_what_cannot_be(press, tmp_path):
    (tmp_path / "text.icc").write_text("no profile")
    (tmp_path / "p3.icc").write_bytes(profiles.screen("P3"))
    a, folder = inks(channels=3), str(tmp_path)
    for more, says in (
        ({"profile": folder + "/nix.icc"}, "to: --profile: cannot read '.*nix.icc': no such file"),
        ({"profile": folder}, "is a directory"),
        ({"profile": folder + "/text.icc"}, "is not an ICC profile"),
        ({"profile": folder + "/p3.icc"}, "'P3', is a profile for rgb, not for cmyk"),
        ({"profile": press, "gcr": 0.5}, "without --gcr"),
        ({"intent": "absolute"}, "--intent is for colors that go through a --profile"),
        ({"profile": press, "intent": "relativ"}, "did you mean 'relative'"),
    ):
        with pytest.raises(UsageError, match=says):
            imgconv.open(a).to("cmyk", **more)
    with pytest.raises(UsageError, match="--profile is for cmyk"):
        imgconv.open(a).to("lab", profile=press)


def test_explain(press, capsys, tmp_path):
    Pillow.fromarray(inks(channels=3)).save(tmp_path / "a.png")
    done = run(capsys, "open", str(tmp_path / "a.png"), "to", "cmyk", "--profile", press, "explain")
    assert "sRGB to Press, relative colorimetric, black point compensated" in done.out


# ---- how much ink ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [300, 120.5])
def test_the_ink_limit(limit, capsys, tmp_path):
    a = inks()
    path = tiff(tmp_path / "a.tif", a)
    told = json.loads(run(capsys, "open", path, "info", "--ink-limit", str(limit)).out)
    total = a.sum(-1) / 2.55
    assert told["most_ink"] == round(total.max(), 2) and told["ink_limit"] == limit
    assert told["above_ink_limit"] == (total > limit).sum()


def test_a_limit_that_is_met_is_not_passed(capsys, tmp_path):
    path = tiff(tmp_path / "a.tif", np.full((4, 4, 4), 255, np.uint8))
    told = json.loads(run(capsys, "open", path, "info", "--ink-limit", "400").out)
    assert told["most_ink"] == 400 and told["above_ink_limit"] == 0


@pytest.mark.parametrize("gcr", [0, 0.5, 1])
def test_ink_by_the_plain_formulas(gcr, capsys, tmp_path):
    a = inks(channels=3)
    Pillow.fromarray(a).save(tmp_path / "a.png")
    told = json.loads(run(capsys, f"open {tmp_path}/a.png to cmyk --gcr {gcr} info --ink-limit 250").out)
    total = 100 * oracle_spaces.cmyk(a / 255, gcr).sum(-1)
    assert abs(told["most_ink"] - total.max()) < 0.01 and told["above_ink_limit"] == (total > 250.0001).sum()
    assert "most_ink" not in run(capsys, f"open {tmp_path}/a.png info").out


# ---- separations -----------------------------------------------------------------------------------------------


def plates(tmp_path, names):
    return [np.asarray(picture(tmp_path / f"{name}.png")) for name in names]


def test_plates_are_dark_where_there_is_ink(tmp_path):
    a = inks()
    imgconv.open(tiff(tmp_path / "a.tif", a, PRESS)).separate(str(tmp_path / "{channel}.png"))
    assert (255 - np.stack(plates(tmp_path, "cmyk"), -1) == a).all()
    assert all("icc_profile" not in picture(tmp_path / f"{name}.png").info for name in "cmyk")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_light_is_bright(channels, tmp_path):
    a = inks(channels=channels)
    names = ["v"] if channels == 1 else ["r", "g", "b", "alpha"][:channels]
    imgconv.open(a).separate(str(tmp_path / "{channel}.png"))
    assert (np.stack(plates(tmp_path, names), -1) == a).all()


def test_sixteen_bits_stay(tmp_path):
    a = inks("u2", 3)
    imgconv.open(a).separate(str(tmp_path / "{channel}.tif"))
    assert (np.stack([tifffile.imread(tmp_path / f"{name}.tif") for name in "rgb"], -1) == a).all()


def test_units_become_the_full_range(tmp_path):
    a = random((20, 30, 3), "u1")
    lab = imgconv.open(a).to("lab").array()
    imgconv.open(a).to("lab").separate(str(tmp_path / "{channel}.png"))
    wanted = np.stack([lab[..., 0] * 2.55, lab[..., 1] + 128, lab[..., 2] + 128], -1)
    assert abs(np.stack(plates(tmp_path, ["L", "a", "b"]), -1) - wanted).max() < 0.51


@pytest.mark.parametrize("icc", [None, PRESS])
def test_tints_of_ink_are_on_white(icc, tmp_path):
    a = inks()
    imgconv.open(tiff(tmp_path / "a.tif", a, icc)).separate(str(tmp_path / "{channel}.png"), tinted=True)
    for number, found in enumerate(plates(tmp_path, "cmyk")):
        alone = np.where(np.arange(4) == number, a, 0).astype(np.uint8)
        wanted = naive(alone) if icc is None else cms(alone, ("CMYK", "RGB"), (icc, srgb.srgb("rgb")))
        assert abs(found - wanted).max() <= 0.501


def test_tints_of_light_are_on_black(tmp_path):
    a = inks(channels=4)
    imgconv.open(a).separate(str(tmp_path / "{channel}.png"), tinted=True)
    for number, found in enumerate(plates(tmp_path, "rgb")):
        assert (found == np.where(np.arange(3) == number, a[..., :3], 0)).all()
    assert (np.asarray(picture(tmp_path / "alpha.png")) == a[..., 3]).all()


def test_all_of_them_or_none(tmp_path):
    (tmp_path / "b.png").mkdir()
    with pytest.raises(FileError, match=r"b\.png"):
        imgconv.open(inks(channels=3)).separate(str(tmp_path / "{channel}.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["b.png"]


def test_separate_passes_the_image_on(capsys, tmp_path):
    Pillow.fromarray(inks(channels=3)).save(tmp_path / "a.png")
    words = f"open {tmp_path}/a.png separate {tmp_path}/{{channel}}.png gray save {tmp_path}/v.png"
    assert run(capsys, words).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png", "g.png", "r.png", "v.png"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("separate a.png", "separate: PATH needs {channel}"),
        ("separate -", "PATH needs {channel}"),
        ("separate {channel}.xyz", "'.xyz' is not a known format"),
        ("save {channel}.png", "{channel} names the files of `separate`"),
        ("to hsv separate {channel}.png --tinted", "--tinted is for rgb, linear, cmyk"),
        ("separate {chanel}.png", "PATH needs {channel}"),
    ],
)
def test_separate_says_what_is_wrong(words, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Pillow.fromarray(inks(channels=3)).save("x.png")
    done = run(capsys, f"open x.png {words}")
    assert done.code == 2 and says in done.err and len(done.lines) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_two_inputs_need_two_names(capsys, tmp_path):
    for name in "xy":
        Pillow.fromarray(inks(channels=3)).save(tmp_path / f"{name}.png")
    words = f"open {tmp_path}/x.png {tmp_path}/y.png separate {tmp_path}"
    assert run(capsys, words + "/{channel}.png").code == 2
    assert run(capsys, words + "/{stem}-{channel}.png").code == 0
    assert len(list(tmp_path.iterdir())) == 8


# ---- several frames --------------------------------------------------------------------------------------------


def pages(path, count=3, icc=None):
    a = np.stack([inks(seed=at) for at in range(count)])
    with tifffile.TiffWriter(path) as file:
        for page in a:
            file.write(page, photometric="separated", iccprofile=icc, metadata=None)
    return a


def test_pages_of_inks(tmp_path):
    a = pages(tmp_path / "a.tif", icc=PRESS)
    imgconv.open(tmp_path / "a.tif").save(tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert len(file.pages) == 3
        for page, wanted in zip(file.pages, a, strict=True):
            assert (page.asarray() == wanted).all() and page.tags[34675].value == PRESS


def test_the_plates_of_pages(tmp_path):
    a = pages(tmp_path / "a.tif")
    image = imgconv.open(tmp_path / "a.tif")
    with pytest.raises(UsageError, match=r"holds 3 frames; write \{frame\} in PATH"):
        image.separate(str(tmp_path / "{channel}.png"))
    image.separate(str(tmp_path / "{frame}-{channel}.png"))
    for at, wanted in enumerate(a):
        names = [f"{at}-{name}" for name in "cmyk"]
        assert (255 - np.stack(plates(tmp_path, names), -1) == wanted).all()


def test_a_bad_profile_of_all_pages_is_told_once(capsys, tmp_path):
    pages(tmp_path / "a.tif", icc=b"x" * 200)
    done = run(capsys, "open", str(tmp_path / "a.tif"), "save", str(tmp_path / "b.tif"))
    assert done.code == 0 and len(done.lines) == 1 and "is damaged" in done.err
