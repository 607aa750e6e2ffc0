"""ICC profiles of screens: honored on open, kept or rewritten on save, and whatever is wrong with one is told."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

import imgconv
from imgconv.engine.run_options import Run
from imgconv.steps.color.icc import profile, srgb, transform
from imgconv.steps.color.icc_transform import to_srgb
from tests.cli.test_startup import imported, kept
from tests.support import profiles
from tests.support.chains import outcome, same_bits
from tests.support.chains import random as values
from tests.support.command import run
from tests.support.profiles import picture

P3 = profiles.screen("Display P3")
WIDE = profiles.screen("Wide", profiles.P3, 1.8)
GRAYS = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)


def colors(height=40, width=300, channels=3, seed=0):
    return values((height, width, channels), "u1", seed)


def saved(path, array, icc, **more):
    made = Pillow.fromarray(array if array.shape[2] > 1 else array[:, :, 0])
    made.save(path, icc_profile=icc, **more)
    return str(path)


def opened(path):
    found = picture(path)
    return np.asarray(found), found.info.get("icc_profile")


# ---- the reader ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "space", "name", "is_srgb"),
    [
        (P3, "rgb", "Display P3", False),
        (profiles.screen("s", profiles.SRGB), "rgb", "s", True),
        (profiles.screen("sRGB, they say", profiles.SRGB, 2.2), "rgb", "sRGB, they say", False),
        (profiles.screen("sRGB, they say", profiles.P3), "rgb", "sRGB, they say", False),
        (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), "rgb", "sRGB built-in", True),
        (srgb.srgb("rgb"), "rgb", "sRGB", True),
        (srgb.srgb("gray"), "gray", "sRGB gray", True),
        (profiles.gray("dots", 1.8), "gray", "dots", False),
        (profiles.press("SWOP"), "cmyk", "SWOP", False),
    ],
)
def test_what_a_profile_says(data, space, name, is_srgb):
    found = profile.read(data)
    assert (found.space, found.name, found.is_srgb) == (space, name, is_srgb)


def test_the_reader_survives_anything():
    rng = random.Random(5)
    for data in (P3, srgb.srgb("rgb"), profiles.gray("g", profiles.CURVE)):
        for at in range(64):
            assert profile.read(data[: len(data) * at // 64]) is None
        for _ in range(300):
            spoilt = bytearray(data)
            spoilt[rng.randrange(min(len(data), 700))] = rng.randrange(256)
            profile.read(bytes(spoilt))


def test_our_srgb_is_littlecms_srgb():
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb.srgb("rgb")))
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = Pillow.fromarray(colors(200))
    for pair in ((ours, theirs), (theirs, ours)):
        assert (np.asarray(ImageCms.profileToProfile(plain, *pair)) == np.asarray(plain)).all()
    assert ours.profile.creation_date.year == 2004
    gray = ImageCms.ImageCmsProfile(io.BytesIO(srgb.srgb("gray")))
    made = ImageCms.profileToProfile(Pillow.fromarray(GRAYS[:, :, 0]), gray, theirs, outputMode="RGB")
    assert abs(np.asarray(made).astype(int) - GRAYS).max() <= 1


# ---- honored on open ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("icc", "gamma"), [(P3, profiles.CURVE), (WIDE, 1.8)], ids=["P3", "1.8"])
@pytest.mark.parametrize("channels", [3, 4])
def test_colors_become_srgb(icc, gamma, channels, tmp_path):
    a = colors(channels=channels)
    path = saved(tmp_path / "a.png", a, icc)
    found = imgconv.open(path).array()
    wanted = profiles.in_srgb(a[..., :3] / 255, profiles.P3, gamma) * 255
    assert found.dtype == np.uint8 and abs(found[..., :3] - wanted).max() <= (1 if icc == P3 else 1.1)
    assert (found[..., 3:] == a[..., 3:]).all()


@pytest.mark.parametrize("icc", [P3, WIDE, profiles.screen("ROMM", profiles.ROMM, 1.8)])
def test_grays_stay_neutral(icc, tmp_path):
    """Of ROMM RGB, LittleCMS alone makes some that are off by a level in one color."""
    found = imgconv.open(saved(tmp_path / "a.png", GRAYS, icc)).array()
    assert (found == found[..., :1]).all()
    assert found[0, 0, 0] == 0 and found[0, -1, 0] == 255


def test_the_same_as_littlecms_makes_of_the_whole_image(tmp_path):
    a = colors(300)
    path = saved(tmp_path / "a.png", a, P3)
    pair = [ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (P3, srgb.srgb("rgb"))]
    wanted = np.asarray(ImageCms.profileToProfile(Pillow.fromarray(a), *pair, 1, flags=0x2000))
    assert (imgconv.open(path).array() == wanted).all()


@pytest.mark.parametrize("channels", [1, 2])
def test_gray(channels, tmp_path):
    a = colors(channels=channels)
    imgconv.open(saved(tmp_path / "a.png", a, profiles.gray("flat", 1.0))).save(tmp_path / "b.png")
    found, icc = opened(tmp_path / "b.png")
    wanted = profiles.stored(a[..., 0] / 255) * 255
    found = found.reshape(a.shape)
    assert abs(found[..., 0] - wanted).max() <= 1 and (found[..., 1:] == a[..., 1:]).all()
    assert icc == srgb.srgb("gray")


@pytest.mark.parametrize("channels", [3, 4])
def test_same_bits_for_any_strips(channels):
    steps, a = [to_srgb(profile.read(P3))], colors(67, 41, channels)
    wanted = outcome(a, steps, Run(threads=1))
    for threads, strip in ((1, 1), (2, 7), (3, 64), (99, 1)):
        assert same_bits(outcome(a, steps, Run(threads=threads, strip=strip)), wanted)


def test_computed_values_are_rounded_and_alpha_is_not():
    a = colors(9, 31, 4).astype(np.float32) + np.float32(0.25)
    steps = [to_srgb(profile.read(P3))]
    found = outcome(a, steps, white=255.0, space="rgb", alpha=True)
    assert (found[..., :3] == outcome(np.rint(a).clip(0, 255).astype(np.uint8), steps)[..., :3]).all()
    assert (found[..., 3] == a[..., 3]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_of_a_phone(orientation, tmp_path):
    """Upright, in the right colors, its tags as they are stated."""
    upright = np.zeros((48, 96, 3), np.uint8)
    upright[:24, :48], upright[:24, 48:], upright[24:, :48] = (
        (234, 51, 35),
        (80, 200, 90),
        (40, 60, 200),
    )
    exif = Pillow.Exif()
    exif[0x112], exif[0x10F], exif[0x132] = orientation, "Phone", "2020:01:02 03:04:05"
    turn = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}  # undoes what the tag says
    stored = Pillow.fromarray(upright)
    for method in turn.get(orientation, []):
        stored = stored.transpose(method)
    stored.save(tmp_path / "in.jpg", icc_profile=P3, exif=exif, quality=100, subsampling=0, dpi=(300, 300))
    imgconv.open(tmp_path / "in.jpg").save(tmp_path / "out.jpg", quality=100)
    made = picture(tmp_path / "out.jpg")
    wanted = profiles.in_srgb(upright / 255) * 255
    assert made.size == (96, 48)
    centers = np.asarray(made).astype(float)[[12, 12, 36, 36], [24, 72, 24, 72]]
    assert abs(centers - wanted[[12, 12, 36, 36], [24, 72, 24, 72]]).max() <= 3
    found = made.getexif()
    assert (found[0x112], found[0x10F], found[0x132]) == (1, "Phone", "2020:01:02 03:04:05")
    assert made.info["icc_profile"] == srgb.srgb("rgb") and made.info["dpi"] == (300, 300)


# ---- PNG without a profile -------------------------------------------------------------------------------------

SCREEN = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)  # Display P3's places, white first


def spoken(path, a, gamma=None, places=None, srgb=False, icc=None):
    """A PNG that says its colors by gAMA, cHRM and sRGB."""
    saved(path, a, icc)
    data = path.read_bytes()
    said = struct.pack(">I", gamma) if gamma is not None else None
    bodies = {
        b"gAMA": said,
        b"cHRM": places and struct.pack(">8I", *places),
        b"sRGB": b"\0" if srgb else None,
    }
    for kind, body in bodies.items():
        if body is not None:
            made = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            data = data[:33] + made + data[33:]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("gamma", "places"), [(100_000, None), (55_556, SCREEN), (None, SCREEN)])
def test_gamma_and_primaries_are_honored(gamma, places, tmp_path):
    a = colors()
    imgconv.open(spoken(tmp_path / "a.png", a, gamma, places)).save(tmp_path / "b.png")
    found, icc = opened(tmp_path / "b.png")
    curve = profiles.CURVE if gamma is None else 100_000 / gamma
    wanted = profiles.in_srgb(a / 255, profiles.P3 if places else profiles.SRGB, curve) * 255
    assert abs(found - wanted).max() <= 1.1 and icc == srgb.srgb("rgb")


def test_gamma_of_gray(tmp_path):
    a = colors(channels=1)
    found = imgconv.open(spoken(tmp_path / "a.png", a, 100_000)).array()
    assert abs(found - profiles.stored(a[..., 0] / 255) * 255).max() <= 1


@pytest.mark.parametrize(
    "said",
    [
        {"gamma": 45_455},
        {"gamma": 45_455, "places": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)},
        {"gamma": 100_000, "srgb": True},
        {"gamma": 100_000, "icc": srgb.srgb("rgb")},
        {"gamma": 0},
        {"gamma": 1},
        {"gamma": 2**32 - 1},
        {"places": (0,) * 8},
        {"places": (33000,) * 8},
        {"places": (2**32 - 1,) * 8},
        {"places": (31270, 1, 64000, 33000, 30000, 60000, 15000, 6000)},
    ],
    ids=str,
)
def test_what_is_srgb_or_impossible_changes_nothing(said, capsys, tmp_path):
    a = colors()
    spoken(tmp_path / "a.png", a, **said)
    done = run(capsys, f"open {tmp_path}/a.png save {tmp_path}/b.png")
    assert done.code == 0 and (opened(tmp_path / "b.png")[0] == a).all()


# ---- kept or rewritten on save ---------------------------------------------------------------------------------


def test_keep_profile(tmp_path):
    a = colors()
    path = saved(tmp_path / "a.png", a, P3)
    imgconv.open(path, keep_profile=True).save(tmp_path / "b.png")
    found, icc = opened(tmp_path / "b.png")
    assert (found == a).all() and icc == P3


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_the_profile_is_rewritten(suffix, tmp_path):
    path = saved(tmp_path / "a.png", colors(), P3)
    for name in ("b", "c"):
        imgconv.open(path).save(tmp_path / f"{name}.{suffix}")
    assert opened(tmp_path / f"b.{suffix}")[1] == srgb.srgb("rgb")
    assert (tmp_path / f"b.{suffix}").read_bytes() == (tmp_path / f"c.{suffix}").read_bytes()


def test_srgb_is_left_alone(tmp_path):
    a, icc = colors(), profiles.screen("mine", profiles.SRGB)
    path = saved(tmp_path / "a.png", a, icc)
    imgconv.open(path).save(tmp_path / "b.png").gray().save(tmp_path / "c.png")
    found, same = opened(tmp_path / "b.png")
    assert (found == a).all() and same == icc
    assert opened(tmp_path / "c.png")[1] == srgb.srgb("gray")
    imgconv.open(path).gray().save(tmp_path / "d.webp")  # which stores RGB
    assert opened(tmp_path / "d.webp")[1] == icc


@kept
def test_srgb_costs_no_import(tmp_path):
    path = saved(tmp_path / "a.png", colors(), srgb.srgb("rgb"))
    words = ["-q", "open", path, "invert", "save", tmp_path / "out.png"]
    imported(*words)
    assert not imported(*words) & {"PIL", "numpy", "typing", "dataclasses", "re"}


def test_a_picture_without_a_profile_gets_none(tmp_path):
    path = saved(tmp_path / "a.png", colors(), None)
    imgconv.open(path).save(tmp_path / "b.png")
    assert opened(tmp_path / "b.png")[1] is None


def test_numbers_that_are_no_picture_carry_no_profile(tmp_path):
    path = saved(tmp_path / "a.png", colors(), P3)
    imgconv.open(path).to("lab").save(tmp_path / "lab.tif", depth=32)
    with tifffile.TiffFile(tmp_path / "lab.tif") as file:
        assert file.pages[0].dtype == np.float32 and 34675 not in file.pages[0].tags


def test_explain_and_info_tell(capsys, tmp_path):
    path = saved(tmp_path / "a.png", colors(), P3)
    done = run(capsys, "open", path, "gaussian", "explain", "info")
    line = next(one for one in done.out.splitlines() if one.startswith("profile "))
    assert "Display P3 to sRGB, relative colorimetric, black point compensated" in line
    assert f'"icc": {len(P3)}, "profile": "Display P3"' in done.out


def test_a_kept_profile_does_not_fit_gray(capsys, tmp_path):
    path = saved(tmp_path / "a.png", colors(), P3)
    done = run(capsys, "open", path, "--keep-profile", "gray", "save", str(tmp_path / "b.png"))
    assert done.code == 0
    assert done.lines == [
        "imgconv: save: the color profile 'Display P3' is for other colors, and is left out"
    ]
    assert opened(tmp_path / "b.png")[1] is None


def test_an_animation(tmp_path):
    frames = [colors(seed=at) for at in range(3)]
    first, *others = (Pillow.fromarray(one) for one in frames)
    first.save(tmp_path / "a.webp", save_all=True, append_images=others, lossless=True, icc_profile=P3)
    imgconv.open(tmp_path / "a.webp").save(tmp_path / "b.webp", lossless=True)
    with Pillow.open(tmp_path / "b.webp") as made:
        assert made.n_frames == 3 and made.info["icc_profile"] == srgb.srgb("rgb")
        for at, one in enumerate(frames):
            made.seek(at)
            wanted = profiles.in_srgb(one / 255) * 255
            assert abs(np.asarray(made.convert("RGB")) - wanted).max() <= 1


# ---- what is wrong with a profile ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("icc", "says"),
    [
        (b"x" * 300, "its color profile is damaged and is ignored"),
        (P3[:-100], "is damaged"),
        (P3.replace(b"rXYZ", b"qXYZ"), "is damaged"),
        (profiles.press(), "is for cmyk and not for rgb"),
        (profiles.gray("g", 2.0), "is for gray and not for rgb"),
    ],
)
def test_a_bad_profile_is_told_and_left_out(icc, says, capsys, tmp_path):
    a = colors()
    path = saved(tmp_path / "a.png", a, icc)
    done = run(capsys, "open", path, "save", str(tmp_path / "b.png"))
    assert done.code == 0 and len(done.lines) == 1 and says in done.err and path in done.err
    found, kept = opened(tmp_path / "b.png")
    assert (found == a).all() and kept is None
    assert not run(capsys, "-q", "open", path, "save", str(tmp_path / "b.png")).err


def test_spoilt_profiles_never_stop_a_picture(tmp_path):
    a, rng = colors(4, 5), random.Random(1)
    for _ in range(60):
        spoilt = bytearray(P3)
        spoilt[rng.randrange(700)] = rng.randrange(256)
        path = saved(tmp_path / "a.png", a, bytes(spoilt))
        assert imgconv.open(path, quiet=True).array().shape == a.shape


# ---- more than 8 bits ------------------------------------------------------------------------------------------


def deep(path, dtype=np.uint16):
    a = np.random.default_rng(3).integers(0, 65536, (30, 40, 3)).astype(np.uint16)
    a = a if dtype == np.uint16 else (a / 65535).astype(dtype)
    tifffile.imwrite(path, a, photometric="rgb", iccprofile=P3)
    return a


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_without_imagecodecs_it_is_kept_and_told(dtype, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(transform, "has_sixteen", lambda: False)
    a = deep(tmp_path / "a.tif", dtype)
    done = run(capsys, "open", str(tmp_path / "a.tif"), "save", str(tmp_path / "b.tif"))
    assert done.code == 0 and len(done.lines) == 1
    assert "'Display P3' is kept, but not applied" in done.err and "pip install 'imgconv[icc]'" in done.err
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert (file.asarray() == a).all() and file.pages[0].tags[34675].value == P3


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_more_than_eight_bits(dtype, tmp_path):
    pytest.importorskip("imagecodecs")
    a = deep(tmp_path / "a.tif", dtype)
    found = imgconv.open(tmp_path / "a.tif").array()
    wanted = profiles.in_srgb(a / (65535 if dtype == np.uint16 else 1))
    assert found.dtype == dtype
    found = found / (65535 if dtype == np.uint16 else 1)
    assert abs(found - wanted).max() < 32 / 65535  # the curve is a table of 1024 numbers
