"""Jobs: one input with the words that make its outputs.

A job is plain data: it can be pickled, hashed, shown, and run in this process or in another, on this machine or another
that sees the same files. Its words are those of built-in steps alone, kernels written out, so that no preset is needed
where it runs.
"""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.memo import memoize
from imgconv.core.record import Record
from imgconv.engine.chain import Chain
from imgconv.engine.endpoints import Sink, Source
from imgconv.engine.lazy_image import LazyImage
from imgconv.engine.run_options import Run
from imgconv.engine.run_report import RunContext
from imgconv.pipeline.grammar import parse
from imgconv.pipeline.presets import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgconv.core.image import Image
    from imgconv.engine.run_report import Report
    from imgconv.engine.step import Step

CHAINS = 16  # parsed chains that a process remembers


class Job(Record):
    """What is done to one input: `index` is its number in the run, `words` are those of its source and its chain."""

    name: str
    index: int
    words: tuple[str, ...]
    run: Run

    def chain(self) -> tuple[Source, list[Step]]:
        """The source of this input alone, and the steps and sinks behind it. Errors: UsageError."""
        source, *steps = memoize(_chains, CHAINS, self.words, lambda: parse(self.words, Names()))
        assert isinstance(source, Source)
        return source.for_input(self.name), steps

    def outputs(self) -> list[str]:
        """The files that it writes, as far as they are known before the input is read."""
        _, steps = self.chain()
        return [
            file for sink in steps if isinstance(sink, Sink) for file in sink.outputs(self.name, self.index)
        ]

    def execute(self, report: Report, claim: Callable[[str, str], None] | None = None) -> None:
        """Read the input, with all its frames, and run the chain. Errors: ImgconvError."""
        source, steps = self.chain()
        pictures = source.read(self.name, self.run)
        carry(
            [begin(source, picture, RunContext(self.run, report, claim), self.index) for picture in pictures],
            steps,
        )


_chains: dict[tuple[str, ...], list[Step]] = {}


def jobs_of(steps: Sequence[Step], run: Run) -> list[Job]:
    """A job for each input of a pipeline. Errors: UsageError for what is not a pipeline."""
    source, rest = pipeline(steps)
    chain = [source.for_input("-"), *rest]
    words = tuple(word for step in chain for word in step.words())
    memoize(_chains, CHAINS, words, lambda: chain)
    return [Job(name, index, words, run) for index, name in enumerate(source.inputs())]


def pipeline(steps: Sequence[Step]) -> tuple[Source, list[Step]]:
    """The source and the rest, seen to be a pipeline. Errors: UsageError."""
    if not steps or not isinstance(steps[0], Source):
        raise UsageError("a pipeline begins with `open PATH` or `shape CxHxW`")
    source, rest = steps[0], list(steps[1:])
    if second := next((step for step in rest if isinstance(step, Source)), None):
        raise UsageError(f"`{second.name}` begins a pipeline; it cannot stand after other steps")
    if sink := source.default_sink():
        rest = [*rest, sink] if not rest or not isinstance(rest[-1], Sink) else rest
    if not source.has_pixels:
        return source, _without_pixels(source, rest)
    if not any(isinstance(step, Sink) for step in rest):
        raise UsageError(
            "nothing is done with the image; end with `save PATH`, or with print, info or explain"
        )
    if not isinstance(rest[-1], Sink):
        raise UsageError(f"`{rest[-1].name}` comes after the last sink, so nobody sees its result")
    return source, rest


def _without_pixels(source: Source, rest: Sequence[Step]) -> list[Step]:
    """The steps, and one sink that tells of specs, at the end."""
    sinks = [step for step in rest if isinstance(step, Sink)]
    for sink in sinks:
        if sink.needs_pixels:
            raise UsageError(
                f"`{source.name}` has no pixels, so there is nothing to {sink.name}; begin with `open PATH`"
            )
    return [*(step for step in rest if not isinstance(step, Sink)), *sinks[-1:]]


def begin(source: Source, picture: Image, context: RunContext, index: int = 0) -> LazyImage:
    """A picture on its way, behind the steps that its source puts before the chain."""
    picture, steps = source.begin(picture, context)
    image = LazyImage(picture, context, index)
    for step in steps:
        image.add(step)
    return image


def carry(images: Sequence[LazyImage], rest: Sequence[Step], goes_on: bool = False) -> None:
    """An input's frames through steps and sinks; nothing is computed before all of them have seen the specs.

    `goes_on`: the images are wanted after the last sink too.
    """
    source = images[0].image
    rest = [step.for_source(source) if isinstance(step, Sink) else step for step in rest]
    chains = [Chain(image.spec) for image in images]
    for step in rest:
        if isinstance(step, Sink):
            step.accepts([chain.spec for chain in chains], source.path)
        for chain in chains:
            chain.add(step)
    last = max((index for index, step in enumerate(rest) if isinstance(step, Sink)), default=-1)
    for index, step in enumerate(rest):
        if isinstance(step, Sink):
            step.take_all(images, last=index == last and not goes_on)
        else:
            for image, chain in zip(images, chains, strict=True):
                image.append(chain.links[index])
