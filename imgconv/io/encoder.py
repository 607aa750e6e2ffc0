"""What the sinks have in common that write files: their options, and an image on its way into a file."""

from __future__ import annotations

from imgconv.core.option_types import Path
from imgconv.core.options import argument, option
from imgconv.engine.endpoints import Sink
from imgconv.io.encode import FileSink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.engine.chain import Chain
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.formats.files import Output
    from imgconv.formats.registry import Format, WriteOptions


class Encoder(Sink):
    """A sink that writes image files."""

    path: str = argument(Path(), "where to; {stem} and the like stand for parts of the input's name")
    format: str = option("", "the format, where the suffix does not tell")
    quality: int | None = option(None, "of JPEG and WebP, 1 to 100", low=1, high=100, whole=True)
    level: int | None = option(
        None, "effort of compression, 0 (fast) to 9 (small)", low=0, high=9, whole=True
    )
    lossless: bool = option(False, "WebP without loss")
    depth: int | None = option(None, "bits a channel: 8, 16 or 32", low=8, high=32, whole=True)
    range: str = option(
        "clip",
        "what becomes of values beyond the format's range: cut off, made positive, moved to mid-gray, or stretched",
        choices=("clip", "abs", "offset", "fit"),
    )
    layout: str = option("hwc", "order of an array's axes", choices=("hwc", "chw"))

    def form(self) -> Format:
        from imgconv.formats.registry import by_name, by_suffix

        return by_name(self.format) if self.format else by_suffix(self.path)

    def write_options(self) -> WriteOptions:
        from imgconv.formats.registry import WriteOptions

        return WriteOptions(
            quality=self.quality,
            level=self.level,
            lossless=self.lossless,
            depth=self.depth,
            layout=self.layout,
        )

    def stored_spec(self, spec: Spec) -> Spec:
        """What the file will hold."""
        return self.form().storable_spec(spec, self.write_options())

    def target(self, source: str, index: int, frame: int = 0) -> str:
        """The file for one input, or for one of its frames."""
        from imgconv.formats.filename_template import expand_template

        return expand_template(self.path, source, index, frame)

    def outputs(self, name: str, index: int) -> list[str]:
        return [self.target(name, index)]

    def write(self, image: LazyImage, stored: Spec, tail: Chain) -> None:
        """One image into a file, by way of the tail."""
        from imgconv.formats.files import Output

        path = self.target(image.image.path, image.index, image.image.meta.frame)
        with Output(path, image.context.run.no_clobber) as output:
            self.put(image, stored, tail, output)
            output.commit()

    def put(self, image: LazyImage, stored: Spec, tail: Chain, output: Output) -> None:
        """One image into an output that the caller commits, by way of the tail."""
        writer = self.form().writer(output, stored, self.meta(image, stored), self.write_options())
        image.stream_to(FileSink(writer, stored), tail.links)
        writer.finish()
        image.context.report.clip(image.context.take_clipped(), f"{self.name} {output.path}")

    def meta(self, image: LazyImage, stored: Spec) -> Meta:
        """What travels along, with the profile that fits the file."""
        meta = image.image.meta
        if not meta.icc and not stored.profile:
            return meta
        from imgconv.steps.color.icc.embed import embedded

        as_rgb = self.form().name == "webp" and stored.space == "gray"  # WebP has no gray
        meta, lost = embedded(meta, stored.replace(space="rgb") if as_rgb else stored)
        if lost:
            image.context.warn(
                f"{self.name}: the color profile '{lost}' is for other colors, and is left out"
            )
        return meta
