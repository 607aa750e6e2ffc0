"""Source and Sink: the two ends of a pipeline."""

from __future__ import annotations

from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.engine.run_options import Run
    from imgconv.engine.run_report import RunContext


class Source(Step):
    """Where images come from."""

    role = "source"
    has_pixels: ClassVar[bool] = True  # False: specs only, so nothing can be computed

    def inputs(self) -> list[str]:
        """The names of what is read, each a job of its own."""
        raise NotImplementedError(self.name)

    def for_input(self, name: str) -> Source:
        """The source of one of its inputs alone."""
        return self

    def default_sink(self) -> Sink | None:
        """What happens to images that no sink of the chain takes; None: a chain must end with a sink."""
        return None

    def read(self, name: str, run: Run) -> list[Image]:
        """The pictures of one input: all frames of a file. Errors: FileError."""
        raise NotImplementedError(self.name)

    def begin(self, image: Image, context: RunContext) -> tuple[Image, list[Step]]:
        """The image as the chain gets it, and the steps that the source puts before the chain."""
        return image, []


class Sink(Step):
    """Where an image goes: it is handed each image, and may pass it on."""

    role = "sink"
    gives_image: ClassVar[bool] = False  # it passes another image on, so in Python it waits as a step does
    needs_pixels: ClassVar[bool] = True  # False: it tells of specs only

    def infer(self, spec: Spec) -> Spec:
        return spec

    def for_source(self, image: Image) -> Sink:
        """The sink as it is for the images of one input, where it depends on them."""
        return self

    def outputs(self, name: str, index: int) -> list[str]:
        """The files that it writes for an input, as far as they are known before it is read."""
        return []

    def accepts(self, specs: Sequence[Spec], path: str) -> None:
        """Refuse the frames of one file before anything is computed. Errors: UsageError."""

    def take(self, image: LazyImage, last: bool) -> None:
        """Consume one image; `last`: nobody needs it afterwards."""
        raise NotImplementedError(self.name)

    def take_all(self, images: Sequence[LazyImage], last: bool) -> None:
        """Consume the frames of one input."""
        for image in images:
            self.take(image, last)
