"""Local contrast (CLAHE): every pixel against the oracle and OpenCV, floats, single channels."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from tests.peers.table import rows_of
from tests.support.chains import check_row, differs, image_of, infer, outcome, random, steps_of


@pytest.mark.parametrize(
    "row", rows_of("local-contrast"), ids=lambda row: f"{row.words} {row.dtypes[-1]} {row.channels[-1]}"
)
def test_rows(row) -> None:
    for dtype in row.dtypes:
        for channels in row.channels:
            check_row(row, dtype, channels)


@pytest.mark.parametrize(
    "words",
    [
        "local-contrast --limit -1",
        "local-contrast --tiles 0",
        "local-contrast --tiles 257",
    ],
)
def test_refused(words: str) -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), words)


def test_too_many_tiles_for_16_bits() -> None:
    with pytest.raises(UsageError, match="65536 counts each"):
        infer(image_of(random((6, 5, 3), "u2")).spec, steps_of("local-contrast --tiles 64"))


def test_local_contrast_of_floats_is_that_of_bytes() -> None:
    """The same bins; rounded at the end alone."""
    a = random((60, 50, 1), "u1")
    result = outcome(a.astype(np.float32), "local-contrast", white=255.0)
    assert differs(result, outcome(a, "local-contrast")) <= 1.0 + 4e-4
    a = a.astype(np.float32)
    a[5, 7] = np.nan
    result = outcome(a, "local-contrast", white=255.0)
    assert np.isnan(result[5, 7]) and np.isnan(result).sum() == 1


def test_local_contrast_of_one_channel() -> None:
    a = random((60, 50, 3), "u1")
    result = outcome(a, "local-contrast --on g")
    assert (result[..., [0, 2]] == a[..., [0, 2]]).all()
    assert (result[..., 1] == outcome(a[..., 1:2].copy(), "local-contrast")[..., 0]).all()
    dark = a // 8
    lighter = outcome(
        outcome(dark, "to lab local-contrast --on L", Run(strip=7)), "to rgb", space="lab", white=255.0
    )
    assert lighter.mean() > 2 * dark.mean()
