"""Loops made by laying a formula over a shared walk: they are what they say, and their cache key knows the formula."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import imgconv.loops
from imgconv.jit import cache
from imgconv.jit.helper import Helper, Overload, _names
from imgconv.jit.loop import Loop, loops
from imgconv.loops.tone import arithmetic

for _module in pkgutil.walk_packages(imgconv.loops.__path__, "imgconv.loops."):
    import_module(_module.name)


def helpers(part: Helper) -> set[Helper]:
    """The helpers that a loop calls, and those that they call."""
    found: set[Helper] = set()
    waiting = [part]
    while waiting:
        helper = waiting.pop()
        if helper in found:
            continue
        found.add(helper)
        if isinstance(helper, Overload):
            waiting += helper.variants.values()
        scope = helper.function.__globals__
        names = _names(helper.function.__code__) & scope.keys()
        waiting += [scope[name] for name in names if isinstance(scope[name], Helper)]
    return found


@pytest.mark.parametrize("loop", loops, ids=lambda loop: loop.title)
def test_the_digest_of_a_loop_covers_all_that_it_calls(loop: Loop) -> None:
    """Else machine code of an old formula would be loaded."""
    covered: dict[str, bytes] = {}
    cache._collect(loop.function.__module__, covered)
    assert {helper.function.__module__ for helper in helpers(loop)} <= covered.keys()


def test_a_formula_keeps_its_name_and_docstring() -> None:
    assert arithmetic.clip.title == "arithmetic.clip"
    assert (arithmetic.clip.__doc__ or "").startswith("low where v is less")
    assert arithmetic.clip.signatures == arithmetic.threshold.signatures
    assert {helper.__name__ for helper in helpers(arithmetic.clip)} > {"clip", "keep_alpha", "to_u1"}
    assert len({loop.title for loop in loops}) == len(loops)
