"""A kernel applied by Fourier transforms; what `conv` becomes where the plan finds that cheaper."""

from __future__ import annotations

from math import cos, pi, sin

from imgconv.core.border import REPLICATE, Border
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Step
from imgconv.kernels.planner import halves, radices
from imgconv.loops.convolution import direct, fft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.step import Compute
    from imgconv.kernels.kernel import Kernel


class Tiled(Axis):
    """An axis whose `given` output positions are computed `tile` at a time, counted from the first one."""

    tile: int = 1
    given: int = 1

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        first, last = start // self.tile * self.tile, min(-(-stop // self.tile) * self.tile, self.given)
        return super().input_range(first, last)


class Fourier(Step):
    """out(x, y) = bias + sum of kernel(i, j) in(x + i, y + j), by transforms of `length` rows.

    float32, from weights in float64: within 1e-5 of the largest value of the rows and columns that a transform sees
    for a kernel whose absolute weights sum to 1, as measured. Values that are not finite spread no further than by
    the direct sum, which such a piece of the image then gets.
    """

    name = "conv"
    rounds = True

    kernel: Kernel
    seen: Window
    length: int
    bias: float = 0.0
    edge: Border = REPLICATE

    @property
    def tile(self) -> int:
        """Rows of the result from one transform."""
        return self.length - self.seen.rows.extent + 1

    def window(self, spec: Spec) -> Window:
        rows = self.seen.rows
        tiled = Tiled(
            size=rows.size,
            dilation=rows.dilation,
            before=rows.before,
            after=rows.after,
            tile=self.tile,
            given=rows.output(spec.height),
        )
        return self.seen.replace(rows=tiled)

    def border(self, spec: Spec) -> Border:
        return self.edge

    def strip_rows(self, spec: Spec) -> int:
        return self.tile

    def tile_rows(self, spec: Spec) -> int:
        return self.tile

    def bind(self, context: Context) -> Compute:
        tiles, count, height = Tiles(self, context), context.clipped, context.out.height
        tile, n = self.tile, context.out.width * context.spec.channels
        kept: list[tuple[int, Pixels]] = []  # the tile that a strip saw a part of, for the next strip

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            top = row // tile * tile
            for y in range(top, row + out.height, tile):
                end = min(y + tile, height)
                first, last = max(y, row), min(end, row + out.height)
                band, rows = out.band(first - row, last - row), source.band(y - top, source.height)
                if (first, last) == (y, end):
                    tiles.compute(band, rows, count)
                    continue
                if not kept or kept[0][0] != y:
                    room = kept[0][1] if kept else Pixels.unset(tile, n, 1, "f4")
                    tiles.compute(room.band(0, end - y), rows, Vector((0,), "i8"))
                    kept[:] = [(y, room)]
                fft.stored(band, kept[0][1].band(first - y, last - y), n, count)

        return compute


class Tiles:
    """The loops for one worker, and their memory."""

    def __init__(self, step: Fourier, context: Context) -> None:
        kernel, channels = step.kernel, context.spec.channels
        self.length, self.bias = step.length, step.bias
        self.below, self.beside = step.seen.rows.dilation, step.seen.columns.dilation * channels
        self.n = context.out.width * channels
        self.halo = (kernel.width - 1) * self.beside
        self.half = halves(self.n, self.halo)
        order, turns = frequencies(self.length), turning(self.length)
        self.places = Vector([row for _, row in sorted((f, row) for row, f in enumerate(order))], "i8")
        self.turns = Vector(turns, "f4")
        self.weights = Pixels.of_numbers(kernel.weights, 1, "f4")
        self.taps = Pixels.empty(self.length, 2 * kernel.width, 1, "f4")
        exact = Pixels.of_numbers(kernel.weights, 1, "f8")
        fft.spectrum(self.taps, exact, self.below, Vector(order, "i8"), Vector(turns, "f8"))
        self.plane = Pixels.unset(self.length, 2 * (self.half + self.halo), 1, "f4")
        self.rooms = [Vector.zeros(self.length * fft.ROW, "f4") for _ in range(2)]
        self.parts = [Vector.zeros(self.half, "f4") for _ in range(2)]

    def compute(self, out: Pixels, source: Pixels, count: Vector) -> None:
        """One tile, a piece of its columns after the other."""
        height, wide = min(source.height, self.length), self.half + self.halo
        for start in range(0, self.n, 2 * self.half):
            sound = Vector.zeros(fft.LANES, "f4")
            fft.forward(
                self.plane,
                source,
                height,
                start,
                self.half,
                wide,
                source.samples,
                self.turns,
                *self.rooms,
                sound,
            )
            if any(value != 0 for value in sound.block):
                self.directly(out, source, start, count)
                continue
            fft.multiply(self.plane, self.taps, wide, self.half, self.beside, *self.parts)
            fft.backward(
                out,
                self.plane,
                self.places,
                start,
                self.half,
                wide,
                self.n,
                self.bias,
                self.turns,
                *self.rooms,
                count,
            )

    def directly(self, out: Pixels, source: Pixels, start: int, count: Vector) -> None:
        """The same piece, where infinity or no number would spread."""
        n = min(2 * self.half, self.n - start)
        target, around = items(out, start, n), items(source, start, n + self.halo)
        room, scratch = (Vector.zeros(size, "f4") for size in (n + self.halo, n))
        direct.dense(
            target, around, self.weights, self.below, 1, self.beside, n, self.bias, room, scratch, count
        )


def items(pixels: Pixels, start: int, n: int) -> Pixels:
    """The same memory, n items a row from one on."""
    flat = Pixels(pixels.address, pixels.height, pixels.samples, 1, pixels.dtype, pixels.stride, pixels.owner)
    return flat.columns(start, start + n)


def turning(length: int) -> list[float]:
    """cos and -sin of 2 pi k / length."""
    angles = [2 * pi * k / length for k in range(length)]
    return [part for angle in angles for part in (cos(angle), -sin(angle))]


def frequencies(length: int) -> list[int]:
    """Which frequency stands in each row after a transform."""
    found, span = [0], 1
    for radix in radices(length):
        found = [f + span * r for f in found for r in range(radix)]
        span *= radix
    return found
