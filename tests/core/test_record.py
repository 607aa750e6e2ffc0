"""Records: frozen, compared by value, changed by copies."""

from __future__ import annotations

import pytest

from imgconv.core.window import Axis


def test_a_copy_with_other_values():
    one = Axis(3, stride=2)
    assert one.replace(size=5) == Axis(5, stride=2) and one == Axis(3, 2)
    assert one.replace() == one and hash(one.replace()) == hash(one)
    with pytest.raises(TypeError, match="Axis has no field 'seize'"):
        one.replace(seize=5)
    with pytest.raises(AttributeError, match="frozen"):
        one.size = 5  # type: ignore[misc]
