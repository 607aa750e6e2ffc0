"""Marks: the contracts of a step that names a point in the chain, and of steps over two images."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import Name
from imgconv.core.options import argument
from imgconv.engine.step import Context, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from imgconv.core.pixels import Pixels
    from imgconv.core.spec import Spec

    Join = Callable[[Pixels, Pixels, Pixels], None]


class Tap(Step):
    """A step that lets the image pass and names it, for a `TwoInputStep` further on; a name given again is the later
    point.
    """

    is_linear = True  # where colors are weighted by alpha at the second image, they are at the first
    selects_channels = False

    point: str = argument(Name(), "a name for this point")

    def infer(self, spec: Spec) -> Spec:
        others = tuple(pair for pair in spec.marks if pair[0] != self.point)
        return spec.replace(marks=(*others, (self.point, spec.replace(marks=()))))


class TwoInputStep(Step):
    """A step over the image at hand and the image at a mark, alike in size, channels and space; floats come in."""

    is_linear = True
    selects_channels = False

    point: str = argument(Name(), "the name that `mark` gave")

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
        if (*there.size, there.space) != (*spec.size, spec.space):
            raise UsageError(
                f"{self.name}: the image at '{self.point}' is {there.shape} ({there.space}), "
                f"and here it is {spec.shape} ({spec.space}); both must be alike"
            )
        return spec.replace(dtype=spec.working)

    def join(self, context: Context) -> Join:
        """The function `join(out, source, marked)` for one worker: bands of the same rows and the working dtype."""
        raise NotImplementedError(self.name)
