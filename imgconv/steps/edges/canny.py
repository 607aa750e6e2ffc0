"""Canny edge detector: gradient, non-maximum suppression, hysteresis."""

from __future__ import annotations

from itertools import accumulate
from math import floor

from imgconv.core.border import REPLICATE, Border
from imgconv.core.dtypes import FULL_SCALE
from imgconv.core.errors import UsageError
from imgconv.core.option_types import BorderType
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, GlobalStep, Step
from imgconv.loops.edges import canny, canny_u8, hysteresis
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BLOCK = 1024  # pixels of a row worked on at a time
LIMIT = 1e9  # of a threshold: the square of this in units of 16-bit images is still a float32
STACK = 1 << 16  # pixels whose neighbors are still to be looked at


@register("canny", "Canny edge detector: lines one pixel wide, weak ones only where they join strong ones")
class Canny(Step):
    """White on edges, 0 elsewhere, in one gray channel of the same dtype: OpenCV's Canny, bit for bit on 8-bit images.

    Sobel's gradient over 3 x 3 pixels (or `--size 5`), its magnitude |x| + |y| (or with `--l2` sqrt(x^2 + y^2)).
    Non-maximum suppression: a pixel counts where that is above `--low` and larger than at its two neighbors along the
    gradient. Hysteresis: pixels above `--high` are edges, and the others where one of these is among their eight
    neighbors, or is reached through such neighbors. Thresholds are in units of the magnitude of an 8-bit image
    whatever the depth: an upright step from black to white has 1020, with `--size 5` 12240. In color the channel with
    the largest magnitude counts; alpha is dropped. `--edge` says what lies beyond the border for the gradient; beyond
    it the magnitude is 0. 16-bit images are computed in float64, which is exact, floats in float32. Smooth first where
    there is noise, as in the example. Errors: --low above --high. Source: J. Canny, 1986.
    """

    example = (
        "imgconv open sample_images/camera.png gaussian --sigma 1.4 canny --low 40 --high 90 save lines.png"
    )
    selects_channels = False

    low: float = option(100.0, "magnitude above which a pixel may be an edge", low=0, high=LIMIT)
    high: float = option(200.0, "magnitude above which a pixel is an edge", low=0, high=LIMIT)
    l2: bool = option(False, "the magnitude as the root of the sum of squares")
    size: str = option("3", "pixels a side of the gradient", choices=("3", "5"))
    edge: Border = option(REPLICATE, "what lies beyond the border", BorderType())

    def check(self) -> None:
        if self.low > self.high:
            raise UsageError(f"{self.name}: --low {self.low:g} is above --high {self.high:g}; swap them")

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(dtype=self.output_dtype(spec), channels=1, space="gray", alpha=False)

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def border(self, spec: Spec) -> Border:
        return self.edge

    def window(self, spec: Spec) -> Window:
        """Of the gradient and the neighbors that it is compared with; hysteresis goes on from there."""
        reach = int(self.size) // 2 + 1
        side = Axis(2 * reach + 1, before=reach, after=reach)
        return Window(side, side)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return SuppressNonMaxima(canny=self), Hysteresis(result=self.infer(spec))

    def explain(self, spec: Spec, run: Run) -> str:
        return f"gradient over {self.size}x{self.size}, then through the whole image; edge {self.edge}"

    def thresholds(self, spec: Spec) -> tuple[float, float]:
        """`--low` and `--high` in units of this image, squared for `--l2`; rounded down for integers."""
        low, high = (value * spec.full / 255 for value in (self.low, self.high))
        if self.l2:
            low, high = low * low, high * high
        return (float(floor(low)), float(floor(high))) if spec.dtype in FULL_SCALE else (low, high)


class SuppressNonMaxima(Step):
    """Internal step, Canny's local part: a map of weak (1) and strong (2) pixels, 0 elsewhere, in uint8."""

    name = "canny"

    canny: Canny

    def infer(self, spec: Spec) -> Spec:
        return self.canny.infer(spec).replace(dtype="u1")

    def window(self, spec: Spec) -> Window:
        return self.canny.window(spec)

    def border(self, spec: Spec) -> Border:
        return self.canny.edge

    def bind(self, context: Context) -> Compute:
        spec, options = context.spec, self.canny
        if spec.dtype == "u1" and options.size == "3" and not options.l2:
            return self.bind_u8(context)
        dtype, size, l2 = self.magnitude_dtype(spec), int(options.size), int(options.l2)
        block = min(spec.width, BLOCK) + 2
        magnitudes, gradients = (Pixels.empty(rows, block, 1, dtype) for rows in (3, 4))
        scratch = Pixels.empty(5, block + size - 1, spec.channels, dtype)
        low, high = options.thresholds(spec)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            canny.edges(
                out,
                source,
                low,
                high,
                l2,
                size,
                spec.channels,
                spec.colors,
                spec.width,
                row,
                spec.height,
                magnitudes,
                gradients,
                scratch,
            )

        return compute

    def bind_u8(self, context: Context) -> Compute:
        """`compute` in 16-bit integers, for bytes, 3 x 3 pixels and |x| + |y|."""
        spec = context.spec
        block = min(spec.width, BLOCK) + 2
        magnitudes, gradients = (Pixels.empty(rows, block, 1, "i2") for rows in (3, 4))
        scratch = Pixels.empty(5, block + 2, spec.channels, "i2")
        low, high = (min(int(value), 32767) for value in self.canny.thresholds(spec))

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            canny_u8.edges(
                out,
                source,
                low,
                high,
                spec.channels,
                spec.colors,
                spec.width,
                row,
                spec.height,
                magnitudes,
                gradients,
                scratch,
            )

        return compute

    def magnitude_dtype(self, spec: Spec) -> str:
        """What holds magnitudes exactly: of 3 x 3 bytes float32."""
        small = spec.dtype == "u1" and self.canny.size == "3"
        return "f4" if small or spec.dtype == "f4" else "f8"


class Hysteresis(GlobalStep):
    """Internal step over the map, in its own memory: weak pixels connected to strong ones become strong."""

    name = "canny"
    in_place = True

    result: Spec

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        """Each band by itself; what crosses from band to band is left to `resolve`."""
        stack = Vector.zeros(STACK, "i8")

        def look(band: Pixels) -> Pixels:
            hysteresis.flood(band, 0, band.height, band.width, stack)
            return band

        return look

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        """From both sides of each seam through the whole map."""
        stack = Vector.zeros(STACK, "i8")
        rows = parts[0].band(0, spec.height)  # the bands lie in one memory, one below the other
        for seam in accumulate(part.height for part in parts[:-1]):
            hysteresis.flood(rows, seam - 1, seam + 1, spec.width, stack)
        return EdgeImage(result=self.result)


class EdgeImage(Step):
    """Internal step: the map's strong pixels as white, the others as 0."""

    name = "canny"

    result: Spec

    def infer(self, spec: Spec) -> Spec:
        return self.result

    def bind(self, context: Context) -> Compute:
        def compute(out: Pixels, source: Pixels, row: int) -> None:
            hysteresis.to_image(out, source, self.result.full, out.width)

        return compute
