"""Source and Sink: the two ends of a pipeline."""

from __future__ import annotations

from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from imgconv.core.image import Spec
    from imgconv.engine.lazy_image import LazyImage


class Source(Step):
    """Where images come from."""

    role = "source"


class Sink(Step):
    """Where an image goes: it is handed each image, and may pass it on."""

    role = "sink"
    gives_image: ClassVar[bool] = False  # it passes another image on, so in Python it waits as a step does

    def infer(self, spec: Spec) -> Spec:
        return spec

    def accepts(self, specs: Sequence[Spec], path: str) -> None:
        """Refuse the frames of one file before anything is computed. Errors: UsageError."""

    def take(self, work: LazyImage, last: bool) -> None:
        """Consume one image; `last`: nobody needs it afterwards."""
        raise NotImplementedError(self.name)

    def take_all(self, works: Sequence[LazyImage], last: bool) -> None:
        """Consume the frames of one file."""
        for work in works:
            self.take(work, last)
