"""Point-wise steps: what a step of one pixel at a time has in common."""

from __future__ import annotations

from imgconv.core.dtypes import LEVELS
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import copied
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.edges import gradient
from imgconv.loops.tone import arithmetic as tone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute


class Tone(Step):
    """A step on single values that a loop of `loops/tone.py` does."""

    rounds = True
    keeps: ClassVar[bool] = False  # whole numbers give whole numbers in the same range

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype if self.keeps and spec.dtype in LEVELS else spec.working

    def bind(self, context: Context) -> Compute:
        if context.out.dtype == context.spec.dtype and context.out.dtype in LEVELS and self.keeps:
            return self.exactly(context)
        loop, numbers = self.loop(context.spec)
        return pointwise(loop, numbers, context)

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        """The loop over computed values, and its numbers."""
        raise NotImplementedError(self.name)

    def exactly(self, context: Context) -> Compute:
        """The same over whole numbers; here, what changes nothing."""
        return copied


def alpha_of(spec: Spec) -> int:
    """The loops' `alpha`: the number of channels where the last is alpha, else 0."""
    return spec.channels if spec.alpha else 0


def pointwise(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop that takes numbers, alpha, items, scratch and the count."""
    scratch, alpha = block(context.spec), alpha_of(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, alpha, source.samples, scratch, context.clipped)

    return compute


def pointwise_int(loop: Any, one: int, two: int, context: Context) -> Compute:
    """`compute` for a loop over whole numbers that takes two numbers, alpha and items."""
    alpha = alpha_of(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, one, two, alpha, source.samples)

    return compute


class Affine(Tone):
    """(v - origin) scale + shift; alpha times `alpha`. No word names it."""

    name = "affine"

    origin: float = 0.0
    factor: float = 1.0
    shift: float = 0.0
    alpha: float = 1.0

    def loop(self, spec: Spec) -> tuple[Any, tuple[float, ...]]:
        return tone.affine, (self.origin, self.factor, self.shift, self.alpha)


def tabulated(step: Step, context: Context) -> Compute:
    """`compute` for whole numbers of a step on single values: what it makes of each value, looked up."""
    spec = context.spec
    row = spec.replace(height=1, width=LEVELS[spec.dtype], channels=1, alpha=False, dtype=spec.working)
    values = Pixels.of_numbers([range(row.width)], 1, row.dtype)
    table = Pixels.empty(1, row.width, 1, row.dtype)
    step.bind(context.replace(spec=row, out=row))(table, values, 0)
    return looked_up(table, context)


def looked_up(tables: Pixels, context: Context) -> Compute:
    """`compute` for a table of each value, or one a color; bytes for bytes are rounded in the table already."""
    spec = context.spec
    whole = rounded(tables, spec) if spec.dtype == context.out.dtype == "u1" else None
    if whole is None:
        return pointwise(tone.lookup, (tables, spec.channels), context)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        tone.lookup_u8(out, source, whole, source.samples)

    return compute


def rounded(tables: Pixels, spec: Spec) -> Pixels | None:
    """The tables in bytes, alpha's too; None where a value would be clipped, which has to be counted."""
    rows = tables.numbers()
    if any(not -0.5 <= value < 255.5 for row in rows for value in row):
        return None
    found = [[round(value) for value in row] for row in rows]
    if spec.alpha:
        found = found * (spec.colors // len(found)) + [list(range(256))]
    return Pixels.of_numbers(found, 1, "u1")


class Lookup(Step):
    """Tables in place of a formula, one a channel; float values go into bins first. No word names it."""

    name = "lookup"
    rounds = True

    tables: Pixels
    ranges: Pixels | None = None

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def bind(self, context: Context) -> Compute:
        if self.ranges is None:
            return looked_up(self.tables, context)
        return pointwise(tone.binned, (self.tables, self.ranges, context.spec.channels), context)


def by_pixels(loop: Any, numbers: tuple[Any, ...], context: Context) -> Compute:
    """`compute` for a loop that takes numbers, channels, colors, width, scratch and the count."""
    spec, scratch = context.spec, block(context.spec)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        loop(out, source, *numbers, spec.channels, spec.colors, spec.width, scratch, context.clipped)

    return compute


def keeping_alpha(compute: Compute, context: Context, radius: int) -> Compute:
    """The same, with the alpha of the pixel itself, which lies `radius` inside of what it looks at."""
    step, width, count = context.spec.channels, context.out.width, context.clipped
    scratch = Vector((0.0,), context.spec.working)

    def kept(out: Pixels, source: Pixels, row: int) -> None:
        compute(out, source, row)
        gradient.keep_last(out, source.within(radius), step, width, scratch, count)

    return kept
