"""Rows that can be read only once: the same bits as from memory, whatever the chain, in memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.rows import MemorySink, StreamedRows
from imgconv.engine import evaluate, slabs
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.engine.stage import source_rows, stages
from tests.support.chains import computed, image_of, outcome, random, same_bits, sent, steps_of
from tests.support.command import ROOT

LOCAL = [
    "gaussian --sigma 2",
    "gaussian --sigma 9",
    "gaussian --sigma 9 --edge wrap",
    "median --size 5 --edge constant:7",
    "conv sharpen-more --edge symmetric",
    "box --size 31 --edge reflect101",
    "crop 3,150,20,40",
    "resize --scale 0.3",
    "resize --scale 2.5 sobel",
    "max-pool --size 3 --stride 2 sharpen",
    "dilate --size 7 erode --size 9",
    "canny",
    "invert",
    "to lab unsharp --on L to rgb",
    "gray gaussian --sigma 2 sobel",
    "mark a gaussian --sigma 3 mix a --amount 0.3",
    "mark a box --size 9 mark b sobel subtract b difference a",
]
GLOBAL = [
    "equalize",
    "box --size 5 equalize",
    "normalize gaussian",
    "gaussian --sigma 2 normalize sobel equalize",
    "mark a gaussian normalize mix a",
    "rotate 90",
    "sobel flip vertical",
]


def bands(a: np.ndarray, rows: int = 7) -> Iterator[Pixels]:
    for start in range(0, a.shape[0], rows):
        yield Pixels.of_array(a[start : start + rows])


def once(a: np.ndarray) -> Image:
    """An image over an array whose rows come from a generator."""
    memory = image_of(a)
    return Image(StreamedRows(bands(a), memory.spec))


@pytest.fixture(params=[1, 1 << 14])
def small_slabs(request, monkeypatch) -> None:
    """Slabs of the fewest rows, and of some more."""
    monkeypatch.setattr(slabs, "SLAB", request.param)


@pytest.mark.parametrize("words", [*LOCAL, *GLOBAL])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("dtype", "channels"), [("u1", 3), ("f4", 4)])
def test_the_bits_are_those_from_memory(words, threads, dtype, channels, small_slabs) -> None:
    a = random((203, 41, channels), dtype)
    run = Run(threads=threads)
    steps = steps_of(words)
    assert same_bits(np.array(computed(once(a), steps, run).pixels), outcome(a, steps, run))


@pytest.mark.parametrize("words", ["gaussian --sigma 2 normalize sobel", "mark a box normalize mix a"])
def test_what_does_not_fit_into_memory_is_spooled(words, small_slabs, monkeypatch) -> None:
    a = random((203, 41, 3), "u1")
    wanted = outcome(a, words)
    monkeypatch.setattr(evaluate, "IN_MEMORY", 0)
    assert same_bits(np.array(computed(once(a), steps_of(words)).pixels), wanted)


@pytest.mark.parametrize(
    "words", ["gaussian --sigma 2 normalize sobel equalize", "mark a box normalize mix a"]
)
def test_what_does_not_fit_into_memory_is_computed_twice(words, monkeypatch) -> None:
    """From a source that can be asked for any rows: clipped samples count once all the same."""
    a = random((203, 41, 3), "u1")
    wanted = outcome(a, words)
    clipped = [sent(image_of(a), steps_of("tophat normalize"), MemorySink(image_of(a).spec.computed))]
    monkeypatch.setattr(evaluate, "IN_MEMORY", 0)
    monkeypatch.setattr(evaluate, "_spool", None)
    assert same_bits(np.array(computed(image_of(a), steps_of(words)).pixels), wanted)
    clipped += [sent(image_of(a), steps_of("tophat normalize"), MemorySink(image_of(a).spec.computed))]
    assert clipped[0] == clipped[1]


def test_a_problem_of_the_source_reaches_the_caller(small_slabs) -> None:
    a = random((203, 41, 3), "u1")

    def broken() -> Iterator[Pixels]:
        for number, band in enumerate(bands(a)):
            if number == 20:
                raise ValueError("the pipe broke")
            yield band

    image = Image(StreamedRows(broken(), image_of(a).spec))
    with pytest.raises(ValueError, match="the pipe broke"):
        computed(image, steps_of("gaussian"))


def test_no_more_rows_are_read_than_are_needed() -> None:
    a = random((203, 41, 3), "u1")
    image = once(a)
    computed(image, steps_of("crop 0,10,41,20"))
    assert image.rows._next == 30


@pytest.mark.parametrize(
    ("words", "rows", "needed"),
    [
        ("gaussian --sigma 1", (50, 60), (46, 64)),
        ("gaussian --sigma 1 --edge wrap", (0, 10), (0, 203)),
        ("gaussian --sigma 1 --edge symmetric", (0, 10), (0, 14)),
        ("gaussian --sigma 1 --edge constant:0", (0, 10), (0, 14)),
        ("gaussian --sigma 1 sobel", (50, 60), (45, 65)),
        ("max-pool --size 2", (10, 20), (20, 40)),
        ("mark a gaussian --sigma 1 mix a", (50, 60), (46, 64)),
        ("mark a crop 0,10,41,100 mark b sobel mix b", (50, 60), (59, 71)),
    ],
)
def test_the_rows_that_a_result_needs(words, rows, needed) -> None:
    spec = image_of(random((203, 41, 3), "u1")).spec
    chain = Chain(spec, steps_of(words)).expanded(Run(algorithm="separable"))
    assert source_rows(stages(chain), *rows) == needed


PEAK = """
import resource, sys
from imgconv.core.image import Image
from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink, StreamedRows
from imgconv.core.spec import Spec
from imgconv.engine.chain import Chain
from tests.support.chains import sent, steps_of

rows, words = int(sys.argv[1]), sys.argv[2]
band = Pixels.of_bytes(bytes(range(250)) * 4 * 100, 100, 1000, 1, "u1")
spec = Spec(rows, 1000, 1, "u1", space="gray", white=255.0)

class Nowhere(RowSink):
    def reserve(self, start, stop):
        return Pixels.unset(stop - start, out.width, out.channels, out.dtype)

steps = steps_of(words)
out = Chain(spec, steps).spec
sent(Image(StreamedRows((band for _ in range(rows // 100)), spec)), steps, Nowhere())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(rows: int, words: str) -> int:
    """Kilobytes that a process takes at most."""
    words_of = [sys.executable, "-c", PEAK, str(rows), words]
    done = subprocess.run(words_of, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("words", ["gaussian --sigma 3 sobel", "mark a gaussian --sigma 3 mix a"])
def test_memory_does_not_grow_with_the_height(words) -> None:
    """2,000, 20,000 and 200,000 rows of 1,000 pixels: 2 to 200 MB."""
    peak(2000, words)  # compiles
    few, some, many = (peak(rows, words) for rows in (2000, 20_000, 200_000))
    assert many < 1.25 * some and many - few < 150_000, (few, some, many)
