"""Evaluation: rows of a source through a chain of stages into a sink, on all threads.

What comes out has the same bits for any strips, any threads and any source of the same rows.
"""

from __future__ import annotations

import sys
from itertools import pairwise

from imgconv.core.dtypes import SIZES
from imgconv.core.image import Image
from imgconv.core.pixels import Vector
from imgconv.core.rows import MemorySink
from imgconv.engine.chain import Chain
from imgconv.engine.marks import Tap
from imgconv.engine.run_report import RunContext
from imgconv.engine.scheduler import bands, pieces, run_tasks, strip_rows
from imgconv.engine.stage import stages
from imgconv.engine.stage_rows import build_chain
from imgconv.engine.step import GlobalStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from imgconv.core.rows import RowSink, RowSource
    from imgconv.core.spec import Spec
    from imgconv.engine.chain import Link
    from imgconv.engine.spool import Spool
    from imgconv.engine.stage import Stage
    from imgconv.engine.step import Step

FRAMES = 5  # calls of Python from a stage to the one before it
IN_MEMORY = 1 << 30  # bytes of an image that is kept between two passes; a larger one is computed again


def compute(image: Image, chain: Chain, context: RunContext, marks: bool = False) -> Image:
    """The image after the chain, in memory; `marks`: with the images at marks."""
    image, chain = resolve_global_steps(image, prepared(chain, context), context)
    if marks:
        return _kept(image, chain.links, context, MemorySink)
    return _through(image, chain.links, context, MemorySink)


def stream(image: Image, chain: Chain, sink: RowSink, context: RunContext) -> None:
    """Compute the image after the chain into the sink."""
    image, chain = resolve_global_steps(image, prepared(chain, context), context)
    _into(sink, image, chain, context)


def prepared(chain: Chain, context: RunContext) -> Chain:
    """The steps that do the work of a chain, with color weighted by alpha around those that want it."""
    if chain.source.alpha and context.run.alpha != "straight":
        from imgconv.engine.alpha import weighted

        chain = weighted(chain)
    return chain.expanded(context.run)


def resolve_global_steps(image: Image, chain: Chain, context: RunContext) -> tuple[Image, Chain]:
    """Measure for every global step in turn; what is left is local, its first step perhaps one over the whole image.

    What comes before a global step is computed into memory. An image too large for that is computed once to be measured
    and once more to go on; where its rows can be read only once, they are spooled to a temporary file.
    """
    while (index := _next_global(image, chain)) is not None:
        before, (link, *rest) = chain.links[:index], chain.links[index:]
        step, in_memory = link.step, _is_kept_in_memory(link)
        if isinstance(step, GlobalStep) and before and not in_memory and not image.rows.in_order:
            step, chain = _measured_twice(image, before, step, context), Chain(image.spec, links=before)
        else:
            if before or image.rows.in_order:
                image = _kept(image, before, context, MemorySink if in_memory else _spool)
            if isinstance(step, GlobalStep):
                from imgconv.engine.measure import measure

                step = step.resolve(image.spec, measure(image.rows, step, context.run))
            chain = Chain(image.spec)
        chain = chain.followed_by(
            [link] if step is link.step else Chain(chain.spec, [step]).links
        ).followed_by(rest)
    return image, chain


def _measured_twice(image: Image, before: Sequence[Link], step: GlobalStep, context: RunContext) -> Step:
    """What a global step becomes, where what comes before it is computed for the measurement alone."""
    from imgconv.engine.measure import MeasureSink

    chain = Chain(image.spec, links=before)
    sink = MeasureSink(step, chain.spec, context.run)
    _into(sink, image, chain, RunContext(context.run, context.report))  # clipped samples count once, not here
    return step.resolve(chain.spec, sink.parts())


def _spool(spec: Spec) -> Spool:
    from imgconv.engine.spool import Spool

    return Spool(spec)


def _next_global(image: Image, chain: Chain) -> int | None:
    """The first step that needs the whole image before it can run, and does not have it yet."""
    for index, link in enumerate(chain.links):
        apart = index > 0 or image.rows.in_order
        if isinstance(link.step, GlobalStep) or (apart and link.step.needs_whole_image):
            return index
    return None


def _is_kept_in_memory(link: Link) -> bool:
    """Whether what comes into a step that needs the whole image is computed into memory."""
    step, spec = link.step, link.spec
    if not isinstance(step, GlobalStep) or step.in_place:
        return True
    return spec.height * spec.width * spec.channels * SIZES[spec.dtype] <= IN_MEMORY


def _kept(
    image: Image, links: Sequence[Link], context: RunContext, keep: Callable[[Spec], MemorySink | Spool]
) -> Image:
    """The image after local steps, kept, with the images at the marks among them that later steps may name."""
    points = dict(links[-1].out.marks) if links else {}
    ends = [
        index + 1
        for index, link in enumerate(links)
        if isinstance(link.step, Tap) and link.step.point in points
    ]
    for start, stop in pairwise([0, *ends, len(links)]):
        if start < stop or not links:
            image = _through(image, links[start:stop], context, keep)
    return image


def _through(
    image: Image, links: Sequence[Link], context: RunContext, keep: Callable[[Spec], MemorySink | Spool]
) -> Image:
    """The image after local steps, kept; the last of them may be a mark, whose image it then is."""
    chain = Chain(image.spec, links=links)
    if image.rows.in_order or any(not isinstance(step, Tap) for step in chain.steps):
        sink = keep(chain.spec)
        _into(sink, image, chain, context)
        result = Image(sink.rows, image.meta, image.path)
        result.format = image.format
    else:
        result = image.replace(spec=chain.spec)
    result.marks = dict(image.marks)
    if links and isinstance(links[-1].step, Tap):
        result.marks[links[-1].step.point] = result
    return result


def _into(sink: RowSink, image: Image, chain: Chain, context: RunContext) -> None:
    """Compute the image after local steps into the sink: at once, or slab by slab of a source that is read in order."""
    parts = stages(chain)
    allow_depth(len(parts))
    marks = {name: marked.rows for name, marked in image.marks.items()}
    if not image.rows.in_order:
        _compute_rows(sink, image.rows, marks, parts, context, 0, parts[-1].out.height)
        return
    from imgconv.engine.slabs import slabs

    for rows, start, stop in slabs(image.rows, parts, sink.unit):
        _compute_rows(sink, rows, marks, parts, context, start, stop)


def allow_depth(stages: int) -> None:
    """Let so many stages ask each other for rows: Python's own limit is reached by 240 of them.

    From 3.11 on a call of Python by Python takes no memory of the C stack.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES * (stages + 100)))


def _compute_rows(
    sink: RowSink,
    source: RowSource,
    marks: Mapping[str, RowSource],
    chain: Sequence[Stage],
    context: RunContext,
    start: int,
    stop: int,
) -> None:
    """Compute rows start to stop of the chain's result into the sink, by pieces on all threads."""
    out, run = chain[-1].out, context.run
    unit = sink.unit or max(stage.step.tile_rows(stage.spec) for stage in chain)
    strip = strip_rows(chain, out, run)
    tasks = pieces(chain, out, unit, run.workers, start, stop)
    counts: list[Vector] = []

    def worker() -> Callable[[int], Iterator[None]]:
        clipped = Vector((0,), "i8")
        counts.append(clipped)
        last = build_chain(chain, source, marks, run, clipped)

        def work(number: int) -> Iterator[None]:
            for first, end in bands(*tasks[number], sink.unit):
                band = sink.reserve(first, end)
                for y, below in bands(first, end, strip):
                    last.read(band.band(y - first, below - first), y, below)
                    context.advance(below - y, out.height)
                    yield
                sink.commit(first, band)

        return work

    run_tasks(len(tasks), worker, run.workers)
    context.count_clipped(sum(int(count[0]) for count in counts))
