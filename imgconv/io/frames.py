"""Several frames of one input on their way into files: one for all, or one each."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.engine.evaluate import measure
from imgconv.engine.lazy_image import LazyImage
from imgconv.formats.filename_template import parts
from imgconv.formats.files import Output, shown
from imgconv.formats.frame_timing import warning
from imgconv.formats.registry import FRAMES, PAGES
from imgconv.io.encode import FileSink, encoding_steps
from imgconv.steps.tone.levels import Fit, channel_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Spec
    from imgconv.engine.step import Step
    from imgconv.io.save import Save


def check(save: Save, specs: Sequence[Spec], path: str) -> None:
    """Refuse frames that the format cannot hold. Errors: UsageError."""
    if each(save):
        return
    form, count = save.form(), len(specs)
    ways = "write {frame} in the name for a file each, or take one with `open --frame N`"
    if form.name not in FRAMES:
        several = ", ".join(FRAMES)
        raise UsageError(
            f"save: {shown(path)} holds {count} frames, a {form.name} file one: {ways}; {several} files hold several"
        )
    held = [save.stored_spec(spec) for spec in specs]
    if form.name not in PAGES and len(set(held)) > 1:
        sizes = sorted({f"{spec.width}x{spec.height}x{spec.channels}" for spec in held})
        raise UsageError(
            f"save: the {count} frames of {shown(path)} differ ({', '.join(sizes[:3])} ...), "
            f"and those of a {form.name} file may not: {ways}; .tif holds them"
        )


def each(save: Save) -> bool:
    """Whether every frame has a file of its own."""
    return any(field == "frame" for _, field in parts(save.path))


def save(save: Save, works: Sequence[LazyImage], last: bool) -> None:
    """Write the frames. All are in step: `--range fit` stretches them by the same numbers."""
    if not last:
        works = [_copy(work) for work in works]
    helds = [save.stored_spec(work.spec) for work in works]
    tails = [encoding_steps(work.spec, held, save.range) for work, held in zip(works, helds, strict=True)]
    if save.range == "fit":
        tails = _fitted(works, tails)
    if not each(save):
        _together(save, works, helds, tails)
        return
    _check_targets(save, works)
    for work, held, steps in zip(works, helds, tails, strict=True):
        save.write(work, held, steps)


def _check_targets(save: Save, works: Sequence[LazyImage]) -> None:
    """The first frame's target was looked at before anything was read; the others are known only now."""
    targets = works[0].report.targets
    if targets is not None:
        for work in works[1:]:
            targets.take(save.target(work.image.path, work.index, work.image.meta.frame), work.image.path)


def _copy(work: LazyImage) -> LazyImage:
    """The computed image as work of its own: what is done to it for the file, nobody behind the file sees."""
    made = LazyImage(work.evaluate(), work.run, work.report, work.index)
    made.clipped, work.clipped = work.clipped, 0
    return made


def _together(
    save: Save, works: Sequence[LazyImage], helds: Sequence[Spec], tails: Sequence[Sequence[Step]]
) -> None:
    """One file with all frames."""
    first, form = works[0], save.form()
    path = save.target(first.image.path, first.index)
    metas = [save.meta(work, held) for work, held in zip(works, helds, strict=True)]
    clipped = 0
    with Output(path, first.run.no_clobber) as output:
        book = form.multi_frame_writer(output, metas, save.write_options())
        for work, held, meta, steps in zip(works, helds, metas, tails, strict=True):
            writer = book.add_frame(held, meta)
            clipped += work.stream_to(FileSink(writer, held), steps) + work.clipped
            writer.finish()
        book.finish()
        output.commit()
    first.report.clip(clipped, f"save {path}")
    if said := warning(metas, form.name):
        first.report.warn(f"save {path}: {said}")


def _fitted(works: Sequence[LazyImage], tails: Sequence[list[Step]]) -> list[list[Step]]:
    """The tails with one stretch for all frames in place of each one's own; what stands before it is computed."""
    places = [_fit(steps) for steps in tails]
    found = []
    for work, steps, (at, fit) in zip(works, tails, places, strict=True):
        for step in steps[:at]:
            work.add(step)
        found += channel_ranges(measure(work.evaluate(), fit, work.run))
    least, largest = min(low for low, _ in found), max(high for _, high in found)
    return [
        [fit.stretch(work.spec, least, largest), *steps[at + 1 :]]
        for work, steps, (at, fit) in zip(works, tails, places, strict=True)
    ]


def _fit(steps: Sequence[Step]) -> tuple[int, Fit]:
    """Where the stretch stands, and itself."""
    return next((at, step) for at, step in enumerate(steps) if isinstance(step, Fit))
