"""Run the command line in this process: words in, exit code and text out."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from imgconv.cli.main import guarded

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "sample_images"


class Result:
    """A finished command: its exit code, stdout and stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[str]:
        """The lines of stderr."""
        return self.err.splitlines()


def run(capsys, *words: str) -> Result:
    """One command in this process. A single string is split as a shell would."""
    arguments = shlex.split(words[0]) if len(words) == 1 else list(words)
    code = guarded(arguments, debug=False)
    captured = capsys.readouterr()
    return Result(code, captured.out, captured.err)


def process(*words: str, **options) -> subprocess.CompletedProcess:
    """One command in a process of its own."""
    options = {"capture_output": True, "cwd": ROOT, "timeout": 120, **options}
    return subprocess.run([sys.executable, "-m", "imgconv", *words], check=False, **options)
