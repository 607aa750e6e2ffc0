"""What a run tells on stderr."""

from __future__ import annotations

from imgconv.core.errors import Exit
from imgconv.engine.run_report import Report


def test_a_warning_is_said_once_whatever_comes_between(capsys) -> None:
    report = Report()
    for text in ("one", "two", "one", "two", "three"):
        report.warn(text)
    assert capsys.readouterr().err.split("\n") == ["imgconv: one", "imgconv: two", "imgconv: three", ""]


def test_quiet_says_failures_alone(capsys) -> None:
    report = Report(quiet=True)
    report.warn("one")
    report.fail("two")
    assert capsys.readouterr().err == "imgconv: two\n" and report.code == Exit.SOME_FAILED
