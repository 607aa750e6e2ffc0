"""Every row of the table of peers: every pixel, at every edge, with images smaller than the kernel; and the table."""

from __future__ import annotations

import numpy as np
import pytest

import imgconv
from imgconv.core.errors import UsageError
from imgconv.steps.registry import find, table
from tests.bench.lines import Line, lines
from tests.peers.table import PEERS, Peer, Timing, every_row, families, rows_of, split_edge
from tests.support.chains import image_of, infer, outcome, random
from tests.support.command import SAMPLES

ROWS = [row for row in every_row() if row.edges]
APPROXIMATE = ("motion-blur", "disc-blur")  # the oracle is
WITHOUT_ORACLE = {
    "plates": "takes three plates; its parts are tested in registration/test_plates.py",
}
SIZES = ((1, 1), (1, 9), (9, 1), (2, 3), (33, 47))
UNIT = {"u1": 1.0, "u2": 257.0, "f4": 1.0}


def largest_difference(result: np.ndarray, wanted: np.ndarray, turn: float) -> float:
    """Of angles the shorter way round."""
    assert result.shape == wanted.shape
    apart = abs(result.astype(np.float64) - wanted)
    if turn:
        apart = np.minimum(apart, turn - apart)
    return float(apart.max())  # NaN is not within any tolerance


def picture(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Random values over the whole range; floats on the scale of bytes, and beyond it on both sides."""
    a = random(shape, dtype)
    return a * np.float32(255) if dtype == "f4" else a


def check(row: Peer, a: np.ndarray, edge: str) -> bool:
    """Compare with the oracle and the peers; False where the step must refuse the image, and does."""
    steps, beyond = row.steps(edge), split_edge(edge)
    wanted = row.oracle(a, beyond)
    if wanted is None:
        with pytest.raises(UsageError):
            infer(image_of(a, alpha=False).spec, steps)
        return False
    result = outcome(a, steps, alpha=False)
    unit = 1.0 if row.turn else UNIT[a.dtype.str[1:]]
    assert largest_difference(result, wanted, row.turn) <= row.tolerance * unit, (row.words, edge, a.shape)
    for name, answer in row.answers():
        theirs = answer(a, beyond)
        if theirs is not None:
            assert largest_difference(result, theirs, row.turn) <= row.peer_tolerance * unit, (
                row.words,
                edge,
                a.shape,
                name,
            )
    return True


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_every_pixel(row: Peer, dtype: str) -> None:
    tried = [
        check(row, picture((*size, channels), dtype), edge)
        for size in SIZES
        for channels in row.channels
        for edge in row.edges
    ]
    assert any(tried)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_double_precision(row: Peer) -> None:
    a = random((23, 31, 3), "u2")
    for edge in row.edges:
        result = outcome(a, row.steps(edge), alpha=False, working="f8")
        wanted = row.oracle(a, split_edge(edge))
        assert result.dtype == np.float64
        limit = row.tolerance * UNIT["u2"] if row.step in APPROXIMATE else 1e-8
        assert largest_difference(result, wanted, row.turn) <= limit, (row.words, edge)


def test_every_step_that_makes_pixels_has_an_oracle() -> None:
    classes = {name: find(name) for name in table()}
    steps = {
        name for name, cls in classes.items() if cls.role == "step" or getattr(cls, "gives_image", False)
    }
    assert steps - {row.step for row in every_row() if row.oracle} == set(WITHOUT_ORACLE)


def test_every_row_lies_with_the_family_of_its_step() -> None:
    for family, rows in families().items():
        for row in rows if family != "chains" else ():
            assert table()[row.step].family == {"combine": "steps"}.get(family, family), row.words


def test_a_new_family_is_found(tmp_path, monkeypatch) -> None:
    """A file with rows is enough; one without is an error."""
    import tests.peers

    (tmp_path / "sharpening.py").write_text(
        "from tests.peers.table import Peer\nROWS = [Peer('sharpen', lambda a: a)]\n"
    )
    monkeypatch.setattr("tests.peers.table.FOLDER", tmp_path)
    monkeypatch.setattr(tests.peers, "__path__", [str(tmp_path)])
    families.cache_clear()
    try:
        assert [row.words for row in every_row()] == ["sharpen"]
        families.cache_clear()
        (tmp_path / "without_rows.py").write_text("")
        with pytest.raises(AttributeError, match="ROWS"):
            every_row()
    finally:
        families.cache_clear()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "needs an oracle or a peer"),
        ({"oracle": 3}, "cannot be called"),
        ({"oracle": abs, "dtypes": ("u4",)}, "'u4' is not a dtype"),
        ({"oracle": abs, "dtypes": ()}, "needs a dtype"),
        ({"oracle": abs, "channels": ()}, "needs a dtype and a number of channels"),
        ({"oracle": abs, "edges": ("mirror",)}, "'mirror' is not an edge"),
        ({"oracle": abs, "tolerance": -1.0}, "negative"),
        ({"words": "", "oracle": abs}, "needs the words"),
    ],
)
def test_a_wrong_row_is_an_error(fields, says) -> None:
    with pytest.raises(ValueError, match=says):
        Peer(**{"words": "sharpen", **fields})


def test_a_wrong_field_or_timing_is_an_error() -> None:
    with pytest.raises(TypeError, match="tolerances"):
        Peer("sharpen", abs, tolerances=3)
    for fields in ({"image": "cmyk"}, {"dtype": "int"}, {"target": 0}, {"megapixels": ()}):
        with pytest.raises(ValueError, match="row 'sharpen'"):
            Timing("sharpen", abs, **fields)
    with pytest.raises(ValueError, match="a step has no row"):
        rows_of("sharpener")


def test_a_library_that_is_not_installed_is_skipped(monkeypatch) -> None:
    row = Peer("sharpen", opencv=abs, torch=abs)
    monkeypatch.setattr("tests.peers.table.installed", lambda peer: peer == "opencv")
    assert [name for name, _ in row.answers()] == ["opencv"]


def test_every_library_is_a_field() -> None:
    assert set(PEERS) <= set(Peer.__dataclass_fields__)


LINES = lines()
COLORS = np.ascontiguousarray(imgconv.open(str(SAMPLES / "astronaut.png")).array()[:192, :256])


def test_names_of_lines_are_different() -> None:
    assert len({line.name for line in LINES}) == len(LINES) > 0


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_timed_calls_do_the_same(line: Line) -> None:
    """What the benchmark compares gives nearly the same pixels."""
    cv2 = pytest.importorskip("cv2")
    image = COLORS if line.image == "rgb" else cv2.cvtColor(COLORS, cv2.COLOR_RGB2GRAY)
    result = line.run(image, 2).astype(np.float64)
    assert abs(result - np.reshape(line.opencv(image), result.shape)).mean() <= line.mean_difference


def test_a_step_edge_by_hand() -> None:
    """Known geometry: a step of height 1 gives 4 beside it and nothing along it; constants give nothing."""
    a = np.repeat([[0, 0, 1, 1]], 5, axis=0).astype(np.uint8)[:, :, None]
    assert outcome(a, "sobel --part x")[:, :, 0].tolist() == [[0, 4, 4, 0]] * 5
    assert outcome(a, "sobel --part x --scale unit")[:, :, 0].tolist() == [[0, 1, 1, 0]] * 5
    assert outcome(a, "sobel --part y").any() == np.False_
    assert outcome(a.transpose(1, 0, 2), "sobel --part y")[:, 0, 0].tolist() == [0, 4, 4, 0]
    for words in ("sobel", "prewitt", "scharr", "laplacian", "laplacian --neighbors 8"):
        assert not outcome(np.full((4, 6, 3), 200, np.uint8), words).any()


@pytest.mark.parametrize(("turns", "degrees"), [(0, 0), (1, 90), (2, 180), (3, 270)])
def test_angles(turns: int, degrees: float) -> None:
    """It brightens to the right, downwards, to the left, upwards."""
    ramp = np.rot90(np.tile(np.arange(9, dtype=np.uint8), (9, 1)), -turns)[:, :, None]
    assert outcome(ramp, "sobel --part angle")[4, 4, 0] == degrees


def test_flat_areas_stay_flat() -> None:
    """Means of a constant are the constant: exactly for boxes, within float32 for the rest."""
    a = np.full((40, 30, 3), 77, np.uint8)
    for words in ("box --size 7", "box --size 31", "box --size 300"):
        assert (outcome(a, words) == 77).all()
    for words in ("gaussian --sigma 3", "sharpen", "unsharp"):
        assert abs(outcome(a, words) - 77).max() < 1e-4


def test_means_are_correctly_rounded() -> None:
    """Sums of whole numbers are exact and divided once."""
    for dtype, size in (("u1", "6"), ("u2", "9"), ("u2", "23"), ("u1", "300")):
        a = random((25, 37, 3), dtype)
        rows = int(size)
        wanted = np.zeros(a.shape, np.int64)
        ys = np.clip(np.arange(25)[:, None] + np.arange(-(rows // 2), rows - rows // 2), 0, 24)
        xs = np.clip(np.arange(37)[:, None] + np.arange(-(rows // 2), rows - rows // 2), 0, 36)
        wanted = a.astype(np.int64)[ys].sum(1)[:, xs].sum(2)
        result = outcome(a, f"box --size {size}")
        assert (result == (wanted / (rows * rows)).astype(np.float32)).all(), (dtype, size)


def test_the_largest_gaussian() -> None:
    """Weights that reach far beyond the image."""
    a = random((6, 5, 1), "u1")
    result = outcome(a, "gaussian --sigma 500 --edge wrap")
    assert abs(result - a.mean()).max() < 0.01
    for words in ("gaussian --sigma 600", "unsharp --sigma 1e300", "gaussian --sigma 400 --truncate 6"):
        with pytest.raises(UsageError, match="taps a side"):
            outcome(a, words)


@pytest.mark.parametrize(
    "words", ["gaussian --sigma nan", "gaussian --sigma inf", "gaussian --sigma 0", "gaussian --size 4"]
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)


def test_gradients_leave_alpha_alone() -> None:
    for dtype in ("u1", "f4"):
        a = picture((9, 8, 4), dtype)
        for words in ("sobel", "laplacian"):
            result = outcome(a, words)
            assert (result[:, :, 3] == a[:, :, 3]).all()
            assert (result[:, :, :3] == outcome(a[:, :, :3].copy(), words)).all()
