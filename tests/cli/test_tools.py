"""The table of tools: every row can be loaded, and a new tool is a file and a row."""

from __future__ import annotations

import sys
from types import ModuleType

import click
import pytest

from imgconv.cli import main
from imgconv.cli.app import Commands, group
from imgconv.cli.completion import completions
from imgconv.core.errors import Exit
from imgconv.steps.registry import table
from tests.support.command import run


@pytest.fixture
def hello(monkeypatch) -> None:
    """A tool in a module of its own, and its row."""
    module = ModuleType("imgconv_hello")

    @click.command("hello")
    @click.argument("name")
    def hello_command(name: str) -> None:
        """Greet somebody."""
        click.echo(f"hello {name}")

    module.command = hello_command
    monkeypatch.setitem(sys.modules, "imgconv_hello", module)
    monkeypatch.setitem(main.TOOLS, "hello", "imgconv_hello:command")


@pytest.mark.parametrize("name", main.TOOLS)
def test_every_row_is_a_command_with_help_and_an_example(name, capsys) -> None:
    tool = group(main.TOOLS).tool(name)
    assert tool.name == name and tool.help and "Example:" in tool.help
    assert "Usage: imgconv" in run(capsys, name, "--help").out
    assert name not in table()


def test_a_new_tool_is_a_file_and_a_row(hello, capsys) -> None:
    assert run(capsys, "hello world").out == "hello world\n"
    assert "Greet somebody." in run(capsys, "--help").out
    assert "did you mean 'hello'" in run(capsys, "helo").err
    items = {item.value: item.help for item in completions(group(main.TOOLS), [], "he")}
    assert items == {"hello": "Greet somebody."}


def test_a_tool_with_a_wrong_argument_is_a_usage_error(hello, capsys) -> None:
    done = run(capsys, "hello")
    assert done.code == Exit.USAGE and "NAME" in done.err and len(done.lines) == 1


def test_a_pipeline_has_no_tools_after_its_source() -> None:
    values = {item.value for item in completions(group(main.TOOLS), ["open", "a.png"], "")}
    assert not values & set(main.TOOLS) and "gaussian" in values


def test_tools_are_imported_when_they_are_used() -> None:
    top = Commands({"missing": "imgconv.no_such_module:command"})
    assert top.list_commands(click.Context(top))[-1] == "missing"
    with pytest.raises(ModuleNotFoundError):
        top.tool("missing")


def test_steps_are_listed_by_family(capsys) -> None:
    lines = run(capsys, "list", "steps").out.splitlines()
    assert "rank" in lines and "  median" in [line[:8] for line in lines[lines.index("rank") :]]
    assert lines[0] == "sources" and "sinks" in lines and "two images" in lines
    assert run(capsys, "list", "denoise").out.split()[0] == "bilateral"


def test_a_word_is_looked_for_in_names_and_help(capsys) -> None:
    found = run(capsys, "list", "noise").out
    assert "nlm" in found and "gaussian " not in found
    assert run(capsys, "list", "Histogram").out.count("istogram") >= 3
    result = run(capsys, "list", "medain")
    assert result.code == 2 and "did you mean 'median'" in result.err
