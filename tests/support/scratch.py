"""A copy of the package with a change in one file, run in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.command import ROOT


def scratch_copy(directory: Path, *changes: str) -> Callable[..., str]:
    """Copy the package, and run Python there: words in, stdout and stderr out.

    `changes` are a path, a text that stands in that file once, and what is to be inserted behind it; and so on.
    """
    shutil.copytree(ROOT / "imgconv", directory / "imgconv", ignore=shutil.ignore_patterns("__pycache__"))
    (directory / "presets").symlink_to(ROOT / "presets")
    for path, text, added in zip(changes[::3], changes[1::3], changes[2::3], strict=True):
        source = (directory / path).read_text()
        assert source.count(text) == 1, f"{path} holds this {source.count(text)} times: {text}"
        (directory / path).write_text(source.replace(text, text + added))

    def run(*words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(directory), "COLUMNS": "200"}
        options = {"capture_output": True, "text": True, "cwd": directory, "env": environment, "timeout": 120}
        done = subprocess.run([sys.executable, *words], check=False, **options)
        return done.stdout + done.stderr

    return run
