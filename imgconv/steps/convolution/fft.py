"""Convolution by Fourier transforms: what `conv` expands to where the planner finds that cheaper."""

from __future__ import annotations

from math import cos, pi, sin

from imgconv.core.border import REPLICATE, Border
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.scratch import Scratch
from imgconv.engine.step import Context, Step
from imgconv.kernels.planner import half_width, radices
from imgconv.loops.convolution import direct, fft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute
    from imgconv.kernels.kernel import Kernel


class Tiled(Axis):
    """An axis whose output, `length` positions, is computed `tile` positions at a time, counted from the first."""

    tile: int = 1
    length: int = 1

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        first, last = start // self.tile * self.tile, min(-(-stop // self.tile) * self.tile, self.length)
        return super().input_range(first, last)


class Fourier(Step):
    """Internal step: out(x, y) = bias + sum of kernel(i, j) in(x + i, y + j), by transforms of `length` rows.

    float32, from weights in float64: within 1e-5 of the largest value of the rows and columns that a transform sees,
    for a kernel whose absolute weights sum to 1 (measured). Infinity and NaN spread no further than with direct sums,
    which are used for pieces of the image that hold any.
    """

    name = "conv"
    rounds = True

    kernel: Kernel
    kernel_window: Window
    length: int
    bias: float = 0.0
    edge: Border = REPLICATE

    @property
    def tile(self) -> int:
        """Rows of the result that one transform gives."""
        return self.length - self.kernel_window.rows.extent + 1

    def window(self, spec: Spec) -> Window:
        rows = self.kernel_window.rows
        tiled = Tiled(
            size=rows.size,
            dilation=rows.dilation,
            before=rows.before,
            after=rows.after,
            tile=self.tile,
            length=rows.output(spec.height),
        )
        return self.kernel_window.replace(rows=tiled)

    def border(self, spec: Spec) -> Border:
        return self.edge

    def strip_rows(self, spec: Spec) -> int:
        return self.tile

    def tile_rows(self, spec: Spec) -> int:
        return self.tile

    def bind(self, context: Context) -> Compute:
        tiles, height = Tiles(self, context), context.out.height
        kept = TileRows(tiles, self.tile, context.out.width * context.spec.channels)

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            stop = y + out.height
            first = y // self.tile * self.tile  # the row that the source begins with
            for top in range(first, stop, self.tile):
                bottom = min(top + self.tile, height)
                begin, end = max(top, y), min(bottom, stop)
                band, rows = out.band(begin - y, end - y), source.band(top - first, source.height)
                if (begin, end) == (top, bottom):
                    tiles.compute(band, rows, context.clipped)
                else:
                    tile = kept.rows(rows, top, bottom).band(begin - top, end - top)
                    fft.store_rows(band, tile, tiles.n, context.clipped)

        return compute


class TileRows:
    """The tile that a strip needed a part of, kept for the next strip."""

    def __init__(self, tiles: Tiles, height: int, n: int) -> None:
        self.tiles, self.top = tiles, -1
        self.pixels = Scratch(n, 1, "f4")
        self.height = height

    def rows(self, source: Pixels, top: int, bottom: int) -> Pixels:
        """Rows top to bottom of the result, computed unless they are there."""
        tile = self.pixels.rows(self.height).band(0, bottom - top)
        if self.top != top:
            self.tiles.compute(tile, source, Vector((0,), "i8"))
            self.top = top
        return tile


class Tiles:
    """The loops for one worker, and their memory."""

    def __init__(self, step: Fourier, context: Context) -> None:
        kernel, channels = step.kernel, context.spec.channels
        self.length, self.bias = step.length, step.bias
        self.dilation, self.channel_stride = (
            step.kernel_window.rows.dilation,
            step.kernel_window.columns.dilation * channels,
        )
        self.n = context.out.width * channels
        self.halo = (kernel.width - 1) * self.channel_stride
        self.half = half_width(self.n, self.halo)  # items of a row that are real parts, and as many imaginary
        self.wide = self.half + self.halo
        frequencies, turns = transform_order(self.length), cosines(self.length)
        rows = sorted(range(self.length), key=frequencies.__getitem__)
        self.frequency_rows = Vector(rows, "i8")
        self.turns = Vector(turns, "f4")
        self.weights = Pixels.of_numbers(kernel.weights, 1, "f4")
        self.taps = Pixels.empty(self.length, 2 * kernel.width, 1, "f4")
        exact = Pixels.of_numbers(kernel.weights, 1, "f8")
        fft.spectrum(self.taps, exact, self.dilation, Vector(frequencies, "i8"), Vector(turns, "f8"))
        self.plane = Pixels.unset(self.length, 2 * self.wide, 1, "f4")
        self.buffers = [Vector.zeros(self.length * fft.ROW, "f4") for _ in range(2)]
        self.parts = [Vector.zeros(self.half, "f4") for _ in range(2)]

    def compute(self, out: Pixels, source: Pixels, clipped: Vector) -> None:
        """One tile, a piece of its columns after the other."""
        height, plane, turns, buffers = min(source.height, self.length), self.plane, self.turns, self.buffers
        half, wide = self.half, self.wide
        for start in range(0, self.n, 2 * half):
            nonfinite, stop = Vector.zeros(fft.LANES, "f4"), source.samples
            fft.forward(plane, source, height, start, half, wide, stop, turns, *buffers, nonfinite)
            if any(value != 0 for value in nonfinite.block):
                self.directly(out, source, start, clipped)
                continue
            fft.multiply(plane, self.taps, wide, half, self.channel_stride, *self.parts)
            stop, bias = self.n, self.bias
            fft.backward(
                out, plane, self.frequency_rows, start, half, wide, stop, bias, turns, *buffers, clipped
            )

    def directly(self, out: Pixels, source: Pixels, start: int, clipped: Vector) -> None:
        """The same piece by direct sums, where a transform would spread infinity or NaN."""
        n, stride = min(2 * self.half, self.n - start), 1
        target, around = items(out, start, n), items(source, start, n + self.halo)
        converted, scratch = (Vector.zeros(size, "f4") for size in (n + self.halo, n))
        numbers = self.dilation, stride, self.channel_stride, n, self.bias
        direct.dense(target, around, self.weights, *numbers, converted, scratch, clipped)


def items(pixels: Pixels, start: int, n: int) -> Pixels:
    """The same memory, n items of each row from `start` on."""
    return pixels.reinterpret(pixels.dtype).columns(start, start + n)


def cosines(length: int) -> list[float]:
    """cos and -sin of 2 pi k / length, for each k."""
    angles = [2 * pi * k / length for k in range(length)]
    return [part for angle in angles for part in (cos(angle), -sin(angle))]


def transform_order(length: int) -> list[int]:
    """The frequency of each row after a transform."""
    frequencies, span = [0], 1
    for radix in radices(length):
        frequencies = [f + span * r for f in frequencies for r in range(radix)]
        span *= radix
    return frequencies
