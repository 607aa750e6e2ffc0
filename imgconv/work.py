"""Work: one image, the steps that it still has to go through, and the run. What a source makes and a sink takes.

Nothing is computed before a sink asks.
"""

from __future__ import annotations

from imgconv.engine import Target, compute, settle, stream
from imgconv.flow import stages
from imgconv.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.image import Image, Spec
    from imgconv.report import Report
    from imgconv.run import Run


class Work:
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

    def settled(self, last: bool = False) -> Image:
        """The image after all steps so far, in memory; `last`: nobody needs the images at marks any more."""
        steps = weighted(self.image.spec, self.steps, self.run)
        self.image, clipped = compute(self.image, steps, self.run, marks=not last)
        self.clipped += clipped
        self.steps = []
        return self.image

    def send(self, target: Target, tail: Sequence[Step]) -> int:
        """Stream the image through the steps and the tail into a target; returns how many samples were clipped."""
        return send(self.image, [*self.steps, *tail], target, self.run)


def infer(spec: Spec, steps: Sequence[Step]) -> Spec:
    """What comes out of the steps. Errors: UsageError from the first that cannot work."""
    for step in steps:
        spec = step.infer(spec)
    return spec


def send(image: Image, steps: Sequence[Step], target: Target, run: Run) -> int:
    """Stream an image through steps into a target."""
    image, rest, clipped = settle(image, weighted(image.spec, steps, run), run)
    return clipped + stream(image, stages(image.spec, rest), target, run)


def weighted(spec: Spec, steps: Sequence[Step], run: Run) -> list[Step]:
    """The steps, with colour weighted by alpha around each run of linear ones."""
    if not spec.alpha or run.alpha == "straight":
        return list(steps)
    from imgconv.steps.alpha import Premultiply, Unpremultiply

    found: list[Step] = []
    inside = False
    for step in steps:
        wants = step.is_linear and spec.alpha
        if wants != inside:
            found.append(Premultiply() if wants else Unpremultiply())
            inside = wants
        found.append(step)
        spec = step.infer(spec)
    if inside:
        found.append(Unpremultiply())
    return found
