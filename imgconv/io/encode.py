"""An image on its way into a file: the last steps, the rows, and what the sinks that write files have in common."""

from __future__ import annotations

from imgconv.core.color_spaces import white_of
from imgconv.core.dtypes import DTYPES
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Path
from imgconv.core.options import argument, option
from imgconv.engine.chain import Chain
from imgconv.engine.convert import Cast, Quantize
from imgconv.engine.endpoints import Sink
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions
    from imgconv.formats.registry import Format


def encoding_steps(spec: Spec, stored: Spec, range: str = "clip") -> Chain:
    """The steps from a computed image to what a file holds."""
    chain = Chain(spec)
    if white_of(spec.space) is None:
        _add_conversion(chain, stored)
    if spec.alpha and not stored.alpha:
        from imgconv.engine.alpha import Flatten

        background = white_of(chain.spec.space)
        assert background is not None
        chain.add(Flatten(background=background))
    _add_conversion(chain, stored)
    for step in _numbers(chain.spec, stored, range):
        chain.add(step)
    return chain


def _add_conversion(chain: Chain, stored: Spec) -> None:
    """Put the steps to the file's color space behind the chain."""
    spec = chain.spec
    if spec.space == stored.space and spec.colors == stored.colors:
        return
    from imgconv.steps.color.convert import convert

    for step in convert(spec, stored.space):
        chain.add(step)


def _numbers(spec: Spec, stored: Spec, range: str) -> list[Step]:
    scale = stored.full / spec.full if spec.white and stored.white else 1.0
    if DTYPES[stored.dtype].is_float:
        if range != "clip":
            raise UsageError(f"save: --range {range} is for whole numbers; this file holds fractions")
        return [] if spec.dtype == stored.dtype else [Cast(dtype=stored.dtype)]
    if range == "fit":
        from imgconv.steps.tone.levels import Fit

        return [Fit(white=stored.full), Quantize(dtype=stored.dtype)]
    shift = float((stored.full + 1) // 2) if range == "offset" else 0.0
    if spec.dtype == stored.dtype and scale == 1 and range == "clip":
        return []
    return [Quantize(dtype=stored.dtype, scale=scale, shift=shift, absolute=range == "abs")]


class Encoder(Sink):
    """A sink that writes image files."""

    path: str = argument(Path(), "the file to write; {stem} and others stand for parts of the input's name")
    format: str = option("", "the format, if the suffix does not say it")
    quality: int | None = option(None, "of JPEG and WebP, 1 to 100", low=1, high=100, whole=True)
    level: int | None = option(
        None, "effort of compression, 0 (fast) to 9 (small)", low=0, high=9, whole=True
    )
    lossless: bool = option(False, "WebP without loss")
    depth: int | None = option(None, "bits a channel: 8, 16 or 32", low=8, high=32, whole=True)
    range: str = option(
        "clip",
        "values outside the format's range: clip them, take absolute values, add mid-gray, or stretch all to fit",
        choices=("clip", "abs", "offset", "fit"),
    )
    layout: str = option(
        "hwc",
        "order of an array's axes: rows x columns x channels, or channels first",
        choices=("hwc", "chw"),
    )

    def form(self) -> Format:
        from imgconv.formats.registry import by_name, by_suffix

        return by_name(self.format) if self.format else by_suffix(self.path)

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
        if "{" not in self.path and "}" not in self.path:
            return self.path
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
        image.stream_to(writer, tail.links)
        writer.finish()
        image.context.report.clip(image.context.take_clipped(), f"{self.name} {output.path}")

    def meta(self, image: LazyImage, stored: Spec) -> Meta:
        """What travels along, with the profile that fits the file."""
        meta = image.image.meta
        if not meta.icc and not stored.profile:
            return meta
        from imgconv.steps.color.icc.embed import embedded

        as_rgb = stored.space == "gray" and not self.form().gray
        meta, lost = embedded(meta, stored.replace(space="rgb") if as_rgb else stored)
        if lost:
            image.context.warn(
                f"{self.name}: the color profile '{lost}' is for other colors, and is left out"
            )
        return meta
