"""An image with the steps that it still has to go through: what a source makes and a sink takes.

Nothing is computed before a sink asks.
"""

from __future__ import annotations

from imgconv.engine.chain import Chain, Link
from imgconv.engine.evaluate import compute, stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgconv.core.image import Image
    from imgconv.core.rows import RowSink
    from imgconv.core.spec import Spec
    from imgconv.engine.run_report import RunContext
    from imgconv.engine.step import Step


class LazyImage:
    """An image on its way; `index` is the number of its input in the run.

    `pending`: the steps still to do; `history`: all steps since the source, for `explain`.
    """

    def __init__(self, image: Image, context: RunContext, index: int = 0) -> None:
        self.image = image
        self.context = context
        self.index = index
        self.pending = Chain(image.spec)
        self.history = Chain(image.spec)

    @property
    def spec(self) -> Spec:
        """What the steps that are still to do make of the image."""
        return self.pending.spec

    def add(self, step: Step) -> None:
        """Put a step behind the others. Errors: UsageError where it cannot work."""
        self.append(Link(step, self.spec, step.infer(self.spec)))

    def append(self, link: Link) -> None:
        """Put a step behind the others whose specs are known."""
        self.pending.append(link)
        self.history.links.append(self.pending.links[-1])

    def evaluate(self, last: bool = False) -> Image:
        """The image after all steps so far, in memory; `last`: nobody needs the images at marks any more."""
        self.become(compute(self.image, self.pending, self.context, marks=not last))
        return self.image

    def become(self, image: Image) -> None:
        """Go on from another image, computed from this one."""
        self.image, self.pending = image, Chain(image.spec)

    def stream_to(self, sink: RowSink, tail: Iterable[Link] = ()) -> None:
        """Compute the image through the steps and the tail into a sink; the context counts what was clipped."""
        stream(self.image, self.pending.followed_by(tail), sink, self.context)
