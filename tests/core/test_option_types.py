"""The types of options: what is read, what is refused, and that `text` reads back."""

from __future__ import annotations

import pytest

from imgconv.cli.app import parameter
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, Flag, Integer, Number, Numbers, Padding, Path, Size
from imgconv.steps.denoise.guided import Guided
from tests.support.chains import steps_of


def test_an_alias_means_its_word_and_help_does_not_list_it() -> None:
    choice = Choice(("channel", "color"), {"colour": "color"})
    assert choice.read("color") == choice.read("colour") == choice.read(" Colour ") == "color"
    assert choice.metavar == "channel|color"
    assert choice.accepts_name("colour") and not choice.accepts_name("colours")
    with pytest.raises(UsageError, match="'colours' is not one of channel, color; did you mean 'color'"):
        choice.read("colours")


def test_the_old_spelling_of_guide_still_works() -> None:
    assert steps_of("guided --guide colour") == steps_of("guided --guide color")
    shown = parameter(Guided.fields["guide"])
    assert shown.metavar == "channel|color" and "colour" not in shown.help


@pytest.mark.parametrize(
    ("option_type", "text", "value"),
    [
        (Number(0, 10), "1/4", 0.25),
        (Number(above=0), "1e300", 1e300),
        (Integer(1, 9), "9", 9),
        (Numbers("X,Y", Integer(0)), "3,4", (3, 4)),
        (Size(), "3x5", (3, 5)),
        (Size(), "7", (7, 7)),
        (Padding(), "keep", "keep"),
        (Padding(), "2", (2, 2, 2, 2)),
        (Padding(), "1,2,3,4", (1, 2, 3, 4)),
        (Flag(), "yes", True),
        (Path(), "a.png", "a.png"),
    ],
)
def test_values_are_read_and_written_back(option_type, text, value) -> None:
    assert option_type.read(text) == value
    assert option_type.read(option_type.text(value)) == value


@pytest.mark.parametrize(
    ("option_type", "text", "says"),
    [
        (Number(0, 10), "11", "11 is too large; the most is 10"),
        (Number(0, 10), "nan", "'nan' is not a finite number"),
        (Number(0, 10), "1/0", "'1/0' is not a number"),
        (Number(above=0), "0", "it must be more than 0"),
        (Integer(1, 9), "1.5", "'1.5' is not a whole number"),
        (Numbers("X,Y", Integer(0)), "3", "'3' is not X,Y: write 2 numbers with commas between them"),
        (Size(), "3x5x7", "'3x5x7' is not a size; write 3, or 3x5"),
        (Padding(), "1,2", "'1,2' is not a valid padding; write keep, none, 2 or 1,2,1,2"),
        (Flag(), "perhaps", "'perhaps' is neither yes nor no"),
        (Path(), "", "a path cannot be empty"),
    ],
)
def test_what_is_wrong_is_told(option_type, text, says) -> None:
    with pytest.raises(UsageError) as refused:
        option_type.read(text)
    assert says in str(refused.value)
