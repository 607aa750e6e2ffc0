"""Words to steps, and back."""

from __future__ import annotations

import pytest

from imgconv.core.border import Border
from imgconv.core.errors import UsageError
from imgconv.engine.run_options import Run
from imgconv.pipeline.grammar import is_option, parse, parse_run
from imgconv.pipeline.presets import Names
from imgconv.steps.registry import find, table
from tests.support.command import run


def steps(*words: str):
    return parse(words, Names())


def names(*words: str) -> list[str]:
    return [step.name for step in steps(*words)]


def test_a_step_starts_at_a_word_that_names_one():
    assert names("open", "a.png", "gaussian", "--sigma", "2", "sobel", "save", "b.png") == [
        "open",
        "gaussian",
        "sobel",
        "save",
    ]


def test_options_stand_before_or_after_the_argument():
    before = steps("save", "--quality", "9", "out.jpg")
    after = steps("save", "out.jpg", "--quality", "9")
    joined = steps("save", "out.jpg", "--quality=9")
    assert before == after == joined
    assert before[0].quality == 9


@pytest.mark.parametrize("words", [["-1 0 1"], ["--", "-1 0 1"], ["--bias", "0", "-1 0 1"]])
def test_a_kernel_may_begin_with_a_minus(words):
    (conv,) = steps("conv", *words)
    assert conv.kernel.weights == ((-1.0, 0.0, 1.0),)


def test_a_negative_number_is_the_value_of_an_option():
    (conv,) = steps("conv", "1 1", "--bias", "-3")
    assert conv.bias == -3


def test_a_word_after_an_option_with_a_value_is_that_value():
    (save,) = steps("save", "--format", "png", "out")
    assert (save.format, save.path) == ("png", "out")


def test_a_file_named_like_a_step_is_written_with_a_directory():
    assert steps("open", "./sobel", "sobel")[0].paths == ("./sobel",)
    assert steps("open", "--", "sobel", "sobel")[0].paths == ("sobel",)


def test_a_preset_of_a_kernel_is_an_argument_of_conv_and_a_step():
    as_argument = steps("conv", "sobel-x", "--edge", "wrap")
    as_step = steps("sobel-x", "--edge", "wrap")
    assert as_argument == as_step
    assert as_step[0].edge == Border("wrap")


def test_a_step_that_claims_no_argument_ends_before_a_step_of_that_name():
    assert names("conv", "1 1", "sobel") == ["conv", "sobel"]


def test_a_preset_of_steps_has_its_own_options():
    assert names("edges", "--sigma", "3")[-1] == "sobel"
    assert steps("edges", "--sigma", "3")[-2].sigma == 3


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (["open", "a.png", "gausian", "save", "b.png"], ["gausian", "gaussian"]),
        (["gaussian", "--sgma", "2"], ["--sgma", "--sigma"]),
        (["gaussian", "--sigma", "two"], ["gaussian", "--sigma", "two", "not a number"]),
        (["gaussian", "--sigma", "nan"], ["finite"]),
        (["gaussian", "--sigma"], ["--sigma", "needs a value"]),
        (["gaussian", "--sigma", "1", "--sigma", "2"], ["twice"]),
        (["conv", "1 2 x; 3"], ["conv"]),
        (["conv", "soble-x"], ["soble-x", "sobel-x"]),
        (["conv", "missing.txt"], ["missing.txt"]),
        (["conv"], ["KERNEL"]),
        (["conv", "1 1", "--edge", "mirror"], ["mirror", "scipy:mirror", "symmetric"]),
        (["conv", "1 1", "--padding", "1,2"], ["--padding", "1,2,1,2 (top"]),
        (["conv", "1 1 1", "--anchor", "3,0"], ["anchor", "outside"]),
        (["sobel", "3"], ["sobel takes no argument"]),
        (["frobnicate"], ["frobnicate", "open PATH"]),
        (["save"], ["save", "PATH"]),
        (["save", "out.pgn"], [".pgn", "did you mean"]),
        (["save", "out"], ["out", "suffix"]),
        (["max-pool", "--size", "2y3"], ["size", "2y3"]),
        (["open"], ["open", "PATHS"]),
    ],
)
def test_a_wrong_word_is_told_with_what_to_do(words, needs):
    with pytest.raises(UsageError) as caught:
        steps(*words)
    text = str(caught.value)
    assert all(need.lower() in text.lower() for need in needs), text


def test_options_of_the_run_stand_first():
    values, at = parse_run(["--threads", "2", "--strict", "-q", "open", "x"], Run.fields)
    assert values == {"threads": 2, "strict": True, "quiet": True}
    assert at == 4
    with pytest.raises(UsageError, match=r"--threds.*--threads"):
        parse_run(["--threds", "2"], Run.fields)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("--sigma", True), ("-q", True), ("-1 0 1", False), ("-", False), ("--", False), ("-.5", False)],
)
def test_what_looks_like_an_option(word, expected):
    assert is_option(word) is expected


def test_the_words_of_a_step_read_back_to_it():
    for text in (
        [
            "conv",
            "1 2 1 x -1 0 1",
            "--stride",
            "2x3",
            "--edge",
            "constant:5",
            "--flip",
            "--padding",
            "1,2,3,4",
        ],
        ["gaussian", "--sigma", "2.5"],
        ["max-pool", "--size", "3x2", "--ceil"],
        ["save", "x.png", "--range", "offset"],
    ):
        once = steps(*text)
        assert steps(*once[0].words()) == once


def test_every_step_has_a_summary_an_example_and_help_for_each_option():
    for name in table():
        cls = find(name)
        assert cls.name == name
        assert cls.summary == table()[name].summary and cls.summary
        assert f" {name}" in cls.example and cls.example.startswith("imgconv "), name
        assert cls.__doc__, name
        for option in cls.options().values():
            assert option.help, (name, option.name)


def test_former_names_still_work_and_are_not_listed(capsys):
    """British spellings of the first version: `--neighbours`, and `--guide colour`."""
    import imgconv

    now = parse(["laplacian", "--neighbors", "8", "guided", "--guide", "color"], Names())
    assert parse(["laplacian", "--neighbours", "8", "guided", "--guide", "colour"], Names()) == now
    assert parse(["laplacian", "--neighbours=8", "guided", "--guide", "color"], Names()) == now
    assert imgconv.shape("3x9x9").laplacian(neighbours=8).words()[-2:] == ["--neighbors", "8"]
    with pytest.raises(UsageError, match="given twice"):
        parse(["laplacian", "--neighbours", "8", "--neighbors", "4"], Names())
    for step, old in (("laplacian", "neighbours"), ("guided", "colour")):
        assert old not in run(capsys, step, "--help").out
