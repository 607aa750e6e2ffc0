"""A pipeline is made into jobs, an executor runs them, and failures are collected."""

from __future__ import annotations

from imgconv.engine.run_report import Report
from imgconv.io.collisions import Outputs
from imgconv.pipeline.jobs import jobs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Step
    from imgconv.pipeline.executors.local import Outcome
    from imgconv.pipeline.jobs import Job


def execute(steps: Sequence[Step], run: Run, report: Report | None = None) -> Report:
    """Run a pipeline; the report has the failures.

    Errors: UsageError before anything is read or written; of a single input whatever stops it.
    """
    report = report or Report(run.quiet, run.strict)
    jobs = jobs_of(steps, run)
    outputs = Outputs([job.name for job in jobs])
    for job in jobs:
        for file in job.outputs():
            outputs.claim(file, job.name)
    if len(jobs) == 1:
        jobs[0].execute(report, outputs.claim)
    else:
        import gc

        from imgconv.pipeline.executors import local

        gc.enable()  # the command line does without it for a single input
        collect(jobs, local.outcomes(jobs, report, outputs.claim), report, run.fail_fast)
    return report


def collect(jobs: Sequence[Job], outcomes: Iterable[Outcome], report: Report, fail_fast: bool) -> None:
    """Tell each failure, and how many there were; the first one ends the run where that is wanted."""
    for outcome in outcomes:
        if outcome.problem:
            report.fail(f"{outcome.name}: {outcome.problem}")
            if fail_fast:
                break
    if report.failures:
        report.warn(f"{len(report.failures)} of {len(jobs)} inputs failed")
