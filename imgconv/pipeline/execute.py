"""Pipeline: a source, steps and sinks put together, and run."""

from __future__ import annotations

from imgconv.core.errors import ImgconvError, UsageError
from imgconv.engine.endpoints import Sink, Source
from imgconv.engine.lazy_image import LazyImage
from imgconv.engine.run_report import Report
from imgconv.engine.step import Step
from imgconv.io.collisions import Targets
from imgconv.io.open import Open
from imgconv.io.shape import ShapeSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.engine.run_options import Run


def execute(steps: Sequence[Step], run: Run, report: Report | None = None) -> Report:
    """Run a pipeline; the report has the failures. Errors: UsageError before anything is read or written."""
    report = report or Report(run.quiet, run.strict)
    source, rest = _ends(steps)
    if isinstance(source, ShapeSource):
        _shape(source, rest, run)
        return report
    assert isinstance(source, Open)
    inputs = source.inputs()
    report.targets = _targets(inputs, rest)
    for index, path in enumerate(inputs):
        try:
            one(source, path, index, rest, run, report)
        except ImgconvError as error:
            if len(inputs) == 1:
                raise
            report.fail(f"{path}: {error}")
            if run.fail_fast:
                break
    if len(inputs) > 1 and report.failures:
        report.warn(f"{len(report.failures)} of {len(inputs)} inputs failed")
    return report


def one(source: Open, path: str, index: int, rest: Sequence[Step], run: Run, report: Report) -> None:
    """One input, all its frames, through the chain."""
    works = [LazyImage(image, run, report, index) for image in source.read(path, run)]
    for work in works:
        for step in beginning(source, work):
            work.add(step)
    carry(works, rest)


def carry(works: Sequence[LazyImage], rest: Sequence[Step]) -> None:
    """A file's frames through steps and sinks; nothing is computed before all of them have seen the specs."""
    from imgconv.io.save import Save

    image = works[0].image
    rest = [step.like(image) if isinstance(step, Save) else step for step in rest]
    specs = [work.spec for work in works]
    for step in rest:
        if isinstance(step, Sink):
            step.accepts(specs, image.path)
        specs = [step.infer(spec) for spec in specs]
    last = max((at for at, step in enumerate(rest) if isinstance(step, Sink)), default=-1)
    for at, step in enumerate(rest):
        if isinstance(step, Sink):
            step.take_all(works, last=at == last)
        else:
            for work in works:
                work.add(step)


def beginning(source: Open, work: LazyImage) -> list[Step]:
    """Steps that the source asks for, and that the image's color profile does."""
    steps: list[Step] = []
    if work.image.meta.describes_colors:
        from imgconv.io.color_management import honored

        work.image, steps = honored(work.image, source.keep_profile, work.report)
    if source.linear:
        from imgconv.steps.color.convert import convert

        steps += convert(work.image.spec, "linear")
    return steps


def _ends(steps: Sequence[Step]) -> tuple[Source, list[Step]]:
    """The source and the rest, seen to be a pipeline."""
    if not steps or not isinstance(steps[0], Source):
        raise UsageError("a pipeline begins with `open PATH` or `shape CxHxW`")
    source, rest = steps[0], list(steps[1:])
    second = next((step for step in rest if isinstance(step, Source)), None)
    if second is not None:
        raise UsageError(f"`{second.name}` begins a pipeline; it cannot stand after other steps")
    if isinstance(source, Open) and not any(isinstance(step, Sink) for step in rest):
        raise UsageError(
            "nothing is done with the image; end with `save PATH`, or with print, info or explain"
        )
    if isinstance(source, Open) and not isinstance(rest[-1], Sink):
        raise UsageError(f"`{rest[-1].name}` comes after the last sink, so nobody sees its result")
    return source, rest


def _shape(source: ShapeSource, rest: Sequence[Step], run: Run) -> None:
    from imgconv.core.messages import emit
    from imgconv.io.explain import Explain, table

    for step in rest:
        if isinstance(step, Sink) and not isinstance(step, Explain):
            raise UsageError(
                f"`shape` has no pixels, so there is nothing to {step.name}; begin with `open PATH`"
            )
    steps = [step for step in rest if not isinstance(step, Sink)]
    emit(table(source.spec(run.working), steps, run))


def _targets(inputs: Sequence[str], steps: Sequence[Step]) -> Targets:
    """Refuse two results for one file, and a result that is another input, before any work."""
    from imgconv.io.save import Save

    targets = Targets(inputs)
    for save in (step for step in steps if isinstance(step, Save)):
        for index, path in enumerate(inputs):
            targets.take(save.target(path, index), path)
    return targets
