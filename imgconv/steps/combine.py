"""mark: a name for the image as it is here; mix, subtract and difference with it further on."""

from __future__ import annotations

from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.step import Context
from imgconv.loops.tone.blend import DIFFERENCE, MIX, SUBTRACT, mix
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.marks import Join
    from imgconv.engine.run_options import Run

BLOCK = 2048


@register("mark", "Mark: name this point of the chain for mix, subtract and difference")
class Mark(Tap):
    """The image passes through; `mix NAME`, `subtract NAME` and `difference NAME` see it as it is here.

    A name that is given again means the later point.
    """

    example = "imgconv open sample_images/coffee.jpg mark sharp gaussian --sigma 8 mix sharp --amount 0.4 save soft.png"

    def explain(self, spec: Spec, run: Run) -> str:
        return "kept for later"


class Blend(TwoInputStep):
    """A weighted sum or difference of two images, `kind` of `loops.tone.blend`."""

    rounds = True
    kind: ClassVar[int] = MIX

    amount: float = option(1.0, "times the difference")

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


@register("mix", "Blending: a weighted mean with the image at a mark")
class Mix(Blend):
    """out = in + amount (marked - in): 0 is the image at hand, 1 the marked one, 0.5 half of each.

    Beyond 0 and 1 differences are exaggerated: `mark a gaussian mix a --amount 2` is `unsharp`. Alpha is mixed too;
    colors are weighted by it. float32. Errors: a name that no `mark` before it gave; images of other sizes or spaces.
    """

    example = "imgconv open sample_images/coffee.jpg mark sharp gaussian --sigma 8 mix sharp --amount 0.4 save soft.png"

    amount: float = option(0.5, "share of the marked image")


@register("subtract", "Subtraction: the image minus the one at a mark")
class Subtract(Blend):
    """out = amount (in - marked); alpha stays that of the image at hand. Negative values are kept: see `save --range`.

    Errors: as `mix`.
    """

    example = (
        "imgconv open sample_images/camera.png mark a box subtract a --amount 4 save lines.png --range offset"
    )
    kind = SUBTRACT


@register("difference", "Absolute difference from the image at a mark")
class Difference(Blend):
    """out = |amount (in - marked)|; alpha stays that of the image at hand. Errors: as `mix`."""

    example = "imgconv open sample_images/camera.png mark a median difference a --amount 4 save noise.png"
    kind = DIFFERENCE
