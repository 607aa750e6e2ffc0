"""mark: a name for the image as it is here; mix, subtract and difference with it further on."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import Name
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context, Step
from imgconv.loops.tone.blend import DIFFERENCE, MIX, SUBTRACT, mix
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

    from imgconv.core.image import Spec
    from imgconv.engine.run_options import Run

    Join = Callable[[Pixels, Pixels, Pixels], None]

BLOCK = 2048


@register("mark", "name the image as it is here, for mix and the like")
class Mark(Step):
    """The image passes through; `mix NAME`, `subtract NAME` and `difference NAME` see it as it is here.

    A name that is given again means the later point.
    """

    example = "imgconv open sample_images/coffee.jpg mark sharp gaussian --sigma 8 mix sharp --amount 0.4 save soft.png"
    is_linear = True  # where colors are weighted by alpha at `mix`, they are at `mark`
    selects_channels = False

    point: str = argument(Name(), "a name for this point")

    def infer(self, spec: Spec) -> Spec:
        others = tuple(pair for pair in spec.marks if pair[0] != self.point)
        return spec.replace(marks=(*others, (self.point, spec.replace(marks=()))))

    def explain(self, spec: Spec, run: Run) -> str:
        return "kept for later"


class TwoInputStep(Step):
    """A step over two images: the one at hand, and the one at a mark; both in the working dtype."""

    selects_channels = False
    is_linear = True
    rounds = True
    kind: ClassVar[int] = MIX

    point: str = argument(Name(), "the name that `mark` gave")
    amount: float = option(1.0, "times the difference")

    def input_spec(self, spec: Spec) -> Spec:
        return spec.computed

    def infer(self, spec: Spec) -> Spec:
        marks = dict(spec.marks)
        if self.point not in marks:
            hint = did_you_mean(self.point, marks) or (f"; there are {', '.join(marks)}" if marks else "")
            raise UsageError(
                f"{self.name}: no point before it is called '{self.point}'{hint}; name one with `mark {self.point}`"
            )
        there = marks[self.point]
        if (there.height, there.width, there.channels, there.space) != (
            spec.height,
            spec.width,
            spec.channels,
            spec.space,
        ):
            raise UsageError(
                f"{self.name}: the image at '{self.point}' is {there.shape} ({there.space}), "
                f"and here it is {spec.shape} ({spec.space}); both must be alike"
            )
        return spec.replace(dtype=spec.working)

    def join(self, context: Context) -> Join:
        """The function `join(out, source, marked)` for one worker."""
        spec, count = context.spec, context.clipped
        n, block = spec.width * spec.channels, BLOCK // spec.channels * spec.channels or spec.channels
        numbers = (
            self.kind,
            self.amount,
            n,
            spec.channels,
            int(spec.alpha),
            Vector.zeros(block, spec.working),
        )

        def join(out: Pixels, source: Pixels, marked: Pixels) -> None:
            mix(out, source, marked, *numbers, count)

        return join

    def explain(self, spec: Spec, run: Run) -> str:
        return f"with the image at '{self.point}'"


@register("mix", "mix with the image at a mark")
class Mix(TwoInputStep):
    """out = in + amount (marked - in): 0 is the image at hand, 1 the marked one, 0.5 half of each.

    Beyond 0 and 1 differences are exaggerated: `mark a gaussian mix a --amount 2` is `unsharp`. Alpha is mixed too;
    colors are weighted by it. float32. Errors: a name that no `mark` before it gave; images of other sizes or spaces.
    """

    example = "imgconv open sample_images/coffee.jpg mark sharp gaussian --sigma 8 mix sharp --amount 0.4 save soft.png"

    amount: float = option(0.5, "share of the marked image")


@register("subtract", "subtract the image at a mark")
class Subtract(TwoInputStep):
    """out = amount (in - marked); alpha stays that of the image at hand. Negative values are kept: see `save --range`.

    Errors: as `mix`.
    """

    example = (
        "imgconv open sample_images/camera.png mark a box subtract a --amount 4 save lines.png --range offset"
    )
    kind = SUBTRACT


@register("difference", "the size of the difference from the image at a mark")
class Difference(TwoInputStep):
    """out = |amount (in - marked)|; alpha stays that of the image at hand. Errors: as `mix`."""

    example = "imgconv open sample_images/camera.png mark a median difference a --amount 4 save noise.png"
    kind = DIFFERENCE
