"""Colour spaces: the ways between them, and the step that goes them."""

from __future__ import annotations

from imgconv.errors import UsageError
from imgconv.image import COLOURS
from imgconv.kinds import Choice
from imgconv.options import argument
from imgconv.step import Context, Step, step
from imgconv.steps.color import Gray, picked
from imgconv.steps.light import Decode, Encode, chained
from imgconv.steps.tone import copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.step import Compute


class Repeat(Step):
    """Gray to three equal channels."""

    name = "to rgb"

    def infer(self, spec: Spec) -> Spec:
        return spec.but(channels=3 + spec.alpha, space="rgb")

    def bind(self, context: Context) -> Compute:
        return picked([0, 0, 0, 1][: 3 + context.spec.alpha], context)


WAYS: dict[tuple[str, str], type[Step]] = {
    ("rgb", "gray"): Gray,
    ("gray", "rgb"): Repeat,
    ("rgb", "linear"): Decode,
    ("linear", "rgb"): Encode,
}


def convert(spec: Spec, space: str) -> list[Step]:
    """The steps from an image's space to another, by the fewest ways.

    Numbers of no space count as gray or rgb. Errors: UsageError where no way leads there.
    """
    if space == spec.space or space == "none":
        return []
    start = spec.space if spec.space in COLOURS else {1: "gray", 3: "rgb"}.get(spec.colours, "")
    routes: dict[str, list[Step]] = {start: []}
    for here in (queue := [start]):
        for (source, target), way in WAYS.items():
            if source == here and target not in routes:
                routes[target] = [*routes[here], way()]
                queue.append(target)
    if space not in routes:
        raise UsageError(
            f"{spec.colours} channels of no colour space cannot become {space}; pick 1 or 3 with `channels`"
        )
    return routes[space]


@step("to", "convert to another colour space")
class To(Step):
    """Pixels in SPACE: gray, rgb or linear.

    gray: Rec. 601, as `gray`; rgb: sRGB values; linear: linear light by sRGB's exact curve. Full scale stays
    full scale, alpha is left as it is, and `save` converts back to what the file holds.
    """

    example = "imgconv open sample_images/chelsea.png to linear gaussian --sigma 3 save soft.png"

    space: str = argument(Choice(tuple(COLOURS)), "gray, rgb or linear")

    def infer(self, spec: Spec) -> Spec:
        for one in convert(spec, self.space):
            spec = one.infer(spec)
        return spec.but(space=self.space)

    def bind(self, context: Context) -> Compute:
        steps = convert(context.spec, self.space)
        return chained(steps, context) if steps else copied
