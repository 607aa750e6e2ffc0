"""A stage of a chain: a step, what comes in and what goes out."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE, SIZES
from imgconv.engine.convert import Cast, Quantize
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Spec


class Stage:
    """A step, what comes in and what goes out."""

    __slots__ = ("edge", "out", "spec", "step", "window")

    def __init__(self, step: Step, spec: Spec) -> None:
        self.step = step
        self.edge = step.border(spec)
        self.spec = step.input_spec(spec)
        self.window = step.window(self.spec)
        self.out = step.infer(self.spec)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of input."""
        return self.spec.width * self.spec.channels * SIZES[self.spec.dtype]


def stages(spec: Spec, steps: Sequence[Step]) -> list[Stage]:
    """Each step with its specs, first to last; a plain Quantize is done by the step before it, where that can round.

    Not behind floats, which may be infinite: loops that round take that for white, and Quantize makes it 0.
    Errors: UsageError from the first step that cannot work.
    """
    found: list[Stage] = []
    for step in steps or [Cast(dtype=spec.dtype)]:
        stage = Stage(step, found[-1].out if found else spec)
        if found and stage.spec.dtype != found[-1].out.dtype:
            found.append(Stage(Cast(dtype=stage.spec.dtype), found[-1].out))
        if found and spec.dtype in FULL_SCALE and _rounds(found[-1], step):
            found[-1].out = stage.out
        else:
            found.append(stage)
    return found


def _rounds(before: Stage, step: Step) -> bool:
    """Whether a stage can do the rounding of the step behind it."""
    plain = isinstance(step, Quantize) and step.is_plain
    return plain and before.step.rounds and before.out.dtype == before.spec.working
