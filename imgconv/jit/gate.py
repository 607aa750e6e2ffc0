"""A gate at which threads wait while another thread compiles their loops."""

from __future__ import annotations

from _thread import allocate_lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Gate:
    """Shut while one thread compiles for others: Numba deadlocks if one thread compiles while another imports it."""

    PAUSE = 0.005  # seconds between two looks at the entries

    def __init__(self) -> None:
        self.is_shut = True
        self.lock = allocate_lock()
        self.lock.acquire()

    def open(self) -> None:
        if self.is_shut:
            self.is_shut = False
            self.lock.release()

    def beside(self, job: Callable[[], None]) -> None:
        """Run a job whose loops another thread compiles until the gate opens."""
        gates[get_ident()] = self
        try:
            job()
        finally:
            del gates[get_ident()]

    def wait(self, entries: dict[str, Any], codes: str) -> None:
        """Wait until there is an entry for these dtypes, or the gate is open."""
        while codes not in entries and self.is_shut:
            if self.lock.acquire(timeout=self.PAUSE):
                self.lock.release()


gates: dict[int, Gate] = {}  # by the identity of the thread that waits
