"""Point-wise steps: what steps on one value, or one pixel, at a time have in common."""

from __future__ import annotations

from imgconv.core.dtypes import LEVELS
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.edges import gradient
from imgconv.loops.tone import arithmetic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute


class PointwiseStep(Step):
    """One value in, one value out, by a loop of `loops/tone/arithmetic.py`; alpha is kept."""

    rounds = True
    keeps_integers: ClassVar[bool] = False  # integers become integers of the same range

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if self.keeps_integers and spec.dtype in LEVELS else spec.working

    def bind(self, context: Context) -> Compute:
        if context.out.dtype == context.spec.dtype and context.out.dtype in LEVELS and self.keeps_integers:
            return self.integer_variant(context)
        loop, numbers = self.loop(context.spec)
        return pointwise(loop, numbers, context)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        """The loop for computed values, and the numbers that its formula takes."""
        raise NotImplementedError(self.name)

    def integer_variant(self, context: Context) -> Compute:
        """`compute` from integers to integers of the same dtype; by default for a step that leaves them as they are."""
        return copied


def alpha_stride(spec: Spec) -> int:
    """The loops' `alpha_stride`: the number of channels where the last is alpha, else 0."""
    return spec.channels if spec.alpha else 0


def pointwise(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop (out, src, *numbers, alpha_stride, n, scratch, clipped)."""
    scratch, stride = block(context.spec), alpha_stride(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, stride, source.samples, scratch, context.clipped)

    return compute


def pointwise_int(loop: Any, a: int, b: int, context: Context) -> Compute:
    """`compute` for a loop over integers (out, src, a, b, alpha_stride, n)."""
    stride = alpha_stride(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, a, b, stride, source.samples)

    return compute


class Affine(PointwiseStep):
    """out = (v - origin) factor + shift; alpha times `alpha`. An internal step."""

    name = "affine"

    origin: float = 0.0
    factor: float = 1.0
    shift: float = 0.0
    alpha: float = 1.0

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return arithmetic.affine, (self.origin, self.factor, self.shift, self.alpha)


def tabulated(step: Step, context: Context) -> Compute:
    """`compute` of a point-wise step for integers: its result for every value, computed once and looked up."""
    spec = context.spec
    row = spec.replace(height=1, width=LEVELS[spec.dtype], channels=1, alpha=False, dtype=spec.working)
    values = Pixels.of_numbers([range(row.width)], 1, row.dtype)
    table = Pixels.empty(1, row.width, 1, row.dtype)
    step.bind(context.replace(spec=row, out=row))(table, values, 0)
    return looked_up(table, context)


def looked_up(tables: Pixels, context: Context) -> Compute:
    """`compute` for a row of results for all channels, or one a color; from bytes to bytes it is rounded beforehand."""
    spec = context.spec
    of_bytes = rounded(tables, spec) if spec.dtype == context.out.dtype == "u1" else None
    if of_bytes is None:
        return pointwise(arithmetic.lookup, (tables, spec.channels), context)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        arithmetic.lookup_u8(out, source, of_bytes, source.samples)

    return compute


def rounded(tables: Pixels, spec: Spec) -> Pixels | None:
    """The tables in bytes, alpha's too; None where a value would be clipped, which has to be counted."""
    rows = tables.numbers()
    if any(not -0.5 <= value < 255.5 for row in rows for value in row):
        return None
    bytewise = [[round(value) for value in row] for row in rows]
    if spec.alpha:
        bytewise = bytewise * (spec.colors // len(bytewise)) + [list(range(256))]
    return Pixels.of_numbers(bytewise, 1, "u1")


class Lookup(Step):
    """Lookup tables, one a color; floats are put into bins by `ranges` first: low end and bins a unit of each color.

    An internal step.
    """

    name = "lookup"
    rounds = True

    tables: Pixels
    ranges: Pixels | None = None

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def bind(self, context: Context) -> Compute:
        if self.ranges is None:
            return looked_up(self.tables, context)
        return pointwise(arithmetic.binned, (self.tables, self.ranges, context.spec.channels), context)


def by_pixels(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop (out, src, *numbers, channels, colors, width, scratch, clipped)."""
    spec, scratch = context.spec, block(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, spec.channels, spec.colors, spec.width, scratch, context.clipped)

    return compute


def keeping_alpha(compute: Compute, context: Context, radius: int) -> Compute:
    """The same `compute`, but alpha is the pixel's own; `source` reaches `radius` pixels beyond `out` on each side."""
    channels, width, clipped = context.spec.channels, context.out.width, context.clipped
    scratch = Vector((0.0,), context.spec.working)

    def kept(out: Pixels, source: Pixels, row: int) -> None:
        compute(out, source, row)
        gradient.keep_last(out, source.within(radius), channels, width, scratch, clipped)

    return kept
