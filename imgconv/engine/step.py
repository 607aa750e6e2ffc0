"""The contract of a step.

A step is a frozen record whose fields are its options. It says what comes out (`infer`), what one output pixel looks at
(`window`), what lies beyond the border (`border`) and how rows are computed (`bind`). The engine does the rest: strips,
threads, borders, rounding. `steps/registry.py` gives it its name.
"""

from __future__ import annotations

from imgconv.core.border import REPLICATE, Border
from imgconv.core.errors import UsageError
from imgconv.core.option_types import BorderType, Padding
from imgconv.core.options import Option, option
from imgconv.core.record import Record
from imgconv.core.window import POINT, Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, ClassVar

    from imgconv.core.pixels import Pixels, Vector
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run

    Compute = Callable[[Pixels, Pixels, int], None]


class Context(Record):
    """What a step is bound to.

    `spec`: of the rows that come in, without their padding; `out`: of the rows to write, whose dtype is that of
    `spec.working`, or of whole numbers where the step rounds. `clipped[0]`: samples that `out` could not hold, which
    the step's loop adds to.
    """

    spec: Spec
    out: Spec
    run: Run
    clipped: Vector


class Step(Record):
    """One operation. Subclasses' fields are the options."""

    name: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    example: ClassVar[str] = ""
    role: ClassVar[str] = "step"  # or source, sink
    is_linear: ClassVar[bool] = False  # colors are multiplied by alpha before it, and divided after it
    rounds: ClassVar[bool] = False  # `out.dtype` may be whole numbers: its loops round and clip
    selects_channels: ClassVar[bool] = True  # `--on CHANNELS` may have it work on some channels

    @classmethod
    def options(cls) -> dict[str, Option]:
        return {name: field for name, field in cls.fields.items() if isinstance(field, Option)}

    def check(self) -> None:
        """Refuse options that do not go together. Errors: UsageError."""

    def infer(self, spec: Spec) -> Spec:
        """The spec of the result for an image of this spec. Errors: UsageError where the step cannot take it."""
        height, width = self.sizes(spec)
        return spec.replace(height=height, width=width, dtype=self.output_dtype(self.input_spec(spec)))

    def input_spec(self, spec: Spec) -> Spec:
        """The spec that `bind` gets: floats where the border's constant cannot be stored in the image's own dtype."""
        return spec if self.border(spec).fits(spec.dtype) else spec.computed

    def output_dtype(self, spec: Spec) -> str:
        """The dtype of the result."""
        return spec.working

    def sizes(self, spec: Spec) -> tuple[int, int]:
        window = self.window(spec)
        height, width = window.output(spec.height, spec.width)
        if height < 1 or width < 1:
            seen = f"{window.rows.extent}x{window.columns.extent}"
            raise UsageError(
                f"{self.name}: a window of {seen} leaves nothing of an image of {spec.height}x{spec.width} "
                f"(rows x columns); use --padding keep, a larger image or a smaller window"
            )
        return height, width

    def window(self, spec: Spec) -> Window:
        """What one output pixel looks at."""
        return POINT

    def border(self, spec: Spec) -> Border:
        """What lies beyond the image, where the window looks there."""
        return REPLICATE

    @property
    def needs_whole_image(self) -> bool:
        """Whether `compute` is handed the whole image as its source; the window's rows are then a `WholeAxis`."""
        return False

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        """The steps that do its work: several, or another way to the same result that is faster for this image.

        They are run in its place; the last one's result must be that of `infer`.
        """
        return (self,)

    def bind(self, context: Context) -> Compute:
        """The function `compute(out, source, row)` for one worker.

        `source` holds just what the window needs, padding included: out[y, x] looks at
        source[y * stride + i * dilation, x * stride + j * dilation]. `row` is the number of out's first row.
        The function may keep scratch memory, as each worker binds its own. It sees no border: the padding is filled.
        """
        raise NotImplementedError(self.name)

    def strip_rows(self, spec: Spec) -> int:
        """How many rows a strip should have at least, where each strip has a cost of its own."""
        return 0

    def tile_rows(self, spec: Spec) -> int:
        """Rows of the result that are computed together, from the first one on: work is cut there if it can be."""
        return 0

    def explain(self, spec: Spec, run: Run) -> str:
        """How it runs, in a few words."""
        return ""

    def words(self) -> list[str]:
        """The words that say this step."""
        chosen = [
            (field, self.__dict__[key])
            for key, field in self.options().items()
            if field.argument or self.__dict__[key] != field.default
        ]
        return [self.name] + [
            word for field, value in chosen if value is not None for word in field.words(value)
        ]


class GlobalStep(Step):
    """A step that must see the whole image before it can compute a pixel.

    It measures bands of rows, in any order and on any thread; then it resolves what was measured to the step that does
    the work. What it measures must not depend on how the rows were cut: whole numbers, extremes, or a number a row.
    """

    needs_row: ClassVar[bool] = False  # what measures is handed the number of the band's first row as well
    in_place: ClassVar[bool] = False  # it changes the rows: they must lie in memory, however large

    def measure(self, spec: Spec, run: Run) -> Callable[..., object]:
        """The function `look(band)`, or `look(band, row)`, that measures rows of this spec for one worker."""
        raise NotImplementedError(self.name)

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        """The step that follows from what `look` gave for each band, in the order of the rows.

        It may be a global step again: the image is then measured once more.
        """
        raise NotImplementedError(self.name)


class WholeAxis(Axis):
    """Each of `outputs` positions looks at all of `inputs` positions: for steps with `needs_whole_image`."""

    inputs: int = 1
    outputs: int = 1

    def output(self, length: int) -> int:
        return self.outputs

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        return 0, self.inputs


class Bordered(Step):
    """A step whose window may look beyond the border: `--edge` says what is there."""

    edge: Border = option(REPLICATE, "what lies beyond the border", BorderType())

    def border(self, spec: Spec) -> Border:
        return self.edge


class Padded(Bordered):
    """A step whose window may look beyond the border, by as many pixels as `--padding` says."""

    padding: Any = option(
        "keep", "pixels added around: keep the size (at stride 1), none, or how many", Padding()
    )

    def around(self, rows: Axis, columns: Axis, anchor: tuple[int, int] | None = None) -> Window:
        """The window with the padding that `--padding` asks for; `anchor` (x, y) is its center, by default K//2."""
        if self.padding == "none":
            return Window(rows, columns)
        if self.padding == "keep":
            x, y = anchor or (columns.size // 2, rows.size // 2)
            return Window(_kept(rows, y), _kept(columns, x))
        top, right, bottom, left = self.padding
        return Window(rows.replace(before=top, after=bottom), columns.replace(before=left, after=right))


def _kept(axis: Axis, center: int) -> Axis:
    return axis.replace(before=center * axis.dilation, after=(axis.size - 1 - center) * axis.dilation)
