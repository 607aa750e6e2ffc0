"""Work in a thread that hands over an image's rows as they become ready. `threading` would cost 1 ms."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgconv.jit.loop import Loop


def prepare(*loops: Loop) -> None:
    """Have loops ready before threads start: Numba deadlocks when one compiles while another imports."""
    for one in loops:
        for signature in one.signatures:
            one.load(signature)


class DecoderThread:
    """Runs through `steps`, which yields how many rows are ready; `ready(n)` waits for that many."""

    def __init__(self, steps: Iterator[int], height: int) -> None:
        self._steps = steps
        self._height = height
        self._rows = 0
        self._error: BaseException | None = None
        self._lock = _thread.allocate_lock()
        self._waiting: list[tuple[int, _thread.LockType]] = []

    def start(self) -> Callable[[int], None]:
        _thread.start_new_thread(self._run, ())
        return self.ready

    def ready(self, rows: int) -> None:
        """Return once this many rows hold their values; raise what went wrong if they never will."""
        rows = min(rows, self._height)
        gate = None
        with self._lock:
            if self._rows < rows and self._error is None:
                gate = _thread.allocate_lock()
                gate.acquire()
                self._waiting.append((rows, gate))
        if gate is not None:
            gate.acquire()
        if self._rows < rows and self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            for rows in self._steps:
                self._tell(rows, None)
        except BaseException as error:
            self._tell(self._rows, error)

    def _tell(self, rows: int, error: BaseException | None) -> None:
        with self._lock:
            self._rows, self._error = rows, error
            open_now = [one for one in self._waiting if error is not None or one[0] <= rows]
            self._waiting = [one for one in self._waiting if one not in open_now]
        for _, gate in open_now:
            gate.release()
