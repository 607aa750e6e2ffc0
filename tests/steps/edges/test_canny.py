"""Canny: every pixel against the oracle and OpenCV, and what no single pixel shows."""

from __future__ import annotations

import numpy as np
import pytest

import imgconv
from imgconv.core.errors import UsageError
from imgconv.engine import evaluate
from imgconv.engine.run_options import Run
from imgconv.steps.edges import canny
from tests.oracles import edges as slow
from tests.peers.table import rows_of
from tests.support.chains import check_bits, check_row, image_of, infer, outcome, random, same_bits, stored
from tests.support.command import ROOT


@pytest.mark.parametrize("row", rows_of("canny"), ids=lambda row: row.words)
def test_canny_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("name", ["astronaut.png", "camera.png", "coffee.jpg"])
@pytest.mark.parametrize("l2", [False, True])
def test_canny_of_photographs_is_opencv_s(name: str, l2: bool) -> None:
    cv2 = pytest.importorskip("cv2")
    a = imgconv.open(str(ROOT / "sample_images" / name)).array()
    a = np.ascontiguousarray(a.reshape(*a.shape[:2], -1)[:300, :400])
    for size, low, high in ((3, 60, 160), (5, 900, 2400)):
        wanted = cv2.Canny(a, low, high, apertureSize=size, L2gradient=l2)
        result = outcome(a, f"canny --low {low} --high {high} --size {size}" + " --l2" * l2)
        assert 0.01 < (wanted > 0).mean() < 0.5
        assert (result[:, :, 0] == wanted).all()


def test_canny_of_any_depth_and_white() -> None:
    """The same edges from 16 bits and from floats of the same numbers; white is full scale."""
    a = random((50, 60, 1), "u1") // 3 * 2
    edges = outcome(a, "canny --low 300 --high 700")
    assert set(np.unique(edges)) == {0, 255}
    assert same_bits(
        outcome(a.astype(np.uint16) * 257, "canny --low 300 --high 700"), edges.astype("u2") * 257
    )
    floats = outcome(a.astype(np.float32), "canny --low 300 --high 700", white=255.0)
    assert same_bits(floats, edges.astype(np.float32))
    assert outcome(a.astype(np.float64), "canny", working="f8").max() == 1


def test_canny_takes_the_steepest_color_and_no_alpha() -> None:
    a = random((30, 40, 4), "u1")
    result = outcome(a, "canny --low 300 --high 700")
    assert result.shape == (30, 40, 1)
    assert same_bits(result, outcome(np.ascontiguousarray(a[:, :, :3]), "canny --low 300 --high 700"))
    spec = infer(image_of(a).spec, [canny.Canny()])
    assert (spec.space, spec.alpha, spec.channels) == ("gray", False, 1)
    gray = a[:, :, :1].copy()
    assert same_bits(outcome(gray.repeat(3, 2), "canny"), outcome(gray, "canny"))


@pytest.mark.parametrize("stack", [1, 2, 7])
def test_canny_floods_with_any_stack_and_any_bands(stack: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edges that wind through the whole image, from one strong pixel; a stack that is too small; seams everywhere."""
    monkeypatch.setattr(canny, "STACK", stack)
    a = np.zeros((40, 50, 1), np.uint8)
    for y in range(2, 40, 6):
        a[y : y + 3, 2:48] = 90
        if y > 2:
            x = 44 if y % 12 == 2 else 2
            a[y - 3 : y, x : x + 4] = 90
    a[2:5, 10:13] = 255
    for image in (a, np.ascontiguousarray(a[::-1]), np.ascontiguousarray(a.transpose(1, 0, 2)[::-1, ::-1])):
        wanted = slow.canny(image, 100, 700)
        assert (wanted > 0).sum() > 400
        assert not slow.canny(np.minimum(image, 90), 100, 700).any()
        for threads, strip in ((1, 1), (1, 5), (3, 1), (2, 7), (1, 0)):
            result = outcome(image, "canny --low 100 --high 700", Run(threads=threads, strip=strip))
            assert (result == wanted).all()


@pytest.mark.parametrize("stack", [1, 2, 7])
def test_canny_floods_where_edges_fork(stack: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit on a full stack is found by another look."""
    monkeypatch.setattr(canny, "STACK", stack)
    for seed in range(5):
        a = random((40, 150, 1), "u1", seed)
        assert (outcome(a, "canny --low 100 --high 1300") == slow.canny(a, 100, 1300)).all()


@pytest.mark.parametrize("words", ["canny", "canny --l2", "canny --size 5"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_canny_bits(words: str, dtype: str) -> None:
    check_bits(f"{words} --low 200 --high 400", dtype, 3)


def test_canny_of_blocks_wider_than_one() -> None:
    """Rows are worked on in blocks; their seams do not show."""
    cv2 = pytest.importorskip("cv2")
    for channels, width in ((1, 2 * canny.BLOCK + 1), (3, canny.BLOCK + 2)):
        a = random((9, width, channels), "u1")
        for l2 in (False, True):
            wanted = cv2.Canny(a, 300, 700, L2gradient=l2)
            assert (outcome(a, "canny --low 300 --high 700" + " --l2" * l2)[:, :, 0] == wanted).all()


def test_canny_of_a_map_that_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hysteresis changes the map: it stays in memory, and is not computed twice or kept in a file."""
    a = random((60, 50, 3), "u1")
    wanted = outcome(a, "canny --low 100 --high 900")
    monkeypatch.setattr(evaluate, "IN_MEMORY", 0)
    assert same_bits(outcome(a, "canny --low 100 --high 900", Run(threads=2, strip=7)), wanted)
    soft = outcome(a, "gaussian canny --low 100 --high 300", Run(strip=5))
    monkeypatch.undo()
    assert same_bits(soft, outcome(a, "gaussian canny --low 100 --high 300"))


def test_canny_without_edges_and_of_nan() -> None:
    assert not outcome(np.full((20, 30, 1), 200, np.uint8), "canny --low 0 --high 0").any()
    a = np.full((9, 9, 1), np.nan, np.float32)
    assert not outcome(a, "canny").any()


def test_canny_in_a_chain() -> None:
    a = random((30, 40, 3), "u1")
    soft = outcome(a, "gaussian")
    assert same_bits(outcome(a, "gaussian canny dilate"), outcome(soft, "canny dilate", white=255.0))
    assert same_bits(stored(a, "canny"), outcome(a, "canny"))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_nothing_is_above_the_largest_threshold(dtype: str) -> None:
    a = random((9, 31, 1), dtype)
    for words in ("", " --l2"):
        assert not outcome(a, f"canny --low 1e9 --high 1e9{words}").any()


@pytest.mark.parametrize(
    "words",
    ["--low 3 --high 2", "--low -1", "--high nan", "--high 1e308", "--size 7", "--on 0"],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), f"canny {words}")
