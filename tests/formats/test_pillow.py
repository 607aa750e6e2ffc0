"""JPEG, WebP, BMP, PPM and GIF: every pixel as Pillow decodes it, metadata kept, damage told in one line."""

import io
import random
import struct
import warnings

import numpy as np
import pytest
from PIL import Image as Pillow

from imgconv.core.errors import FileError, UsageError
from imgconv.core.image import Meta
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats import registry
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.formats.pillow import format

PALETTE = bytes((at * 7 + c * 13) % 256 for at in range(256) for c in range(3))
EXIF = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, 1, 0, 0)


def picture(mode, height=33, width=47, seed=0):
    """A smooth picture with some noise, so that lossy formats have something to keep."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    base = np.stack([(x * 3 + y) % 256, (y * 5) % 256, (x + y) % 256, (x * 7) % 256], axis=2)
    base = (base + rng.integers(0, 9, base.shape)).clip(0, 255).astype(np.uint8)
    if mode == "I;16":
        return Pillow.fromarray(rng.integers(0, 65536, (height, width)).astype(np.uint16))
    if mode == "P":
        made = Pillow.fromarray(base[:, :, 0], "L").copy()
        made.putpalette(PALETTE)
        return made
    if mode == "1":
        return Pillow.fromarray(base[:, :, 0]).convert("1")
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    array = base[:, :, :channels]
    return Pillow.fromarray(array[:, :, 0] if channels == 1 else array, mode)


def saved(made, name, **options):
    room = io.BytesIO()
    made.save(room, name, **options)
    return room.getvalue()


def read(data, name, **options):
    image = registry.FORMATS[name].read(data, ReadOptions(path=f"x.{name}", **options))
    return image


def array_of(image):
    return np.array(image.pixels)


CASES = [
    ("jpeg", "L", "L"),
    ("jpeg", "RGB", "RGB"),
    ("jpeg", "CMYK", "CMYK"),
    ("webp", "RGB", "RGB"),
    ("webp", "RGBA", "RGBA"),
    ("bmp", "1", "L"),
    ("bmp", "L", "L"),
    ("bmp", "P", "RGB"),
    ("bmp", "RGB", "RGB"),
    ("ppm", "1", "L"),
    ("ppm", "L", "L"),
    ("ppm", "RGB", "RGB"),
    ("gif", "1", None),
    ("gif", "L", None),
    ("gif", "P", "RGB"),
    ("gif", "RGB", "RGB"),
]


@pytest.fixture(params=[False, True], ids=["at once", "in background"])
def size(request, monkeypatch):
    monkeypatch.setattr(format, "SMALL", 0 if request.param else 1 << 30)
    monkeypatch.setattr(format, "ROWS", 10)


@pytest.mark.parametrize(("name", "mode", "seen"), CASES)
def test_every_pixel(name, mode, seen, size):
    data = saved(picture(mode), name.upper())
    image = read(data, name)
    peer = Pillow.open(io.BytesIO(data))
    seen = seen or ("RGB" if image.spec.channels == 3 else "L")
    expected = np.asarray(peer.convert(seen))
    assert (array_of(image) == expected.reshape(array_of(image).shape)).all()
    assert (image.spec.dtype, image.spec.white, image.spec.alpha) == ("u1", 255, seen == "RGBA")
    space = "cmyk" if mode == "CMYK" else "gray" if image.spec.channels < 3 else "rgb"
    assert image.spec.space == space


def test_sixteen_bits():
    made = picture("I;16")
    image = read(saved(made, "PPM"), "ppm")
    assert (array_of(image)[:, :, 0] == np.asarray(made)).all()
    assert (image.spec.dtype, image.spec.white) == ("u2", 65535)


def test_a_gif_with_a_transparent_color():
    made = picture("P")
    image = read(saved(made, "GIF", transparency=int(np.asarray(made)[5, 5])), "gif")
    assert image.spec.alpha and image.spec.channels == 4
    clear = np.asarray(made) == np.asarray(made)[5, 5]
    assert ((array_of(image)[:, :, 3] == 0) == clear).all()


@pytest.mark.parametrize("name", ["gif", "webp"])
def test_frames(name):
    frames = [Pillow.new("RGB", (20, 10), (60 * at, 0, 0)) for at in range(3)]
    options = {"lossless": True} if name == "webp" else {}
    data = saved(frames[0], name.upper(), save_all=True, append_images=frames[1:], **options)
    for at in range(3):
        assert (array_of(read(data, name, frame=at))[:, :, :3] == (60 * at, 0, 0)).all()
    with pytest.raises(FileError, match="it has no frame 3"):
        read(data, name, frame=3)


def test_other_formats_hold_one_picture():
    with pytest.raises(FileError, match="a jpeg file holds one picture"):
        read(saved(picture("L"), "JPEG"), "jpeg", frame=1)


# ---- metadata ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation):
    made = picture("RGB", 24, 40)
    exif = Pillow.Exif()
    exif[0x112] = orientation
    image = read(saved(made, "WEBP", lossless=True, exif=exif.tobytes()), "webp")
    from PIL import ImageOps

    marked = made.copy()
    marked.getexif()[0x112] = orientation
    assert (array_of(image) == np.asarray(ImageOps.exif_transpose(marked))).all()
    again = Pillow.Exif()
    again.load(image.meta.exif)
    assert again[0x112] == 1


@pytest.mark.parametrize("name", ["jpeg", "webp", "png"])
def test_metadata_travels(name):
    meta = Meta(icc=b"p" * 70_000, exif=EXIF, xmp=b"<x/>", dpi=(300.0, 150.0), text=(("Comment", "Łódź"),))
    first = read(written(picture("RGB"), name, meta=meta), name)
    assert (first.meta.icc, first.meta.exif, first.meta.xmp) == (meta.icc, meta.exif, meta.xmp)
    if name != "webp":
        assert first.meta.dpi == pytest.approx(meta.dpi, rel=1e-3)
        assert first.meta.text == meta.text


def test_metadata_that_a_format_cannot_hold_is_left_out():
    meta = Meta(exif=EXIF + bytes(70_000), xmp=b"x" * 70_000, text=(("Comment", "c" * 70_000),))
    image = read(written(picture("RGB"), "jpeg", meta=meta), "jpeg")
    assert image.meta.exif is None and image.meta.xmp is None
    assert written(picture("RGB"), "gif", meta=meta)


# ---- writing -----------------------------------------------------------------------------------------------


class Room:
    data = b""

    def write(self, data):
        self.data += bytes(data)


def written(made, name, meta=None, rows=7, **options):
    array = np.asarray(made)
    pixels = Pixels.of_array(np.array(array))
    channels, dtype = pixels.channels, pixels.dtype
    space = "gray" if channels < 3 else "rgb"
    spec = Spec(*pixels.shape, dtype, space, channels in (2, 4), 255.0 if dtype == "u1" else 65535.0)
    form, options = registry.FORMATS[name], WriteOptions(**options)
    assert form.storable_spec(spec, options) == spec
    room = Room()
    writer = form.writer(room, spec, meta or Meta(), options)
    for y in reversed(range(0, spec.height, rows)):
        writer.commit(y, pixels.band(y, min(y + rows, spec.height)))
    writer.finish()
    return room.data


@pytest.mark.parametrize(
    ("name", "mode"),
    [("bmp", "L"), ("bmp", "RGB"), ("ppm", "L"), ("ppm", "RGB"), ("ppm", "I;16"), ("gif", "L")],
)
def test_what_is_written_without_loss_is_read(name, mode):
    made = picture(mode)
    image = read(written(made, name), name)
    expected = np.asarray(made).reshape(33, 47, -1)
    assert (array_of(image) == expected).all()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_webp_without_loss(mode):
    made = picture(mode)
    image = read(written(made, "webp", lossless=True), "webp")
    assert (array_of(image) == np.asarray(made.convert("RGBA" if "A" in mode else "RGB"))).all()


@pytest.mark.parametrize(("name", "mode"), [("jpeg", "L"), ("jpeg", "RGB"), ("webp", "RGB")])
def test_the_same_bytes_as_pillow_writes(name, mode):
    made = picture(mode)
    assert written(made, name) == saved(made, name.upper(), quality=90)
    assert written(made, name, quality=30) == saved(made, name.upper(), quality=30)
    assert written(made, name, rows=33) == written(made, name, rows=1)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_gif_is_near(mode):
    made = picture(mode)
    image = read(written(made, "gif"), "gif")
    near = made.convert("RGB") if "A" not in mode else made.convert("RGBA")
    found, expected = array_of(image).astype(int), np.asarray(near)
    shown = expected[:, :, -1] >= 128 if "A" in mode else np.full(expected.shape[:2], True)
    assert np.median(np.abs(found[shown, :3] - expected[shown, :3])) < 16
    if "A" in mode:
        assert ((found[:, :, 3] == 255) == shown).all()


def test_holds():
    photo = Spec(5, 5, 4, "f4", "rgb", True, 255.0)
    assert registry.FORMATS["jpeg"].storable_spec(photo, WriteOptions()) == Spec(
        5, 5, 3, "u1", "rgb", False, 255.0
    )
    assert registry.FORMATS["bmp"].storable_spec(photo, WriteOptions()).alpha is False
    assert registry.FORMATS["webp"].storable_spec(photo, WriteOptions()).alpha is True
    deep = Spec(5, 5, 1, "u2", "gray", False, 65535.0)
    assert registry.FORMATS["ppm"].storable_spec(deep, WriteOptions()) == deep
    assert registry.FORMATS["ppm"].storable_spec(deep, WriteOptions(depth=8)).white == 255
    assert (
        registry.FORMATS["ppm"].storable_spec(deep.replace(channels=3, space="rgb"), WriteOptions()).dtype
        == "u2"
    )
    for name, spec, options, word in [
        ("jpeg", photo, WriteOptions(depth=16), "a jpeg file holds 8 bits a channel"),
        ("jpeg", photo, WriteOptions(quality=101), "1 to 100"),
        ("jpeg", photo, WriteOptions(lossless=True), "--lossless has no effect on jpeg files"),
        ("bmp", photo, WriteOptions(quality=9), "--quality has no effect on bmp files"),
        ("webp", photo.replace(width=20_000), WriteOptions(), "16383"),
        ("jpeg", photo.replace(channels=2, alpha=False), WriteOptions(), "not 2"),
    ]:
        with pytest.raises(UsageError, match=word):
            registry.FORMATS[name].storable_spec(spec, options)


# ---- damaged and hostile files -----------------------------------------------------------------------------

SEEDS = [(name, mode) for name, mode, _ in CASES] + [("ppm", "I;16")]


@pytest.mark.parametrize(("name", "mode"), SEEDS)
def test_truncated_and_flipped(name, mode):
    data, rng = saved(picture(mode), name.upper()), random.Random(name + mode)
    whole = array_of(read(data, name))
    spoilt = [data[: len(data) * k // 64] for k in range(64)]
    for _ in range(200):
        one = bytearray(data)
        one[rng.randrange(len(one))] ^= 1 << rng.randrange(8)
        spoilt.append(bytes(one))
    for at, one in enumerate(spoilt):
        with warnings.catch_warnings(record=True) as said:
            try:
                image = read(one, name, max_pixels=1 << 22)
            except FileError as error:
                assert "\n" not in str(error) and str(error).startswith(f"cannot open 'x.{name}': ")
                image = None
        assert not said
        assert at >= 64 or image is None or (array_of(image) == whole).all()


GIF, BMP = (saved(Pillow.new("1", (8, 8)), name) for name in ("GIF", "BMP"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gif", GIF.replace(struct.pack("<HH", 8, 8), struct.pack("<HH", 65535, 65535))),
        ("bmp", BMP.replace(struct.pack("<ii", 8, 8), struct.pack("<ii", 60_000, 60_000))),
        ("ppm", b"P6 60000 60000 255\n" + bytes(100)),
        ("ppm", b"P6 4000000000 1 255\n" + bytes(100)),
        ("webp", b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\x00\xff\xff\x00" + bytes(8)),
        (
            "jpeg",
            saved(Pillow.new("L", (8, 8)), "JPEG").replace(b"\x08\0\x08\0\x08", b"\x08\xff\xff\xff\xff"),
        ),
    ],
)
def test_sizes_are_checked_before_anything_is_decoded(name, data):
    with pytest.raises(FileError, match="--max-pixels"):
        read(data, name)


def test_a_gif_of_very_many_frames_opens_at_once():
    made = saved(Pillow.new("P", (4, 4)), "GIF")
    start = made.index(b",")
    frame = made[start:-1]
    data = made[:start] + frame * 200_000 + b";"
    assert read(data, "gif").spec.width == 4


def test_eps_and_others_are_never_opened():
    for head in (b"%!PS-Adobe-3.0 EPSF-3.0\n", b"%PDF-1.7\n", b"P7\nWIDTH 3", b"\0\0\1\0", b"8BPS"):
        assert registry.by_content(head.ljust(32, b" ")) is None


def test_warnings_stay_unsaid():
    exif = b"Exif\0\0II*\0\x08\0\0\0\x09\0" + struct.pack("<HHII", 0x128, 5, 99, 7777)
    data = saved(picture("L"), "JPEG", exif=exif)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        Pillow.open(io.BytesIO(data))
        assert said
        del said[:]
        assert read(data, "jpeg").spec.channels == 1
    assert not said
