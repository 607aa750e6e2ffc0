"""Color: gray, channels, and the ways from one color space to another."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS
from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import Number, OptionType
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.step import Context, Step
from imgconv.loops.color import gray
from imgconv.loops.geometry.copy import pick
from imgconv.steps.color.conversion_path import ColorConversion, path
from imgconv.steps.color.luminance import Luminance
from imgconv.steps.on_channels import ChannelNames, On, channel_index, names_of
from imgconv.steps.pointwise import Affine, by_pixels, chained
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
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
                f"'{text}' is none of {', '.join(known)}, and not R,G,B{did_you_mean(text, known)}"
            )
        if sum(numbers) <= 0:
            raise UsageError(f"the weights {text} add up to {sum(numbers):g}; the sum must be above 0")
        return text


@register("gray", "color to gray")
class Gray(Step):
    """out = (299 R + 587 G + 114 B) / 1000: Rec. 601 on the values as they are stored.

    `--weights 709`: (2126 R + 7152 G + 722 B) / 10000; `linear`: Rec. 709 on linear light, stored again by
    the sRGB curve; `L`: CIE L* / 100 of full scale; R,G,B: any three numbers, divided by their sum. Other spaces come
    by their RGB. 8-bit
    results are the exact value rounded half to even; equal channels give their own value. Alpha is kept. Gray
    images pass through. Errors: an image whose colors are not three.
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

    def bind(self, context: Context) -> Compute:
        spec = context.spec
        if spec.colors == 1:
            return copied
        if spec.profile and spec.space == "cmyk":
            from imgconv.steps.color.icc_transform import from_inks

            return chained([from_inks(spec), self], context)
        space = spec.space if spec.space in COLORS else "rgb"
        wanted = "linear" if self.weights in BY_LIGHT else "rgb"
        if space != wanted:
            return chained([ColorConversion(path=path(space, wanted)), self], context)
        if wanted == "linear":
            return Luminance(lightness=self.weights == "L").bind(context)
        weights = WEIGHTS.get(self.weights) or tuple(Number().read(part) for part in self.weights.split(","))
        if spec.dtype == "u1" and not spec.alpha and exact(weights):
            return of_bytes(weights, context)
        return by_pixels(gray.gray, (Vector(weights, "f8"), sum(weights)), context)


def exact(weights: Sequence[float]) -> bool:
    """Whether a sum of weighted bytes is exact in float32."""
    return all(w == int(w) for w in weights) and 255 * sum(abs(w) for w in weights) < EXACT


def of_bytes(weights: Sequence[float], context: Context) -> Compute:
    """`compute` for RGB bytes and whole weights."""
    width, kind, count = context.spec.width, context.spec.working, context.clipped
    if context.out.dtype == "u1" and tuple(weights) == WEIGHTS["601"]:

        def to_bytes(out: Pixels, source: Pixels, row: int) -> None:
            gray.gray_bytes(out, source, width)

        return to_bytes
    planes, scratch = Pixels.empty(3, BLOCK, 1, "u1"), Vector(bytes(BLOCK), kind)
    numbers, divisor = Vector(weights, kind), float(sum(weights))

    def to_floats(out: Pixels, source: Pixels, row: int) -> None:
        gray.gray_exact(out, source, numbers, divisor, width, planes, scratch, count)

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
        found = tuple(part.strip() for part in parts)
        wrong = next(
            (part for part in found if not (part.isdecimal() or (len(part) == 1 and part.isalpha()))), None
        )
        if not found or wrong is not None or len(found) > 64 or max(map(len, found)) > 6:
            raise UsageError(
                f"'{value}' is no list of channels; write letters as in bgr, or numbers from 0 as in 0,2"
            )
        return found

    def text(self, value: Any) -> str:
        return ",".join(value)

    def claims(self, word: str) -> bool:
        return len(word) == 1


@register("channels", "pick and reorder channels")
class Channels(Step):
    """out = the channels in that ORDER: `bgr`, `a`, `r,g`, or numbers from 0, `0,2`. Values are not changed.

    A last channel that was alpha stays alpha. One color gives a gray image, three one of colors, in the
    space that there was; other numbers no color. Errors: a channel that the image does not have.
    """

    example = "imgconv open sample_images/astronaut.png channels bgr save swapped.png"
    selects_channels = False

    order: tuple[str, ...] = argument(
        ChannelList(), "letters (r g b, v of gray, a for alpha, L of lab) or numbers from 0"
    )

    def infer(self, spec: Spec) -> Spec:
        places = self.places(spec)
        last = spec.channels - 1
        alpha = spec.alpha and len(places) > 1 and places[-1] == last and places.count(last) == 1
        colors = len(places) - alpha
        space = "gray" if colors == 1 else "none"
        if colors > 1 and COLORS.get(spec.space) == colors:
            space = spec.space
        elif colors == 3:
            space = "rgb"
        return spec.replace(channels=len(places), space=space, alpha=alpha)

    def places(self, spec: Spec) -> list[int]:
        """The numbers of the channels."""
        word = "".join(self.order)
        at = channel_index(word, spec) if len(self.order) > 1 and word.isalpha() else None  # cb, alpha
        return [self.channel_index(one, spec) for one in self.order] if at is None else [at]

    def channel_index(self, one: str, spec: Spec) -> int:
        at = channel_index(one, spec)
        if at is None:
            names = ", ".join(names_of(spec))
            raise UsageError(
                f"channels: no channel '{one}' in this image; it has 0 to {spec.channels - 1}"
                + (f" ({names})" if names else "")
            )
        return at

    def bind(self, context: Context) -> Compute:
        return picked(self.places(context.spec), context)


def picked(places: Sequence[int], context: Context) -> Compute:
    """`compute` that moves channels."""
    if len(places) == context.spec.channels == 3:
        return reordered(places, context)
    channels = Vector([*places, context.spec.channels], "i8")

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        pick(out, source, channels, out.width)

    return compute


def reordered(places: Sequence[int], context: Context) -> Compute:
    """`compute` for three channels of three."""
    planes = Pixels.empty(3, BLOCK, 1, context.spec.dtype)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        gray.reorder(out, source, *places, out.width, planes)

    return compute


class Adjusted(Affine):
    """What `adjust` does to its channels."""

    name = "adjust"


@register("adjust", "scale and shift a channel")
class Adjust(Step):
    """out = scale v + shift in CHANNELs named by `--channel`; in all colors where none is named. float32.

    The units are the channel's own: L of lab goes from 0 to 100, s of hsv from 0 to 1. Nothing is clipped before
    `save`. Errors: a channel that the image does not have.
    """

    example = "imgconv open sample_images/coffee.jpg adjust --channel b --scale 0.8 save warm.png"
    selects_channels = False

    channel: tuple[str, ...] | None = option(None, "a name, as L or a,b, or a number from 0", ChannelNames())
    scale: float = option(1.0, "what values are multiplied by")
    shift: float = option(0.0, "what is added then")

    @property
    def made(self) -> Step:
        affine = Adjusted(factor=self.scale, shift=self.shift)
        return affine if self.channel is None else On(step=affine, channels=self.channel)

    def infer(self, spec: Spec) -> Spec:
        return self.made.infer(spec)

    def bind(self, context: Context) -> Compute:
        return self.made.bind(context)
