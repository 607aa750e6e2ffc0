"""PNG, read and written: every kind, every filter, every pixel; damaged and hostile files; the same bytes always."""

import io
import random
import struct
import threading
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from imgconv.core.errors import FileError, UsageError
from imgconv.core.image import Meta
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats import registry
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.formats.png import reader, writer
from tests.support.pngs import CHANNELS, KINDS, chunk, chunks, png, repaired

PALETTE = bytes((at * 7 + c * 13) % 256 for at in range(256) for c in range(3))
ALPHAS = bytes((at * 31) % 256 for at in range(100))


def samples(rng, height, width, color, bits):
    """Random samples with flat and smooth places, so that every filter has something to do."""
    shape = height, width, CHANNELS[color]
    made = rng.integers(0, 1 << bits, shape)
    smooth = np.cumsum(rng.integers(0, 3, shape), axis=1) % (1 << bits)
    return np.where(rng.random(shape) < 0.5, made, smooth)


def read(data, **options):
    image = registry.FORMATS["png"].read(data, ReadOptions(path="x.png", **options))
    assert image.pixels  # waits until all rows are decoded
    return image


def array_of(image):
    return np.array(image.pixels)


def meant(made, color, bits):
    """The pixels that samples stand for."""
    if color == 3:
        return np.frombuffer(PALETTE, np.uint8).reshape(256, 3)[made[:, :, 0]]
    return made * (255 // ((1 << bits) - 1)) if bits < 8 else made


def extras(color, bits):
    return [chunk(b"PLTE", PALETTE[: 3 << bits])] if color == 3 else []


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    filters=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    interlaced=st.booleans(),
    pieces=st.integers(1, 5),
    seed=st.integers(0, 1 << 30),
)
def test_every_kind_is_read(kind, height, width, filters, interlaced, pieces, seed):
    color, bits = kind
    made = samples(np.random.default_rng(seed), height, width, color, bits)
    data = png(made, color, bits, filters, interlaced, extras(color, bits), pieces)
    image = read(data)
    assert (array_of(image) == meant(made, color, bits)).all()
    assert image.spec.white == (65535 if bits == 16 else 255)
    assert (image.spec.space, image.spec.alpha) == (
        "rgb" if color in (2, 3, 6) else "gray",
        color in (4, 6),
    )
    assert image.spec.dtype == ("u2" if bits == 16 else "u1")
    if bits < 16:
        mode = {0: "L", 2: "RGB", 3: "RGB", 4: "LA", 6: "RGBA"}[color]
        peer = np.asarray(Pillow.open(io.BytesIO(data)).convert(mode)).reshape(array_of(image).shape)
        assert (array_of(image) == peer).all()


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize(("color", "bits"), [one for one in KINDS if one[1] >= 8])
def test_each_filter_alone(color, bits, kind):
    made = samples(np.random.default_rng(kind), 9, 11, color, bits)
    data = png(made, color, bits, [kind], extra=extras(color, bits))
    assert (array_of(read(data)) == meant(made, color, bits)).all()


@pytest.mark.parametrize(("color", "bits"), [(2, 8), (6, 16), (3, 4), (0, 1)])
@pytest.mark.parametrize("interlaced", [False, True])
def test_a_large_picture_is_read_in_the_background(color, bits, interlaced, in_background):
    made = samples(np.random.default_rng(5), 97, 61, color, bits)
    data = png(made, color, bits, [2, 4, 1], interlaced, extras(color, bits), 5)
    image = registry.FORMATS["png"].read(data, ReadOptions())
    assert image.rows.ready.__self__ is not None
    for rows in (1, 50, 10**9):
        image.rows.ready(rows)
        assert (array_of(image)[:rows] == meant(made, color, bits)[:rows]).all()


@pytest.fixture
def in_background(monkeypatch):
    """Small pictures are treated as large ones: a thread, and many blocks of rows."""
    monkeypatch.setattr(reader, "SMALL", 0)
    monkeypatch.setattr(reader, "BLOCK", 1 << 9)
    monkeypatch.setattr(reader, "PIECE", 100)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_with_transparency(bits):
    made = samples(np.random.default_rng(bits), 13, 17, 3, bits)
    extra = [*extras(3, bits), chunk(b"tRNS", ALPHAS[: 1 << bits])]
    image = read(png(made, 3, bits, extra=extra))
    alphas = np.frombuffer(ALPHAS.ljust(256, b"\xff"), np.uint8)[made[:, :, 0]]
    assert (array_of(image) == np.dstack([meant(made, 3, bits), alphas])).all()
    assert image.spec.alpha


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("color", "bits"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16)])
def test_a_transparent_color(color, bits, interlaced):
    made = samples(np.random.default_rng(bits), 13, 17, color, bits)
    made[3:6, 2:9] = key = made[4, 4].copy()
    extra = [chunk(b"tRNS", b"".join(struct.pack(">H", v) for v in key))]
    image = read(png(made, color, bits, [3], interlaced, extra))
    clear = (made == key).all(axis=2)
    most = (1 << max(bits, 8)) - 1
    assert (array_of(image) == np.dstack([meant(made, color, bits), np.where(clear, 0, most)])).all()
    assert image.spec.alpha


def test_indices_beyond_the_palette_are_black():
    image = read(png(np.full((2, 2, 1), 9), 3, 8, extra=[chunk(b"PLTE", b"\x01\x02\x03")]))
    assert (array_of(image) == 0).all()


# ---- damaged and hostile files -----------------------------------------------------------------------------


def seeds():
    rng = np.random.default_rng(11)
    for color, bits in [(0, 8), (2, 8), (6, 16), (3, 4), (4, 8), (0, 1)]:
        made = samples(rng, 21, 23, color, bits)
        extra = [*extras(color, bits), chunk(b"tEXt", b"Title\0x"), chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0")]
        for interlaced in (False, True):
            yield png(made, color, bits, [0, 1, 2, 3, 4], interlaced, extra, 3)


SEEDS = list(seeds())


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_a_truncated_file_is_never_half_a_picture(seed):
    data = SEEDS[seed]
    for cut in sorted({len(data) * k // 64 for k in range(64)} | set(range(len(data) - 16, len(data)))):
        with pytest.raises(FileError) as error:
            read(data[:cut])
        assert str(error.value).startswith("cannot open 'x.png': ") and "\n" not in str(error.value)
        assert cut < 8 or "truncated" in str(error.value)


@pytest.mark.parametrize("mended", [False, True])
@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_flipped_bits_are_an_error_or_a_picture(seed, mended):
    data, rng = SEEDS[seed], random.Random(seed)
    for _ in range(200):
        spoilt = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 3))):
            spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        try:
            read(repaired(spoilt) if mended else bytes(spoilt), max_pixels=1 << 22)
        except FileError as error:
            assert "\n" not in str(error)


def test_flips_that_checksums_cannot_see_in_the_image_data():
    """Garbage that inflates: unknown filters, too little, too much, a stream with a wrong checksum of its own."""
    made = samples(np.random.default_rng(3), 5, 6, 2, 8)
    plain = zlib.decompress(next(body for kind, body in chunks(png(made, 2, 8)) if kind == b"IDAT"))

    def with_body(body):
        parts = [chunk(kind, body if kind == b"IDAT" else old) for kind, old in chunks(png(made, 2, 8))]
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    spoilt = bytearray(plain)
    spoilt[19] = 5
    whole = zlib.compress(plain)
    for body, word in [
        (zlib.compress(bytes(spoilt)), "row filter"),
        (zlib.compress(plain[:-1]), "truncated: less image data"),
        (zlib.compress(plain + b"\0"), "more image data"),
        (whole[:-4] + b"\0\0\0\0", "cannot be decompressed"),
        (whole[:-4], "truncated"),
        (whole[:-1], "truncated"),
        (b"", "truncated"),
        (b"\x78", "truncated"),
        (b"garbage!", "cannot be decompressed"),
    ]:
        with pytest.raises(FileError, match=word):
            read(with_body(body))
    assert (array_of(read(with_body(whole + b"trailing"))) == made).all()


def test_an_error_in_the_background_reaches_who_waits(in_background):
    made = np.random.default_rng(1).integers(0, 256, (90, 70, 3))
    data = bytearray(png(made, 2, 8, pieces=50))
    data[len(data) // 2] ^= 255
    image = registry.FORMATS["png"].read(bytes(data), ReadOptions(path="big.png"))
    image.rows.ready(10)
    for _ in range(2):
        with pytest.raises(FileError, match=r"big\.png"):
            image.rows.ready(90)
    found = []

    def wait():
        try:
            image.rows.ready(90)
        except FileError as error:
            found.append(error)

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert len(found) == 5


def _header(width, height, bits=8, color=2):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0))


def peak_of(work):
    """Seconds, and bytes that Python and the maps took at most: from the process's own high-water mark."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    work()
    return time.perf_counter() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


BOMBS = {
    "50,000 x 50,000": (
        _header(50_000, 50_000) + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND"),
        "2500000000 pixels are above the limit of 268435456 \\(--max-pixels\\)",
    ),
    "1 x 4e9": (_header(1, 4_000_000_000) + chunk(b"IDAT") + chunk(b"IEND"), "--max-pixels"),
    "16,000 x 16,000 of nothing": (
        _header(16_000, 16_000) + chunk(b"IDAT", b"x\x9c") + chunk(b"IEND"),
        "truncated",
    ),
    "0 x 5": (_header(0, 5) + chunk(b"IDAT") + chunk(b"IEND"), "its size is 0 x 5"),
    "64 MB of text": (
        _header(1, 1)
        + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 << 20)))
        + chunk(b"IDAT", zlib.compress(bytes(4)))
        + chunk(b"IEND"),
        "metadata",
    ),
    "64 MB of profile": (
        _header(1, 1)
        + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(64 << 20)))
        + chunk(b"IDAT", zlib.compress(bytes(4)))
        + chunk(b"IEND"),
        "metadata",
    ),
    "five times 15 MB of text": (
        _header(1, 1)
        + chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(15 << 20))) * 5
        + chunk(b"IDAT", zlib.compress(bytes(4)))
        + chunk(b"IEND"),
        "metadata",
    ),
    "image data that goes on": (
        _header(4, 4) + chunk(b"IDAT", zlib.compress(bytes(64 << 20))) + chunk(b"IEND"),
        "more image data",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name):
    data, word = BOMBS[name]

    def work():
        with pytest.raises(FileError, match=word):
            read(data)

    seconds, memory = peak_of(work)
    assert seconds < 1
    assert memory < 150 << 20


def test_a_hundred_thousand_chunks():
    made = np.random.default_rng(1).integers(0, 256, (200, 200, 3))
    data = png(made, 2, 8, pieces=100_000)
    start = time.perf_counter()
    assert (array_of(read(data)) == made).all()
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (_header(3, 3, bits=3), "not that of a standard PNG"),
        (_header(3, 3, color=5), "not that of a standard PNG"),
        (_header(3, 3, bits=4, color=2), "not that of a standard PNG"),
        (_header(3, 3) + chunk(b"IEND"), "no image data"),
        (_header(3, 3, color=3) + chunk(b"IDAT") + chunk(b"IEND"), "palette"),
        (_header(3, 3) + chunk(b"ABCD") + chunk(b"IDAT") + chunk(b"IEND"), "needs the chunk 'ABCD'"),
        (_header(3, 3) + chunk(b"A1CD"), "invalid chunk type"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT") + chunk(b"IEND"), "header"),
        (
            _header(3, 3) + chunk(b"IDAT", bytes(9))[:-1] + b"\xee" + chunk(b"IEND"),
            "checksum in IDAT|decompressed",
        ),
    ],
)
def test_what_does_not_hold_together(data, word):
    with pytest.raises(FileError, match=word):
        read(data)


def test_a_bad_checksum_matters_where_the_picture_does():
    made = samples(np.random.default_rng(3), 5, 6, 2, 8)
    data = bytearray(png(made, 2, 8, extra=[chunk(b"tEXt", b"Title\0hello")]))
    text = data.index(b"hello")
    data[text] ^= 1
    image = read(bytes(data))
    assert (array_of(image) == made).all() and image.meta.text == ()
    data = bytearray(png(made, 2, 8))
    for kind, place in ((b"IHDR", data.index(b"IDAT") - 5), (b"IDAT", len(data) - 13)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1  # the last byte of the checksum
        with pytest.raises(FileError, match=f"wrong checksum in {kind.decode()}"):
            read(bytes(spoilt))


# ---- writing -----------------------------------------------------------------------------------------------


class Room:
    """An output in memory."""

    def __init__(self):
        self.data = b""

    def write(self, data):
        self.data += bytes(data)


def spec_of(array):
    height, width, channels = array.shape
    dtype = array.dtype.str[1:]
    white = 255.0 if dtype == "u1" else 65535.0
    return Spec(height, width, channels, dtype, "gray" if channels < 3 else "rgb", channels in (2, 4), white)


def written(array, pieces=None, meta=None, threads=0, **options):
    """The file for an array; `pieces` are row numbers at which it is cut, in the order of writing."""
    pixels, spec, room = Pixels.of_array(array), spec_of(array), Room()
    form = registry.FORMATS["png"]
    writer = form.writer(
        room, form.storable_spec(spec, WriteOptions(**options)), meta or Meta(), WriteOptions(**options)
    )
    pieces = pieces or [(0, spec.height)]
    if threads:
        at = iter(pieces)
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    piece = next(at, None)
                if piece is None:
                    return
                writer.commit(piece[0], pixels.band(*piece))

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
    else:
        for start, stop in pieces:
            writer.commit(start, pixels.band(start, stop))
    writer.finish()
    return room.data


@settings(deadline=None, max_examples=100)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 4),
    dtype=st.sampled_from(["u1", "u2"]),
    level=st.integers(0, 9),
    seed=st.integers(0, 1 << 30),
)
def test_what_is_written_is_read(height, width, channels, dtype, level, seed):
    rng = np.random.default_rng(seed)
    color = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    array = samples(rng, height, width, color, 8 * int(dtype[1])).astype(dtype)
    data = written(array, level=level)
    chunks(data)
    assert (array_of(read(data)) == array).all()
    peer = Pillow.open(io.BytesIO(data))
    peer.load()
    if dtype == "u1" or channels == 1:
        assert (np.asarray(peer).reshape(array.shape) == array).all()


@pytest.mark.parametrize(("channels", "dtype"), [(3, "u1"), (1, "u2"), (4, "u1")])
def test_the_same_bytes_however_it_is_cut_and_shared(channels, dtype, monkeypatch):
    monkeypatch.setattr(writer, "BAND", 1 << 12)
    rng = np.random.default_rng(2)
    array = rng.integers(0, 1 << 8 * int(dtype[1]), (211, 97, channels)).astype(dtype)
    whole = written(array)
    assert sum(kind == b"IDAT" for kind, _ in chunks(whole)) > 5
    assert (array_of(read(whole)) == array).all()
    for height in (1, 7, 64, 210):
        pieces = [(y, min(y + height, 211)) for y in range(0, 211, height)]
        assert written(array, pieces) == whole
        assert written(array, pieces[::-1]) == whole
        random.Random(height).shuffle(pieces)
        assert written(array, pieces) == whole
        assert written(array, pieces, threads=5) == whole


def test_rows_that_are_a_view():
    array = np.random.default_rng(0).integers(0, 256, (30, 50, 3)).astype(np.uint8)
    room, spec = Room(), spec_of(array[:, 10:31])
    writer = registry.FORMATS["png"].writer(room, spec, Meta(), WriteOptions())
    view = Pixels.of_array(array).columns(10, 31)
    writer.commit(0, view.band(0, 11))
    writer.commit(11, view.band(11, 30))
    writer.finish()
    assert (array_of(read(room.data)) == array[:, 10:31]).all()


def test_a_missing_band_is_never_a_file():
    writer = registry.FORMATS["png"].writer(Room(), Spec(9, 9, 1, "u1", "gray"), Meta(), WriteOptions())
    writer.commit(0, Pixels.empty(8, 9, 1, "u1"))
    with pytest.raises(RuntimeError):
        writer.finish()


@given(st.binary(max_size=4000), st.binary(max_size=200_000))
@settings(deadline=None, max_examples=50)
def test_adler32_of_two_parts(first, second):
    both = writer.adler32_combine(zlib.adler32(first), zlib.adler32(second), len(second))
    assert both == zlib.adler32(first + second)


def test_metadata_travels():
    meta = Meta(
        icc=b"profile" * 500,
        exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0",
        xmp=b"<x:xmpmeta/>",
        dpi=(300.0, 72.0),
        text=(("Title", "plain"), ("Author", "Łukasz"), ("Bad\nKey", "dropped")),
    )
    array = np.zeros((2, 2, 3), np.uint8)
    data = written(array, meta=meta)
    kept = read(data).meta
    assert (kept.icc, kept.exif, kept.xmp) == (meta.icc, meta.exif, meta.xmp)
    assert kept.dpi == pytest.approx(meta.dpi, rel=1e-3)
    assert kept.text == meta.text[:2]
    assert written(array, meta=kept) == data
    peer = Pillow.open(io.BytesIO(data))
    peer.load()
    assert peer.info["icc_profile"] == meta.icc
    assert peer.info["xmp"] == meta.xmp
    assert peer.text["Title"] == "plain" and peer.text["Author"] == "Łukasz"
    assert peer.getexif() is not None


def test_metadata_of_every_kind_is_read():
    made = np.zeros((2, 2, 1), np.uint8)
    extra = [
        chunk(b"tEXt", b"A\0caf\xe9"),
        chunk(b"zTXt", b"B\0\0" + zlib.compress(b"packed")),
        chunk(b"iTXt", "C\0\0\0en\0Ц\0текст".encode()),
        chunk(b"tIME", bytes(7)),
        chunk(b"zTXt", b"broken\0\0junk"),
        chunk(b"iTXt", b"short"),
        chunk(b"pHYs", struct.pack(">IIB", 3, 4, 0)),
    ]
    late = [chunk(b"tEXt", b"late\0too")]
    meta = read(png(made, 0, 8, extra=extra, after=late)).meta
    assert meta.text == (("A", "café"), ("B", "packed"), ("C", "текст"), ("late", "too"))
    assert meta.dpi is None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_applied_and_reset(orientation, order):
    from imgconv.formats.orientation import find

    made = samples(np.random.default_rng(4), 5, 7, 2, 16)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    exif = mark + struct.pack(order + "IHHHIHH", 8, 1, 0x112, 3, 1, orientation, 0)
    image = read(png(made, 2, 16, extra=[chunk(b"eXIf", exif)]))
    turn = {
        1: made,
        2: made[:, ::-1],
        3: made[::-1, ::-1],
        4: made[::-1],
        5: made.transpose(1, 0, 2),
        6: np.rot90(made, -1),
        7: made[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(made),
    }
    assert (array_of(image) == turn[orientation]).all()
    assert (image.spec.height, image.spec.width) == turn[orientation].shape[:2]
    assert find(image.meta.exif)[0] == 1 and len(image.meta.exif) == len(exif)


# ---- what a PNG can hold -----------------------------------------------------------------------------------


def test_holds():
    holds = registry.FORMATS["png"].storable_spec
    photo = Spec(5, 5, 3, "u1", "rgb", False, 255.0)
    assert holds(photo, WriteOptions()) == photo
    assert holds(photo.computed, WriteOptions()) == photo
    deep = photo.replace(dtype="u2", white=65535.0)
    assert holds(deep.computed, WriteOptions()) == deep
    assert holds(photo, WriteOptions(depth=16)) == deep
    assert holds(deep, WriteOptions(depth=8)) == photo
    assert holds(photo.replace(space="linear", dtype="f4"), WriteOptions()) == photo
    assert holds(photo.replace(channels=4, alpha=True), WriteOptions()).alpha
    numbers = Spec(5, 5, 1, "f4")
    assert holds(numbers, WriteOptions()) == numbers.replace(dtype="u1", white=255.0)
    for spec, options, word in [
        (photo, WriteOptions(depth=32), "8 or 16 bits"),
        (photo, WriteOptions(quality=3), "--quality has no effect on png files"),
        (photo, WriteOptions(lossless=True), "--lossless"),
        (photo, WriteOptions(level=10), "0 to 9"),
        (photo.replace(channels=5), WriteOptions(), "not 5"),
        (photo.replace(channels=2), WriteOptions(), "not 2"),
    ]:
        with pytest.raises(UsageError, match=word):
            holds(spec, options)
