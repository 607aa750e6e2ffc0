"""Work: one image, the steps that it still has to go through, and the run. What a source makes and a sink takes.

Nothing is computed before a sink asks.
"""

from __future__ import annotations

from imgconv.engine.alpha import weighted
from imgconv.engine.evaluate import Target, compute, resolve_global_steps, stream
from imgconv.engine.stage import stages
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image, Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.run_report import Report


class LazyImage:
    """An image on its way."""

    def __init__(self, image: Image, run: Run, report: Report, index: int = 0) -> None:
        self.image = image
        self.run = run
        self.report = report
        self.index = index
        self.steps: list[Step] = []
        self.all_steps: list[Step] = []  # with those that are done: what `explain` tells of
        self.source = image.spec
        self.clipped = 0

    @property
    def spec(self) -> Spec:
        """What the steps that are still to do make of the image."""
        return infer(self.image.spec, self.steps)

    def add(self, step: Step) -> None:
        self.steps.append(step)
        self.all_steps.append(step)

    def evaluate(self, last: bool = False) -> Image:
        """The image after all steps so far, in memory; `last`: nobody needs the images at marks any more."""
        steps = weighted(self.image.spec, self.steps, self.run)
        self.image, clipped = compute(self.image, steps, self.run, marks=not last)
        self.clipped += clipped
        self.steps = []
        return self.image

    def stream_to(self, target: Target, tail: Sequence[Step]) -> int:
        """Stream the image through the steps and the tail into a target; returns how many samples were clipped."""
        return stream_to(self.image, [*self.steps, *tail], target, self.run)


def infer(spec: Spec, steps: Sequence[Step]) -> Spec:
    """What comes out of the steps. Errors: UsageError from the first that cannot work."""
    for step in steps:
        spec = step.infer(spec)
    return spec


def stream_to(image: Image, steps: Sequence[Step], target: Target, run: Run) -> int:
    """Stream an image through steps into a target."""
    image, rest, clipped = resolve_global_steps(image, weighted(image.spec, steps, run), run)
    return clipped + stream(image, stages(image.spec, rest), target, run)
