"""Progress: a percentage for what takes long, and nothing for what does not."""

from imgconv.engine import progress
from imgconv.engine.progress import Progress


def test_a_short_run_shows_nothing(monkeypatch):
    shown = []
    counter = Progress(shown.append)
    for _ in range(10):
        counter.advance(10, 100)
    assert shown == []


def test_a_long_run_shows_how_far_it_is_and_clears_the_line(monkeypatch):
    now = iter(range(0, 1000, 2))  # two seconds from look to look
    monkeypatch.setattr(progress, "monotonic", lambda: next(now))
    shown = []
    counter = Progress(shown.append)
    for _ in range(4):
        counter.advance(25, 100)
    assert shown == ["\r25 %", "\r50 %", "\r75 %", "\r" + " " * 4 + "\r"]
    assert counter.done == 0, "the next image begins at 0"


def test_a_message_clears_the_line_first(monkeypatch):
    from imgconv.engine.run_report import Report

    told = []
    monkeypatch.setattr("imgconv.engine.run_report.say", told.append)
    report = Report()
    report.progress = Progress(told.append)
    report.progress.shown = "25 %"
    report.warn("something")
    assert told == ["\r" + " " * 4 + "\r", "something"]
