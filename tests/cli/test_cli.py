"""The command line from outside: exit codes, messages, files, pipes, signals."""

from __future__ import annotations

import filecmp
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from imgconv.core.errors import Exit
from tests.support.command import ROOT, SAMPLES, process, run

ASTRONAUT = SAMPLES / "astronaut.png"
CAMERA = SAMPLES / "camera.png"


def test_exit_codes_are_pinned():
    assert (Exit.DONE, Exit.SOME_FAILED, Exit.USAGE, Exit.EXTRA_MISSING, Exit.CLOSED_PIPE) == (
        0,
        1,
        2,
        3,
        141,
    )


WRONG = [
    ("open {camera} gausian save {out}", Exit.USAGE, ["gausian", "did you mean 'gaussian'"]),
    ("open {camera} gaussian --sgima 2 save {out}", Exit.USAGE, ["gaussian", "--sgima", "--sigma"]),
    ("open {camera} penci-sketch save {out}", Exit.USAGE, ["penci-sketch", "pencil-sketch"]),
    ("open {camera} conv '1 2; 3' save {out}", Exit.USAGE, ["conv", "row 2"]),
    ("open {camera} conv '1 two 3' save {out}", Exit.USAGE, ["conv", "two"]),
    ("open {camera} conv missing.txt save {out}", Exit.USAGE, ["conv", "missing.txt"]),
    ("open {camera} to rbg save {out}", Exit.USAGE, ["to", "rbg", "rgb"]),
    ("open missing.png save {out}", Exit.SOME_FAILED, ["missing.png", "no such file"]),
    ("open 'nothing-*.png' save {out}", Exit.SOME_FAILED, ["nothing-*.png", "no file matches"]),
    ("open {camera} crop 0,0,2,2 conv box3 --padding none save {out}", Exit.USAGE, ["conv", "3x3", "2x2"]),
    ("open {camera} save {folder}/no/such/place.png", Exit.SOME_FAILED, ["place.png", "mkdir"]),
    ("open {camera} save {folder}", Exit.USAGE, ["suffix"]),
    ("open {camera} save {folder}/x.pgn", Exit.USAGE, [".pgn", "did you mean"]),
    ("open {camera} gray", Exit.USAGE, ["save PATH"]),
    ("gaussian save {out}", Exit.USAGE, ["begins with", "open"]),
    ("open {camera} save {out} open {camera} save {out}", Exit.USAGE, ["open"]),
    ("open {camera} {astronaut} save {out}", Exit.USAGE, ["{stem}"]),
    ("--threads many open {camera} save {out}", Exit.USAGE, ["--threads", "many"]),
    ("--thread 1 open {camera} save {out}", Exit.USAGE, ["--thread", "--threads"]),
    ("open {camera} save {out} --quality 9", Exit.USAGE, ["quality", "png"]),
    ("open {camera} save '{folder}/{{stme}}.png'", Exit.USAGE, ["stme", "{stem}"]),
    ("shape 3x8x8 save {out}", Exit.USAGE, ["no pixels"]),
    ("lsit", Exit.USAGE, ["lsit", "list"]),
    ("show nonsense", Exit.USAGE, ["nonsense"]),
]


@pytest.mark.parametrize(("words", "code", "needs"), WRONG)
def test_a_wrong_command_says_one_line_and_writes_nothing(words, code, needs, capsys, tmp_path):
    out = tmp_path / "out.png"
    words = words.format(camera=CAMERA, astronaut=ASTRONAUT, out=out, folder=tmp_path)
    result = run(capsys, words)
    assert result.code == code, result.err
    assert result.out == ""
    assert len(result.lines) == 1 and result.err.startswith("imgconv: ")
    assert all(need in result.err for need in needs), result.err
    assert list(tmp_path.iterdir()) == []


def test_the_table_of_edges_is_shown_for_a_word_that_means_two_things(capsys):
    result = run(capsys, f"open {CAMERA} conv box3 --edge reflect save x.png")
    assert result.code == Exit.USAGE
    assert "scipy:reflect" in result.err and "symmetric" in result.err


def test_a_bad_input_does_not_stop_the_others(capsys, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(CAMERA.read_bytes()[:1000])
    result = run(capsys, f"open {bad} {CAMERA} {tmp_path}/none.png save '{tmp_path}/{{stem}}-out.png'")
    assert result.code == Exit.SOME_FAILED
    assert [line.split(":")[1].strip() for line in result.lines[:2]] == [str(bad), f"{tmp_path}/none.png"]
    assert "2 of 3 inputs failed" in result.lines[2]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.png", "camera-out.png"]


def test_fail_fast_stops_at_the_first(capsys, tmp_path):
    result = run(capsys, f"--fail-fast open {tmp_path}/none.png {CAMERA} save '{tmp_path}/{{stem}}.png'")
    assert result.code == Exit.SOME_FAILED
    assert list(tmp_path.iterdir()) == []


def test_input_and_output_may_be_the_same_file(capsys, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(ASTRONAUT.read_bytes())
    assert run(capsys, f"open {path} gaussian save {path}").code == 0
    assert run(capsys, f"open {ASTRONAUT} gaussian save {tmp_path}/b.png").code == 0
    assert filecmp.cmp(path, tmp_path / "b.png", shallow=False)


def test_an_output_that_is_another_input_is_refused(capsys, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(CAMERA.read_bytes())
    result = run(capsys, f"open {tmp_path}/a.png {tmp_path}/b.png save '{tmp_path}/b.png'")
    assert result.code == Exit.USAGE


def test_no_clobber_keeps_what_is_there(capsys, tmp_path):
    out = tmp_path / "out.png"
    out.write_bytes(b"mine")
    assert run(capsys, f"--no-clobber open {CAMERA} save {out}").code == Exit.SOME_FAILED
    assert out.read_bytes() == b"mine"
    assert run(capsys, f"open {CAMERA} save {out}").code == 0
    assert out.read_bytes() != b"mine"


def test_shell_python_and_preset_give_the_same_bytes(capsys, tmp_path, monkeypatch):
    import imgconv

    presets = tmp_path / "presets"
    presets.mkdir()
    (presets / "mine.toml").write_text('summary = "mine"\nsteps = "gaussian --sigma 2 sobel"\n')
    monkeypatch.setenv("IMGCONV_PRESETS", str(presets))
    shell, again, python, preset = (
        tmp_path / f"{name}.png" for name in ("shell", "again", "python", "preset")
    )
    assert run(capsys, f"-q open {ASTRONAUT} gaussian --sigma 2 sobel save {shell}").code == 0
    assert run(capsys, f"-q open {ASTRONAUT} gaussian --sigma 2 sobel save {again}").code == 0
    imgconv.open(ASTRONAUT, quiet=True).gaussian(sigma=2).sobel().save(python)
    assert run(capsys, f"-q open {ASTRONAUT} mine save {preset}").code == 0
    assert shell.read_bytes() == again.read_bytes() == python.read_bytes() == preset.read_bytes()


def test_save_in_mid_chain_passes_the_image_on(capsys, tmp_path):
    run(capsys, f"-q open {ASTRONAUT} box save {tmp_path}/a.png sobel save {tmp_path}/b.png")
    run(capsys, f"-q open {ASTRONAUT} box sobel save {tmp_path}/c.png")
    run(capsys, f"-q open {ASTRONAUT} box save {tmp_path}/d.png")
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "c.png").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "d.png").read_bytes()


def test_a_small_gaussian_saved_in_mid_chain_is_one_level_apart_at_most(capsys, tmp_path):
    """There the chain goes on with floats; alone, 8 bits become 8 bits in whole numbers."""
    run(capsys, f"-q open {ASTRONAUT} gaussian save {tmp_path}/a.ppm sobel save {tmp_path}/b.ppm")
    run(capsys, f"-q open {ASTRONAUT} gaussian save {tmp_path}/c.ppm")
    found, alone = (np.fromfile(tmp_path / name, np.uint8).astype(int) for name in ("a.ppm", "c.ppm"))
    assert abs(found - alone).max() == 1
    assert (found != alone).mean() < 0.05


def test_clipped_samples_are_counted_silenced_and_strict(capsys, tmp_path):
    words = f"open {CAMERA} laplacian save {tmp_path}/x.png"
    told = run(capsys, words)
    assert told.code == 0 and "samples were clipped" in told.err and len(told.lines) == 1
    assert run(capsys, f"-q {words}").err == ""
    assert run(capsys, f"--strict {words}").code == Exit.SOME_FAILED
    assert run(capsys, f"open {CAMERA} gaussian save {tmp_path}/x.png").err == ""


@pytest.mark.parametrize("value", ["offset", "abs", "fit"])
def test_ranges_keep_what_clipping_loses(value, capsys, tmp_path):
    result = run(capsys, f"open {CAMERA} conv '1/2 -1/2' save --range {value} {tmp_path}/x.png")
    assert (result.code, result.err) == (0, "")


def test_environment_is_below_the_flag(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("IMGCONV_STRICT", "1")
    words = f"-q open {CAMERA} laplacian save {tmp_path}/x.png"
    assert run(capsys, words).code == Exit.SOME_FAILED
    monkeypatch.setenv("IMGCONV_STRICT", "perhaps")
    assert run(capsys, words).code == Exit.USAGE


def test_control_characters_in_names_are_escaped(capsys):
    result = run(capsys, "open", "a\x1b[31m\nb.png", "save", "x.png")
    assert result.code == Exit.SOME_FAILED
    assert "\x1b" not in result.err and len(result.lines) == 1


# ---- processes -------------------------------------------------------------------------------------------------


def shell(command: str, folder: Path) -> subprocess.CompletedProcess:
    """A line of bash in which `imgconv` is this checkout's."""
    tool = f'imgconv() {{ {shlex.quote(sys.executable)} -m imgconv "$@"; }}'
    prelude = f"{tool}; export PYTHONPATH={ROOT}; set -o pipefail; "
    return subprocess.run(
        ["bash", "-c", prelude + command],
        capture_output=True,
        cwd=folder,
        timeout=120,
        check=False,
        text=True,
    )


def test_pipes_carry_the_picture(tmp_path):
    done = shell(
        f"cat {ASTRONAUT} | imgconv open - gray save - > out.png; imgconv open {ASTRONAUT} gray save b.png",
        tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_closed_pipe_is_silent(tmp_path):
    done = shell(
        f"cat {ASTRONAUT} | imgconv -q open - gaussian save - | head -c 10 > /dev/null; echo ${{PIPESTATUS[1]}}",
        tmp_path,
    )
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")
    done = shell(f"(imgconv open {ASTRONAUT} print; echo code $? >&2) | head -c 10 > /dev/null", tmp_path)
    assert done.stderr == "code 141\n"


def test_closed_streams(tmp_path):
    assert shell(f"imgconv open {CAMERA} save - --format png >&-", tmp_path).returncode == Exit.SOME_FAILED
    assert shell("imgconv open - save x.png <&-", tmp_path).returncode == Exit.SOME_FAILED
    assert shell(f"imgconv open {CAMERA} laplacian save x.png 2>&-", tmp_path).returncode == 0
    assert (tmp_path / "x.png").exists()


def test_a_full_disk_leaves_the_old_file(tmp_path):
    done = shell(f"imgconv open {CAMERA} save /dev/full --format png", tmp_path)
    assert done.returncode == Exit.SOME_FAILED
    assert "no space left" in done.stderr.lower()


@pytest.mark.parametrize(
    "words", ["list", "list --help", "show gaussian", "gaussian --help", "--help", "--version"]
)
def test_what_is_printed_arrives_or_says_why_not(words, tmp_path):
    full = shell(f"imgconv {words} > /dev/full", tmp_path)
    assert (full.returncode, full.stderr) == (1, "imgconv: cannot write to stdout: no space left on device\n")
    closed = shell(f"imgconv {words} >&-", tmp_path)
    assert (closed.returncode, closed.stderr) == (1, "imgconv: cannot write to stdout: it is closed\n")
    pipe = shell(f"imgconv {words} | true; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert (pipe.stdout, pipe.stderr) in (("141\n", ""), ("0\n", ""))  # 0: written before the reader was gone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cleans_up_and_kills(number, tmp_path):
    big = tmp_path / "big.ppm"
    big.write_bytes(b"P6\n4000 3000\n255\n" + bytes(4000 * 3000 * 3))
    # seconds of work: the filter must be busy when the signal comes
    slow = ["--algorithm", "direct", "--strip", "64"]
    words = [*slow, "open", str(big), *["gaussian", "--sigma", "60"] * 4, "save", str(tmp_path / "out.png")]
    command = [sys.executable, "-m", "imgconv", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as child:
        _wait_for_temporary(tmp_path)
        child.send_signal(number)
        assert child.wait(10) == -number
        assert child.stderr.read() == b""
    assert sorted(os.listdir(tmp_path)) == ["big.ppm"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_kills_where_exceptions_are_ignored(number, tmp_path):
    """In finalizers and in callbacks of C, as LLVM's are during compilation."""
    code = f"""
import os
from imgconv.cli import main
from imgconv.formats.files import Output

class Late:
    def __del__(self):
        os.kill(os.getpid(), {int(number)})

def run(words):
    with Output({str(tmp_path / "x.png")!r}) as output:
        late = Late()
        del late
        output.commit()
    return 0

main.run = run
main.main([])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (-number, b"")
    assert os.listdir(tmp_path) == []


def _wait_for_temporary(folder):
    until = time.monotonic() + 30
    while not any(name.endswith(".imgconv-tmp") for name in os.listdir(folder)):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_debug_shows_where(tmp_path):
    done = process("--debug", "open", "none.png", "save", str(tmp_path / "x.png"), text=True)
    assert "Traceback" in done.stderr and "no such file" in done.stderr


def test_version_list_show_and_doctor():
    assert process("--version", text=True).stdout.startswith("imgconv 0.")
    assert "gaussian" in process("list", text=True).stdout
    assert "not a convolution" in process("show", "median", text=True).stdout
    done = process("doctor", text=True)
    assert done.returncode == 0, done.stdout


def test_no_words_show_the_help_as_an_error():
    done = process(text=True)
    assert done.returncode == Exit.USAGE and "Usage" in done.stdout


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion(shell_name):
    script = process("completion", shell_name, text=True)
    assert script.returncode == 0 and "_IMGCONV_COMPLETE" in script.stdout


def complete(words: str) -> list[str]:
    env = {
        **os.environ,
        "_IMGCONV_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    lines = process(env=env, text=True).stdout.splitlines()
    return [line.partition(",")[2] for line in lines]


def test_completion_knows_the_grammar():
    assert "gaussian" in complete("imgconv open a.png gau")
    assert "--sigma" in complete("imgconv open a.png gaussian --")
    assert "offset" in complete("imgconv open a.png save --range ")
    assert "sobel-x" in complete("imgconv open a.png conv sob")
    assert set(complete("imgconv op")) == {"open"}
    assert "--threads" in complete("imgconv --th")
