"""Every command of the README and of the help of every step runs, and every Python line too."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys

import pytest

from imgconv.pipeline.presets import Names
from imgconv.steps.registry import find, table
from tests.support.command import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
EXAMPLES = {name: find(name).example for name in table()}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty directory with the sample images and an `imgconv` on the path."""
    (tmp_path / "sample_images").symlink_to(ROOT / "sample_images")
    for folder in ("out", "docs/pictures", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    tool = tmp_path / "bin" / "imgconv"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imgconv "$@"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def shell(command: str, place) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme(command, place):
    done = shell(command, place)
    assert done.returncode == 0, done.stderr
    assert all("clipped" in line for line in done.stderr.splitlines()), done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_in_the_help_of_a_step(name, place):
    done = shell(EXAMPLES[name], place)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_help_of_a_step_shows_its_example(name, capsys):
    from imgconv.cli.main import guarded

    assert guarded([name, "--help"], debug=False) == 0
    shown = capsys.readouterr().out
    assert EXAMPLES[name] in shown
    for option in Names().form(name).options.values():
        assert option.argument or option.word in shown


def test_the_python_of_the_readme(place, monkeypatch):
    monkeypatch.chdir(place)
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    room: dict = {}
    exec(code, room)
    assert (place / "edges.png").exists()
    assert room["pixels"].dtype == "float32" and room["again"].dtype == "uint8"


def test_the_makefile_of_the_readme_rebuilds_nothing_twice(place):
    (recipe,) = [text for kind, text in BLOCKS if kind == "make"]
    (place / "Makefile").write_text(recipe)
    (place / "shots").mkdir()
    (place / "shots" / "a.jpg").write_bytes((ROOT / "sample_images" / "coffee.jpg").read_bytes())
    first = shell("make edges", place)
    assert first.returncode == 0 and (place / "edges" / "a.png").exists(), first.stderr
    assert "Nothing to be done" in shell("make edges", place).stdout


def test_the_preset_of_the_readme(place, monkeypatch):
    (text,) = [text for kind, text in BLOCKS if kind == "toml"]
    (place / "mine.toml").write_text(text)
    monkeypatch.setenv("IMGCONV_PRESETS", str(place))
    assert shell("imgconv open sample_images/camera.png mine --sigma 3 save x.png", place).returncode == 0
