"""Determinism: every step gives the same bits for any threads and strips, and rounds as `save` does."""

from __future__ import annotations

import itertools
import shlex

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from imgconv.engine.step import Step
from imgconv.pipeline import grammar
from imgconv.pipeline.presets import Names
from imgconv.steps.blur.gaussian_base import GaussianFilter
from imgconv.steps.combine import TwoInputStep
from imgconv.steps.registry import find, table
from tests.support.chains import image_of, infer, outcome, random, same_bits, stored

THREADS, STRIPS = (1, 2, 3, 99), (1, 7, 64, 1 << 20)


def example(cls: type[Step]) -> list[Step]:
    """The step in its own example; a step with two inputs comes with the steps before it."""
    words = shlex.split(cls.example)
    steps = [step for step in grammar.parse(words[1:], Names()) if step.role == "step"]
    return steps if issubclass(cls, TwoInputStep) else [step for step in steps if type(step) is cls]


STEPS = {name: cls for name in table() if (cls := find(name)) and cls.role == "step"}
CHAINS = ["gaussian --sigma 2 sobel", "conv '1 2 3; 4 5 6' --stride 2 max-pool box --size 5 --edge wrap"]


def picture(steps: list[Step], dtype: str, channels: tuple[int, ...] = (3, 4, 1)) -> np.ndarray:
    """An image that the steps accept: small and in color if possible."""
    for size in ((67, 41), (400, 400)):
        for number in channels:
            a = random((*size, number), dtype)
            try:
                infer(image_of(a).spec, steps)
            except UsageError:
                continue
            return a
    raise AssertionError("no image fits the step")


def check(steps: list[Step], a: np.ndarray) -> None:
    wanted = outcome(a, steps, Run(threads=1))
    for threads, strip in itertools.product(THREADS, STRIPS):
        result = outcome(a, steps, Run(threads=threads, strip=strip))
        assert same_bits(result, wanted), (threads, strip)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("name", STEPS)
def test_every_step(name: str, dtype: str) -> None:
    steps = example(STEPS[name])
    assert steps, f"{name} has no example of itself"
    check(steps, picture(steps, dtype))


@pytest.mark.parametrize("words", CHAINS)
def test_chains(words: str) -> None:
    steps = grammar.parse(shlex.split(words), Names())
    check(steps, picture(steps, "u1"))


@pytest.mark.parametrize("dtype", ["u1", pytest.param("u2", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", [name for name, cls in STEPS.items() if cls.rounds])
def test_rounding_by_the_step_itself(name: str, dtype: str) -> None:
    """A step that writes integers gives its float result, rounded half to even and clipped, to the bit.

    Small Gaussians of bytes use 16-bit sums, which `blur/test_gaussian_fixed_point.py` tests; here they use floats.
    """
    steps = example(STEPS[name])
    a = picture(steps, dtype, (3, 1))
    if infer(image_of(a).spec, steps).dtype != "f4":
        pytest.skip("gives integers anyway")
    run = Run(algorithm="separable" if issubclass(STEPS[name], GaussianFilter) else "auto")
    floats = outcome(a, steps, run)
    top = np.iinfo(dtype).max
    assert same_bits(stored(a, steps, dtype, run), np.clip(np.rint(floats), 0, top).astype(dtype))


@pytest.mark.parametrize("name", STEPS)
def test_every_step_writes_its_own_columns_only(name: str) -> None:
    """Before another filter, a step writes rows between that filter's borders; its result must be the same."""
    steps, box = example(STEPS[name]), grammar.parse(["box", "--edge", "wrap"], Names())
    for channels in ((3, 4, 1), (1, 3, 4)):
        a = picture(steps, "u1", channels)
        spec = infer(image_of(a).spec, steps)
        alone = image_of(a).spec.replace(alpha=False) if spec.channels == a.shape[2] else None
        if alone is None or spec.dtype not in ("u1", "f4"):
            continue
        said = {"alpha": False}
        result = outcome(a, [*steps, *box], **said)
        assert same_bits(result, outcome(outcome(a, steps, **said), box, **said))
