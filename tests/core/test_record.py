"""Records: frozen, compared by value, changed by copies."""

from __future__ import annotations

import pytest

from imgconv.core.record import Record
from imgconv.core.window import Axis


def test_a_copy_with_other_values():
    one = Axis(3, stride=2)
    assert one.replace(size=5) == Axis(5, stride=2) and one == Axis(3, 2)
    assert one.replace() == one and hash(one.replace()) == hash(one)
    with pytest.raises(TypeError, match="Axis has no field 'seize'"):
        one.replace(seize=5)
    with pytest.raises(AttributeError, match="frozen"):
        one.size = 5  # type: ignore[misc]


def test_fields_of_several_bases():
    class Named(Record):
        name: str = "?"
        size: int = 1

    class Colored(Record):
        color: str = "red"
        size: int = 2

    class Both(Named, Colored):
        weight: float = 0.5

    assert list(Both.fields) == ["color", "size", "name", "weight"]
    assert Both().values() == {"color": "red", "size": 1, "name": "?", "weight": 0.5}
