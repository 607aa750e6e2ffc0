"""Files of several frames: count, durations, loop and every pixel, against the frames that Pillow composes."""

from __future__ import annotations

import io
import json
import random
import signal
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

import imgconv
from imgconv.core.errors import ExtraMissing, FileError, UsageError
from imgconv.core.image import Meta
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats import frame_timing, registry
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.steps.color.icc.srgb import srgb
from tests.support.command import ROOT, SAMPLES, run

DURATIONS = [100, 50, 200, 30, 70]
KINDS = ("gif", "webp", "png")


def moving(mode="RGB", count=5, width=41, height=30, colors=64):
    """A disc that wanders over stripes, different in each frame; with alpha it is half clear around the disc."""
    y, x = np.mgrid[:height, :width]
    step = 256 // round(colors ** (1 / 2))
    for at in range(count):
        disc = (x - 8 - 6 * at) ** 2 + (y - 15) ** 2 < 60
        a = np.zeros((height, width, 4), np.uint8)
        a[..., 0], a[..., 1], a[..., 3] = x * 7 % 256 // step * step, y * 9 % 256 // step * step, 255
        a[disc, :3] = 255, (230 - 10 * at) % 256, 0
        a[..., 3] = np.where(disc, 255, 0 if mode.endswith("A") else 255)
        yield Pillow.fromarray(a).convert(mode)


def animation(path, frames, **options):
    frames = list(frames)
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    return str(path)


def composed(path):
    """The frames as Pillow shows them, RGBA; duration of each, and loop."""
    with Pillow.open(path) as file:
        frames, times = [], []
        for at in range(file.n_frames):
            file.seek(at)
            file.load()
            frames.append(np.asarray(file.convert("RGBA")))
            times.append(file.info.get("duration"))
            if at == 0:
                loop = file.info.get("loop")
        return frames, times, loop


def rgba(image):
    """Our pixels with four channels."""
    a = np.asarray(image.pixels)
    if image.spec.colors == 1:
        a = np.concatenate([a[:, :, :1]] * 3 + [a[:, :, 1:]], axis=2)
    clear = np.full((*a.shape[:2], 1), 255, np.uint8)
    return a if a.shape[2] == 4 else np.concatenate([a, clear], axis=2)


def opened(data, name, **options):
    return registry.FORMATS[name].read_all(data, ReadOptions(path=f"x.{name}", frame=None, **options))


def gif(*parts, size=(8, 8), loop=None):
    """A GIF of (left, top, indices, palette, transparent, disposal, hundredths) by hand."""
    out = [b"GIF89a", struct.pack("<HHBBB", *size, 0, 0, 0)]
    if loop is not None:
        out.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0")
    for left, top, indices, palette, transparent, disposal, ticks in parts:
        flags = disposal << 2 | (transparent is not None)
        out.append(b"!\xf9\x04" + struct.pack("<BHBB", flags, ticks, transparent or 0, 0))
        out.append(b"," + struct.pack("<HHHHB", left, top, indices.shape[1], indices.shape[0], 0x80 | 7))
        out.append(palette.tobytes().ljust(768, b"\0"))
        room = io.BytesIO()
        Pillow.fromarray(indices).save(room, "GIF", optimize=False, interlace=0)
        out.append(room.getvalue()[13 + 768 + 10 : -1])
    return b"".join(out) + b";"


def rectangles(disposals, seed=0, transparent=True):
    """Random rectangles of random palettes, the first over all of 8 x 8."""
    rng = np.random.default_rng(seed)
    for at, disposal in enumerate(disposals):
        left, top = (0, 0) if at == 0 else rng.integers(0, 5, 2)
        height, width = (8, 8) if at == 0 else rng.integers(1, 9 - max(left, top), 2)
        indices = rng.integers(0, 9, (height, width)).astype(np.uint8)
        palette = rng.integers(0, 256, (9, 3)).astype(np.uint8)
        yield int(left), int(top), indices, palette, 3 if transparent else None, disposal, 5 * (at + 1)


# ---- through a filter --------------------------------------------------------------------------------------


@pytest.mark.parametrize("loop", [0, 3, None])
@pytest.mark.parametrize("name", KINDS)
def test_through_a_filter(name, loop, tmp_path, capsys):
    source = tmp_path / f"a.{name}"
    said = {} if loop is None else {"loop": loop}
    animation(source, moving(), duration=DURATIONS, lossless=True, **said)
    target = tmp_path / f"b.{name}"
    words = ["open", str(source), "gaussian", "--sigma", "1", "save", str(target)]
    assert run(capsys, *words, *(["--lossless"] if name == "webp" else [])).code == 0
    found, times, loops = composed(target)
    wanted, before, given = composed(source)
    assert (times, loops) == (before, given) == (DURATIONS, given)
    assert len(found) == len(wanted) == 5
    for ours, theirs in zip(found, wanted, strict=True):
        filtered = imgconv.open(theirs[:, :, :3].copy()).gaussian(sigma=1).array("uint8")
        off = np.abs(ours[:, :, :3].astype(int) - filtered)
        assert off.max() <= (24 if name == "gif" else 0)
        assert off.mean() < 2


@pytest.mark.parametrize("transparent", [True, False])
@pytest.mark.parametrize(
    "disposals", [(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (1, 3, 2, 1, 0, 3), (0, 2, 0, 1)]
)
def test_gif_disposal_and_rectangles(disposals, transparent, tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(gif(*rectangles(disposals, len(disposals), transparent), loop=7))
    wanted, times, _ = composed(path)
    images = opened(path.read_bytes(), "gif")
    assert [image.meta.duration for image in images] == times
    assert {image.meta.loop for image in images} == {7}
    for image, theirs in zip(images, wanted, strict=True):
        assert (rgba(image)[..., 3] == theirs[..., 3]).all()
        seen = theirs[..., 3] > 0
        assert (rgba(image)[seen] == theirs[seen]).all()
    filtered = imgconv.open(path).gaussian(sigma=2).arrays("uint8")
    for ours, theirs in zip(filtered, wanted, strict=True):
        a = theirs if ours.shape[2] == 4 else theirs[:, :, :3].copy()
        assert (ours == imgconv.open(a).gaussian(sigma=2).array("uint8")).all()


def test_a_gray_first_frame_and_colors_later(tmp_path):
    """A palette that is a ramp means gray only where all are."""
    gray, colors = np.arange(256, dtype=np.uint8).reshape(16, 16), np.full((16, 16), 5, np.uint8)
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    palette = np.random.default_rng(1).integers(0, 256, (256, 3)).astype(np.uint8)
    parts = [
        (0, 0, gray, ramp, None, 1, 5),
        (0, 0, colors, palette, None, 1, 5),
        (0, 0, gray, ramp, None, 1, 5),
    ]
    images = opened(gif(*parts, size=(16, 16)), "gif")
    assert [image.spec.space for image in images] == ["rgb"] * 3
    assert (rgba(images[0])[..., 0] == gray).all() and (rgba(images[2])[..., 1] == gray).all()
    assert (rgba(images[1])[..., :3] == palette[5]).all()
    images = opened(gif(parts[0], parts[2], size=(16, 16)), "gif")
    assert [image.spec.space for image in images] == ["gray"] * 2
    assert (rgba(images[1])[..., 2] == gray).all()


def test_frames_beyond_the_screen_are_cut_off():
    parts = list(rectangles((1, 1)))
    parts[1] = (5, 6, *parts[1][2:])
    for image in opened(gif(*parts), "gif"):
        assert image.spec.shape.endswith("x8x8")
    parts[1] = (60_000, 60_000, *parts[1][2:])
    with pytest.raises(FileError, match="--max-pixels"):
        opened(gif(*parts), "gif")


# ---- what is written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "mode"), [(n, m) for n in KINDS for m in ("RGB", "RGBA", "L")])
def test_without_loss(name, mode, tmp_path, capsys):
    """A GIF of up to 256 colors a frame, lossless WebP and PNG come back exactly; frames that are alike stay two."""
    arrays = [np.asarray(one).reshape(30, 41, -1) for one in moving(mode)]
    arrays.insert(2, arrays[1])
    source, target = tmp_path / "a.png", tmp_path / f"b.{name}"
    source.write_bytes(written(arrays, "png", [Meta(duration=10 * at, loop=2) for at in range(1, 7)]))
    before = opened(source.read_bytes(), "png")
    words = ["open", str(source), "save", str(target), *(["--lossless"] if name == "webp" else [])]
    assert run(capsys, *words).code == 0
    images = opened(target.read_bytes(), name)
    assert len(images) == len(before) == 6
    for ours, theirs in zip(images, before, strict=True):
        a, b = rgba(ours), rgba(theirs)
        assert (a[..., 3] == b[..., 3]).all()
        assert (a[b[..., 3] > 0] == b[b[..., 3] > 0]).all()
        assert (ours.meta.duration, ours.meta.loop) == (theirs.meta.duration, 2)


class Room:
    data = b""

    def write(self, data):
        self.data += bytes(data)


def written(arrays, name, metas=None, **options):
    room = Room()
    metas = metas or [Meta(duration=40.0, loop=0)] * len(arrays)
    options = WriteOptions(**options)
    book = registry.FORMATS[name].multi_frame_writer(room, metas, options)
    for a, meta in zip(arrays, metas, strict=True):
        pixels = Pixels.of_array(np.ascontiguousarray(a))
        white = {"u1": 255.0, "u2": 65535.0}.get(pixels.dtype)
        alpha = pixels.channels in (2, 4)
        spec = Spec(*pixels.shape, pixels.dtype, "gray" if pixels.channels < 3 else "rgb", alpha, white)
        writer = book.add_frame(spec, meta)
        for y in reversed(range(0, spec.height, 7)):
            writer.commit(y, pixels.band(y, min(y + 7, spec.height)))
        writer.finish()
    book.finish()
    return room.data


@pytest.mark.parametrize("name", KINDS)
def test_frames_that_are_alike_stay_apart(name):
    a = np.random.default_rng(0).integers(0, 8, (9, 7, 3)).astype(np.uint8) * 30
    options = {"lossless": True} if name == "webp" else {}
    data = written([a, a, a[::-1], a[::-1]], name, **options)
    images = opened(data, name)
    assert [
        (rgba(image)[..., :3] == one).all()
        for image, one in zip(images, [a, a, a[::-1], a[::-1]], strict=True)
    ]
    assert len(images) == 4
    found, times, loop = composed(io.BytesIO(data))
    assert (times, loop) == ([40] * 4, 0)
    assert all(
        (ours[..., :3] == one).all() for ours, one in zip(found, [a, a, a[::-1], a[::-1]], strict=True)
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_apng_of_8_and_16_bits(dtype, channels):
    rng = np.random.default_rng(channels)
    arrays = [rng.integers(0, np.iinfo(dtype).max + 1, (20, 9, channels)).astype(dtype) for _ in range(3)]
    images = opened(written(arrays, "png"), "png")
    assert all((np.asarray(image.pixels) == a).all() for image, a in zip(images, arrays, strict=True))


def test_many_colors_in_a_gif():
    """More colors than 256: near, and nearer than Pillow's own palette."""
    picture = Pillow.open(SAMPLES / "astronaut.png").convert("RGB").resize((128, 128))
    a = np.asarray(picture)
    for size in ((1, 65535), (65535, 1), (1, 300)):
        thin = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
        (found, _) = opened(written([thin, thin], "gif"), "gif")
        assert np.abs(rgba(found)[..., :3].astype(int) - thin).mean() < 20
    corner = np.zeros((256, 256, 3), np.uint8)
    corner[1:30, 1:30] = np.random.default_rng(0).integers(0, 256, (29, 29, 3))
    (found, _) = opened(written([corner, corner], "gif"), "gif")
    assert len(np.unique(rgba(found).reshape(-1, 4), axis=0)) > 200
    assert np.abs(rgba(found)[..., :3].astype(int) - corner)[1:30, 1:30].mean() < 20
    (one, two) = (rgba(image)[..., :3] for image in opened(written([a, a[::-1]], "gif"), "gif"))

    def error(found):
        return float(((found.astype(float) - a) ** 2).mean())

    assert error(one) < error(np.asarray(picture.quantize(256).convert("RGB")))
    assert error(two[::-1]) < 30


def test_clear_pixels_in_a_gif():
    rng = np.random.default_rng(3)
    arrays = [rng.integers(0, 256, (40, 40, 4)).astype(np.uint8) for _ in range(3)]
    for image, a in zip(opened(written(arrays, "gif"), "gif"), arrays, strict=True):
        assert ((rgba(image)[..., 3] == 255) == (a[..., 3] >= 128)).all()
    nothing = np.zeros((4, 5, 4), np.uint8)
    assert all(not rgba(one)[..., 3].any() for one in opened(written([nothing, nothing], "gif"), "gif"))


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tiff"])
def test_the_same_bytes(name, tmp_path, capsys):
    source = animation(tmp_path / "a.png", moving(), duration=50)
    made = []
    for threads in ("1", "2", "3"):
        target = tmp_path / f"b.{name}"
        assert run(capsys, "--threads", threads, "open", source, "gaussian", "save", str(target)).code == 0
        made.append(target.read_bytes())
    assert len(set(made)) == 1


def test_durations(tmp_path, capsys):
    source = tmp_path / "a.webp"
    a = np.zeros((4, 4, 3), np.uint8)
    metas = [Meta(duration=ms, loop=1) for ms in (33, 3, 0, 700_000, None)]
    source.write_bytes(written([a + at * 40 for at in range(5)], "webp", metas))
    assert composed(source)[1] == [33, 3, 0, 700_000, frame_timing.USUAL]
    done = run(capsys, "open", str(source), "save", str(tmp_path / "b.gif"))
    assert composed(tmp_path / "b.gif")[1] == [30, 10, 0, 655_350, 100]
    assert len(done.lines) == 1 and "2 durations were changed: a gif file holds 10 to 655350 ms" in done.err
    assert run(capsys, "open", str(source), "save", str(tmp_path / "b.png")).err == ""
    assert composed(tmp_path / "b.png")[1] == [33, 3, 0, 700_000, 100]


def test_thirtieths_of_a_second():
    third = [Meta(duration=1000 / 30, loop=0)] * 2
    a = np.zeros((4, 4, 3), np.uint8)
    data = written([a, a + 9], "png", third)
    assert [image.meta.duration for image in opened(data, "png")] == [1000 / 30] * 2


def test_metadata(tmp_path, capsys):
    exif = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, 1, 0, 0)
    meta = Meta(
        icc=srgb("rgb"),
        exif=exif,
        xmp=b"<x/>",
        dpi=(300.0, 150.0),
        text=(("Comment", "a" * 600),),
        duration=40,
    )
    a = np.zeros((4, 4, 3), np.uint8)
    source = tmp_path / "a.png"
    source.write_bytes(written([a, a + 9], "png", [meta] * 2))
    for name, kept in (
        ("png", "icc exif xmp dpi text"),
        ("webp", "icc exif xmp"),
        ("tif", "icc xmp"),
        ("gif", "icc xmp text"),
    ):
        target = tmp_path / f"b.{name}"
        assert run(capsys, "open", str(source), "gaussian", "save", str(target)).code == 0
        images = registry.read_all(str(target), ReadOptions(frame=None))
        assert len(images) == 2
        for key in kept.split():
            found, wanted = images[1].meta.values()[key], meta.values()[key]
            assert found == (pytest.approx(wanted, rel=1e-3) if key == "dpi" else wanted), (name, key)


def test_metadata_of_a_gif():
    a = np.zeros((4, 4, 3), np.uint8)
    meta = Meta(icc=bytes(range(256)) * 9, xmp="<x>Łódź</x>".encode(), duration=40)
    data = written([a, a + 9], "gif", [meta] * 2)
    found = opened(data, "gif")[1].meta
    assert (found.icc, found.xmp) == (meta.icc, meta.xmp)
    with Pillow.open(io.BytesIO(data)) as file:
        assert file.n_frames == 2
    single = registry.FORMATS["gif"].read(written([a], "gif", [meta]), ReadOptions())
    assert (single.meta.icc, single.meta.xmp) == (meta.icc, meta.xmp)
    spoilt = data.replace(b"\x01\xff\xfe", b"\x01\xff\xff")
    try:
        assert opened(spoilt, "gif")[0].meta.xmp is None
    except FileError:
        pass


# ---- pages -------------------------------------------------------------------------------------------------


def pages(path):
    rng = np.random.default_rng(0)
    made = [
        rng.integers(0, 256, (20, 30, 3)).astype(np.uint8),
        rng.integers(0, 65536, (11, 7)).astype(np.uint16),
        rng.random((5, 40)).astype(np.float32),
    ]
    with tifffile.TiffWriter(path) as file:
        for a in made:
            file.write(a, photometric="rgb" if a.ndim == 3 else "minisblack", metadata=None)
    return made


def test_pages_of_different_sizes_and_depths(tmp_path, capsys):
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    made = pages(source)
    assert run(capsys, "open", str(source), "flip", "horizontal", "save", str(target)).code == 0
    with tifffile.TiffFile(target) as file:
        assert len(file.pages) == 3
        for page, a in zip(file.pages, made, strict=True):
            assert (page.asarray() == a[:, ::-1]).all() and page.dtype == a.dtype
            assert page.datetime is None and not page.software
    assert run(capsys, "open", str(source), "save", str(tmp_path / "{stem}-{frame}.tif")).code == 0
    for at, a in enumerate(made):
        assert (tifffile.imread(tmp_path / f"a-{at}.tif") == a).all()
    done = run(capsys, "open", str(source), "save", str(tmp_path / "b.gif"))
    assert done.code == 2 and "differ" in done.err and "{frame}" in done.err and ".tif" in done.err
    assert not (tmp_path / "b.gif").exists()


def test_reduced_pages_are_no_frames(tmp_path):
    path = tmp_path / "a.tif"
    a = np.arange(64, dtype=np.uint8).reshape(8, 8)
    with tifffile.TiffWriter(path) as file:
        for one, kind in ((a, 0), (a[::2, ::2], 1), (a[::-1], 2)):
            file.write(one, subfiletype=kind, metadata=None)
    images = opened(path.read_bytes(), "tiff")
    assert [np.asarray(image.pixels)[0, 0, 0] for image in images] == [0, 56]
    assert [image.meta.frames for image in images] == [2, 2]


# ---- the words ---------------------------------------------------------------------------------------------


def test_a_format_that_holds_one_picture(tmp_path, capsys):
    source = animation(tmp_path / "a.gif", moving(), duration=50)
    target = tmp_path / "b.jpg"
    done = run(capsys, "open", source, "gaussian", "save", str(target))
    assert done.code == 2 and len(done.lines) == 1 and not target.exists()
    for word in ("5 frames", "open --frame N", "{frame}", "png, webp, gif, tiff"):
        assert word in done.err
    assert run(capsys, "open", source, "gaussian", "save", str(tmp_path / "b-{frame}.jpg")).code == 0
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == [f"b-{at}.jpg" for at in range(5)]
    assert run(capsys, "open", source, "--frame", "3", "save", str(tmp_path / "c-{frame}.jpg")).code == 0
    assert (tmp_path / "c-3.jpg").exists()
    done = run(capsys, "open", source, "--frame", "5", "info")
    assert done.code == 1 and "it has no frame 5: it holds 5 frames, 0 to 4" in done.err
    done = run(capsys, "open", str(SAMPLES / "camera.png"), "--frame", "1", "info")
    assert done.code == 1 and "it has no frame 1: it holds one picture" in done.err


def test_a_file_for_each_frame_is_a_file_of_its_own(tmp_path, capsys):
    source = animation(tmp_path / "a.gif", moving(), duration=50)
    other = tmp_path / "b-3.png"
    other.write_bytes((SAMPLES / "camera.png").read_bytes())
    done = run(capsys, "open", source, str(other), "save", str(tmp_path / "b-{frame}.png"))
    assert done.code == 2 and "both be written" in done.err
    done = run(capsys, "open", source, str(other), "save", str(tmp_path / "{index}" / "b-{frame}.png"))
    assert done.code == 1 and "no directory" in done.err
    (tmp_path / "b.gif").write_bytes((tmp_path / "a.gif").read_bytes())
    done = run(
        capsys, "open", str(tmp_path / "b.gif"), str(other), "save", str(tmp_path / "{stem}-{frame}.png")
    )
    assert done.code == 1 and "would overwrite the input" in done.err
    assert other.read_bytes() == (SAMPLES / "camera.png").read_bytes()
    assert not (tmp_path / "b-0.png").exists() and (tmp_path / "b-3-0.png").exists()


def test_info_print_and_explain(tmp_path, capsys):
    source = animation(tmp_path / "a.gif", moving(count=3), duration=[50, 60, 70], loop=4)
    told = [json.loads(line) for line in run(capsys, "open", source, "info").out.splitlines()]
    assert [(one["frame"], one["frames"], one["duration"], one["loop"]) for one in told] == [
        (0, 3, 50, 4),
        (1, 3, 60, 4),
        (2, 3, 70, 4),
    ]
    assert run(capsys, "open", source, "gaussian", "explain").out.count("gaussian") == 1
    assert len(run(capsys, "open", source, "gray", "crop", "0,0,2,2", "print").out.splitlines()) == 6
    (one,) = run(capsys, "open", str(SAMPLES / "camera.png"), "info").out.splitlines()
    assert (json.loads(one)["frames"], json.loads(one)["duration"], json.loads(one)["loop"]) == (
        1,
        None,
        None,
    )


def test_save_in_mid_chain_and_to_stdout(tmp_path, capfdbinary):
    source = animation(tmp_path / "a.gif", moving(), duration=50)
    (imgconv.open(source).gray().save(tmp_path / "gray.gif"))
    from imgconv.cli.main import guarded

    words = ["open", source, "gray", "save", str(tmp_path / "mid.gif"), "invert", "save", "-"]
    assert guarded(words, debug=True) == 0
    end = tmp_path / "end.gif"
    end.write_bytes(capfdbinary.readouterr().out)
    first, last = (composed(path)[0] for path in (tmp_path / "mid.gif", end))
    assert len(first) == len(last) == 5
    assert all((a[..., :3] == 255 - b[..., :3]).all() for a, b in zip(first, last, strict=True))


def test_clipped_samples_of_all_frames_are_told_once(tmp_path, capsys):
    source = animation(tmp_path / "a.png", moving(), duration=50)
    words = [
        "open",
        source,
        "scale",
        "2",
        "save",
        str(tmp_path / "b.png"),
        "gray",
        "save",
        str(tmp_path / "c.png"),
    ]
    done = run(capsys, *words)
    assert [line.partition(" samples")[0].partition("save ")[2] for line in done.lines][:1]
    assert len(done.lines) == 2 and "b.png" in done.lines[0] and "c.png" in done.lines[1]


def test_a_fit_over_all_frames(tmp_path, capsys):
    """The darkest value of all frames becomes 0, the brightest 255: a frame keeps its place among the others."""
    arrays = [np.full((6, 6, 1), v, np.uint8) for v in (50, 100, 150)]
    source = tmp_path / "a.png"
    source.write_bytes(written(arrays, "png"))
    assert run(capsys, "open", str(source), "save", "--range", "fit", str(tmp_path / "b.png")).code == 0
    assert [int(a[0, 0, 0]) for a in composed(tmp_path / "b.png")[0]] == [0, 128, 255]
    words = ["open", str(source), "save", "--range", "fit", str(tmp_path / "c{frame}.png"), "invert"]
    assert run(capsys, *words, "save", str(tmp_path / "d.png")).code == 0
    assert [int(composed(tmp_path / f"c{at}.png")[0][0][0, 0, 0]) for at in range(3)] == [0, 128, 255]
    assert [int(a[0, 0, 0]) for a in composed(tmp_path / "d.png")[0]] == [205, 155, 105]


def test_python(tmp_path):
    source = animation(tmp_path / "a.gif", moving(), duration=DURATIONS, loop=2)
    chain = imgconv.open(source).gaussian(sigma=2)
    chain.save(tmp_path / "b.gif")
    assert composed(tmp_path / "b.gif")[1:] == (DURATIONS, 2)
    with pytest.raises(UsageError, match=r"5 frames; open\(..., frame=0\) .* arrays\(\)"):
        chain.array()
    assert len(chain.arrays()) == 5
    assert (imgconv.open(source, frame=2).gaussian(sigma=2).array() == chain.arrays()[2]).all()
    both = imgconv.open(source, SAMPLES / "camera.png")
    with pytest.raises(UsageError, match=r"arrays\(\)"):
        both.array()
    assert [a.shape for a in both.arrays("uint8")] == [(30, 41, 3)] * 5 + [(512, 512)]


# ---- whole or absent, and bad input ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tif"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt, MemoryError, FileError])
def test_nothing_is_left_of_a_file_that_fails_in_the_middle(name, problem, tmp_path, monkeypatch):
    source = animation(tmp_path / "a.png", moving(), duration=50)
    target = tmp_path / f"b.{name}"
    target.write_bytes(b"old")
    from imgconv.engine.lazy_image import LazyImage

    sent, stream_to = [], LazyImage.stream_to

    def failing(self, *words):
        sent.append(self)
        if len(sent) == 3:
            raise problem("in the middle")
        return stream_to(self, *words)

    monkeypatch.setattr(LazyImage, "stream_to", failing)
    with pytest.raises(problem):
        imgconv.open(source).gaussian().save(target)
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", f"b.{name}"]


@pytest.mark.parametrize("name", ["gif", "png"])
def test_a_signal_in_the_middle_leaves_nothing(name, tmp_path):
    source = animation(tmp_path / "a.png", moving(width=600, height=500, count=40), duration=50)
    words = ["open", source, "gaussian", "--sigma", "20", "save", str(tmp_path / f"b.{name}")]
    with subprocess.Popen(
        [sys.executable, "-m", "imgconv", *words], cwd=ROOT, stderr=subprocess.PIPE
    ) as child:
        until = time.monotonic() + 60
        while not any(path.suffix == ".imgconv-tmp" and path.stat().st_size for path in tmp_path.iterdir()):
            assert time.monotonic() < until and child.poll() is None
            time.sleep(0.005)
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == -signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def example(name):
    if name == "gif":
        return gif(*rectangles((1, 2, 3, 1, 1)))
    if name == "tiff":
        room = io.BytesIO()
        tifffile.imwrite(
            room, np.arange(5 * 64, dtype=np.uint16).reshape(5, 8, 8), compression="zlib", metadata=None
        )
        return room.getvalue()
    return written([np.asarray(one) for one in moving(width=9, height=8)], name)


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tiff"])
def test_truncated_and_flipped(name):
    data, rng = example(name), random.Random(name)
    count = len(opened(data, name))
    assert count == 5
    spoilt = [data[: len(data) * k // 64] for k in range(1, 64)]
    for _ in range(150):
        one = bytearray(data)
        one[rng.randrange(len(one))] ^= 1 << rng.randrange(8)
        spoilt.append(bytes(one))
    failed = 0
    for at, one in enumerate(spoilt):
        try:
            images = opened(one, name, max_pixels=1 << 16)
        except ExtraMissing:  # a compression that the file does not have
            failed += 1
        except FileError as error:
            failed += 1
            assert "\n" not in str(error) and str(error).startswith(f"cannot open 'x.{name}': ")
        else:
            sizes = {image.spec.shape for image in images}
            assert name == "tiff" or len(sizes) == 1
            assert at >= 63 or name == "gif" or len(images) == count
    assert failed > 30


@pytest.mark.parametrize("place", [1 << 30, 0x7FFFFFFF, 8])
def test_a_list_of_pages_that_does_not_end(place):
    data = bytearray(example("tiff"))
    (at,) = struct.unpack_from("<I", data, 4)
    for _ in range(3):
        (count,) = struct.unpack_from("<H", data, at)
        end = at + 2 + 12 * count
        (at,) = struct.unpack_from("<I", data, end)
    struct.pack_into("<I", data, end, place)
    with pytest.raises(FileError, match=r"breaks off after frame 2|circular page list"):
        opened(bytes(data), "tiff")
    assert len(registry.FORMATS["tiff"].read_all(bytes(data), ReadOptions(frame=2))) == 1


def test_a_gif_that_ends_in_the_third_frame():
    data = gif(*rectangles((1, 1, 1, 1)))
    third = [at for at in range(len(data)) if data.startswith(b"!\xf9\x04", at)][2]
    cut = data[: third + 8 + 10 + 768 + 5]
    with pytest.raises(FileError, match="truncated: the file ends in frame 2"):
        opened(cut, "gif")
    with pytest.raises(FileError, match=r"truncated|damaged"):
        opened(data[:13] + b";", "gif")


def test_limits(capsys, tmp_path):
    part = gif(*rectangles((1,)))
    start = part.index(b"!\xf9")
    many = part[:start] + part[start:-1] * 12_000 + b";"
    with pytest.raises(FileError, match=r"more than the limit of 10000 frames \(--max-frames\); --frame N"):
        opened(many, "gif")
    (tmp_path / "many.gif").write_bytes(many)
    assert run(capsys, "open", str(tmp_path / "many.gif"), "--frame", "0", "info").code == 0
    assert "--max-frames" in run(capsys, "open", str(tmp_path / "many.gif"), "info").err
    for name in ("gif", "webp", "png", "tiff"):
        with pytest.raises(
            FileError, match=r"5 frames are \d+ pixels together, above the limit .* \(--max-pixels\)"
        ):
            opened(example(name), name, max_pixels=200)
        assert len(opened(example(name), name, max_pixels=72 * 5)) == 5
        with pytest.raises(FileError, match="--max-frames"):
            opened(example(name), name, max_frames=4)


# ---- APNG by the letter ------------------------------------------------------------------------------------


def apng(frames, color=6, default=False, plays=1, size=(6, 5)):
    """Chunks by hand: frames of (array, left, top, disposal, blend, above, below)."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def packed(a):
        return zlib.compress(b"".join(b"\0" + row.tobytes() for row in a))

    out = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, color, 0, 0, 0))]
    out.append(chunk(b"acTL", struct.pack(">II", len(frames), plays)))
    number = 0
    if default:
        out.append(chunk(b"IDAT", packed(np.full((size[1], size[0], 4), 77, np.uint8))))
    for at, (a, left, top, disposal, blend, above, below) in enumerate(frames):
        place = (number, a.shape[1], a.shape[0], left, top, above, below, disposal, blend)
        out.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", *place)))
        number += 1
        data = packed(a)
        if at == 0 and not default:
            out += [chunk(b"IDAT", data[:7]), chunk(b"IDAT", data[7:])]
            continue
        for part in (data[:9], data[9:]):
            out.append(chunk(b"fdAT", struct.pack(">I", number) + part))
            number += 1
    return b"".join(out) + chunk(b"IEND", b"")


def shown(frames, size=(6, 5)):
    """Slowly, pixel by pixel, as the specification says."""
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    for at, (a, left, top, disposal, blend, _, _) in enumerate(frames):
        before = canvas.copy()
        for y, x in np.ndindex(a.shape[:2]):
            s, d = a[y, x].astype(int), canvas[top + y, left + x].astype(int)
            if blend == 0 or s[3] == 255:
                out = s
            elif s[3] == 0:
                out = d
            else:
                u, v = s[3] * 255, (255 - s[3]) * d[3]
                out = [round((s[c] * u + d[c] * v) / (u + v)) for c in range(3)] + [round((u + v) / 255)]
            canvas[top + y, left + x] = out
        yield canvas.copy()
        if disposal == 1 or (disposal == 2 and at == 0):
            canvas[top : top + a.shape[0], left : left + a.shape[1]] = 0
        elif disposal == 2:
            canvas = before


@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_apng_composed(seed, default):
    rng = np.random.default_rng(seed)
    frames = []
    for at in range(6):
        left, top = (0, 0) if at == 0 else rng.integers(0, 4, 2)
        height, width = (5, 6) if at == 0 else (rng.integers(1, 6 - top), rng.integers(1, 7 - left))
        a = rng.integers(0, 256, (height, width, 4)).astype(np.uint8)
        a[..., 3] = rng.choice([0, 255, 100, 200], a.shape[:2])
        frames.append((a, int(left), int(top), int(rng.integers(3)), int(rng.integers(2)), at + 1, 100))
    images = opened(apng(frames, default=default, plays=9), "png")
    assert [(image.meta.duration, image.meta.loop) for image in images] == [
        (10 * at, 9) for at in range(1, 7)
    ]
    for image, wanted in zip(images, shown(frames), strict=True):
        assert np.abs(np.asarray(image.pixels).astype(int) - wanted).max() <= 1
    one = registry.FORMATS["png"].read_all(apng(frames), ReadOptions(frame=3))
    assert (np.asarray(one[0].pixels) == np.asarray(images[3].pixels)).all()


def test_an_apng_that_does_not_hold_together():
    a = np.zeros((5, 6, 4), np.uint8)
    with pytest.raises(FileError, match="frame 1 does not lie within"):
        opened(apng([(a, 0, 0, 0, 0, 1, 1), (a, 1, 0, 0, 0, 1, 1)]), "png")
    (image,) = opened(apng([], default=True), "png")
    assert (np.asarray(image.pixels) == 77).all()
    (image,) = opened(apng([(a, 0, 0, 0, 0, 1, 1)]), "png")
    assert image.meta.duration is None and image.meta.frames == 1
