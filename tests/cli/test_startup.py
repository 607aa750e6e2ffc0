"""What a start imports: nothing that takes longer than the work."""

import os
import subprocess
import sys

import pytest

from imgconv.jit import cache
from tests.support.command import ROOT, SAMPLES

HEAVY = {"numba", "llvmlite", "numpy", "PIL", "scipy", "cv2"}
SLOW = {
    "click",
    "dataclasses",
    "re",
    "typing",
    "enum",
    "pathlib",
    "hashlib",
    "subprocess",
    "tempfile",
    "signal",
}

kept = pytest.mark.skipif(not cache.loadable(), reason="machine code is not kept on this platform")


def traced(words, **more):
    """A Python with its import times on: what it printed, and the modules that it imported."""
    words = [sys.executable, "-X", "importtime", *map(str, words)]
    env = {**os.environ, **more}
    done = subprocess.run(words, check=False, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return done.stdout, {line.rpartition("|")[2].strip() for line in lines}


def imported(*words, **more):
    """Modules that a command imports."""
    return traced(["-m", "imgconv", *words], **more)[1]


def plain():
    """What this Python imports of itself: an editable install, say, brings a few modules along."""
    return traced(["-c", "import runpy"])[1]


@kept
@pytest.mark.parametrize(
    "steps",
    ["gaussian --sigma 2", "gaussian --sigma 2 sobel", "conv 3x3", "resize --fit 99x99", "invert", ""],
)
def test_png_to_png(steps, tmp_path):
    words = ["-q", "open", SAMPLES / "camera.png", *_steps(steps), "save", tmp_path / "out.png"]
    imported(*words)
    found = imported(*words)
    assert "imgconv.loops.codecs.png" in found
    assert not found & HEAVY
    assert not (found - plain()) & SLOW
    assert not {"imgconv.jit.cache_writer", "imgconv.jit.compiler", "imgconv.jit.codegen"} & found
    assert not {"imgconv.formats.png.apng", "imgconv.formats.frame_timing", "imgconv.io.frames"} & found


@kept
@pytest.mark.parametrize("kernel, rank, found", [("box3", 1, False), ("disc5", 2, False), ("disc5", 1, True)])
def test_a_rank_takes_numpy_only_where_it_is_lower(kernel, rank, found, tmp_path):
    words = ["-q", "open", SAMPLES / "camera.png", "conv", kernel, "--rank", rank, "save", tmp_path / "o.png"]
    imported(*words)
    assert ("numpy" in imported(*words)) == found


def _steps(text):
    return ["conv", "0 -1 0; -1 5 -1; 0 -1 0"] if text.startswith("conv") else text.split()


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "gaussian --help",
        "open x.png gaussian --help",
        "list steps",
        "show sobel-x",
        "completion bash",
    ],
)
def test_words_about_imgconv(words):
    assert not imported(*words.split()) & HEAVY


@pytest.mark.parametrize("words, answer", [("imgconv op", "open"), ("imgconv open x.png sob", "sobel")])
def test_completion(words, answer):
    more = {"_IMGCONV_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    code = "import sys; sys.argv = ['imgconv']; from imgconv.cli.main import main; main()"
    printed, found = traced(["-c", code], **more)
    assert answer in printed
    assert not found & HEAVY


@kept
def test_without_a_linker(tmp_path):
    """The first run compiles, the next one loads through llvmlite, and neither needs a word of explanation."""
    words = ["-q", "open", SAMPLES / "camera.png", "invert", "save", tmp_path / "out.png"]
    imported(*words)
    expected = (tmp_path / "out.png").read_bytes()
    more = {"IMGCONV_CACHE_DIR": str(tmp_path / "cache"), "PATH": str(tmp_path)}
    assert {"numba", "llvmlite"} <= imported(*words, **more)
    assert (tmp_path / "out.png").read_bytes() == expected
    found = imported(*words, **more)
    assert "llvmlite" in found and "numba" not in found
    assert (tmp_path / "out.png").read_bytes() == expected
    assert {path.suffix for path in (tmp_path / "cache" / "code").iterdir()} == {".o", ""}
