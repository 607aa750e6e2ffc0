"""Which format a file has: by its name, by its first bytes, never by trying."""

import io
import os

import numpy as np
import pytest

from imgconv.core.errors import FileError, UsageError
from imgconv.formats import registry
from imgconv.formats.registry import FORMATS, by_content, by_name, by_suffix, recognize
from tests.support.command import ROOT


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.png", "png"), ("dir.x/A.PNG", "png"), ("a.jpg", "jpeg"), ("a.JPEG", "jpeg"), ("a.webp", "webp"),
        ("a.bmp", "bmp"), ("a.ppm", "ppm"), ("a.pgm", "ppm"), ("a.pnm", "ppm"), ("a.gif", "gif"),
        ("a.tif", "tiff"), ("a.tiff", "tiff"), ("a.npy", "npy"), ("a.csv", "csv"), ("a.txt", "txt"),
    ],
)  # fmt: skip
def test_by_suffix(path, name):
    assert by_suffix(path).name == name


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("a.pmg", "did you mean '.p.m'"),
        ("a.jpgg", "did you mean '.jpg'"),
        ("a.xyzzy", "known are png, jpeg"),
        ("a", "no suffix"),
        ("dir.png/a", "no suffix"),
        ("-", "--format"),
        ("a.eps", "is no known format"),
    ],
)
def test_unknown_suffixes(path, word):
    with pytest.raises(UsageError, match=word):
        by_suffix(path)


def test_by_name():
    assert by_name("PNG").name == "png" and by_name("jpg").name == "jpeg"
    with pytest.raises(UsageError, match="did you mean 'jpeg'"):
        by_name("jpeeg")
    with pytest.raises(UsageError, match="png, jpeg, webp"):
        by_name("zzz")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"), (b"\xff\xd8\xff\xe0", "jpeg"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"BM\0\0", "bmp"), (b"P5\n3 3", "ppm"), (b"P1 3 3", "ppm"), (b"GIF89a", "gif"), (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"), (b"II+\0", "tiff"), (b"\x93NUMPY\1", "npy"), (b"1 2 3\n", "txt"), (b"1,2\n", "csv"),
        (b"-1.5e3 nan inf\r\n", "txt"), (b"", None), (b"  \n", None), (b"hello 1", None), (b"%!PS-Adobe EPSF", None),
        (b"P7\n", None), (b"PK\3\4", None), (b"\xff\xd8", None), (b"e,e\n", None),
    ],
)  # fmt: skip
def test_by_content(head, name):
    found = by_content(head)
    assert (found and found.name) == name


def test_recognize():
    png = b"\x89PNG\r\n\x1a\n"
    assert recognize("a.jpg", png).name == "png"
    assert recognize("-", png).name == "png"
    assert recognize("-", b"1 2 3").name == "txt"
    assert recognize("a.csv", b"1 2 3").name == "csv"
    assert recognize("a.dat", b"1 2 3", "txt").name == "txt"
    for path, head in [("a.dat", b"1 2 3"), ("a.png", b"text"), ("a\x1b.eps", b"%!PS-Adobe")]:
        with pytest.raises(FileError, match="none of the formats"):
            recognize(path, head)


def test_each_suffix_is_one_formats_and_each_module_is_whole():
    seen = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    assert len(seen) == len(set(seen))
    for one in FORMATS.values():
        assert all(callable(getattr(one.module, name)) for name in ("read", "holds", "writer"))


def test_read_opens_by_content(tmp_path):
    from PIL import Image as Pillow

    array = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    Pillow.fromarray(array).save(tmp_path / "wrong.jpg", "PNG")
    image = registry.read(os.fspath(tmp_path / "wrong.jpg"))
    image.rows.ready(4)
    assert (np.asarray(image.pixels) == array).all()
    assert image.path == os.fspath(tmp_path / "wrong.jpg") and image.format == "png"


def test_a_warm_run_imports_little(tmp_path):
    """What start-up time depends on: PNG to PNG without NumPy, Pillow, typing and the like."""
    import subprocess
    import sys

    from PIL import Image as Pillow

    room = io.BytesIO()
    Pillow.fromarray(np.zeros((20, 20, 3), np.uint8)).save(room, "PNG")
    (tmp_path / "a.png").write_bytes(room.getvalue())
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from imgconv import formats
from imgconv.formats.files import Output
image = registry.read(sys.argv[2])
form, options = registry.by_suffix(sys.argv[2]), registry.WriteOptions()
with Output(sys.argv[2]) as output:
    writer = form.writer(output, form.holds(image.spec, options), image.meta, options)
    writer.write(0, image.pixels)
    writer.finish()
    output.commit()
heavy = "numba llvmlite numpy PIL dataclasses re typing enum pathlib tempfile glob functools contextlib signal"
print(*[name for name in [*heavy.split(), "concurrent.futures", "json", "logging", "threading"] if name in sys.modules])
"""
    from imgconv.jit import loop

    if loop.mode() != "auto":
        pytest.skip("machine code is not loaded without its compiler here")
    root = str(ROOT)
    words = [sys.executable, "-I", "-c", code, root, os.fspath(tmp_path / "a.png")]
    for _ in range(2):
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
