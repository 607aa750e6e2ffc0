"""Presets: steps with options of their own; what they may not do."""

import time

import pytest

from imgconv.core.errors import UsageError
from imgconv.pipeline.grammar import parse
from imgconv.pipeline.presets import Names
from imgconv.tools.show import describe_name


@pytest.fixture
def preset(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGCONV_PRESETS", str(tmp_path))

    def write(name, steps, more=""):
        (tmp_path / f"{name}.toml").write_text(f'summary = "x"\nsteps = """{steps}"""\n{more}')

    return write


def made(*words):
    return parse(words, Names())


def test_fields_are_options(preset):
    preset("soft", "gaussian --sigma {sigma} invert", "[options.sigma]\ndefault = 2\n")
    assert made("soft", "--sigma", "3") == made("gaussian", "--sigma", "3", "invert")
    assert made("soft") == made("gaussian", "--sigma", "2", "invert")


def test_show_of_a_preset_without_steps_says_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGCONV_PRESETS", str(tmp_path))
    (tmp_path / "soft.toml").write_text('summary = "x"\n')
    with pytest.raises(UsageError, match=r"soft\.toml: a preset needs summary"):
        describe_name("soft")


@pytest.mark.parametrize(
    "field", ["{sigma:>2000000000}", "{sigma.__class__}", "{sigma[0]}", "{sigma!r}", "{other}", "{}"]
)
def test_fields_are_plain_names(field, preset):
    preset("soft", f"gaussian --sigma {field}", "[options.sigma]\ndefault = 2\n")
    with pytest.raises(UsageError, match=r"soft\.toml: steps: .*"):
        made("soft")


@pytest.mark.parametrize(
    ("steps", "says"), [("gaussian --sigma '2", "quotation mark"), ("invert {", "a { without its }")]
)
def test_text_that_is_not_words_is_told(steps, says, preset):
    preset("odd", steps)
    with pytest.raises(UsageError, match=says) as caught:
        made("odd")
    assert "odd.toml" in str(caught.value)


def test_presets_that_name_each_other_have_one_budget(preset):
    """Six levels, each naming the next 200 times, would be 6e13 steps."""
    preset("bomb0", "invert " * 200)
    for level in range(1, 7):
        preset(f"bomb{level}", f"bomb{level - 1} " * 200)
    begin = time.perf_counter()
    with pytest.raises(UsageError, match="4096 words in all"):
        made("bomb6")
    assert time.perf_counter() - begin < 5


def test_a_preset_that_names_itself_is_told(preset):
    preset("again", "invert again")
    with pytest.raises(UsageError, match="8 deep"):
        made("again")


@pytest.mark.parametrize("steps", ["save a.png", "open a.png", "print"])
def test_sources_and_sinks_do_not_stand_in_presets(steps, preset):
    preset("writes", steps)
    with pytest.raises(UsageError, match="may not stand in a preset"):
        made("writes")
