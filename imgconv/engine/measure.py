"""The first pass of a global step: it measures bands of rows, in any order and on all threads."""

from __future__ import annotations

from _thread import get_ident

from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink
from imgconv.engine.scheduler import bands, run_tasks, strip_rows
from imgconv.engine.stage_rows import rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from imgconv.core.rows import RowSource
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import GlobalStep


def measure(rows: RowSource, step: GlobalStep, run: Run) -> list[Any]:
    """What a global step measures of rows that can be read in any order, band by band from the first on."""
    spec = rows.spec
    tasks = list(bands(0, spec.height, strip_rows([], spec, run)))
    parts: list[Any] = [None] * len(tasks)

    def worker() -> Callable[[int], Iterator[None]]:
        look = step.measure(spec, run)

        def work(number: int) -> Iterator[None]:
            start, stop = tasks[number]
            band = rows_of(rows, start, stop)
            parts[number] = look(band, start) if step.needs_row else look(band)
            yield

        return work

    run_tasks(len(tasks), worker, run.workers)
    return parts


class MeasureSink(RowSink):
    """Takes computed rows to be measured by a global step, and keeps none of them."""

    unit = 64  # rows measured at a time

    def __init__(self, step: GlobalStep, spec: Spec, run: Run) -> None:
        self.step, self.spec, self.run = step, spec, run
        self._looks: dict[int, Callable[..., object]] = {}  # of each thread
        self._parts: dict[int, object] = {}  # by the first row of the band

    def commit(self, start: int, band: Pixels) -> None:
        thread = get_ident()
        look = self._looks.get(thread)
        if look is None:
            look = self._looks[thread] = self.step.measure(self.spec, self.run)
        self._parts[start] = look(band, start) if self.step.needs_row else look(band)

    def parts(self) -> list[Any]:
        """What was measured, in the order of the rows."""
        return [self._parts[start] for start in sorted(self._parts)]
