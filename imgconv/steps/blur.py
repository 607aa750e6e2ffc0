"""Blurs: the mean of a box, and the Gaussian."""

from __future__ import annotations

from imgconv.errors import UsageError
from imgconv.image import WHITE
from imgconv.kinds import Size
from imgconv.loops import box, coarse, fixed, separable
from imgconv.options import option
from imgconv.pixels import Pixels, Vector
from imgconv.step import Context, Padded, step
from imgconv.steps.bell import MOST, Bell, blurring, check_radius
from imgconv.steps.coarse import Blurred, Grid, by_bands
from imgconv.steps.conv import rooms
from imgconv.window import Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.edges import Edge
    from imgconv.image import Spec
    from imgconv.run import Run
    from imgconv.step import Compute
    from imgconv.steps.fixed import Given

EXACT = 1 << 24  # whole numbers below it are exact in float32


@step("box", "blur: the mean of a box of pixels")
class Box(Padded):
    """out(x, y) = sum of the box around (x, y) / its area.

    Whole numbers are summed exactly and divided once, so that the result is the correctly rounded mean; float sums
    are float64. A box of even size reaches one pixel further to the left and up.
    """

    example = "imgconv open sample_images/camera.png box --size 5 save soft.png"
    is_linear = True
    rounds = True

    size: tuple[int, int] = option((3, 3), "the box", Size(), unit="pixels")

    def window(self, spec: Spec) -> Window:
        height, width = self.size
        return self.around(Axis(height), Axis(width))

    def bind(self, context: Context) -> Compute:
        (height, width), step = self.size, context.spec.channels
        n, area, count = context.out.width * step, float(height * width), context.clipped
        halo, peak = (width - 1) * step, WHITE.get(context.spec.dtype)
        if peak is None:
            column, wide = rooms(n, halo, "f8")

            def floats(out: Pixels, source: Pixels, row: int) -> None:
                box.floats(out, source, height, width, step, n, area, column, wide, count)

            return floats
        run = best_run(width)
        if context.spec.dtype == "u1" and peak * area <= 65535 and context.spec.working == "f4":
            narrow, means = rooms(n, halo, "u2")
            pieces = Vector.zeros(len(narrow), "u2")

            def of_bytes(out: Pixels, source: Pixels, row: int) -> None:
                box.byte_box(out, source, height, width, run, step, n, area, narrow, pieces, means)

            return of_bytes
        sums, totals = rooms(n, halo, "i4")
        if peak * area >= EXACT or context.spec.working == "f8":
            exact = Vector.zeros(len(totals), "f8")

            def large(out: Pixels, source: Pixels, row: int) -> None:
                box.large(out, source, height, width, step, n, area, sums, exact, count)

            return large
        parts, scratch = Vector.zeros(len(sums), "i4"), Vector.zeros(len(totals), "f4")

        def small(out: Pixels, source: Pixels, row: int) -> None:
            box.small(out, source, height, width, run, step, n, area, sums, parts, totals, scratch, count)

        return small

    def explain(self, spec: Spec, run: Run) -> str:
        return (
            "running sums of whole numbers" if spec.dtype in WHITE else "sums down, then across, in float64"
        )


@step("gaussian", "blur: weights that fall off as a bell")
class Gaussian(Bell):
    """out = sum of g(i) g(j) in(x + i, y + j), g(i) proportional to exp(-i^2 / (2 sigma^2)), its sum 1.

    The weights are sampled in float64 up to the radius int(truncate sigma + 0.5), as in SciPy; `--size` gives their
    number instead, as in OpenCV's getGaussianKernel. float32 sums, down and then across: within 4e-4 of float64 on
    0..255 (float64 with `--precision double`). From sigma 4 on images are blurred on a coarser grid, at a cost that
    does not grow; below, 8 bits that are written as 8 bits again are summed in 16. Both are within 0.4 of an 8-bit
    level of the sampled weights, whatever the image. `--algorithm separable`, double precision, `--size`, `--truncate`
    and padding of one's own leave both out.
    """

    example = "imgconv open sample_images/astronaut.png gaussian --sigma 2 save soft.png"

    truncate: float = option(4.0, "where the weights end", above=0, unit="sigmas")
    size: int | None = option(
        None, "taps a side, an odd number, instead of --truncate", low=1, high=MOST, whole=True
    )

    def check(self) -> None:
        if self.size is not None and self.size % 2 == 0:
            raise UsageError(
                f"{self.name}: --size {self.size} has no centre; use {self.size - 1} or {self.size + 1}"
            )
        if self.size is None:
            check_radius(self.name, self.sigma, self.truncate)

    @property
    def radius(self) -> int:
        return int(self.truncate * self.sigma + 0.5) if self.size is None else self.size // 2

    @property
    def is_plain(self) -> bool:
        return super().is_plain and self.size is None and self.truncate == 4

    def on_grid(self, grid: Grid, context: Context, edge: Edge | None = None) -> Compute:
        n, count = context.out.width * context.spec.channels, context.clipped
        blurred = Blurred(grid, context, edge)

        def write(out: Pixels, source: Pixels, row: int, at: int) -> None:
            coarse.rows_between(out, blurred.ring, row, grid.h, n, blurred.near, blurred.scratch, count)

        return by_bands(blurred, write)

    def sampled(self, margin: int, context: Context) -> Compute:
        column, across, room, scratch = blurring(self.weights, context)
        step = context.spec.channels
        n, count = context.out.width * step, context.clipped

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            inner = source.within(margin)
            separable.symmetric(out, inner, column, across, step, n, 0.0, room, scratch, count)

        return compute

    def in_whole(self, given: Given, margin: int, context: Context) -> Compute:
        def compute(out: Pixels, source: Pixels, row: int) -> None:
            fixed.bell(out, source.within(margin), *given)

        return compute


def best_run(width: int) -> int:
    """Of how many neighbours to make sums first: fewest additions, width // run + width % run + run."""
    return min(range(1, width + 1), key=lambda run: (run - 1) + width // run + width % run)
