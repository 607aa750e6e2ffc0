"""Color conversion: the steps from one color space to another, and the step `to`."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS, INTENTS, OWN_UNITS, PICTURES, space_of
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, OptionType, Path
from imgconv.core.options import argument, option
from imgconv.engine.chain import Chain
from imgconv.engine.convert import copied
from imgconv.engine.step import Context, Step
from imgconv.steps.color.channels import Gray
from imgconv.steps.color.conversion_path import ColorConversion, conversion_path
from imgconv.steps.on_channels import channel_picker
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute
    from imgconv.steps.color.icc.profile import Profile


class Repeat(Step):
    """Gray to three equal channels, dtype and values kept; an internal step."""

    name = "to rgb"

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(channels=3 + spec.alpha, space="rgb")

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        pick = channel_picker((0, 0, 0, 1) if spec.alpha else (0, 0, 0), spec.channels, spec.dtype)
        return lambda out, source, row: pick(out, source)


class Assume(Step):
    """The same numbers, taken for colors of a space; an internal step."""

    name = "to"

    space: str
    alpha: bool

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(space=self.space, alpha=self.alpha)

    def bind(self, context: Context) -> Compute:
        return copied


def convert(
    spec: Spec, space: str, gcr: float = 1.0, to_scaled: bool = False, from_scaled: bool = False
) -> list[Step]:
    """The steps from an image's space to another, by the fewest formulas; inks with a profile go by that.

    Numbers of no space count as gray or rgb. `to_scaled`, `from_scaled`: what goes out, or comes in, is stretched to
    full scale. Errors: UsageError where the image has other than 1 or 3 channels of no space.
    """
    if space == "none" or (space == spec.space and not to_scaled and not from_scaled):
        return []
    if spec.space == "cmyk" and spec.profile:
        from imgconv.steps.color.icc_transform import from_inks

        first = from_inks(spec)
        return [first, *convert(first.infer(spec), space, gcr, to_scaled)]
    start = spec.space if spec.space in COLORS else space_of(spec.colors)
    if start == "none":
        raise UsageError(
            f"{spec.colors} channels of no color space cannot become {space}; pick 1 or 3 with `channels`"
        )
    if space == "gray":
        if start == "gray":
            return []
        to_rgb = (
            [ColorConversion(path=conversion_path(start, "rgb"), from_scaled=True)] if from_scaled else []
        )
        return [*to_rgb, Gray()]
    before: list[Step] = [Repeat()] if start == "gray" else []
    path = conversion_path("rgb" if before else start, space)
    if len(path) < 2 and not to_scaled and not from_scaled:
        return before
    return [*before, ColorConversion(path=path, gcr=gcr, to_scaled=to_scaled, from_scaled=from_scaled)]


class Press(OptionType):
    """A file that holds the ICC profile of inks."""

    metavar = "FILE"

    def read(self, value: Any) -> Profile:
        from imgconv.steps.color.icc.profile import Profile, load

        return value if isinstance(value, Profile) else load(Path().read(value), "cmyk")

    def text(self, value: Any) -> str:
        return str(value.path)


@register("to", "Color space conversion")
class To(Step):
    """Color conversion: pixels in SPACE, in the working float; nothing is rounded or clipped before `save`, which
    converts back.

    rgb (sRGB values), linear (light, by sRGB's exact curve) and cmyk (0 is no ink) keep the full scale of the source,
    and gray is Rec. 601 as by `gray`. The others have units of their own. xyz: white is 0.9505 1 1.0888 (D65, 2
    degrees). lab, luv: L 0 to 100. lch and hcl: lab and luv by chroma and hue. oklab, oklch: L 0 to 1. hcy (hue,
    chroma, luma; ImageMagick's HCL), hsv, hsl and ycbcr (Cb, Cr -0.5 to 0.5): 0 to 1. Hues are degrees from 0 to below
    360, and 0 of a gray; every gray has a, b, u, v, Cb, Cr of exactly 0. float32: within 0.003 of the formula in
    float64 (1e-4 where the range is 1), and 8-bit colors come back exactly, 16-bit ones within 8 of 65535.
    `--scaled` stretches each channel to the full scale of the source, for files of whole numbers that hold the space
    itself (in 8 bits L 255/100, a + 128, hue 255/360); `--of` reads such files, and floats in a space's own units.
    Alpha is left as it is. Errors: an image whose colors are no such space.

    Inks go by the plain formulas K = gcr min(1 - R, 1 - G, 1 - B), C = (1 - R - K) / (1 - K); with `--profile`, there
    and back, by LittleCMS in 8 bits (in 16 for sources of more, which needs imagecodecs). TIFF and JPEG hold them.
    """

    example = "imgconv open sample_images/chelsea.png to lab unsharp --on L save crisp.png"
    selects_channels = False

    space: str = argument(Choice(tuple(COLORS)), "gray, rgb, lab and so on")
    gcr: float = option(1.0, "to cmyk: how much of the common gray becomes black ink", low=0, high=1)
    profile: Profile | None = option(None, "to cmyk: the ICC profile of the press", Press())
    intent: str = option("relative", "with --profile: what to keep", choices=tuple(INTENTS))
    scaled: bool = option(False, "stretch the channels to full scale, to be stored as whole numbers")
    of: str | None = option(
        None, "the space that the numbers are of, where the file cannot say", choices=tuple(COLORS)
    )

    def check(self) -> None:
        if self.scaled and self.space not in OWN_UNITS:
            raise UsageError(
                f"to: {self.space} has full scale already; --scaled is for {', '.join(OWN_UNITS)}"
            )
        if self.profile is None and self.intent != "relative":
            raise UsageError("to: --intent is for colors that go through a --profile")
        if self.profile is not None and (self.space != "cmyk" or self.gcr != 1 or self.of is not None):
            raise UsageError(
                "to: --profile is for cmyk, and makes the black ink in its own way, without --gcr and --of"
            )

    def assumed(self, spec: Spec) -> Spec:
        """The image in the space that `--of` says. Errors: UsageError where it is in another."""
        if self.of is None:
            return spec
        alphas = spec.channels - COLORS[self.of]
        if spec.space not in ("none", *PICTURES.values()) or alphas not in (0, 1):
            raise UsageError(
                f"to: --of {self.of} is for images of {COLORS[self.of]} channels, and alpha, that have no color space; "
                f"this image has {spec.channels} ({spec.space})"
            )
        return spec.replace(space=self.of, alpha=bool(alphas))

    def steps(self, spec: Spec) -> list[Step]:
        """The steps from the image, in its own space, to the wanted one."""
        if self.profile is not None:
            from imgconv.steps.color.icc_transform import to_inks

            first = [] if spec.space == "cmyk" and spec.profile else convert(spec, "rgb")
            return [*first, *to_inks(spec, self.profile, self.intent)]
        from_scaled = self.of in OWN_UNITS and spec.white is not None
        return convert(spec, self.space, self.gcr, self.scaled, from_scaled)

    def infer(self, spec: Spec) -> Spec:
        spec = self.assumed(spec)
        return Chain(spec, self.steps(spec)).spec.replace(space="none" if self.scaled else self.space)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        """The conversions, and what the image is taken for before and after them where they do not say it."""
        assumed, result = self.assumed(spec), self.infer(spec)
        steps = Chain(assumed, self.steps(assumed)).expanded(run).steps
        if assumed != spec and not (steps and isinstance(steps[0], ColorConversion)):
            steps.insert(0, Assume(space=assumed.space, alpha=assumed.alpha))
        if Chain(spec, steps).spec != result:
            steps.append(Assume(space=result.space, alpha=result.alpha))
        return steps

    def explain(self, spec: Spec, run: Run) -> str:
        spec = self.assumed(spec)
        return " - ".join(step.explain(spec, run) or step.name for step in self.steps(spec))
