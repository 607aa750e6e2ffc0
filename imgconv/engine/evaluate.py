"""Evaluation: steps computed over an image; global steps resolved; the same bits for any strips and threads."""

from __future__ import annotations

from itertools import pairwise

from imgconv.core.image import Image
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.chain import build_chain
from imgconv.engine.marks import Tap
from imgconv.engine.scheduler import _bands, _pieces, _strip_rows, run_tasks
from imgconv.engine.stage import Stage, stages
from imgconv.engine.step import GlobalStep, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from imgconv.core.image import Spec
    from imgconv.engine.run_options import Run


class Target:
    """Where computed rows go. `rows`: bands begin at multiples of it (0: anywhere)."""

    rows = 0

    def room(self, start: int, stop: int) -> Pixels:
        """Memory for output rows start to stop."""
        raise NotImplementedError

    def done(self, start: int, band: Pixels) -> None:
        """The band holds its values."""


class Memory(Target):
    """A whole image in memory."""

    def __init__(self, spec: Spec) -> None:
        self.pixels = Pixels.unset(spec.height, spec.width, spec.channels, spec.dtype)

    def room(self, start: int, stop: int) -> Pixels:
        return self.pixels.band(start, stop)


def compute(image: Image, steps: Sequence[Step], run: Run, marks: bool = False) -> tuple[Image, int]:
    """The image after the steps, in memory, and how many samples were clipped; `marks`: with the images at marks."""
    image, steps, clipped = resolve_global_steps(image, steps, run)
    kept = _marks_after(image.spec, steps) if marks else {}
    ends = [at + 1 for at, step in enumerate(steps) if isinstance(step, Tap) and step.point in kept]
    for start, stop in pairwise([0, *ends, len(steps)]):
        image, more = _through(image, steps[start:stop], run)
        clipped += more
    return image, clipped


def _marks_after(spec: Spec, steps: Sequence[Step]) -> dict[str, Spec]:
    """The marks that later steps may name; those of a step made of others end with it."""
    for step in steps:
        spec = step.infer(spec)
    return dict(spec.marks)


def _through(image: Image, steps: Sequence[Step], run: Run) -> tuple[Image, int]:
    """The image after local steps, in memory; the last of them may be a mark, whose image it then is."""
    clipped, marks = 0, dict(image.marks)
    if any(not isinstance(step, Tap) for step in steps):
        chain = stages(image.spec, steps)
        memory = Memory(chain[-1].out)
        clipped = stream(image, chain, memory, run)
        image = Image(memory.pixels, chain[-1].out, image.meta, image.path)
    elif steps:
        spec = image.spec
        for step in steps:
            spec = step.infer(spec)
        image = image.replace(spec=spec)
    image.marks = marks
    if steps and isinstance(steps[-1], Tap):
        image.marks = {**marks, steps[-1].point: image}
    return image, clipped


def resolve_global_steps(image: Image, steps: Sequence[Step], run: Run) -> tuple[Image, list[Step], int]:
    """Measure for every global step in turn; what is left is local, its first step perhaps `needs_whole_image`."""
    clipped = 0
    rest = expand_steps(image.spec, steps, run)
    while (at := _next(rest)) is not None:
        step = rest[at]
        if at:
            image, more = compute(image, rest[:at], run, marks=True)
            clipped += more
            rest = rest[at:]
        if isinstance(step, GlobalStep):
            rest[0] = step.resolve(image.spec, measure(image, step, run))
    return image, rest, clipped


def expand_steps(spec: Spec, steps: Sequence[Step], run: Run) -> list[Step]:
    """The steps that do the work of these."""
    found: list[Step] = []
    for step in steps:
        found += step.expand(spec, run)
        spec = step.infer(spec)
    return found


def _next(steps: Sequence[Step]) -> int | None:
    """The first step that needs the whole image in memory, and does not have it yet."""
    waits = (
        at for at, step in enumerate(steps) if isinstance(step, GlobalStep) or (at and step.needs_whole_image)
    )
    return next(waits, None)


def measure(image: Image, step: GlobalStep, run: Run) -> list[Any]:
    """What a global step measures, band by band in the order of the rows."""
    rows = _strip_rows([], image.spec, run)
    bands = [(y, min(y + rows, image.spec.height)) for y in range(0, image.spec.height, rows)]
    found: list[Any] = [None] * len(bands)

    def worker() -> Callable[[int], Iterator[None]]:
        look = step.measure(image.spec, run)

        def work(number: int) -> Iterator[None]:
            start, stop = bands[number]
            image.ready(stop)
            band = image.pixels.band(start, stop)
            found[number] = look(band, start) if step.needs_row else look(band)
            yield

        return work

    run_tasks(len(bands), worker, run.workers)
    return found


def stream(image: Image, chain: Sequence[Stage], target: Target, run: Run) -> int:
    """Compute a chain of local stages into the target; returns how many samples were clipped."""
    out = chain[-1].out
    tile = max(stage.step.tile_rows(stage.spec) for stage in chain)
    strip = _strip_rows(chain, out, run)
    if tile and not run.strip:
        strip = min(-(-strip // tile) * tile, out.height)
    pieces = _pieces(chain, out, target.rows or tile, run.workers)
    counts: list[Vector] = []

    def worker() -> Callable[[int], Iterator[None]]:
        clipped = Vector((0,), "i8")
        counts.append(clipped)
        last = build_chain(chain, image, run, clipped)

        def work(number: int) -> Iterator[None]:
            for start, stop in _bands(*pieces[number], target.rows):
                band = target.room(start, stop)
                y = start
                while y < stop:
                    end = min(y + strip, stop)
                    last.compute(band.band(y - start, end - start), y, end)
                    y = end
                    yield
                target.done(start, band)

        return work

    run_tasks(len(pieces), worker, run.workers)
    return sum(int(count[0]) for count in counts)
