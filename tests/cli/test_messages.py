"""What the tool says: `messages.txt` holds sixty wrong commands with the line that each gets, read by a person."""

import shlex
import shutil

import pytest

from tests.support.command import ROOT, SAMPLES, run

LINES = (ROOT / "tests" / "cli" / "messages.txt").read_text().splitlines()
CASES = list(zip(LINES[::2], LINES[1::2], strict=True))
INPUTS = {
    "cut.gif": b"GIF89a",
    "empty.png": b"",
    "bad.txt": b"1 2 x\n",
    "ragged.txt": b"1 2 3\n4 5\n",
    "uneven.toml": b"kernel = [[1, 2], [3]]\n",
}


@pytest.mark.parametrize(("command", "said"), CASES, ids=[command[2:] for command, _ in CASES])
def test_message(command, said, tmp_path, monkeypatch, capsys):
    """The exit code and the first line on stderr; nothing is written."""
    for name in ("camera.png", "coffee.jpg", "bounce.gif"):
        shutil.copy(SAMPLES / name, tmp_path)
    for name, data in INPUTS.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "cut.png").write_bytes((SAMPLES / "camera.png").read_bytes()[:3000])
    files = sorted(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    result = run(capsys, *shlex.split(command[2:]))
    line = (result.err.splitlines() or [""])[0].replace(str(tmp_path), "HERE")
    assert f"[{result.code}] {line}" == said
    assert sorted(tmp_path.iterdir()) == files and not result.out
