"""On: a step that works on some channels of the image and leaves the others as they are; what `--on` makes.

A step knows nothing of it: it is handed an image of these channels alone.
"""

from __future__ import annotations

from imgconv.core.color_spaces import OWN_UNITS, SPACES
from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.marks import Tap, TwoInputStep
from imgconv.engine.scratch import Scratch
from imgconv.engine.step import Context, GlobalStep, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.core.window import Window
    from imgconv.engine.marks import Join
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute


BLOCK = 2048  # pixels whose channels are reordered at a time


def names_of(spec: Spec) -> list[str]:
    """What the channels are called; numbers of no color have no names."""
    names = SPACES[spec.space].channels if spec.space in SPACES else ()
    return [*names, "alpha"] if spec.alpha and len(names) == spec.colors else list(names)


def channel_index(name: str, spec: Spec) -> int | None:
    """The number of the channel with that name or number; None where there is none."""
    names = [known.lower() for known in names_of(spec)]
    if name.isdecimal() and len(name) < 6:
        return int(name) if int(name) < spec.channels else None
    if name.lower() in names:
        return names.index(name.lower())
    return spec.channels - 1 if name == "a" and spec.alpha else None


def channel_indexes(names: Sequence[str], spec: Spec, who: str) -> list[int]:
    """The numbers of the channels, each once. Errors: UsageError for one that is not there."""
    indexes: list[int] = []
    for name in names:
        index = channel_index(name, spec)
        each = [index] if index is not None else [channel_index(letter, spec) for letter in name]
        if None in each:
            known = ", ".join(names_of(spec)) or "no names"
            raise UsageError(
                f"{who}: no channel '{name}'; this image ({spec.space}) has channels 0 to {spec.channels - 1} "
                f"({known}); convert it first with `to SPACE`"
            )
        indexes += [index for index in each if index is not None and index not in indexes]
    return indexes


def on(step: Step, channels: tuple[str, ...] | None) -> Step:
    """The step on these channels; the step itself where None are named. A mark is of all channels."""
    if channels is None or isinstance(step, Tap):
        return step
    if isinstance(step, TwoInputStep):
        return OnTwoInputs(point=step.point, step=step, channels=channels)
    return (OnMeasured if isinstance(step, GlobalStep) else On)(step=step, channels=channels)


class On(Step):
    """A step on some channels."""

    step: Step
    channels: tuple[str, ...]

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.step.name

    @property
    def needs_whole_image(self) -> bool:
        return self.step.needs_whole_image

    def channel_indexes(self, spec: Spec) -> list[int]:
        return channel_indexes(self.channels, spec, self.name)

    def part(self, spec: Spec) -> Spec:
        """The image of these channels alone; full scale is theirs."""
        indexes = self.channel_indexes(spec)
        own = spec.space in OWN_UNITS and indexes[0] < spec.colors
        white = SPACES[spec.space].full[indexes[0]] if own else spec.white
        space = "gray" if len(indexes) == 1 else "none"
        return spec.replace(channels=len(indexes), space=space, alpha=False, white=white)

    def infer(self, spec: Spec) -> Spec:
        part = self.part(spec)
        result = self.step.infer(part)
        if result.replace(dtype="", space="", marks=()) != part.replace(dtype="", space="", marks=()):
            raise UsageError(
                f"{self.name}: --on needs a step that keeps size and channels; here {part.shape} becomes {result.shape}"
            )
        dtype = result.dtype if result.dtype in (spec.dtype, spec.working) else spec.working
        return spec.replace(dtype=dtype, marks=result.marks)

    def window(self, spec: Spec) -> Window:
        return self.step.window(self.part(spec))

    def border(self, spec: Spec) -> Border:
        return self.step.border(self.part(spec))

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return [on(step, self.channels) for step in self.step.expand(self.part(spec), run)]

    def strip_rows(self, spec: Spec) -> int:
        return self.step.strip_rows(self.part(spec))

    def tile_rows(self, spec: Spec) -> int:
        return self.step.tile_rows(self.part(spec))

    def explain(self, spec: Spec, run: Run) -> str:
        said = self.step.explain(self.part(spec), run)
        return said + "; weighted by alpha" * self.weighs(spec, run)

    def weighs(self, spec: Spec, run: Run) -> bool:
        """Whether the channels are weighted by alpha, which is not one of them."""
        weighted = self.step.is_linear and spec.alpha and run.alpha != "straight"
        return weighted and spec.channels - 1 not in self.channel_indexes(spec)

    def words(self) -> list[str]:
        return [*self.step.words(), "--on", ",".join(self.channels)]

    def bind(self, context: Context) -> Compute:
        spec, indexes = context.spec, self.channel_indexes(context.spec)
        weighs = self.weighs(spec, context.run)
        picked = [*indexes, spec.channels - 1] if weighs else indexes
        run = (self.weighted if weighs else self.plainly)(context, len(picked))
        return self.between(run, picked, indexes, context)

    def plainly(self, context: Context, channels: int) -> Compute:
        part = self.part(context.spec)
        return self.step.bind(context.replace(spec=part, out=part.replace(dtype=context.out.dtype)))

    def weighted(self, context: Context, channels: int) -> Compute:
        """The step on these channels weighted by alpha, which comes last."""
        from imgconv.engine.alpha import Premultiply, Unpremultiply

        spec, columns = context.spec.replace(channels=channels, alpha=True), self.window(context.spec).columns
        wide = spec.replace(width=max(columns.before, 0) + spec.width + max(columns.after, 0))
        inner = spec.computed.replace(white=self.part(context.spec).white)
        weigh = Premultiply().bind(context.replace(spec=wide, out=wide.computed))
        step = self.step.bind(context.replace(spec=inner, out=inner))
        unweigh = Unpremultiply().bind(context.replace(spec=spec.computed, out=spec.computed))

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            weighted = Pixels.unset(*source.shape, spec.working)
            weigh(weighted, source, row)
            step(out, weighted, row)
            unweigh(out, out, row)

        return compute

    def between(self, run: Compute, picked: list[int], indexes: list[int], context: Context) -> Compute:
        """`compute` that takes channels out, runs, and puts them back among the others."""
        from imgconv.loops.color.channels import put

        spec, window, numbers = context.spec, self.window(context.spec), Vector(indexes, "i8")
        left, right = max(window.columns.before, 0), max(window.columns.after, 0)
        parts = Scratch(left + spec.width + right, len(picked), spec.dtype)
        results = Scratch(context.out.width, len(picked), context.out.dtype)
        pick = channel_picker(picked, spec.channels, spec.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            part, result = parts.rows(source.height), results.rows(out.height)
            pick(part, source)
            run(result, part, row)
            first = row if self.needs_whole_image else row - window.rows.input_range(row, row + out.height)[0]
            put(out, source, result, numbers, len(picked), spec.channels, first, left, context.out.width)

        return compute


def channel_picker(channels: Sequence[int], available: int, dtype: str) -> Callable[[Pixels, Pixels], None]:
    """`pick(out, source)` for one worker: copies these channels of a source with so many, in that order."""
    if available == 3 and len(channels) == 1:
        from imgconv.loops.color.channels import one_of_three

        return lambda out, source: one_of_three(out, source, channels[0], source.width)
    if available == 3 and len(channels) == 3:
        from imgconv.loops.color.gray import reorder

        planes = Pixels.empty(3, BLOCK, 1, dtype)
        return lambda out, source: reorder(out, source, *channels, source.width, planes)
    from imgconv.loops.geometry.copy import pick

    numbers = Vector([*channels, available], "i8")
    return lambda out, source: pick(out, source, numbers, source.width)


class OnMeasured(On, GlobalStep):
    """A step that measures first, on some channels."""

    @property
    def needs_row(self) -> bool:  # type: ignore[override]
        assert isinstance(self.step, GlobalStep)
        return self.step.needs_row

    def measure(self, spec: Spec, run: Run) -> Callable[..., object]:
        assert isinstance(self.step, GlobalStep)
        look, picked = self.step.measure(self.part(spec), run), self.channel_indexes(spec)
        pick = channel_picker(picked, spec.channels, spec.dtype)

        def measured(band: Pixels, *row: int) -> object:
            part = Pixels.empty(band.height, band.width, len(picked), band.dtype)
            pick(part, band)
            return look(part, *row)

        return measured

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        assert isinstance(self.step, GlobalStep)
        return on(self.step.resolve(self.part(spec), parts), self.channels)


class OnTwoInputs(TwoInputStep, On):
    """An internal step over two images, on some channels of both."""

    is_linear = False

    def input_spec(self, spec: Spec) -> Spec:
        return spec

    def infer(self, spec: Spec) -> Spec:
        return On.infer(self, spec)

    def join(self, context: Context) -> Join:
        from imgconv.loops.color.channels import put

        assert isinstance(self.step, TwoInputStep)
        spec, part, picked = context.spec, self.part(context.spec), self.channel_indexes(context.spec)
        inner = self.step.join(context.replace(spec=part, out=part.replace(dtype=context.out.dtype)))
        pick = channel_picker(picked, spec.channels, spec.dtype)
        here, there = (Scratch(spec.width, len(picked), spec.dtype) for _ in range(2))
        result, numbers = Scratch(spec.width, len(picked), context.out.dtype), Vector(picked, "i8")

        def join(out: Pixels, source: Pixels, marked: Pixels) -> None:
            rows, a, b = (scratch.rows(out.height) for scratch in (result, here, there))
            pick(a, source)
            pick(b, marked)
            inner(rows, a, b)
            put(out, source, rows, numbers, len(picked), spec.channels, 0, 0, spec.width)

        return join
