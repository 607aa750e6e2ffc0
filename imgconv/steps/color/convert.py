"""Color spaces: the ways between them, and the step that goes them."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, OptionType, Path
from imgconv.core.options import argument, option
from imgconv.engine.convert import copied
from imgconv.engine.step import Context, Step
from imgconv.steps.color.channels import Gray, picked
from imgconv.steps.color.conversion_path import RANGES, ColorConversion, path
from imgconv.steps.pointwise import chained
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute
    from imgconv.steps.color.icc.profile import Profile

PICTURES = ("gray", "rgb")
INTENTS = ("relative", "perceptual", "saturation", "absolute")


class Repeat(Step):
    """Gray to three equal channels."""

    name = "to rgb"

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(channels=3 + spec.alpha, space="rgb")

    def bind(self, context: Context) -> Compute:
        return picked([0, 0, 0, 1][: 3 + context.spec.alpha], context)


def convert(
    spec: Spec, space: str, gcr: float = 1.0, packs: bool = False, unpacks: bool = False
) -> list[Step]:
    """The steps from an image's space to another, by the fewest formulas; inks with a profile go by that.

    Numbers of no space count as gray or rgb. `packs`, `unpacks`: what goes out, or comes in, is stretched to full
    scale. Errors: UsageError where no way leads there.
    """
    if space == "none" or (space == spec.space and not packs and not unpacks):
        return []
    if spec.space == "cmyk" and spec.profile:
        from imgconv.steps.color.icc_transform import from_inks

        first = from_inks(spec)
        return [first, *convert(first.infer(spec), space, gcr, packs)]
    start = spec.space if spec.space in COLORS else {1: "gray", 3: "rgb"}.get(spec.colors)
    if start is None:
        raise UsageError(
            f"{spec.colors} channels of no color space cannot become {space}; pick 1 or 3 with `channels`"
        )
    if space == "gray" and start != "gray":
        return [*([ColorConversion(path=path(start, "rgb"), unpacks=unpacks)] if unpacks else []), Gray()]
    before: list[Step] = [Repeat()] if start == "gray" and space != "gray" else []
    route = path("rgb" if before else start, space) if space != "gray" else ()
    if len(route) < 2 and not packs and not unpacks:
        return before
    return [*before, ColorConversion(path=route, gcr=gcr, packs=packs, unpacks=unpacks)]


class Press(OptionType):
    """A file that holds the ICC profile of inks."""

    metavar = "FILE"

    def read(self, value: Any) -> Profile:
        from imgconv.steps.color.icc.profile import Profile, load

        return value if isinstance(value, Profile) else load(Path().read(value), "cmyk")

    def text(self, value: Any) -> str:
        return str(value.path)


@register("to", "convert to another color space")
class To(Step):
    """Pixels in SPACE, as fractions: nothing is rounded or clipped before `save`, which converts back.

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
    intent: str = option("relative", "with --profile: what to keep", choices=INTENTS)
    scaled: bool = option(False, "stretch the channels to full scale, to be stored as whole numbers")
    of: str | None = option(
        None, "the space that the numbers are of, where the file cannot say", choices=tuple(COLORS)
    )

    @property
    def rounds(self) -> bool:  # type: ignore[override]
        return self.scaled

    def check(self) -> None:
        if self.scaled and self.space not in RANGES:
            raise UsageError(f"to: {self.space} has full scale already; --scaled is for {', '.join(RANGES)}")
        if self.profile is None and self.intent != "relative":
            raise UsageError("to: --intent is for colors that go through a --profile")
        if self.profile is not None and (self.space != "cmyk" or self.gcr != 1 or self.of is not None):
            raise UsageError(
                "to: --profile is for cmyk, and makes the black ink in its own way, without --gcr and --of"
            )

    def named(self, spec: Spec) -> Spec:
        """The image in the space that `--of` says. Errors: UsageError where it is in another."""
        if self.of is None:
            return spec
        beside = spec.channels - COLORS[self.of]
        if spec.space not in ("none", *PICTURES) or beside not in (0, 1):
            raise UsageError(
                f"to: --of {self.of} is for {COLORS[self.of]} channels of no other space (and alpha); "
                f"this image has {spec.channels} ({spec.space})"
            )
        return spec.replace(space=self.of, alpha=bool(beside))

    def steps(self, spec: Spec) -> list[Step]:
        """What leads from the image, in its own space, to the one that is wanted."""
        if self.profile is not None:
            from imgconv.steps.color.icc_transform import to_inks

            first = [] if spec.space == "cmyk" and spec.profile else convert(spec, "rgb")
            return [*first, *to_inks(spec, self.profile, self.intent)]
        unpacks = self.of in RANGES and spec.white is not None
        return convert(spec, self.space, self.gcr, self.scaled, unpacks)

    def infer(self, spec: Spec) -> Spec:
        spec = self.named(spec)
        for one in self.steps(spec):
            spec = one.infer(spec)
        return spec.replace(space="none" if self.scaled else self.space)

    def bind(self, context: Context) -> Compute:
        spec = self.named(context.spec)
        steps = self.steps(spec)
        return chained(steps, context.replace(spec=spec)) if steps else copied

    def explain(self, spec: Spec, run: Run) -> str:
        steps = self.steps(self.named(spec))
        ways = [
            one.path if isinstance(one, ColorConversion) else (one.explain(spec, run) or one.name,)
            for one in steps
        ]
        return " - ".join(space for way in ways for space in way)
