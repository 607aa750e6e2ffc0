"""Sources of rows: memory, and bands that come one after the other."""

from itertools import accumulate, pairwise

import numpy as np
import pytest

from imgconv.core.pixels import Pixels
from imgconv.core.rows import MemoryRows, MemorySink, StreamedRows, copy_rows
from imgconv.core.spec import Spec

ROWS = np.arange(9 * 4 * 3, dtype=np.uint16).reshape(9, 4, 3)
SPEC = Spec(9, 4, 3, "u2")


def read(source, start, stop):
    out = Pixels.empty(stop - start, 4, 3, "u2")
    source.read(out, start, stop)
    return np.array(out)


def streamed(*heights):
    ends = list(accumulate((0, *heights)))
    return StreamedRows((Pixels.of_array(ROWS[a:b]) for a, b in pairwise(ends)), SPEC)


def test_rows_in_memory_are_seen_without_a_copy():
    pixels = Pixels.of_array(ROWS)
    source = MemoryRows(pixels, SPEC)
    assert source.view(2, 5).address == pixels.band(2, 5).address
    assert (read(source, 3, 9) == ROWS[3:9]).all()


def test_rows_that_are_not_in_memory_are_refused():
    source = MemoryRows(Pixels.of_array(ROWS[2:6]), SPEC, first=2)
    assert (read(source, 2, 6) == ROWS[2:6]).all()
    for start, stop in ((1, 3), (5, 7)):
        with pytest.raises(IndexError, match=f"rows {start} to {stop}"):
            source.view(start, stop)


@pytest.mark.parametrize("bands", [(9,), (1,) * 9, (4, 5), (2, 6, 1)])
@pytest.mark.parametrize("asked", [(9,), (1,) * 9, (3, 3, 3), (8, 1)])
def test_bands_of_any_height_are_read_by_any_number_of_rows(bands, asked):
    source, ends = streamed(*bands), list(accumulate((0, *asked)))
    parts = [read(source, a, b) for a, b in pairwise(ends)]
    assert (np.concatenate(parts) == ROWS).all()


def test_streamed_rows_are_read_once_and_in_order():
    source = streamed(4, 5)
    read(source, 0, 3)
    for start in (0, 2, 4):
        with pytest.raises(IndexError, match="row 3 comes next"):
            read(source, start, start + 1)


def test_streamed_rows_that_end_too_early_are_an_error():
    with pytest.raises(EOFError, match="end at 4 of 9"):
        read(streamed(4), 0, 9)


def test_rows_are_copied_between_strides():
    wide = Pixels.empty(9, 6, 3, "u2")
    copy_rows(wide.columns(1, 5), Pixels.of_array(ROWS))
    found = np.array(wide)
    assert (found[:, 1:5] == ROWS).all() and not found[:, 0].any() and not found[:, 5].any()


def test_a_sink_in_memory_becomes_a_source():
    sink = MemorySink(SPEC)
    for start in (5, 0):
        band = sink.reserve(start, min(start + 5, 9))
        copy_rows(band, Pixels.of_array(ROWS[start : start + 5]))
        sink.commit(start, band)
    assert (read(sink.rows, 0, 9) == ROWS).all() and sink.rows.spec is SPEC


def test_a_described_source_has_the_same_rows():
    spec = SPEC.replace(space="rgb", white=65535.0)
    for source in (MemoryRows(Pixels.of_array(ROWS), SPEC), streamed(9)):
        other = source.described(spec)
        assert other.spec is spec and other.in_order == source.in_order
        assert (read(other, 0, 9) == ROWS).all()
