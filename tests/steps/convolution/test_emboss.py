"""Emboss: what the table of peers does not show."""

from __future__ import annotations

import numpy as np
import pytest

from imgconv.core.errors import UsageError
from imgconv.core.spec import Spec
from imgconv.engine.run_options import Run
from imgconv.steps.convolution.emboss import Emboss
from imgconv.steps.convolution.fft import Fourier
from tests.support.chains import outcome, random, same_bits


def test_emboss_of_the_usual_light_is_the_preset() -> None:
    a = random((12, 15, 1), "u1")
    assert abs(outcome(a, "emboss --depth 1.41421356") - outcome(a, "conv emboss3")).max() < 1e-3


def test_alpha_stays() -> None:
    for dtype in ("u1", "f4"):
        a = random((25, 28, 4), dtype)
        result = outcome(a, "emboss --flat")
        assert (result[:, :, 3] == a[:, :, 3]).all()
        assert same_bits(result[:, :, :3].copy(), outcome(a[:, :, :3].copy(), "emboss --flat"))


@pytest.mark.parametrize(("channels", "algorithm"), [(1, "fft"), (3, "fft"), (4, "direct")])
def test_it_runs_as_it_explains(channels: int, algorithm: str) -> None:
    spec, run = (
        Spec(40, 30, channels, "u1", "rgb" if channels > 1 else "gray", channels == 4),
        Run(algorithm="fft"),
    )
    emboss = Emboss()
    assert emboss.explain(spec, run).startswith(algorithm)
    (part,) = emboss.expand(spec, run)
    assert isinstance(part, Fourier) == (algorithm == "fft")


def test_flat_areas_become_0() -> None:
    assert abs(outcome(np.full((40, 30, 3), 77, np.uint8), "emboss --flat")).max() < 1e-3


def test_an_angle_beyond_a_circle_is_refused() -> None:
    with pytest.raises(UsageError):
        outcome(random((6, 5, 1), "u1"), "emboss --angle 400")
