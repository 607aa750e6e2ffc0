"""save: write the image to a file or to stdout."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.io.encode import Encoder, encoding_steps
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage


@register_sink("save", "Write the image to a file; the suffix gives the format, - is stdout")
class Save(Encoder):
    """Write the image to a file: the whole of it, or nothing.

    Values are rounded half to even, and clipped to the range of the format; a note says how many samples were
    clipped. Nothing else in a chain rounds or clips. `{stem} {name} {ext} {parent} {index} {frame}` in PATH stand for
    parts of the input's name.

    The frames of an input go into one file, with their durations and loop count: .gif (up to 256 colors per frame are
    exact, durations are multiples of 10 ms), .webp, .png (APNG), .tif (pages, which may differ in size). Frames
    without a duration are shown for 100 ms. With {frame} in PATH each frame becomes a file of its own. `--range fit`
    uses the minimum and maximum of all frames, so that nothing flickers; steps such as equalize and normalize look at
    one frame at a time.
    """

    example = "imgconv open 'sample_images/*.png' gaussian save 'out/{stem}-soft.png'"

    def check(self) -> None:
        if "{channel}" in self.path:
            raise UsageError(
                "save: {channel} names the files of `separate`, which writes one for each channel"
            )
        if self.format or self.path != "-":
            self.form()

    def for_source(self, image: Image) -> Save:
        """To stdout without `--format`: the format that the input had."""
        return self.replace(format=image.format or "png") if self.path == "-" and not self.format else self

    def infer(self, spec: Spec) -> Spec:
        """The image passes on as it is; an image that the format cannot hold is refused here."""
        self.stored_spec(spec)
        return spec

    def accepts(self, specs: Sequence[Spec], path: str) -> None:
        if len(specs) > 1:
            from imgconv.io.frames import check

            check(self, specs, path)

    def take(self, image: LazyImage, last: bool) -> None:
        if not last:
            image.evaluate()
        stored = self.stored_spec(image.spec)
        self.write(image, stored, encoding_steps(image.spec, stored, self.range))

    def take_all(self, images: Sequence[LazyImage], last: bool) -> None:
        if len(images) == 1:
            self.take(images[0], last)
        else:
            from imgconv.io.frames import save

            save(self, images, last)
