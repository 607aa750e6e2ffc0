"""Arrays and text: .npy, .csv, .txt, and the layout that `print` uses."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.errors import FileError, UsageError
from imgconv.core.image import Meta
from imgconv.core.pixels import Pixels
from imgconv.formats import registry
from imgconv.formats.array import from_array
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.formats.text import matrix_text, parse_matrix


def npy(array, **options):
    room = io.BytesIO()
    np.save(room, array, **options)
    return room.getvalue()


def read(data, name="npy", **options):
    return registry.FORMATS[name].read(data, ReadOptions(path=f"x.{name}", **options))


def pixels_of(image):
    return np.array(image.pixels)


class Room:
    data = b""

    def write(self, data):
        self.data += bytes(data)


def written(image, name, **options):
    form, options, room = registry.FORMATS[name], WriteOptions(**options), Room()
    writer = form.writer(room, form.storable_spec(image.spec, options), Meta(), options)
    for y in reversed(range(image.spec.height)):
        writer.commit(y, image.pixels.band(y, y + 1))
    writer.finish()
    return room.data


# ---- arrays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "kept", "white"),
    [
        ("u1", "u1", 255), ("<u2", "u2", 65535), (">u2", "u2", 65535), ("f4", "f4", None), (">f4", "f4", None),
        ("f8", "f4", None), ("f2", "f4", None), ("i4", "f4", None), (">i8", "f4", None), ("?", "f4", None),
        ("u4", "f4", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by_columns", [False, True])
def test_dtypes(dtype, kept, white, by_columns):
    array = (np.random.default_rng(0).random((5, 7, 3)) * 200).astype(dtype)
    image = read(npy(np.asfortranarray(array) if by_columns else array))
    assert (pixels_of(image) == array.astype("f4")).all()
    assert (image.spec.dtype, image.spec.white) == (kept, white)
    double = read(npy(array), working="f8")
    assert double.spec.dtype == ("f8" if kept == "f4" else kept)
    assert (pixels_of(double) == array).all()


@pytest.mark.parametrize(
    ("dtype", "channels", "space", "alpha"),
    [
        ("u1", 1, "gray", False), ("u1", 2, "gray", True), ("u1", 3, "rgb", False), ("u2", 4, "rgb", True),
        ("u1", 5, "none", False), ("f4", 1, "gray", False), ("f4", 2, "none", False), ("f4", 3, "rgb", False),
        ("f4", 4, "none", False), ("f4", 64, "none", False),
    ],
)  # fmt: skip
def test_spaces(dtype, channels, space, alpha):
    spec = read(npy(np.zeros((2, 3, channels), dtype))).spec
    assert (spec.space, spec.alpha, spec.channels) == (space, alpha, channels)


def test_shapes_and_layouts():
    assert read(npy(np.arange(5.0))).spec.shape == "1x1x5"
    assert read(npy(np.zeros((4, 5)))).spec.shape == "1x4x5"
    array = np.random.default_rng(0).random((3, 4, 5)).astype("f4")
    image = read(npy(array), layout="chw")
    assert (pixels_of(image) == array.transpose(1, 2, 0)).all()
    assert (np.load(io.BytesIO(written(image, "npy", layout="chw"))) == array).all()
    assert read(npy(array), white=1.0).spec.white == 1.0


def test_an_array_of_ones_own():
    array = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    image = from_array(array[:, ::-1], ReadOptions())
    assert (pixels_of(image) == array[:, ::-1]).all()
    assert from_array(array, ReadOptions()).pixels.address == array.__array_interface__["data"][0]
    frozen = array.copy()
    frozen.flags.writeable = False
    assert (pixels_of(from_array(frozen, ReadOptions())) == array).all()


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_npy_there_and_back(dtype, channels):
    array = (np.random.default_rng(1).random((6, 5, channels)) * 255).astype(dtype)
    image = read(npy(array), working="f8" if dtype == "f8" else "f4")
    data = written(image, "npy")
    assert (np.load(io.BytesIO(data)).reshape(array.shape) == array).all()
    assert data == npy(array[:, :, 0] if channels == 1 else array)


def _header(text):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (npy(np.zeros((2, 2), complex)), "complex128, not real numbers"),
        (npy(np.array([{}], object), allow_pickle=True), "object, not real"),
        (npy(np.zeros(3, "M8[s]")), "not real"),
        (npy(np.zeros(3, [("a", "f4")])), "not real"),
        (npy(np.zeros((2, 2, 2, 2))), "2 x 2 x 2 x 2"),
        (npy(np.zeros(())), "1 to 3 axes"),
        (npy(np.zeros((0, 4))), "its size is 4 x 0"),
        (npy(np.zeros((4, 4, 0))), "0 channels"),
        (npy(np.zeros((4, 4)))[:-1], "truncated"),
        (_header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999)}\n"), "truncated"),
        (_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, -5)}\n"), "not real"),
        (_header("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1," * 5000 + ")}\n"), "damaged"),
        (_header("__import__('os').system('echo')\n"), "damaged"),
        (_header("((((" * 200), "damaged"),
        (b"\x93NUMPY\x09\0\0\0", "damaged"),
        (b"\x93NUMPY", "damaged"),
    ],
)
def test_arrays_that_are_none(data, word):
    with pytest.raises(FileError, match=word) as error:
        read(data)
    assert "\n" not in str(error.value)


def test_every_truncation_of_an_npy():
    data = npy(np.random.default_rng(0).random((4, 5)))
    for cut in range(len(data)):
        with pytest.raises(FileError):
            read(data[:cut])


def test_limits():
    with pytest.raises(FileError, match="--max-pixels"):
        read(npy(np.zeros((40, 50))), max_pixels=1999)
    with pytest.raises(FileError, match="--max-pixels"):
        read(b"1 2 3 4\n" * 10, "txt", max_pixels=39)
    with pytest.raises(FileError, match="more numbers than the limit of 39"):
        read(b"1 2 3 4\n\n" * 10, "txt", max_pixels=39)
    with pytest.raises(UsageError, match="--quality"):
        registry.FORMATS["npy"].storable_spec(read(npy(np.zeros((2, 2)))).spec, WriteOptions(quality=3))


# ---- text --------------------------------------------------------------------------------------------------


def text_of(values, channels=1, dtype="f4"):
    return matrix_text(Pixels.of_numbers(values, channels, dtype))


def test_the_layout_of_print():
    assert text_of([[8, 8, 10, 12, 12]]) == "8 8 10 12 12\n"
    assert text_of([[1, 2.5], [3, 4]]) == "1 2.5\n3 4\n"
    assert text_of([[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]], 3) == "1 4\n7 10\n\n2 5\n8 11\n\n3 6\n9 12\n"
    assert text_of([[0, 255]], 1, "u1") == "0 255\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"), (1 / 3, "0.33333334"), (-0.0, "0"), (16777216, "16777216"), (1e10, "10000000000"),
        (1e20, "1e+20"), (1e-20, "1e-20"), (float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf"),
        (3.4028235e38, "3.40282e+38"), (0.2, "0.2"), (123.456, "123.456"), (2.5, "2.5"),
    ],
)  # fmt: skip
def test_the_shortest_single(value, text):
    shown = text_of([[value]]).strip()
    assert shown == text or (text.startswith("3.4") and np.float32(shown) == np.float32(value))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
def test_singles_read_back(values):
    text = text_of([values])
    back = np.array([float(one) for one in text.split()], np.float32)
    assert np.array_equal(back, np.array(values, np.float32), equal_nan=True)
    for one, value in zip(text.split(), values, strict=True):
        peer = str(np.float32(value))
        assert len(one.replace("+", "")) <= len(peer.replace("+", "")) + 3 or abs(value) < 1e15


@settings(deadline=None, max_examples=300)
@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_doubles_read_back(values):
    back = [float(one) for one in text_of([values], 1, "f8").split()]
    assert np.array_equal(back, values, equal_nan=True)


@pytest.mark.parametrize("name", ["csv", "txt"])
@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("working", ["f4", "f8"])
def test_text_there_and_back(name, channels, working):
    array = (np.random.default_rng(2).random((4, 5, channels)) * 300 - 20).astype(working)
    image = from_array(array, ReadOptions(working=working))
    again = read(written(image, name), name, working=working)
    assert (pixels_of(again) == array).all()
    assert again.spec.dtype == working and again.spec.white is None


@pytest.mark.parametrize(
    ("text", "shape", "first"),
    [
        ("1 2 3 4 3 2 1\n", (1, 7, 1), [1, 2, 3]),
        ("1,2,3", (1, 3, 1), [1, 2, 3]),
        ("1, 2 ,3\n4,5,6\n", (2, 3, 1), [1, 2, 3]),
        ("\ufeff1\t2\r\n3\t4\r\n", (2, 2, 1), [1, 2]),
        ("\n\n1 2\n\n\n3 4\n\n", (1, 2, 2), [1, 3]),
        ("# a comment\n1 2\n  # another\n3 4\n", (2, 2, 1), [1, 2]),
        ("1e3 -2.5 +3 .5 nan inf", (1, 6, 1), [1000, -2.5]),
    ],
)
def test_texts(text, shape, first):
    image = read(text.encode(), "txt")
    assert image.pixels.shape == shape
    assert pixels_of(image).reshape(-1)[: len(first)].tolist() == first


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("1 2\n3 x\n", "'x.txt', line 2, entry 2: 'x' is not a number"),
        ("1,2\n3,,4\n", "line 2, entry 2: it is empty"),
        ("1,2,\n", "line 1, entry 3: it is empty"),
        ("1 2\n3\n", "line 2: 1 numbers, but the first row has 2"),
        ("1 2\n\n3 4\n5 6\n", "channel 2 has 2 rows, but the first has 1"),
        ("1 2\n\n3\n", "line 3: 1 numbers"),
        ("1_000 2", "'1_000' is not a number"),
        ("0x10", "is not a number"),
        ("\n\n", "no numbers"),
        ("# only\n", "no numbers"),
        ("a\x1b[31m", "is not a number"),
        ("9" * 99 + "z", "9{40}' is not a number"),
    ],
)
def test_texts_that_are_none(text, word):
    with pytest.raises(FileError, match=word) as error:
        read(text.encode(), "txt")
    assert str(error.value).isprintable()


def test_bytes_that_are_no_text():
    with pytest.raises(FileError, match="byte 2 is not UTF-8"):
        read(b"1 \xff", "txt")


@given(st.text(max_size=200))
def test_any_text_is_numbers_or_an_error(text):
    try:
        parse_matrix(text, "x")
    except FileError as error:
        assert "\n" not in str(error)


def test_a_signal_is_longer_than_any_picture():
    """Only the number of values is limited, not the length of a side."""
    signal = np.arange(1_500_000, dtype=np.float32)
    image = read(npy(signal))
    assert image.spec.shape == "1x1x1500000" and (np.asarray(image.pixels).ravel() == signal).all()
    assert read(("1 " * 1_200_000).encode(), "txt").spec.width == 1_200_000
    with pytest.raises(FileError, match=r"1500000 pixels are above the limit of 1499999 \(--max-pixels\)"):
        read(npy(signal), max_pixels=1_499_999)
