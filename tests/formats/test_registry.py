"""The table of formats: its rows are true, and tell which format a file has by its name or its first bytes."""

import importlib
import io
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import FileError, UsageError
from imgconv.core.spec import Spec
from imgconv.formats import registry
from imgconv.formats.options import ReadOptions, WriteOptions
from imgconv.formats.registry import FORMATS, Format, by_content, by_name, by_suffix, recognize
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
        ("a.eps", "is not a known format"),
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
        with pytest.raises(FileError, match="not in a format that imgconv reads"):
            recognize(path, head)


# ---- the table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS)
def test_the_module_behind_a_row_does_what_the_row_says(row):
    names = ["read", "storable_spec", "writer", *(["read_all", "multi_frame_writer"] if row.frames else [])]
    assert all(callable(getattr(row.module, name)) for name in names)
    assert row.frames or not hasattr(row.module, "multi_frame_writer")
    if row.plugin:
        from PIL.ImageFile import ImageFile

        module, name = row.plugin
        assert issubclass(getattr(importlib.import_module(module), name), ImageFile)
    assert row.module.__name__.startswith("imgconv.formats.pillow") <= (row.plugin is not None)


@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS)
def test_a_format_stores_the_dtypes_and_channels_of_its_row(row):
    for dtype in ("u1", "u2", "f4", "f8"):
        spec = Spec(3, 3, 4, dtype, "rgb", True, FULL_SCALE.get(dtype, 255.0))
        stored = row.storable_spec(spec, WriteOptions())
        assert stored.dtype in row.dtypes and stored.alpha == row.alpha
        assert stored.dtype == dtype or dtype not in row.dtypes or dtype not in FULL_SCALE
    for depth, dtype in row.depths.items():
        assert (
            row.storable_spec(Spec(3, 3, 1, "u1", "gray", False, 255.0), WriteOptions(depth=depth)).dtype
            == dtype
        )


@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS)
def test_a_format_refuses_what_its_row_does_not_have(row):
    spec = Spec(3, 3, 1, "u1", "gray", False, 255.0)
    for name in ("quality", "level"):
        numbers = getattr(row, name)
        for value in numbers[1:] if numbers else ():
            row.storable_spec(spec, WriteOptions(**{name: value}))
        for value in (numbers[1] - 1, numbers[2] + 1) if numbers else (3,):
            with pytest.raises(UsageError, match=f"--{name} "):
                row.storable_spec(spec, WriteOptions(**{name: value}))
    if not row.lossless:
        with pytest.raises(UsageError, match="--lossless has no effect"):
            row.storable_spec(spec, WriteOptions(lossless=True))
    for sides in ((row.side + 1, 1), (1, row.side + 1)):
        with pytest.raises(UsageError, match=f"at most {row.side} x {row.side} pixels"):
            row.storable_spec(spec.replace(height=sides[0], width=sides[1]), WriteOptions())
    if not row.frames:
        with pytest.raises(FileError, match="holds one picture"):
            row.read(b"", ReadOptions(frame=1))


WRONG = {
    "name": ("", "PNG", "p.g"),
    "loader": ("",),
    "suffixes": ((), ("png",), (".PNG",)),
    "magic": (b"PNG",),
    "dtypes": ((), ("u3",)),
    "side": (0,),
    "frames": (False,),
    "duration": (None, (0, 100), (100, 10), (10, 105)),
    "quality": ((0, 1, 100), (101, 1, 100)),
    "level": ((10, 0, 9),),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_row_cannot_be_made(name, value):
    values = vars(FORMATS["png"])
    assert Format(**values).suffixes == (".png",)
    with pytest.raises(ValueError, match="format '"):
        Format(**{**values, name: value})


def test_a_row_with_a_missing_or_unknown_field_cannot_be_made():
    values = vars(FORMATS["png"])
    for name in ("name", "suffixes", "magic", "loader", "dtypes", "side", "alpha"):
        with pytest.raises(TypeError, match=name):
            Format(**{key: value for key, value in values.items() if key != name})
    with pytest.raises(TypeError, match="sides"):
        Format(**values, sides=3)


@pytest.mark.parametrize(
    "other", [{"name": "png", "suffixes": (".x",)}, {"name": "x", "suffixes": (".x", ".png")}]
)
def test_two_rows_share_no_name_and_no_suffix(other):
    png = FORMATS["png"]
    with pytest.raises(ValueError, match="another row"):
        registry._table((png, Format(**{**vars(png), **other})))


def test_a_new_format_is_a_module_and_a_row(tmp_path):
    """In a copy of the package: nothing else is touched, and the format is listed, read and written."""
    shutil.copytree(ROOT / "imgconv", tmp_path / "imgconv", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "presets", tmp_path / "presets")
    formats = tmp_path / "imgconv" / "formats"
    (formats / "raw.py").write_text(RAW)
    table = formats / "registry.py"
    row = """
        Format(
            name="raw",
            suffixes=(".raw",),
            magic=_starts(b"RAW"),
            loader="raw",
            dtypes=("u1",),
            side=255,
            alpha=False,
        ),
"""
    text = table.read_text()
    assert text.count("FORMATS = _table(\n    (\n") == 1
    table.write_text(text.replace("FORMATS = _table(\n    (\n", f"FORMATS = _table(\n    ({row}"))

    def run(*words):
        words, env = [sys.executable, "-m", "imgconv", *words], {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    assert "raw" in run("list", "formats").stdout
    (tmp_path / "a.csv").write_text("1,2\n3,4\n5,250\n")
    assert run("open", "a.csv", "--white", "255", "save", "b.raw").stderr == ""
    assert (tmp_path / "b.raw").read_bytes() == b"RAW\3\2\1\2\3\4\5\372"
    assert run("open", "b.raw", "invert", "print").stdout.split() == ["254", "253", "252", "251", "250", "5"]
    assert (
        "--level has no effect on raw files" in run("open", "b.raw", "save", "--level", "3", "c.raw").stderr
    )


RAW = """
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.spec import Spec
from imgconv.formats.whole_image_writer import WholeImageWriter


def read(data, options):
    height, width = data[3:5]
    options.check(width, height)
    spec = Spec(height, width, 1, "u1", "gray", False, 255.0)
    return Image.of_pixels(Pixels.of_bytes(data[5:], height, width, 1, "u1"), options.described(spec))


def storable_spec(spec, options):
    return options.stored(spec.replace(channels=1, space="gray"))


def writer(output, spec, meta, options):
    return RawWriter(output, spec, meta, options)


class RawWriter(WholeImageWriter):
    def finish(self):
        self.output.write(b"RAW" + bytes([self.spec.height, self.spec.width]) + self.pixels.tobytes())
"""


# ---- reading -----------------------------------------------------------------------------------------------


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
    from PIL import Image as Pillow

    room = io.BytesIO()
    Pillow.fromarray(np.zeros((20, 20, 3), np.uint8)).save(room, "PNG")
    (tmp_path / "a.png").write_bytes(room.getvalue())
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from imgconv.formats import registry
from imgconv.formats.options import WriteOptions
from imgconv.formats.files import Output
image = registry.read(sys.argv[2])
form, options = registry.by_suffix(sys.argv[2]), WriteOptions()
with Output(sys.argv[2]) as output:
    writer = form.writer(output, form.storable_spec(image.spec, options), image.meta, options)
    writer.commit(0, image.pixels)
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
