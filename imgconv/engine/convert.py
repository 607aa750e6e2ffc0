"""Conversion between dtypes: copy, Cast, and Quantize, which rounds. No word names these steps."""

from __future__ import annotations

from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context, Step
from imgconv.loops.geometry.copy import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute


def copied(out: Pixels, source: Pixels, row: int = 0) -> None:
    """The same values in the dtype of out: `compute` of a step that changes nothing else."""
    copy(out, source, out.samples)


class Quantize(Step):
    """round(scale v + shift), half to even, clipped to the dtype's range and counted; NaN and infinity become 0."""

    name = "quantize"

    dtype: str
    scale: float = 1.0
    shift: float = 0.0
    absolute: bool = False

    def output_dtype(self, spec: Spec) -> str:
        return self.dtype

    @property
    def is_plain(self) -> bool:
        """Whether nothing but rounding is done: then a step may do it itself."""
        return (self.scale, self.shift, self.absolute) == (1.0, 0.0, False)

    def bind(self, context: Context) -> Compute:
        from imgconv.loops.round_and_store import BLOCK
        from imgconv.loops.tone.quantize import quantize

        n, dtype = context.spec.width * context.spec.channels, context.spec.working
        scratch = Vector.zeros(BLOCK, dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            quantize(out, source, self.scale, self.shift, self.absolute, n, scratch, context.clipped)

        return compute


class Cast(Step):
    """The same values in another dtype, floats or wider integers."""

    name = "cast"

    dtype: str

    def output_dtype(self, spec: Spec) -> str:
        return self.dtype

    def bind(self, context: Context) -> Compute:
        return copied
