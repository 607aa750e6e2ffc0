"""explain: space, alpha, light and border of every step, as what is run has them."""

from __future__ import annotations

import pytest

from tests.support.command import run

OPEN = "open sample_images/transparent.png"


@pytest.mark.parametrize(
    ("words", "column", "said"),
    [
        (f"{OPEN} gaussian explain", "rgb+alpha", "weighted by alpha; edge replicate"),
        (f"--alpha straight {OPEN} gaussian explain", "rgb+alpha", "alpha taken straight; edge replicate"),
        (f"{OPEN} gaussian --on r explain", "rgb+alpha", "weighted by alpha; edge replicate"),
        (f"{OPEN} gaussian --on alpha explain", "rgb+alpha", "across; edge replicate"),
        (f"{OPEN} --linear box explain", "linear+alpha", "weighted by alpha; edge replicate"),
        (f"{OPEN} median explain", "rgb+alpha", "edge replicate"),
        ("open sample_images/camera.png to lab explain", "lab", "rgb - linear - xyz - lab"),
    ],
)
def test_every_step_says_its_space(words, column, said, capsys) -> None:
    told = run(capsys, words).out.splitlines()
    assert column in told[-1].split() and told[-1].endswith(said)


def test_linear_light_is_a_step(capsys) -> None:
    told = run(capsys, f"{OPEN} --linear box explain").out.splitlines()
    assert told[2].startswith("to linear") and told[2].endswith("rgb - linear")
