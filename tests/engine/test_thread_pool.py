"""Threads that wait for more work."""

from __future__ import annotations

import gc
import os
import signal
import threading
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from imgconv.engine import thread_pool
from imgconv.engine.chain import Chain
from imgconv.engine.run_options import Run
from imgconv.engine.stage import stages
from imgconv.jit import loop as jit
from imgconv.jit.gate import gates
from tests.support.chains import image_of, outcome, random, steps_of


def test_a_thread_is_used_again() -> None:
    thread_pool._waiting.clear()
    seen: list[int] = []
    for _ in range(20):
        with thread_pool.submit(lambda: seen.append(threading.get_ident())):
            pass
    assert len(seen) == 20 and len(set(seen)) == 1
    assert threading.get_ident() not in seen


def test_jobs_run_side_by_side() -> None:
    gate = threading.Barrier(5)
    ends = [thread_pool.submit(lambda: gate.wait(10)) for _ in range(4)]
    gate.wait(10)
    for ended in ends:
        assert ended.acquire(timeout=10)


def test_no_more_threads_wait_than_may(monkeypatch) -> None:
    monkeypatch.setattr(thread_pool, "MOST", 2)
    thread_pool._waiting.clear()
    gate = threading.Barrier(6)
    ends = [thread_pool.submit(lambda: gate.wait(10)) for _ in range(5)]
    gate.wait(10)
    for ended in ends:
        assert ended.acquire(timeout=10)
    assert len(thread_pool._waiting) == 2


def test_nothing_of_the_work_is_kept() -> None:
    import weakref

    class LazyImage:
        pass

    thread_pool._waiting.clear()
    work = LazyImage()
    known = weakref.ref(work)
    with thread_pool.submit(partial(repr, work)):
        pass
    del work
    assert known() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_starts_threads_of_its_own() -> None:
    a = random((300, 40, 3), "u1")
    wanted = outcome(a, "box --size 5", Run(threads=3, strip=7))
    child = os.fork()
    if not child:
        signal.alarm(60)  # a child that waits for its parent's threads waits for ever
        same = np.array_equal(outcome(a, "box --size 5", Run(threads=3, strip=7)), wanted)
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("first_needs_it", [True, False])
def test_the_first_thread_compiles_until_its_first_strip_is_done(first_needs_it, monkeypatch) -> None:
    """The others wait for it, but not for ever: it may not need their loops."""
    from imgconv.engine.scheduler import run_tasks

    here, made = threading.get_ident(), []

    def make(loop, signature):
        made.append(threading.get_ident())
        return lambda *args: None

    monkeypatch.setattr(jit, "_make", make)
    monkeypatch.setattr(jit, "loops", [])
    loop = jit.Loop(make, frozenset(), ("u1[:]",))
    others = threading.Semaphore(0)

    def worker():
        def work(number):
            if threading.get_ident() != here:
                others.release()
                loop.load("u1[:]")
            else:
                assert others.acquire(timeout=10) and others.acquire(timeout=10)
                if first_needs_it:
                    loop.load("u1[:]")
            yield

        return work

    run_tasks(3, worker, 3)
    assert len(made) == 1 and (made[0] == here) == first_needs_it
    assert not gates


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    "words", ["to lab", "median --size 9", "local-contrast", "mark a gaussian --sigma 9 mix a"]
)
def test_memory_does_not_wait_for_the_garbage_collector(words, threads) -> None:
    a = random((300, 400, 3), "u1")
    outcome(a, words, Run(threads=threads))
    gc.collect()
    gc.disable()
    try:
        outcome(a, words, Run(threads=threads))
        assert not gc.collect()
    finally:
        gc.enable()


def test_an_error_on_a_thread_reaches_the_caller() -> None:
    """And the threads that found it are there for the next image."""
    from imgconv.engine.scheduler import run_tasks

    def worker():
        def work(number):
            if number == 7:
                raise ValueError("seven")
            yield

        return work

    for _ in range(3):
        with pytest.raises(ValueError, match="seven"):
            run_tasks(40, worker, 4)
    done: list[int] = []

    def other():
        def work(number):
            done.append(number)
            yield

        return work

    run_tasks(40, other, 4)
    assert sorted(done) == list(range(40))


@pytest.mark.parametrize("words", ["median --size 151", "median --size 3", "gaussian --sigma 200", "gray"])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_thread_has_as_many_pieces(words, workers) -> None:
    """A piece more than a multiple of the threads keeps all but one waiting."""
    from imgconv.engine import scheduler

    spec = image_of(np.zeros((3000, 4000, 3), np.uint8)).spec
    chain = stages(Chain(spec, steps_of(words)))
    pieces = scheduler.pieces(chain, chain[-1].out, 0, workers)
    assert len(pieces) % workers == 0 and pieces[0][0] == 0 and pieces[-1][1] == 3000
    assert all(one[1] == two[0] for one, two in pairwise(pieces))
    wide = words in ("median --size 151", "gaussian --sigma 200")
    assert workers == 1 or (len(pieces) == workers) == wide
