"""Colour spaces: the ways between them, and the step that goes them."""

from __future__ import annotations

from imgconv.errors import UsageError
from imgconv.image import COLOURS
from imgconv.kinds import Choice, Kind, Path
from imgconv.loops import spaces
from imgconv.loops.spaces_cie import WHITE_X, WHITE_Z
from imgconv.options import argument, option
from imgconv.pixels import Pixels, Vector
from imgconv.step import Context, Step, step
from imgconv.steps.color import Gray, picked
from imgconv.steps.light import Decode, Encode, chained
from imgconv.steps.quantise import Cast
from imgconv.steps.tone import LEVELS, copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.cms.profile import Profile
    from imgconv.image import Spec
    from imgconv.run import Run
    from imgconv.step import Compute

BY_SCALE = ("rgb", "linear", "cmyk")  # their white is full scale; the others have units of their own
INTENTS = ("relative", "perceptual", "saturation", "absolute")
PLANES = 5  # four colours and alpha


class Repeat(Step):
    """Gray to three equal channels."""

    name = "to rgb"

    def infer(self, spec: Spec) -> Spec:
        return spec.but(channels=3 + spec.alpha, space="rgb")

    def bind(self, context: Context) -> Compute:
        return picked([0, 0, 0, 1][: 3 + context.spec.alpha], context)


class Way(Step):
    """From space to space along a path, in one loop. No word names it."""

    name = "to"
    rounds = True

    path: tuple[str, ...]
    gcr: float = 1.0

    def infer(self, spec: Spec) -> Spec:
        space = self.path[-1]
        channels = COLOURS[space] + spec.alpha
        return spec.but(channels=channels, space=space, dtype=spec.working, profile=None)

    def bind(self, context: Context) -> Compute:
        spec, out, kind = context.spec, context.out, context.spec.working
        if spec.dtype not in (kind, *LEVELS):
            return chained([Cast(dtype=kind), self], context)
        decoded = spec.dtype in LEVELS and self.path[:2] == ("rgb", "linear")
        loop = spaces.way(self.path, decoded)
        values = Vector(table(spec) if decoded else (0.0,), kind)
        into = Vector([1 / one for one in scales(self.path[0], spec)], kind)
        onto = Vector(scales(self.path[-1], spec), kind)
        planes = Pixels.empty(PLANES, spaces.BLOCK, 1, kind)
        stored = Pixels.empty(PLANES, spaces.BLOCK, 1, out.dtype)
        numbers = (values, into, onto, self.gcr, spec.colours, out.colours, int(spec.alpha), spec.width)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            loop(out, source, *numbers, planes, stored, context.clipped)

        return compute


def scales(space: str, spec: Spec) -> list[float]:
    """What 1 of the formulas is in each channel of the pixels."""
    if space == "xyz":
        return [WHITE_X, 1.0, WHITE_Z]
    return [spec.full if space in BY_SCALE else 1.0] * COLOURS[space]


_tables: dict[tuple[str, float], list[float]] = {}


def table(spec: Spec) -> list[float]:
    """Each whole number as linear light."""
    key = spec.dtype, spec.full
    if key not in _tables:
        _tables[key] = [light(value / spec.full) for value in range(LEVELS[spec.dtype])]
    return _tables[key]


def light(v: float) -> float:
    """sRGB's curve."""
    low: float = v / 12.92
    high: float = ((v + 0.055) / 1.055) ** 2.4
    return low if v <= 0.04045 else high


WAYS: dict[tuple[str, str], type[Step]] = {
    **dict.fromkeys(spaces.FORMULAS, Way),
    ("rgb", "gray"): Gray,
    ("gray", "rgb"): Repeat,
    ("rgb", "linear"): Decode,
    ("linear", "rgb"): Encode,
}


def convert(spec: Spec, space: str, gcr: float = 1.0) -> list[Step]:
    """The steps from an image's space to another, by the fewest ways; inks with a profile go by that.

    Numbers of no space count as gray or rgb. Errors: UsageError where no way leads there.
    """
    if space == spec.space or space == "none":
        return []
    if spec.space == "cmyk" and spec.profile:
        from imgconv.steps.profile import from_inks

        first = from_inks(spec)
        return [first, *convert(first.infer(spec), space)]
    start = spec.space if spec.space in COLOURS else {1: "gray", 3: "rgb"}.get(spec.colours, "")
    routes: dict[str, tuple[str, ...]] = {start: (start,)}
    for here in (queue := [start]):
        for source, target in WAYS:
            if source == here and target not in routes:
                routes[target] = (*routes[here], target)
                queue.append(target)
    if space not in routes:
        raise UsageError(
            f"{spec.colours} channels of no colour space cannot become {space}; pick 1 or 3 with `channels`"
        )
    return steps_along(routes[space], gcr)


def steps_along(route: Sequence[str], gcr: float) -> list[Step]:
    """Gray by itself, and the rest of the way in one loop."""
    found: list[Step] = [Repeat()] if route[0] == "gray" and len(route) > 1 else []
    path = tuple(space for space in route if space != "gray")
    if len(path) == 2 and WAYS[path] is not Way:
        found.append(WAYS[path]())
    elif len(path) > 1:
        found.append(Way(path=path, gcr=gcr))
    return [*found, Gray()] if route[-1] == "gray" and len(route) > 1 else found


class Press(Kind):
    """A file that holds the ICC profile of inks."""

    metavar = "FILE"

    def read(self, value: Any) -> Profile:
        from imgconv.cms.profile import Profile, load

        return value if isinstance(value, Profile) else load(Path().read(value), "cmyk")

    def text(self, value: Any) -> str:
        return str(value.path)


def told(one: Step, spec: Spec, run: Run) -> str:
    return one.explain(spec, run) or one.name


@step("to", "convert to another colour space")
class To(Step):
    """Pixels in SPACE, as fractions: nothing is rounded or clipped before `save`, which converts back.

    rgb (sRGB values), linear (light, by sRGB's exact curve) and cmyk (0 is no ink) keep the full scale of the source,
    and gray is Rec. 601 as by `gray`. The others have units of their own. xyz: white is 0.9505 1 1.0888 (D65, 2
    degrees). lab, luv: L 0 to 100. lch and hcl: lab and luv by chroma and hue. oklab, oklch: L 0 to 1. hcy (hue,
    chroma, luma; ImageMagick's HCL), hsv, hsl and ycbcr (Cb, Cr -0.5 to 0.5): 0 to 1. Hues are degrees from 0 to below
    360, and 0 of a grey; every grey has a, b, u, v, Cb, Cr of exactly 0. float32: within 0.003 of the formula in
    float64 (1e-4 where the range is 1), and 8-bit colours come back exactly, 16-bit ones within 8 of 65535.
    Alpha is left as it is. Errors: an image whose colours are no such space.

    Inks go by the plain formulas K = gcr min(1 - R, 1 - G, 1 - B), C = (1 - R - K) / (1 - K); with `--profile`, there
    and back, by LittleCMS in 8 bits (in 16 for sources of more, which needs imagecodecs). TIFF and JPEG hold them.
    """

    example = "imgconv open sample_images/chelsea.png to lab unsharp --on L save crisp.png"
    takes_on = False

    space: str = argument(Choice(tuple(COLOURS)), "gray, rgb, lab and so on")
    gcr: float = option(1.0, "to cmyk: how much of the common grey becomes black ink", low=0, high=1)
    profile: Profile | None = option(None, "to cmyk: the ICC profile of the press", Press())
    intent: str = option("relative", "with --profile: what to keep", choices=INTENTS)

    def check(self) -> None:
        if self.profile is None and self.intent != "relative":
            raise UsageError("to: --intent is for colours that go through a --profile")
        if self.profile is not None and (self.space != "cmyk" or self.gcr != 1):
            raise UsageError(
                "to: --profile is for cmyk, and makes the black ink in its own way, without --gcr"
            )

    def ways(self, spec: Spec) -> list[Step]:
        if self.profile is None:
            return convert(spec, self.space, self.gcr)
        from imgconv.steps.profile import to_inks

        return to_inks(spec, self.profile, self.intent)

    def infer(self, spec: Spec) -> Spec:
        for one in self.ways(spec):
            spec = one.infer(spec)
        return spec.but(space=self.space)

    def bind(self, context: Context) -> Compute:
        steps = self.ways(context.spec)
        return chained(steps, context) if steps else copied

    def explain(self, spec: Spec, run: Run) -> str:
        ways = [one.path if isinstance(one, Way) else (told(one, spec, run),) for one in self.ways(spec)]
        return " - ".join(space for way in ways for space in way)
