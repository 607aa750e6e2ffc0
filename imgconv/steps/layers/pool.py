"""Pooling: the largest value or the mean of each window."""

from __future__ import annotations

from math import inf

from imgconv.core.border import Border
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Padding, Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.record import Record
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Step
from imgconv.loops.layers import pool
from imgconv.loops.round_and_store import BLOCK
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

MOST_BYTES = 257  # bytes whose sum fits into 16 bits


class Sizes(Record):
    """What every loop of `loops/layers/pool.py` takes of the window and the size, in this order; `all()` hands it over.

    `pixels` is the width of the result, `block` how many of its pixels are worked on at a time.
    """

    height: int
    width: int
    row_dilation: int
    column_dilation: int
    row_stride: int
    column_stride: int
    channels: int
    pixels: int
    block: int

    def all(self) -> tuple[int, ...]:
        return tuple(self.values().values())

    def buffers(self, dtype: str) -> Pixels:
        """Two rows of what `block` pixels of the result look at."""
        width = self.block * self.column_stride + (self.width - 1) * self.column_dilation
        return Pixels.empty(2, width, self.channels, dtype)


class Pool(Step):
    """Windows placed as in PyTorch, with no padding by default. Errors: a padding of more than half a window."""

    selects_channels = False

    size: tuple[int, int] = option((2, 2), "the window", Size(), unit="pixels")
    stride: tuple[int, int] | None = option(
        None, "distance between windows; by default the size", Size(), unit="pixels"
    )
    padding: Any = option(
        "none", "pixels added around: none, keep the size (at stride 1), or how many", Padding()
    )
    dilation: tuple[int, int] = option((1, 1), "distance between taps", Size(1, 4096), unit="pixels")
    ceil: bool = option(False, "also compute a last window that reaches beyond the far border")

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
        row_stride, column_stride = self.stride or self.size
        return Axis(height, row_stride, down), Axis(width, column_stride, across)

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
        """The axis with its padding, and with `--ceil` what the last window needs beyond it."""
        before, after = sides
        padded = axis.replace(before=before, after=after)
        if not self.ceil or length + before + after < axis.extent:
            return padded
        # where the last window begins
        last = -(-(length + before + after - axis.extent) // axis.stride) * axis.stride
        if last >= length + before:
            last -= axis.stride
        return axis.replace(before=before, after=max(after, last + axis.extent - length - before))

    def explain(self, spec: Spec, run: Run) -> str:
        rows, columns = self.window(spec).rows, self.window(spec).columns
        apart = f"{rows.stride}x{columns.stride} apart"
        return f"windows of {rows.extent}x{columns.extent} (rows x columns), {apart}"

    def loop_sizes(self, context: Context) -> Sizes:
        """The window and the size, as the loops take them."""
        rows, columns = self.axes()
        channels = context.spec.channels
        return Sizes(
            height=rows.size,
            width=columns.size,
            row_dilation=rows.dilation,
            column_dilation=columns.dilation,
            row_stride=rows.stride,
            column_stride=columns.stride,
            channels=channels,
            pixels=context.out.width,
            block=max(BLOCK // (channels * columns.stride), 1),
        )


@register("max-pool", "Max pooling: the largest value of each window")
class MaxPool(Pool):
    """out(x, y) = the largest in(x S + i D, y S + j D) of a window, with stride S and dilation D.

    Each channel by itself, in the dtype that comes in. Shapes are PyTorch's. The padding is never the largest (-inf, or
    0 among integers); a window with NaN gives NaN.
    """

    example = "imgconv open sample_images/chelsea.png max-pool --size 3 --stride 2 save small.png"

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def border(self, spec: Spec) -> Border:
        return Border("constant", 0.0 if spec.dtype in ("u1", "u2") else -inf)

    def bind(self, context: Context) -> Compute:
        sizes = self.loop_sizes(context)
        numbers, buffers = sizes.all(), sizes.buffers(context.spec.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            pool.largest(out, source, *numbers, buffers)

        return compute


@register("avg-pool", "Average pooling: the mean of each window")
class AvgPool(Pool):
    """out(x, y) = the sum of the window's pixels / their number.

    Each channel by itself; any dtype in, float32 out. Shapes are PyTorch's. Padding does not count, or counts as zeros
    with `--count-include-pad`; what `--ceil` adds beyond it never counts. Integers are summed exactly, floats in
    float64.
    """

    example = "imgconv open sample_images/chelsea.png avg-pool --size 4 save small.png"
    is_linear = True
    rounds = True

    count_include_pad: bool = option(False, "count the padding, as zeros")

    def border(self, spec: Spec) -> Border:
        return Border("constant", 0.0)

    def bind(self, context: Context) -> Compute:
        spec, sizes = context.spec, self.loop_sizes(context)
        if self.halves(context):
            return halving(sizes, context)
        small = spec.dtype == "u1" and spec.working == "f4" and self.size[0] * self.size[1] <= MOST_BYTES
        numbers, buffers = sizes.all(), sizes.buffers("u2" if small else "f8")
        scratch = Vector(bytes(sizes.block * spec.channels), spec.working)
        window = self.window(spec)
        (_, bottom), (_, right) = self.sides()
        rows = Vector(self.counts(window.rows, spec.height, bottom), "i8")
        columns = Vector(self.counts(window.columns, spec.width, right), "i8")

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            pool.mean(out, source, *numbers, row, rows, columns, buffers, scratch, context.clipped)

        return compute

    def counts(self, axis: Axis, length: int, after: int) -> list[int]:
        """How many taps of each window count."""
        first, end = (-axis.before, length + after) if self.count_include_pad else (0, length)
        total = axis.output(length)
        # windows from `start` to `stop` lie inside: in a large image nearly all, and Python is slow
        start = min(max(-(-(first + axis.before) // axis.stride), 0), total)
        stop = min(max((end - axis.extent + axis.before) // axis.stride + 1, start), total)

        def count(window: int) -> int:
            position = window * axis.stride - axis.before
            return sum(first <= position + tap * axis.dilation < end for tap in range(axis.size))

        before, behind = [*map(count, range(start))], [*map(count, range(stop, total))]
        return [*before, *[axis.size] * (stop - start), *behind]

    def halves(self, context: Context) -> bool:
        """Whether these are windows of 2 x 2 pixels side by side, without padding."""
        plain = self.axes() == (Axis(2, 2), Axis(2, 2)) and self.padding == "none" and not self.ceil
        return plain and context.spec.working == "f4"


def halving(sizes: Sizes, context: Context) -> Compute:
    """`compute` for windows of 2 x 2 side by side."""
    channels, pixels, block = sizes.channels, sizes.pixels, sizes.block
    bytes_buffer = Pixels.empty(1, 2 * block, channels, "u1")
    buffer, scratch = Vector.zeros(2 * block * channels, "f4"), Vector.zeros(block * channels, "f4")

    def of_bytes(out: Pixels, source: Pixels, row: int) -> None:
        pool.halve(out, source, channels, pixels, block, bytes_buffer)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        pool.halve_any(out, source, channels, pixels, block, buffer, scratch, context.clipped)

    return of_bytes if context.spec.dtype == context.out.dtype == "u1" else compute
