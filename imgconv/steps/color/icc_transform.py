"""Color conversion through ICC profiles: on open, and from and to the inks of a press. An internal step."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS, INTENTS
from imgconv.core.dtypes import LEVELS
from imgconv.core.errors import ExtraMissing
from imgconv.core.pixels import Pixels
from imgconv.engine.convert import Quantize
from imgconv.engine.step import Context, Step
from imgconv.loops.color.icc import copy_last
from imgconv.steps.color.icc.profile import Profile, known
from imgconv.steps.color.icc.srgb import srgb
from imgconv.steps.on_channels import channel_picker
from imgconv.steps.pointwise import Affine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

ROWS = 128  # of a strip: a transform of 16 bits is set up for each


class Through(Step):
    """From the colors of one profile to those of another, by LittleCMS.

    Whole numbers stay whole, of the same depth. Computed values are rounded, to 8 bits where white is 255 and to 16
    otherwise, and those beyond the range are clipped and counted. Alpha is left as it is. Grays stay grays between
    profiles that have one curve for all colors.
    """

    name = "profile"

    source: Profile
    target: Profile
    intent: str = "relative"

    def infer(self, spec: Spec) -> Spec:
        from imgconv.steps.color.icc.transform import has_sixteen

        if depth(spec) == "u2" and not has_sixteen():
            raise ExtraMissing("colors of more than 8 bits through an ICC profile", "icc")
        space = self.target.space
        inks = self.target.data if space == "cmyk" else None
        made = spec.replace(channels=COLORS[space] + spec.alpha, space=space, profile=inks)
        return made.replace(dtype=self.output_dtype(spec))

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if spec.dtype in LEVELS else spec.working

    def strip_rows(self, spec: Spec) -> int:
        return ROWS if depth(spec) == "u2" else 0

    def explain(self, spec: Spec, run: Run) -> str:
        return f"{self.source.name} to {self.target.name}, {INTENTS[self.intent][1]}"

    def bind(self, context: Context) -> Compute:
        from imgconv.steps.color.icc.transform import transform

        colors = transform(self.source, self.target, self.intent, depth(context.spec))
        run = _on_colors(colors, context) if context.spec.alpha else colors
        return run if context.spec.dtype in LEVELS else _rounded(run, context)


def depth(spec: Spec) -> str:
    """The dtype in which the colors go through LittleCMS."""
    return spec.dtype if spec.dtype in LEVELS else "u1" if spec.white == 255 else "u2"


def _on_colors(run: Compute, context: Context) -> Compute:
    """`compute` for whole numbers with alpha: `run` is handed the colors alone."""
    spec, out, dtype = context.spec, context.out, depth(context.spec)
    split = channel_picker(range(spec.colors), spec.channels, dtype)
    merge = channel_picker([*range(out.colors), 0], out.colors, dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        before = Pixels.empty(source.height, source.width, spec.colors, dtype)
        after = Pixels.empty(out.height, out.width, out.channels - 1, dtype)
        split(before, source)
        run(after, before, row)
        merge(out, after)
        copy_last(out, source, out.channels, source.channels, out.width)

    return compute


def _rounded(run: Compute, context: Context) -> Compute:
    """`compute` for computed values: they are rounded before, and scaled back afterwards."""
    spec, out, dtype = context.spec, context.out, depth(context.spec)
    full = LEVELS[dtype] - 1
    whole_in, whole_out = spec.replace(dtype=dtype), out.replace(dtype=dtype)
    quantize = Quantize(dtype=dtype, scale=full / spec.full).bind(context.replace(out=whole_in))
    scale_back = Affine(factor=spec.full / full).bind(context.replace(spec=whole_out))

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        before = Pixels.empty(source.height, source.width, source.channels, dtype)
        after = Pixels.empty(out.height, out.width, out.channels, dtype)
        quantize(before, source, row)
        run(after, before, row)
        scale_back(out, after, row)
        if spec.alpha:
            copy_last(out, source, out.channels, source.channels, out.width)

    return compute


def to_srgb(profile: Profile) -> Through:
    """To sRGB; gray stays gray."""
    return Through(source=profile, target=known(srgb("gray" if profile.space == "gray" else "rgb")))


def from_inks(spec: Spec) -> Through:
    """From inks of a known profile to sRGB."""
    assert spec.profile is not None
    return to_srgb(known(spec.profile))


def to_inks(spec: Spec, profile: Profile, intent: str) -> list[Step]:
    """From RGB, or from the inks of another profile, to those of a profile."""
    if spec.space == "cmyk" and spec.profile:
        same = spec.profile == profile.data
        return [] if same else [Through(source=known(spec.profile), target=profile, intent=intent)]
    return [Through(source=known(srgb("rgb")), target=profile, intent=intent)]
