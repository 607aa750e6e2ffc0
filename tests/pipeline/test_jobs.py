"""Jobs: plain data that runs the same anywhere."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from imgconv.engine.run_options import Run
from imgconv.engine.run_report import Report
from imgconv.pipeline import jobs
from imgconv.pipeline.executors import local
from imgconv.pipeline.grammar import parse
from imgconv.pipeline.jobs import jobs_of
from imgconv.pipeline.presets import Names
from tests.support.command import ROOT, SAMPLES, run

CHAINS = [
    "gaussian --sigma 2 sobel save {out}.png",
    "pencil-sketch save {out}.png",
    "conv 'box3 * box3' --edge wrap save {out}.png --level 3",
    "to lab unsharp --on L save {out}.tif --depth 16",
    "mark a gaussian mix a --amount 0.3 save {out}.npy",
    "sobel-x save {out}.png --range offset",
    "resize --scale 0.5 median --size 3 save {out}.jpg --quality 80",
    "to lab adjust --channel L --scale 1.2 to rgb save {out}.png",
]


def made(words: str, *names: str, **options: object) -> list[jobs.Job]:
    import shlex

    sources = [str(SAMPLES / name) for name in names]
    return jobs_of(parse(["open", *sources, *shlex.split(words)], Names()), Run(quiet=True, **options))


@pytest.mark.parametrize("words", CHAINS)
def test_a_job_runs_in_another_process_to_the_same_bytes(words, tmp_path):
    """It is pickled here, and unpickled by a Python that never saw the words."""
    (job,) = made(words.format(out=tmp_path / "there"), "chelsea.png")
    (here,) = made(words.format(out=tmp_path / "here"), "chelsea.png")
    (tmp_path / "job").write_bytes(pickle.dumps(job))
    code = (
        "import pickle, sys; from imgconv.engine.run_report import Report; "
        "pickle.load(open(sys.argv[1], 'rb')).execute(Report(True))"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "job"], cwd=ROOT, check=True)
    here.execute(Report(True))
    (one,), (two,) = tmp_path.glob("here.*"), tmp_path.glob("there.*")
    assert one.read_bytes() == two.read_bytes()


def test_a_job_is_plain_data():
    one, two = made("gaussian save 'out/{stem}.png'", "camera.png", "coffee.jpg")
    assert (one.index, two.index) == (0, 1) and one.words == two.words and one != two
    assert len({one, two, pickle.loads(pickle.dumps(one))}) == 2
    assert all(isinstance(word, str) for word in one.words)
    assert [Path(file).name for job in (one, two) for file in job.outputs()] == ["camera.png", "coffee.png"]
    assert "gaussian" in repr(one) and "camera.png" in repr(one)


def test_presets_and_kernels_are_written_out():
    """A job needs no preset of the machine that made it."""
    (job,) = made("sobel-x save a.png", "camera.png")
    assert "sobel-x" not in job.words and "conv" in job.words


def test_the_words_of_a_job_are_parsed_once(monkeypatch):
    calls = []
    monkeypatch.setattr(jobs, "parse", lambda *words: calls.append(words) or parse(*words))
    one, two = made("gaussian save '{stem}.png'", "camera.png", "coffee.jpg")
    one.chain(), two.chain()
    assert not calls
    jobs._chains.clear()
    one.chain(), two.chain()
    assert len(calls) == 1


def test_outcomes_tell_how_each_job_ended(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    good, bad = str(SAMPLES / "camera.png"), str(tmp_path / "bad.png")
    words = ["open", good, bad, good, "crop", "0,0,9,9", "save", str(tmp_path / "{index}.png")]
    found = list(local.outcomes(jobs_of(parse(words, Names()), Run(quiet=True)), Report(True)))
    assert [outcome.code for outcome in found] == [0, 1, 0]
    assert [outcome.name for outcome in found] == [good, bad, good]
    assert "bad.png" in found[1].problem and not found[0].problem
    assert pickle.loads(pickle.dumps(found)) == found
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["0.png", "2.png", "bad.png"]


def test_failures_are_told_and_counted(tmp_path, capsys):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    good, bad = str(SAMPLES / "camera.png"), str(tmp_path / "bad.png")
    result = run(capsys, "open", bad, good, bad, "crop", "0,0,9,9", "save", str(tmp_path / "{index}.png"))
    assert result.code == 1
    lines = result.err.splitlines()
    assert len(lines) == 3 and "2 of 3 inputs failed" in lines[-1]
    assert (tmp_path / "1.png").exists()
