"""Grayscale, and steps on channels: pick, reorder, scale and shift."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS
from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import ChannelNames, Number, OptionType
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.step import Context, Step
from imgconv.loops.color import gray
from imgconv.steps.color.conversion_path import ColorConversion, conversion_path
from imgconv.steps.color.luminance import Luminance
from imgconv.steps.on_channels import On, channel_index, channel_picker, names_of
from imgconv.steps.pointwise import Affine, by_pixels
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

WEIGHTS = {"601": (299.0, 587.0, 114.0), "709": (2126.0, 7152.0, 722.0)}  # ITU-R BT.601 and BT.709
BY_LIGHT = ("linear", "L")
EXACT = 1 << 24  # whole numbers below it are exact in float32
BLOCK = 2048


class Weights(OptionType):
    """A standard's name, or three numbers."""

    metavar = "601|709|linear|L|R,G,B"

    def read(self, value: Any) -> str:
        if not isinstance(value, (str, int)):
            value = ",".join(map(repr, value))
        text = str(value).strip()
        if text in WEIGHTS or text in BY_LIGHT:
            return text
        if text.upper() == "L" or text.lower() == "linear":
            return "L" if text.upper() == "L" else "linear"
        numbers = [Number().read(part) for part in text.split(",")] if "," in text else []
        if len(numbers) != 3:
            known = (*WEIGHTS, *BY_LIGHT)
            raise UsageError(
                f"'{text}' is not one of {', '.join(known)}, and not R,G,B{did_you_mean(text, known)}"
            )
        if sum(numbers) <= 0:
            raise UsageError(f"the weights {text} add up to {sum(numbers):g}; the sum must be above 0")
        return text


@register("gray", "Grayscale: a weighted sum of red, green and blue")
class Gray(Step):
    """Grayscale: out = (299 R + 587 G + 114 B) / 1000, Rec. 601 luma of the values as they are stored.

    `--weights 709`: (2126 R + 7152 G + 722 B) / 10000; `linear`: Rec. 709 on linear light, stored again by
    the sRGB curve; `L`: CIE L* / 100 of full scale; R,G,B: any three numbers, divided by their sum. Images in other
    spaces are converted to RGB first. In: 1 or 3 colors; out: 1, in the range of the source and in the working float.
    8-bit results are the exact value rounded half to even; equal channels give their own value. Alpha is kept. Gray
    images pass through. Errors: an image of no color space without 3 colors. Source: ITU-R BT.601, BT.709; CIE 15.
    """

    example = "imgconv open sample_images/astronaut.png gray save gray.png"
    rounds = True
    selects_channels = False

    weights: str = option("601", "how much each color counts", Weights())

    def infer(self, spec: Spec) -> Spec:
        if spec.colors not in (1, 3) and spec.space not in COLORS:
            raise UsageError(
                f"gray: needs 3 colors, and this image has {spec.colors}; pick them with `channels 0,1,2`"
            )
        return spec.replace(
            channels=1 + spec.alpha, space="gray", dtype=self.output_dtype(spec), profile=None
        )

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if spec.colors == 1 else spec.working

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        """A conversion to RGB or linear light, where the image is in another space, and the sum."""
        if spec.colors == 1:
            return (self,)
        wanted = "linear" if self.weights in BY_LIGHT else "rgb"
        conversion: Step | None = None
        if spec.profile and spec.space == "cmyk":
            from imgconv.steps.color.icc_transform import from_inks

            conversion = from_inks(spec)
        elif (space := spec.space if spec.space in COLORS else "rgb") != wanted:
            conversion = ColorConversion(path=conversion_path(space, wanted))
        if conversion:
            return (conversion, *self.expand(conversion.infer(spec), run))
        return (Luminance(lightness=self.weights == "L") if wanted == "linear" else self,)

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if spec.colors == 1:
            return copied
        weights = WEIGHTS.get(self.weights) or tuple(Number().read(part) for part in self.weights.split(","))
        if spec.dtype == "u1" and not spec.alpha and is_exact(weights):
            return gray_u8(weights, context)
        return by_pixels(gray.gray, (Vector(weights, "f8"), sum(weights)), context)


def is_exact(weights: Sequence[float]) -> bool:
    """Whether a sum of weighted bytes is exact in float32."""
    return all(w == int(w) for w in weights) and 255 * sum(abs(w) for w in weights) < EXACT


def gray_u8(weights: Sequence[float], context: Context) -> Compute:
    """`compute` for RGB bytes and whole weights."""
    width, dtype = context.spec.width, context.spec.working
    if context.out.dtype == "u1" and tuple(weights) == WEIGHTS["601"]:

        def to_bytes(out: Pixels, source: Pixels, row: int) -> None:
            gray.gray_bytes(out, source, width)

        return to_bytes
    planes, scratch = Pixels.empty(3, BLOCK, 1, "u1"), Vector(bytes(BLOCK), dtype)
    numbers, divisor = Vector(weights, dtype), float(sum(weights))

    def to_floats(out: Pixels, source: Pixels, row: int) -> None:
        gray.gray_exact(out, source, numbers, divisor, width, planes, scratch, context.clipped)

    return to_floats


class ChannelList(OptionType):
    """Letters (`bgr`), or letters and numbers between commas (`0,2,a`)."""

    metavar = "ORDER"

    def read(self, value: Any) -> tuple[str, ...]:
        text = (
            value
            if isinstance(value, str)
            else ",".join(map(str, [value] if isinstance(value, int) else value))
        )
        parts = text.lower().split(",") if "," in text or text.isdecimal() else list(text.lower())
        names = tuple(part.strip() for part in parts)
        wrong = [name for name in names if not (name.isdecimal() or (len(name) == 1 and name.isalpha()))]
        if not names or wrong or len(names) > 64 or max(map(len, names)) > 6:
            raise UsageError(
                f"'{value}' is not a list of channels; write letters as in bgr, or numbers from 0 as in 0,2"
            )
        return names

    def text(self, value: Any) -> str:
        return ",".join(value)

    def accepts_name(self, word: str) -> bool:
        return len(word) == 1


@register("channels", "Channel selection: pick and reorder channels")
class Channels(Step):
    """Channel selection: out = the channels in that ORDER: `bgr`, `a`, `r,g`, or numbers from 0, `0,2`.

    Values and dtype are kept. A last channel that was alpha stays alpha. One color gives a gray image, three an image
    of colors, in the space that there was; other numbers of channels have no color space. Errors: a channel that the
    image does not have.
    """

    example = "imgconv open sample_images/astronaut.png channels bgr save swapped.png"
    selects_channels = False

    order: tuple[str, ...] = argument(
        ChannelList(), "letters (r g b, v of gray, a for alpha, L of lab) or numbers from 0"
    )

    def infer(self, spec: Spec) -> Spec:
        indices = self.indices(spec)
        last = spec.channels - 1
        alpha = spec.alpha and len(indices) > 1 and indices[-1] == last and indices.count(last) == 1
        colors = len(indices) - alpha
        space = "gray" if colors == 1 else "none"
        if colors > 1 and COLORS.get(spec.space) == colors:
            space = spec.space
        elif colors == 3:
            space = "rgb"
        return spec.replace(channels=len(indices), space=space, alpha=alpha)

    def indices(self, spec: Spec) -> list[int]:
        """The numbers of the channels."""
        word = "".join(self.order)
        index = channel_index(word, spec) if len(self.order) > 1 and word.isalpha() else None  # cb, alpha
        return [self.index(name, spec) for name in self.order] if index is None else [index]

    def index(self, name: str, spec: Spec) -> int:
        index = channel_index(name, spec)
        if index is None:
            names = ", ".join(names_of(spec))
            raise UsageError(
                f"channels: no channel '{name}' in this image; it has 0 to {spec.channels - 1}"
                + (f" ({names})" if names else "")
            )
        return index

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        pick = channel_picker(self.indices(spec), spec.channels, spec.dtype)
        return lambda out, source, row: pick(out, source)


class Adjusted(Affine):
    """What `adjust` does to its channels."""

    name = "adjust"
    rounds = False  # infinite values become 0


@register("adjust", "Adjust a channel: multiply by a factor, then add a number")
class Adjust(Step):
    """Linear adjustment: out = scale v + shift in the channels that `--channel` names, else in all colors.

    The result is in the working float. The units are the channel's own: L of lab goes from 0 to 100, s of hsv from 0
    to 1. Nothing is clipped before `save`. Errors: a channel that the image does not have.
    """

    example = "imgconv open sample_images/coffee.jpg adjust --channel b --scale 0.8 save warm.png"
    selects_channels = False

    channel: tuple[str, ...] | None = option(None, "a name, as L or a,b, or a number from 0", ChannelNames())
    scale: float = option(1.0, "what values are multiplied by")
    shift: float = option(0.0, "what is added afterwards")

    def step(self) -> Step:
        """The step that does the work."""
        affine = Adjusted(factor=self.scale, shift=self.shift)
        return affine if self.channel is None else On(step=affine, channels=self.channel)

    def infer(self, spec: Spec) -> Spec:
        return self.step().infer(spec)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return (self.step(),)
