"""A stage: one step of a chain as it runs, with what comes in, what goes out, its window and its border."""

from __future__ import annotations

from imgconv.core.dtypes import FULL_SCALE, SIZES
from imgconv.engine.chain import Chain, Link
from imgconv.engine.convert import Cast, Quantize
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec


class Stage:
    """A step, the spec that it reads (`spec`), the one that it writes (`out`), its window and its border."""

    __slots__ = ("border", "out", "spec", "step", "window")

    def __init__(self, link: Link) -> None:
        step = self.step = link.step
        self.border = step.border(link.spec)
        self.spec = step.input_spec(link.spec)
        self.window = step.window(self.spec)
        self.out = link.out if self.spec is link.spec else step.infer(self.spec)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of input."""
        return self.spec.width * self.spec.channels * SIZES[self.spec.dtype]

    def input_rows(self, start: int, stop: int) -> tuple[int, int]:
        """The input rows that output rows start to stop look at, also by way of the border."""
        height = self.spec.height
        first, last = self.window.rows.input_range(start, stop)
        rows = [row for row in (max(first, 0), min(last, height) - 1) if 0 <= row < height]
        for beyond in (range(first, min(last, 0)), range(max(first, height), last)):
            rows += [row for row in (self.border.map_index(y, height) for y in beyond) if row >= 0]
        return (min(rows), max(rows) + 1) if rows else (0, 1)


def stages(chain: Chain) -> list[Stage]:
    """Each step as it runs, first to last; a plain Quantize is done by the step before it, where that can round.

    Not behind floats, which may be infinite: loops that round take that for white, and Quantize makes it 0.
    """
    result: list[Stage] = []
    for link in (chain if chain.links else Chain(chain.source, [Cast(dtype=chain.source.dtype)])).links:
        stage = Stage(link)
        if result and stage.spec.dtype != result[-1].out.dtype:
            result.append(_cast(result[-1].out, stage.spec.dtype))
        if result and chain.source.dtype in FULL_SCALE and _rounds(result[-1], link.step):
            result[-1].out = stage.out
        else:
            result.append(stage)
    return result


def _cast(spec: Spec, dtype: str) -> Stage:
    return Stage(Chain(spec, [Cast(dtype=dtype)]).links[0])


def _rounds(before: Stage, step: Step) -> bool:
    """Whether a stage can do the rounding of the step behind it."""
    plain = isinstance(step, Quantize) and step.is_plain
    return plain and before.step.rounds and before.out.dtype == before.spec.working


def source_rows(chain: Sequence[Stage], start: int, stop: int) -> tuple[int, int]:
    """The rows of the chain's source that rows start to stop of its result need, borders and marks included."""
    marked: dict[str, tuple[int, int]] = {}
    rows = (start, stop)
    for stage in reversed(chain):
        step = stage.step
        if isinstance(step, Tap):
            rows = _hull(rows, marked.pop(step.point, rows))
        else:
            if isinstance(step, TwoInputStep):
                marked[step.point] = _hull(rows, marked.get(step.point, rows))
            rows = stage.input_rows(*rows)
    return rows


def _hull(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])
