"""save: write the image to a file or to stdout."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Path
from imgconv.core.options import argument, option
from imgconv.engine.endpoints import Sink
from imgconv.engine.step import Step
from imgconv.io.encode import FileSink, encoding_steps
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Image, Meta, Spec
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions
    from imgconv.formats.registry import Format


@register_sink("save", "write the image; the suffix tells the format, - is stdout")
class Save(Sink):
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

    def check(self) -> None:
        if "{channel}" in self.path:
            raise UsageError(
                "save: {channel} names the files of `separate`, which writes one for each channel"
            )
        if self.format or self.path != "-":
            self.form()

    def form(self) -> Format:
        from imgconv.formats.registry import by_name, by_suffix

        return by_name(self.format) if self.format else by_suffix(self.path)

    def like(self, source: Image) -> Save:
        """To stdout without `--format`: the format that the input had."""
        return self.replace(format=source.format or "png") if self.path == "-" and not self.format else self

    def infer(self, spec: Spec) -> Spec:
        """The image passes on as it is; an image that the format cannot hold is refused here."""
        self.stored_spec(spec)
        return spec

    def write_options(self) -> WriteOptions:
        from imgconv.formats.options import WriteOptions

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

    def accepts(self, specs: Sequence[Spec], path: str) -> None:
        if len(specs) > 1:
            from imgconv.io.frames import check

            check(self, specs, path)

    def take(self, work: LazyImage, last: bool) -> None:
        if not last:
            work.evaluate()
        held = self.stored_spec(work.spec)
        self.write(work, held, encoding_steps(work.spec, held, self.range))
        work.clipped = 0

    def write(self, work: LazyImage, held: Spec, steps: Sequence[Step]) -> None:
        """One image into a file, by way of the steps."""
        from imgconv.formats.files import Output

        path = self.target(work.image.path, work.index, work.image.meta.frame)
        with Output(path, work.run.no_clobber) as output:
            self.put(work, held, steps, output)
            output.commit()

    def put(self, work: LazyImage, held: Spec, steps: Sequence[Step], output: Output) -> None:
        """One image into an output that the caller commits, by way of the steps."""
        writer = self.form().writer(output, held, self.meta(work, held), self.write_options())
        clipped = work.stream_to(FileSink(writer, held), steps)
        writer.finish()
        work.report.clip(work.clipped + clipped, f"{self.name} {output.path}")

    def take_all(self, works: Sequence[LazyImage], last: bool) -> None:
        if len(works) == 1:
            self.take(works[0], last)
        else:
            from imgconv.io.frames import save

            save(self, works, last)

    def meta(self, work: LazyImage, held: Spec) -> Meta:
        """What travels along, with the profile that fits the file."""
        meta = work.image.meta
        if not meta.icc and not held.profile:
            return meta
        from imgconv.steps.color.icc.embed import embedded

        as_rgb = held.space == "gray" and not self.form().gray
        meta, lost = embedded(meta, held.replace(space="rgb") if as_rgb else held)
        if lost:
            work.report.warn(f"{self.name}: the color profile '{lost}' is for other colors, and is left out")
        return meta
