"""Threads: tasks shared among them, and how rows are cut into strips and pieces."""

from __future__ import annotations

import _thread

from imgconv.engine import thread_pool
from imgconv.engine.stage import Stage
from imgconv.jit.gate import Gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run

CACHE = 3 << 20  # bytes of a strip in all stages together: 64 rows of a chain on a 4000-pixel RGB photograph
TASKS = 4  # pieces of work a thread at most, so that a late thread does not hold up the rest
SHARE = 1 << 20  # samples of a piece at least: each costs Python 0.1 ms and more, one thread at a time


def strip_rows(chain: Sequence[Stage], out: Spec, run: Run) -> int:
    """Rows of the result that are computed at a time: so many that a strip of all stages stays in the cache."""
    if run.strip:
        return min(run.strip, out.height)
    size, tallest, jump, tile = 0.0, 1.0, 1.0, 0
    for stage in reversed(chain):
        jump *= stage.window.rows.jump  # rows of this stage's input for one of the result
        size += stage.row_bytes * jump
        tallest = max(tallest, stage.window.rows.extent / jump)
        tile = max(tile, stage.step.tile_rows(stage.spec))
    rows = int(CACHE / (size or out.width * out.channels))
    asked = max([stage.step.strip_rows(stage.spec) for stage in chain] or [0])
    least = max(1, int(8 / max(jump, 1)))
    rows = max(least, min(512, max(rows, int(tallest / 2))), min(asked, -(-out.height // run.workers)))
    return min(round_up(rows, tile), out.height) if tile else rows


def pieces(
    chain: Sequence[Stage], out: Spec, unit: int, workers: int, start: int = 0, stop: int | None = None
) -> list[tuple[int, int]]:
    """Rows start to stop (all) of the result cut for the workers: pieces so tall that the rows which neighbors compute
    twice do not count.
    """
    stop = out.height if stop is None else stop
    halo = 0.0  # as rows of the result
    for stage in chain:
        halo = (halo + stage.window.rows.extent - 1) / stage.window.rows.jump
    height = stop - start
    tall, large = height / (8 * halo or 1), height * out.width * out.channels / SHARE
    tasks = max(1, min(TASKS, int(min(tall, large) / workers)))
    rows = round_up(-(-height // (workers * tasks)), unit)
    return [(y, min(y + rows, stop)) for y in range(start, stop, rows)]


def bands(start: int, stop: int, unit: int) -> Iterator[tuple[int, int]]:
    """Rows start to stop in bands of `unit` rows; in one where that is 0."""
    step = unit or stop - start
    for y in range(start, stop, step):
        yield y, min(y + step, stop)


def round_up(rows: int, unit: int) -> int:
    """The next multiple of the unit; 0 is as 1."""
    return -(-rows // unit) * unit if unit else rows


def run_tasks(count: int, worker: Callable[[], Callable[[int], Iterator[None]]], threads: int) -> None:
    """Do tasks 0 to count - 1 on some threads, this one among them.

    A worker is made on its own thread; its work is a generator that yields after each strip. The other threads start
    when this one has its worker, and leave it to this one to compile, until its first strip is done.

    No function here knows itself by way of another: the image that it holds would wait for the garbage collector.
    """
    tasks = iter(range(count))
    lock = _thread.allocate_lock()
    problems: list[BaseException] = []
    ends: list[_thread.LockType] = []  # each held until its thread has ended

    def take() -> int | None:
        with lock:
            return None if problems else next(tasks, None)

    def run(begin: Callable[[], None] | None = None) -> None:
        try:
            work = worker()
            if begin:
                begin()
            while (number := take()) is not None:
                for _ in work(number):
                    if problems:
                        return
                    if begin:
                        gate.open()
        except BaseException as problem:
            problems.append(problem)

    def start() -> None:
        for _ in range(min(threads, count) - 1):
            ends.append(thread_pool.submit(lambda: gate.beside(run)))

    gate = Gate()
    try:
        run(start)
    finally:
        gate.open()
    _join(ends, problems)
    if problems:
        raise problems[0]


def _join(others: list[_thread.LockType], problems: list[BaseException]) -> None:
    """Wait for the others; a signal that arrives meanwhile stops them too."""
    try:
        thread_pool.wait(others)
    except BaseException as problem:
        problems.append(problem)
        thread_pool.wait(others)
