"""Pools: the largest value or the mean of each window."""

from __future__ import annotations

from math import inf

from imgconv.core.border import Border
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Padding, Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Step
from imgconv.loops.layers import pool
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BLOCK = 2048  # items of input worked on at a time
MOST_BYTES = 257  # bytes whose sum fits into 16 bits


class Pool(Step):
    """Windows that PyTorch's rules place. Errors: a padding of more than half a window."""

    selects_channels = False

    size: tuple[int, int] = option((2, 2), "the window", Size(), unit="pixels")
    stride: tuple[int, int] | None = option(
        None, "distance of neighboring windows; by default the size", Size(), unit="pixels"
    )
    padding: Any = option(
        "none", "pixels added around: none, keep the size (at stride 1), or how many", Padding()
    )
    dilation: tuple[int, int] = option((1, 1), "distance of neighboring taps", Size(1, 4096), unit="pixels")
    ceil: bool = option(False, "also take a last window that hangs over the far border")

    def check(self) -> None:
        for axis, sides in zip(self.axes(), self.sides(), strict=True):
            if max(sides) > axis.extent // 2:
                raise UsageError(
                    f"{self.name}: a padding of {max(sides)} is more than half a window of {axis.extent}: "
                    f"some windows would see no pixel; use {axis.extent // 2} or less, or a larger --size"
                )

    def axes(self) -> tuple[Axis, Axis]:
        """Down and across, without padding."""
        (height, width), (down, across) = self.size, self.dilation
        stride, step = self.stride or self.size
        return Axis(height, stride, down), Axis(width, step, across)

    def sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Padding before and after, down and across."""
        if self.padding == "none":
            return (0, 0), (0, 0)
        if self.padding == "keep":
            down, across = (
                (axis.size // 2 * axis.dilation, (axis.size - 1) // 2 * axis.dilation) for axis in self.axes()
            )
            return down, across
        top, right, bottom, left = self.padding
        return (top, bottom), (left, right)

    def window(self, spec: Spec) -> Window:
        lengths = (spec.height, spec.width)
        rows, columns = (
            self.placed(axis, sides, length)
            for axis, sides, length in zip(self.axes(), self.sides(), lengths, strict=True)
        )
        return Window(rows, columns)

    def placed(self, axis: Axis, sides: tuple[int, int], length: int) -> Axis:
        """The axis with its padding, and with `--ceil` with what the last window hangs over."""
        before, after = sides
        padded = axis.replace(before=before, after=after)
        if not self.ceil or length + before + after < axis.extent:
            return padded
        last = (
            -(-(length + before + after - axis.extent) // axis.stride) * axis.stride
        )  # where the last window begins
        if last >= length + before:
            last -= axis.stride
        return axis.replace(before=before, after=max(after, last + axis.extent - length - before))

    def explain(self, spec: Spec, run: Run) -> str:
        rows, columns = self.window(spec).rows, self.window(spec).columns
        apart = f"{rows.stride}x{columns.stride} apart"
        return f"windows of {rows.extent}x{columns.extent} (rows x columns), {apart}"

    def frame(self, context: Context) -> tuple[int, ...]:
        """What the loops take of the window and the size."""
        rows, columns = self.axes()
        channels = context.spec.channels
        block = max(BLOCK // (channels * columns.stride), 1)
        return (
            *(rows.size, columns.size, rows.dilation, columns.dilation, rows.stride, columns.stride),
            *(channels, context.out.width, block),
        )

    def rooms(self, frame: tuple[int, ...], dtype: str) -> Pixels:
        """Two rows of what `block` output pixels look at."""
        _, width, _, across, _, step, channels, _, block = frame
        return Pixels.empty(2, block * step + (width - 1) * across, channels, dtype)


@register("max-pool", "the largest value of each window")
class MaxPool(Pool):
    """out(x, y) = the largest in(x S + i D, y S + j D) of a window.

    Each channel by itself, in the dtype that comes in. Shapes are PyTorch's; the padding never wins (-inf, or
    0 among whole numbers); NaN goes through.
    """

    example = "imgconv open sample_images/chelsea.png max-pool --size 3 --stride 2 save small.png"

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def border(self, spec: Spec) -> Border:
        return Border("constant", 0.0 if spec.dtype in ("u1", "u2") else -inf)

    def bind(self, context: Context) -> Compute:
        frame = self.frame(context)
        rooms = self.rooms(frame, context.spec.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            pool.largest(out, source, *frame, rooms)

        return compute


@register("avg-pool", "the mean of each window")
class AvgPool(Pool):
    """out(x, y) = the sum of the window's pixels / their number; each channel by itself.

    Shapes are PyTorch's. Padding is not counted, or, with `--count-include-pad`, as zeros; what `--ceil`
    hangs over the border is never counted. Whole numbers are summed exactly, floats in float64.
    """

    example = "imgconv open sample_images/chelsea.png avg-pool --size 4 save small.png"
    is_linear = True
    rounds = True

    count_include_pad: bool = option(False, "count the padding, as zeros")

    def border(self, spec: Spec) -> Border:
        return Border("constant", 0.0)

    def bind(self, context: Context) -> Compute:
        spec, frame = context.spec, self.frame(context)
        if self.halves(context):
            return halving(frame, context)
        small = spec.dtype == "u1" and spec.working == "f4" and self.size[0] * self.size[1] <= MOST_BYTES
        rooms = self.rooms(frame, "u2" if small else "f8")
        scratch = Vector(bytes(frame[-1] * spec.channels), spec.working)
        window = self.window(spec)
        (_, bottom), (_, right) = self.sides()
        rows = Vector(self.counts(window.rows, spec.height, bottom), "i8")
        columns = Vector(self.counts(window.columns, spec.width, right), "i8")

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            pool.mean(out, source, *frame, row, rows, columns, rooms, scratch, context.clipped)

        return compute

    def counts(self, axis: Axis, length: int, after: int) -> list[int]:
        """How many taps of each window count."""
        first, end = (-axis.before, length + after) if self.count_include_pad else (0, length)
        total = axis.output(length)
        # windows from `submit` to `stop` lie inside: in a large image nearly all, and Python is slow
        start = min(max(-(-(first + axis.before) // axis.stride), 0), total)
        stop = min(max((end - axis.extent + axis.before) // axis.stride + 1, start), total)

        def count(at: int) -> int:
            place = at * axis.stride - axis.before
            return sum(first <= place + tap * axis.dilation < end for tap in range(axis.size))

        outer = [*map(count, range(start))], [*map(count, range(stop, total))]
        return [*outer[0], *[axis.size] * (stop - start), *outer[1]]

    def halves(self, context: Context) -> bool:
        """Whether these are whole windows of 2 x 2 pixels."""
        plain = self.axes() == (Axis(2, 2), Axis(2, 2)) and self.padding == "none" and not self.ceil
        return plain and context.spec.working == "f4"


def halving(frame: tuple[int, ...], context: Context) -> Compute:
    """`compute` for whole windows of 2 x 2."""
    channels, pixels, block = frame[-3:]
    rooms = Pixels.empty(1, 2 * block, channels, "u1")
    room, scratch = Vector.zeros(2 * block * channels, "f4"), Vector.zeros(block * channels, "f4")

    def of_bytes(out: Pixels, source: Pixels, row: int) -> None:
        pool.halve(out, source, channels, pixels, block, rooms)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        pool.halve_any(out, source, channels, pixels, block, room, scratch, context.clipped)

    return of_bytes if context.spec.dtype == context.out.dtype == "u1" else compute
