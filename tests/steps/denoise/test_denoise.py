"""Filters that smooth and keep edges: every pixel against the oracle and the peers, and known pictures."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from tests.oracles import denoise as slow
from tests.peers.table import EDGES, rows_of, split_edge
from tests.support.chains import check_bits, check_row, differs, image_of, infer, outcome, random, steps_of

ROWS = rows_of("bilateral", "guided", "nlm")
FILTERS = {
    "bilateral --radius 3 --sigma-range 0.5": partial(slow.bilateral, space=3.0, near=0.5, radius=3),
    "nlm --patch 3 --search 7 --strength 0.5": partial(slow.nlm, patch=3, search=7, strength=0.5),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.words} {row.dtypes[-1]} {row.channels[-1]}")
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize("words", FILTERS)
def test_edges(words: str) -> None:
    for size in ((1, 1), (2, 3), (15, 60)):
        a = random((*size, 3), "u1")
        for edge in EDGES:
            result = outcome(a, f"{words} --edge {edge}")
            assert differs(result, FILTERS[words](a, edge=split_edge(edge))) <= 1e-3, (size, edge)


@pytest.mark.parametrize("words", FILTERS)
def test_double_precision(words: str) -> None:
    a = random((14, 23, 3), "u2")
    assert differs(outcome(a, words, working="f8"), FILTERS[words](a)) <= 1e-8


@pytest.mark.parametrize("words", FILTERS)
def test_flat_areas_stay_flat_and_alpha_stays(words: str) -> None:
    assert (outcome(np.full((30, 40, 3), 77, np.uint8), words) == 77).all()
    a = random((30, 40, 4), "u1")
    a[:20, :, 3] = 0
    result = outcome(a, words)
    assert (result[..., 3] == a[..., 3]).all()
    assert (result[:10] == a[:10]).all()  # nothing there weighs


@pytest.mark.parametrize("words", FILTERS)
def test_a_step_edge_stays(words: str) -> None:
    """Noise goes, the edge does not."""
    clean = np.repeat([[40.0] * 20 + [200.0] * 20], 30, axis=0)[..., None]
    noisy = clean + np.random.default_rng(1).normal(0, 5, clean.shape)
    result = outcome(noisy.astype(np.float32), words.replace("0.5", "0.15"), white=255.0)
    assert abs(result - clean).mean() < 0.4 * abs(noisy - clean).mean()
    assert abs(result - clean)[:, 18:22].max() < 15


@pytest.mark.parametrize("words", FILTERS)
def test_values_that_are_no_numbers_stay_near(words: str) -> None:
    a = random((30, 60, 1), "f4")
    a[15, 30] = np.nan
    result = outcome(a, words)
    assert np.isnan(result[15, 30])
    assert np.isfinite(result[:, :10]).all() and np.isfinite(result[:, 50:]).all()


@pytest.mark.parametrize(
    "words",
    [
        "bilateral --sigma-range 0",
        "bilateral --sigma-space 0",
        "bilateral --radius 0",
        "bilateral --radius 128",
        "guided --eps 0",
        "guided --radius 256",
        "nlm --strength 0",
        "nlm --patch 4",
        "nlm --search 20",
        "nlm --search 101",
    ],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)


def test_extreme_widths() -> None:
    a = random((20, 21, 3), "u1")
    assert differs(outcome(a, "bilateral --sigma-range 1e-30"), a) < 1e-30
    assert np.isfinite(outcome(a, "bilateral --sigma-space 1e-30 --radius 2 --sigma-range 1e30")).all()
    assert np.isfinite(outcome(a, "bilateral --sigma-space 1e30 --radius 2")).all()


GUIDED = {"channel": slow.guided, "color": slow.guided_by_color}


@pytest.mark.parametrize("guide", GUIDED)
def test_guided(guide: str) -> None:
    """What is flat stays so, alpha and edges stay, strips do not show, double precision is near the oracle."""
    words = f"guided --radius 4 --eps 0.01 --guide {guide}"
    assert abs(outcome(np.full((30, 40, 3), 77, np.uint8), words) - 77).max() < 1e-4
    a = random((30, 40, 4), "u1")
    result = outcome(a, words)
    assert (result[..., 3] == a[..., 3]).all()
    assert differs(result[..., :3], outcome(a[..., :3].copy(), words)) == 0
    step = np.repeat([[10] * 20 + [240] * 20], 30, axis=0).astype(np.uint8)
    assert abs(outcome(np.dstack([step] * 3), words) - step[..., None]).max() < 8
    check_bits(words, "u2", 3)
    a = random((14, 23, 3), "u2")
    assert differs(outcome(a, words, working="f8"), GUIDED[guide](a, 4, 0.01)) <= 1e-7


def test_a_color_guide_needs_colors() -> None:
    with pytest.raises(UsageError, match="three colors"):
        infer(image_of(random((6, 5, 1), "u1")).spec, steps_of("guided --guide color"))


def test_a_color_guide_keeps_edges_of_other_channels() -> None:
    """A faint edge in red stays where green has a strong one at its place."""
    step = np.repeat([[0] * 20 + [1] * 20], 30, axis=0)
    a = np.dstack([100 + 10 * step, 50 + 150 * step, 100 + 0 * step]).astype(np.uint8)
    alone, together = (outcome(a, f"guided --guide {guide}")[15, 19:21, 0] for guide in GUIDED)
    assert together[1] - together[0] > 8 > 4 > alone[1] - alone[0]
