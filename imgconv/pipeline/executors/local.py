"""The executor of this process: jobs one after the other, each on all threads."""

from __future__ import annotations

from imgconv.core.errors import Exit, ImgconvError
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imgconv.engine.run_report import Report
    from imgconv.pipeline.jobs import Job


class Outcome(Record):
    """How a job ended: plain data, whichever process it ran in. `problem` is the error's line, empty for success."""

    name: str
    code: int = Exit.DONE
    problem: str = ""


def outcomes(
    jobs: Iterable[Job], report: Report, claim: Callable[[str, str], None] | None = None
) -> Iterator[Outcome]:
    """Run the jobs, each when its outcome is asked for; warnings go to the report."""
    for job in jobs:
        try:
            job.execute(report, claim)
        except ImgconvError as error:
            yield Outcome(job.name, error.code, str(error))
        else:
            yield Outcome(job.name)
