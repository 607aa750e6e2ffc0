"""Messages: what a word holds cannot steer the terminal that shows it."""

import pytest

from imgconv.core.messages import say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("unknown step '\x1b[2J'", "unknown step '\\x1b[2J'"),
        ("'a\rb\x9b\udcff'", "'a\\rb\\x9b\\udcff'"),
        ("two\nlines, é 日本", "two\nlines, é 日本"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str, capsys) -> None:
    say(text)
    assert capsys.readouterr().err == f"imgconv: {shown}\n"
