"""Sizes, rows that are needed and receptive fields, against counting by hand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from imgconv.core.window import Axis, ReceptiveField, Window

axes = st.builds(
    Axis, st.integers(1, 9), st.integers(1, 5), st.integers(1, 5), st.integers(0, 9), st.integers(0, 9)
)


def taps(axis: Axis, out: int) -> list[int]:
    """The input positions that output `out` looks at; below 0 in the padding."""
    return [out * axis.stride - axis.before + i * axis.dilation for i in range(axis.size)]


def receptive_field(chain: list[Axis]) -> ReceptiveField:
    field = ReceptiveField()
    for axis in chain:
        field = field.through(axis)
    return field


def count(axis: Axis, length: int) -> int:
    """Outputs whose taps all lie in the padded image, one after the other."""
    found = 0
    while taps(axis, found)[-1] < length + axis.after:
        found += 1
    return found


@settings(derandomize=True)
@given(axes, st.integers(1, 64))
def test_output_sizes(axis: Axis, length: int) -> None:
    assert max(axis.output(length), 0) == count(axis, length)


@settings(derandomize=True)
@given(axes, st.integers(0, 20), st.integers(1, 20))
def test_rows_that_are_needed(axis: Axis, start: int, rows: int) -> None:
    seen = [at for out in range(start, start + rows) for at in taps(axis, out)]
    assert axis.input_range(start, start + rows) == (min(seen), max(seen) + 1)


@settings(derandomize=True)
@given(st.lists(axes, max_size=5), st.integers(0, 4))
def test_receptive_fields(chain: list[Axis], out: int) -> None:
    seen = [out]
    for axis in reversed(chain):
        seen = [at for one in (min(seen), max(seen)) for at in (taps(axis, one)[0], taps(axis, one)[-1])]
    field = receptive_field(chain)
    first = field.start + out * field.jump
    assert (min(seen), max(seen)) == (first, first + field.size - 1)


def test_numbers_everyone_knows() -> None:
    """A first layer of 7 x 7 at stride 2 and padding 3 makes 112 of 224, a pool of 2 then 56."""
    layer, pool = Axis(7, 2, 1, 3, 3), Axis(2, 2)
    assert (layer.output(224), pool.output(112)) == (112, 56)
    assert receptive_field([layer, pool]) == ReceptiveField(size=9, jump=4, start=-3)
    assert receptive_field([Axis(3), Axis(3)]).size == 5
    assert receptive_field([Axis(3, dilation=2), Axis(3, dilation=4)]).size == 13


def test_the_lectures_series() -> None:
    assert Axis(3).output(7) == 5
    assert Axis(3, 2).output(7) == 3
    assert Axis(3, 1, 1, 3, 3).output(7) == 11
    assert Axis(8).output(7) == 0


def test_windows() -> None:
    assert Window().output(10, 12) == (10, 12)
    assert Window(Axis(3), Axis(5)).output(10, 10) == (8, 6)
