"""Threads that wait for more work: to start one takes 0.2 to 0.3 ms, as long as a small image."""

from __future__ import annotations

import _thread
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST = 64  # threads that wait


class Worker:
    """One thread; `wake` is held while it waits."""

    __slots__ = ("ended", "job", "wake")

    def __init__(self, job: Callable[[], None], ended: _thread.LockType) -> None:
        self.job = job
        self.ended = ended
        self.wake = _thread.allocate_lock()
        self.wake.acquire()

    def run_jobs(self) -> None:
        while True:
            self.job()
            ended = self.ended
            del self.job, self.ended  # nothing of the work is kept meanwhile
            stays = len(_waiting) < MOST
            if stays:
                _waiting.append(self)
            ended.release()
            if not stays:
                return
            self.wake.acquire()


_waiting: list[Worker] = []
os.register_at_fork(after_in_child=_waiting.clear)  # a child has the list, but not the threads


def wait(ends: list[_thread.LockType]) -> None:
    """Until all of these are done; may be asked again where a signal interrupted it."""
    for ended in ends:
        with ended:
            pass


def submit(job: Callable[[], None]) -> _thread.LockType:
    """Have a thread do a job that raises nothing; the lock is free once it is done."""
    ended = _thread.allocate_lock()
    ended.acquire()
    try:
        hand = _waiting.pop()
    except IndexError:
        _thread.start_new_thread(Worker(job, ended).run_jobs, ())
    else:
        hand.job, hand.ended = job, ended
        hand.wake.release()
    return ended


class Task:
    """A job on another thread, begun at once, and what comes of it."""

    def __init__(self, job: Callable[[], Any]) -> None:
        self._job = job
        self._value: Any = None
        self._problem: BaseException | None = None
        self._ended = submit(self._run)

    def _run(self) -> None:
        try:
            self._value = self._job()
        except BaseException as problem:
            self._problem = problem

    def wait(self) -> None:
        """Until the job has ended, however it ended."""
        wait([self._ended])

    def result(self) -> Any:
        """What the job gave. Errors: what it raised."""
        self.wait()
        if self._problem is not None:
            raise self._problem
        return self._value
