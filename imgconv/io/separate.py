"""separate: one picture for each ink or channel."""

from __future__ import annotations

from imgconv.core.color_spaces import OWN_UNITS, SPACES, TINTED
from imgconv.core.errors import UsageError, quote_path
from imgconv.core.option_types import Path
from imgconv.core.options import argument, option
from imgconv.engine.chain import Chain
from imgconv.engine.step import Step
from imgconv.io.encode import encoding_steps
from imgconv.io.save import Save
from imgconv.steps.color.channels import Channels
from imgconv.steps.on_channels import names_of, on
from imgconv.steps.pointwise import Affine
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.formats.files import Output


@register_sink("separate", "Color separation: write each channel or ink as a picture of its own")
class Separate(Save):
    """Write each channel as a gray picture of its own: all of them, or none. `{channel}` in PATH is the channel's name.

    A plate of ink is dark where there is ink, as it is printed: full scale - ink. Channels of light and alpha are
    bright where there is light. Channels with units of their own are scaled to the full range, as by `to --scaled`:
    in 8 bits L 255/100, a + 128, hue 255/360. `--tinted` shows the color that each channel contributes: ink on white,
    through the profile of the inks; red, green and blue light on black. Errors: a PATH without {channel}; --tinted
    for channels that are not a color alone.
    """

    example = "imgconv open sample_images/coffee.jpg to cmyk separate 'out/{stem}-{channel}.png' --tinted"

    path: str = argument(Path(), "where to; {channel} stands for c, m, y, k and so on, {stem} as for `save`")
    tinted: bool = option(False, "the color of each ink or light in place of gray")

    def check(self) -> None:
        if "{channel}" not in self.path:
            raise UsageError(
                "separate: PATH needs {channel}, as in 'out/{stem}-{channel}.png', to name each picture"
            )
        self.form()

    def infer(self, spec: Spec) -> Spec:
        for number in range(spec.channels):
            self.stored_spec(self.channel(spec, number).spec)
        return spec

    def channel(self, spec: Spec, number: int) -> Chain:
        """From the image to the picture of one channel."""
        return Chain(spec, self._steps(spec, number))

    def _steps(self, spec: Spec, number: int) -> list[Step]:
        if self.tinted and spec.space not in (*TINTED, "gray"):
            known = ", ".join(TINTED)
            raise UsageError(
                f"separate: --tinted is for {known}; a channel of {spec.space} has no color alone"
            )
        gray: list[Step] = [Channels(order=(str(number),))]
        if spec.alpha and number == spec.colors:
            return gray
        if self.tinted and spec.space in TINTED:
            return self.alone(spec, number)
        if spec.space == "cmyk":
            return [*gray, Affine(factor=-1.0, shift=spec.full)]
        if spec.space in OWN_UNITS:
            low, high = SPACES[spec.space].ranges[number]
            return [*gray, Affine(origin=low, factor=spec.full / (high - low))]
        return gray

    def alone(self, spec: Spec, number: int) -> list[Step]:
        """The other colors set to none, and alpha left out."""
        others = tuple(str(other) for other in range(spec.colors) if other != number)
        plain = Channels(order=tuple(map(str, range(spec.colors))))
        return [plain, on(Affine(factor=0.0), others)]

    def accepts(self, specs: Sequence[Spec], path: str) -> None:
        if len(specs) > 1 and "{frame}" not in self.path:
            raise UsageError(
                f"separate: {quote_path(path)} holds {len(specs)} frames; write {{frame}} in PATH for files of "
                "each, or take one with `open --frame N`"
            )

    def target(self, source: str, index: int, frame: int = 0) -> str:
        """The file for one input or frame, its channel still open."""
        return self.file(source, index, frame, "{channel}")

    def file(self, source: str, index: int, frame: int, channel: str) -> str:
        from imgconv.formats.filename_template import expand_template

        return expand_template(self.path, source, index, frame, channel)

    def meta(self, image: LazyImage, stored: Spec) -> Meta:
        """A gray plate is an amount and no color: it carries no profile."""
        return super().meta(image, stored) if self.tinted else image.image.meta.replace(icc=None)

    def take(self, image: LazyImage, last: bool) -> None:
        self.take_all([image], last)

    def take_all(self, images: Sequence[LazyImage], last: bool) -> None:
        outputs: list[Output] = []
        try:
            for image in images:
                self._plates(image, outputs)
            for output in outputs:
                output.commit()
        finally:
            for output in outputs:
                output.discard()

    def _plates(self, image: LazyImage, outputs: list[Output]) -> None:
        """Every channel of an image into an output of its own; they are committed when all are there."""
        from imgconv.formats.files import Output

        image.evaluate()
        spec, source = image.spec, image.image
        names = names_of(spec)
        names = names if len(names) == spec.channels else list(map(str, range(spec.channels)))
        for number, name in enumerate(names):
            channel = self.channel(spec, number)
            stored = self.stored_spec(channel.spec)
            tail = channel.followed_by(encoding_steps(channel.spec, stored, self.range).links)
            path = self.file(source.path, image.index, source.meta.frame, name)
            outputs.append(Output(path, image.context.run.no_clobber))
            self.put(image, stored, tail, outputs[-1])
