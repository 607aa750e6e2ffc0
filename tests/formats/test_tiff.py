"""TIFF: what tifffile and Pillow write is read to the pixel, and what is written is read by both."""

import io
import random
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import ExtraMissing, FileError, UsageError
from imgconv.core.image import Meta
from imgconv.core.spec import Spec
from imgconv.formats import registry
from imgconv.formats.array import from_array
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.formats.tiff import format

FORM = registry.FORMATS["tiff"]


def array(channels, dtype, height=37, width=41, seed=0):
    made = np.random.default_rng(seed).random((height, width, channels)) * (1000 if dtype == "f4" else 255)
    return (made * (257 if dtype == "u2" else 1)).astype(dtype)


def read(data, **options):
    return FORM.read(data, ReadOptions(path="x.tif", **options))


def pixels_of(image):
    return np.array(image.pixels)


def by_tifffile(*pages, **options):
    room = io.BytesIO()
    with tifffile.TiffWriter(
        room, bigtiff=options.pop("bigtiff", False), byteorder=options.pop("order", "<")
    ) as file:
        for page in pages:
            file.write(page, metadata=None, **options)
    return room.getvalue()


class Room:
    data = b""

    def write(self, data):
        self.data += bytes(data)


def written(image, meta=None, rows=8, **options):
    options, room, height = WriteOptions(**options), Room(), image.spec.height
    writer = FORM.writer(room, FORM.storable_spec(image.spec, options), meta or Meta(), options)
    for y in reversed(range(0, height, rows)):
        writer.commit(y, image.pixels.band(y, min(y + rows, height)))
    writer.finish()
    return room.data


def image_of(made):
    image = from_array(made, ReadOptions())
    return image.replace(spec=image.spec.replace(white=FULL_SCALE.get(image.spec.dtype)))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rowsperstrip": 5},
        {"tile": (16, 32)},
        {"compression": "zlib", "rowsperstrip": 7},
        {"compression": "zlib", "tile": (16, 16)},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "compression": "zlib", "rowsperstrip": 9},
        {"bigtiff": True},
        {"predictor": True, "compression": "zlib"},
    ],
    ids=str,
)
def test_layouts(dtype, channels, order, options):
    if options.get("predictor") and dtype == "f4":
        pytest.skip("needs imagecodecs")
    if options.get("planarconfig") and channels == 1:
        pytest.skip("one plane")
    made = array(channels, dtype)
    stored = made.transpose(2, 0, 1) if options.get("planarconfig") else made
    photometric = "rgb" if channels == 3 else "minisblack"
    image = read(by_tifffile(np.squeeze(stored), order=order, photometric=photometric, **options))
    assert (pixels_of(image) == made).all()
    assert image.spec == Spec(
        37,
        41,
        channels,
        dtype,
        "rgb" if channels == 3 else "gray",
        False,
        {"u1": 255.0, "u2": 65535.0}.get(dtype),
    )


def test_bits_palettes_and_negatives():
    bits = np.random.default_rng(0).random((13, 21)) < 0.5
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA", "CMYK"):
        room = io.BytesIO()
        channels = {"LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}.get(mode, 1)
        base = array(channels, "u1", 13, 21)
        made = (
            Pillow.fromarray(bits)
            if mode == "1"
            else Pillow.fromarray(base[:, :, 0] if channels == 1 else base)
        )
        if mode == "P":
            made.putpalette(bytes(range(256)) * 3)
        elif mode == "CMYK":
            made = Pillow.fromarray(base, "RGBA").convert("CMYK")
        made.save(room, "TIFF")
        image = read(room.getvalue())
        peer = np.asarray(made.convert({"1": "L", "P": "RGB"}.get(mode, mode)))
        assert (pixels_of(image) == peer.reshape(pixels_of(image).shape)).all(), mode
        assert image.spec.alpha == (mode in ("LA", "RGBA"))
    dark = array(1, "u2")
    image = read(by_tifffile(dark[:, :, 0], photometric="miniswhite"))
    assert (pixels_of(image) == 65535 - dark).all()


def test_alpha_that_colors_were_multiplied_by():
    rng = np.random.default_rng(1)
    straight = rng.integers(0, 256, (9, 9, 4)).astype(np.uint8)
    straight[..., 3] |= 128
    stored = straight.copy()
    stored[..., :3] = np.rint(straight[..., :3] * (straight[..., 3:] / 255.0))
    image = read(by_tifffile(stored, photometric="rgb", extrasamples=["assocalpha"]))
    assert image.spec.alpha
    assert np.abs(pixels_of(image).astype(int) - straight).max() <= 1
    stored[0, 0] = (5, 5, 5, 0)
    image = read(by_tifffile(stored, photometric="rgb", extrasamples=["assocalpha"]))
    assert (pixels_of(image)[0, 0] == 0).all()


def test_frames_and_orientation():
    pages = [array(3, "u1", seed=at) for at in range(3)]
    data = by_tifffile(*pages, photometric="rgb")
    for at in range(3):
        assert (pixels_of(read(data, frame=at)) == pages[at]).all()
    with pytest.raises(FileError, match="it has no frame 3"):
        read(data, frame=3)
    data = by_tifffile(pages[0], photometric="rgb", extratags=[(274, 3, 1, 6, True)])
    assert (pixels_of(read(data)) == np.rot90(pages[0], -1)).all()


# ---- writing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_what_is_written_is_read(dtype, channels, monkeypatch):
    monkeypatch.setattr(format, "STRIP", 2000)
    made = array(channels, dtype)
    image = image_of(made)
    data = written(image)
    again = read(data)
    assert (pixels_of(again) == made).all() and again.spec == image.spec
    assert (tifffile.imread(io.BytesIO(data)).reshape(made.shape) == made).all()
    assert written(image, rows=37) == data == written(image, rows=1)
    if dtype == "u1" and channels < 5:
        assert (np.asarray(Pillow.open(io.BytesIO(data))).reshape(made.shape) == made).all()


def test_metadata_travels():
    meta = Meta(icc=b"p" * 999, xmp=b"<x/>", dpi=(300.0, 150.0), text=(("Description", "a picture"),))
    data = written(image_of(array(3, "u1")), meta)
    assert read(data).meta == meta
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert not {"DateTime", "Software"} & {tag.name for tag in file.pages[0].tags}


def test_holds():
    photo = Spec(5, 5, 3, "f4", "rgb", False, 255.0)
    assert FORM.storable_spec(photo, WriteOptions()) == photo.replace(dtype="u1")
    assert FORM.storable_spec(photo.replace(dtype="f8"), WriteOptions()) == photo.replace(dtype="u1")
    assert FORM.storable_spec(photo.replace(white=65535.0), WriteOptions()).dtype == "u2"
    assert FORM.storable_spec(photo, WriteOptions(depth=32)) == photo
    numbers = Spec(5, 5, 7, "f8")
    assert FORM.storable_spec(numbers, WriteOptions()) == numbers.replace(dtype="f4")
    lab = Spec(5, 5, 3, "f4", "lab", False, None)
    assert FORM.storable_spec(lab, WriteOptions()) == lab
    with pytest.raises(UsageError, match="--quality"):
        FORM.storable_spec(photo, WriteOptions(quality=5))


# ---- damaged and hostile files -----------------------------------------------------------------------------

SEEDS = {
    "plain": by_tifffile(array(3, "u1"), photometric="rgb"),
    "deflated": by_tifffile(array(3, "u2"), photometric="rgb", compression="zlib", rowsperstrip=6),
    "tiles": by_tifffile(array(1, "f4")[:, :, 0], tile=(16, 16)),
    "big": by_tifffile(array(1, "u2")[:, :, 0], bigtiff=True, order=">"),
}


@pytest.mark.parametrize("name", SEEDS)
def test_truncated_and_flipped(name, capfd):
    data, rng = SEEDS[name], random.Random(name)
    spoilt = [data[: len(data) * k // 64] for k in range(64)]
    for _ in range(200):
        one = bytearray(data)
        one[rng.randrange(len(one) if rng.random() < 0.5 else 300)] ^= 1 << rng.randrange(8)
        spoilt.append(bytes(one))
    for at, one in enumerate(spoilt):
        try:
            image = read(one, max_pixels=1 << 20)
        except (FileError, ExtraMissing) as error:
            assert "\n" not in str(error)
        else:
            assert at >= 64 or (pixels_of(image) == pixels_of(read(data))).all()
    assert capfd.readouterr() == ("", "")


def test_a_strip_that_inflates_without_end():
    made = np.zeros((64, 64), np.uint8)
    data = bytearray(by_tifffile(made, compression="zlib"))
    bomb = zlib.compress(bytes(1 << 28))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags
        struct.pack_into("<I", data, tags["StripOffsets"].valueoffset, len(data))
        struct.pack_into("<I", data, tags["StripByteCounts"].valueoffset, len(bomb))
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    assert (pixels_of(read(bytes(data) + bomb)) == 0).all()
    assert time.process_time() - start < 20  # it ends at all
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


@pytest.mark.parametrize("frame", [0, 1, 5, 1 << 20])
def test_directories_that_go_round(frame):
    data = bytearray(by_tifffile(array(1, "u1")[:, :, 0]))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    begin = time.process_time()
    try:
        read(bytes(data), frame=frame)
    except FileError:
        assert frame
    assert time.process_time() - begin < 20


@pytest.mark.parametrize(
    ("tag", "value"), [("ImageWidth", 60_000), ("ImageLength", 3_000_000), ("SamplesPerPixel", 60_000)]
)
def test_sizes_are_checked_before_anything_is_decoded(tag, value):
    data = bytearray(by_tifffile(np.zeros((5000, 30), np.uint8)))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        found = file.pages[0].tags[tag]
        where, kind = found.valueoffset, found.dtype
    struct.pack_into("<I" if kind == 4 else "<H", data, where, value)
    with pytest.raises(FileError, match=r"--max-pixels|samples are above the limit|volume|damaged|truncated"):
        read(bytes(data))


def test_compressions_that_need_more(monkeypatch):
    room = io.BytesIO()
    Pillow.fromarray(array(3, "u1")).save(room, "TIFF", compression="tiff_lzw")
    monkeypatch.setattr(format, "_has_codecs", lambda: False)
    with pytest.raises(ExtraMissing, match=r"LZW-compressed TIFF needs .*imgconv\[tiff\]"):
        read(room.getvalue())


def test_strips_that_are_left_out_are_no_black_picture():
    data = bytearray(by_tifffile(array(1, "u1")[:, :, 0]))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        struct.pack_into("<I", data, file.pages[0].tags["StripByteCounts"].valueoffset, 0)
    with pytest.raises(FileError, match="truncated"):
        read(bytes(data))


def test_numbers_beyond_any_image(monkeypatch):
    monkeypatch.setattr(format, "SAMPLES", 37 * 41 * 3 - 1)
    with pytest.raises(FileError, match="4551 samples are above the limit of 4550"):
        read(SEEDS["plain"])


def test_nothing_is_said_on_stderr(tmp_path):
    """tifffile logs what it dislikes, which Python prints where nobody listens."""
    data = bytearray(by_tifffile(array(1, "u1")[:, :, 0]))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    (tmp_path / "a.tif").write_bytes(data)
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from imgconv.core import errors\nfrom imgconv.formats import registry\n"
        "from imgconv.formats.options import ReadOptions\n"
        "try: registry.read(sys.argv[1], ReadOptions(frame=1 << 20))\n"
        "except errors.FileError as error: print(error)\n"
    )
    words = [sys.executable, "-c", code, tmp_path / "a.tif", Path(__file__).parent.parent.parent]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
