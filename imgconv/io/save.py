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


@register_sink("save", "write the image; the suffix tells the format, - is stdout")
class Save(Encoder):
    """Write the image: whole, or not at all.

    Values are rounded half to even here and nowhere else, and clipped to the format's range; how many were clipped is
    told. `{stem} {name} {ext} {parent} {index} {frame}` in PATH stand for parts of the input's name.

    Several frames of an input become one file, with their durations and number of loops: .gif (up to 256 colors a
    frame are exact, durations are multiples of 10 ms), .webp, .png (APNG), .tif (pages, which may differ in size).
    Where the source has no durations a frame is shown 100 ms. With {frame} in PATH each becomes a file. `--range fit`
    looks at all frames of an input together: they stay comparable and nothing flickers; steps (equalize, normalize)
    look at each frame by itself.
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
