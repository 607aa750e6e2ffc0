"""A thread that decodes an image and hands over its rows as they become ready. `import threading` would cost 1 ms."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgconv.jit.loop import Loop


def prepare(*loops: Loop) -> None:
    """Load loops before threads start: Numba deadlocks when one thread compiles while another imports."""
    for loop in loops:
        for signature in loop.signatures:
            loop.load(signature)


class DecoderThread:
    """Runs through `blocks`, which yields how many rows are ready; `ready(n)` waits for that many."""

    def __init__(self, blocks: Iterator[int], height: int) -> None:
        self._blocks = blocks
        self._height = height
        self._rows = 0
        self._error: BaseException | None = None
        self._lock = _thread.allocate_lock()
        self._waiting: list[tuple[int, _thread.LockType]] = []

    def start(self) -> Callable[[int], None]:
        """Start decoding; returns `ready`."""
        _thread.start_new_thread(self._run, ())
        return self.ready

    def ready(self, rows: int) -> None:
        """Return once this many rows hold their values. Raises what the decoder raised if they never will."""
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
            for rows in self._blocks:
                self._tell(rows, None)
        except BaseException as error:
            self._tell(self._rows, error)

    def _tell(self, rows: int, error: BaseException | None) -> None:
        with self._lock:
            self._rows, self._error = rows, error
            released = [waiter for waiter in self._waiting if error is not None or waiter[0] <= rows]
            self._waiting = [waiter for waiter in self._waiting if waiter not in released]
        for _, gate in released:
            gate.release()
