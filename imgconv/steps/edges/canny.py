"""Canny's edges: crests of the gradient, as far as they are joined to strong ones."""

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
STACK = 1 << 16  # pixels whose neighbors are still to be looked at


@register("canny", "edges as lines one pixel wide, weak ones only where they join strong ones")
class Canny(Step):
    """White where an edge runs, 0 elsewhere, in one channel: OpenCV's Canny, bit for bit on 8-bit images.

    Sobel's gradient over 3 x 3 pixels (or `--size 5`), its magnitude |x| + |y| (or with `--l2` sqrt(x^2 + y^2)). A
    pixel counts where that is above `--low` and larger than at its two neighbors along the gradient; those above
    `--high` are edges, and the others where they are joined to one of these through any of eight neighbors.
    Thresholds are in units of the magnitude of an 8-bit image whatever the depth: an upright step from black to white
    has 1020, with `--size 5` 12240. In color the channel with the largest magnitude counts; alpha is left out. Beyond
    the image the magnitude is 0. 16-bit images are computed in float64, which is exact, floats in float32. Smooth
    first where there is noise, as in the example. Source: J. Canny, 1986.
    """

    example = (
        "imgconv open sample_images/camera.png gaussian --sigma 1.4 canny --low 40 --high 90 save lines.png"
    )
    selects_channels = False

    low: float = option(100.0, "magnitude above which a pixel may be an edge", low=0)
    high: float = option(200.0, "magnitude above which it is one", low=0)
    l2: bool = option(False, "the magnitude as the root of the squares' sum")
    size: str = option("3", "pixels a side of the gradient", choices=("3", "5"))
    edge: Border = option(REPLICATE, "what lies beyond the border", BorderType())

    def check(self) -> None:
        if self.low > self.high:
            raise UsageError(f"{self.name}: --low {self.low:g} is above --high {self.high:g}; exchange them")

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(dtype=self.output_dtype(spec), channels=1, space="gray", alpha=False)

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def border(self, spec: Spec) -> Border:
        return self.edge

    def window(self, spec: Spec) -> Window:
        """Of the gradient and the neighbors that it is compared with; hysteresis goes on from there."""
        reach = int(self.size) // 2 + 1
        return Window(*[Axis(2 * reach + 1, before=reach, after=reach)] * 2)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return Crests(asked=self), Joined(made=self.infer(spec))

    def explain(self, spec: Spec, run: Run) -> str:
        return f"gradient over {self.size}x{self.size}, then through the whole image; edge {self.edge}"

    def thresholds(self, spec: Spec) -> tuple[float, float]:
        """In units of this image, squared for `--l2`; of whole numbers, whole."""
        low, high = (value * spec.full / 255 for value in (self.low, self.high))
        if self.l2:
            low, high = low * low, high * high
        return (float(floor(low)), float(floor(high))) if spec.dtype in FULL_SCALE else (low, high)


class Crests(Step):
    """Canny's local part: a map of weak and strong pixels."""

    name = "canny"

    asked: Canny

    def infer(self, spec: Spec) -> Spec:
        return self.asked.infer(spec).replace(dtype="u1")

    def window(self, spec: Spec) -> Window:
        return self.asked.window(spec)

    def border(self, spec: Spec) -> Border:
        return self.asked.edge

    def bind(self, context: Context) -> Compute:
        spec, asked = context.spec, self.asked
        if spec.dtype == "u1" and asked.size == "3" and not asked.l2:
            return self.of_bytes(context)
        kind, size, channels = self.kind(spec), int(asked.size), spec.colors
        span = min(spec.width, BLOCK) + 2
        mags, pairs = (Pixels.empty(rows, span, 1, kind) for rows in (3, 4))
        wide = Pixels.empty(5, span + size - 1, spec.channels, kind)
        low, high = asked.thresholds(spec)
        given = low, high, int(asked.l2), size, spec.channels, channels, spec.width

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            canny.edges(out, source, *given, row, spec.height, mags, pairs, wide)

        return compute

    def of_bytes(self, context: Context) -> Compute:
        spec = context.spec
        span = min(spec.width, BLOCK) + 2
        mags, pairs = (Pixels.empty(rows, span, 1, "i2") for rows in (3, 4))
        wide = Pixels.empty(5, span + 2, spec.channels, "i2")
        low, high = (min(int(value), 32767) for value in self.asked.thresholds(spec))
        given = low, high, spec.channels, spec.colors, spec.width

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            canny_u8.edges(out, source, *given, row, spec.height, mags, pairs, wide)

        return compute

    def kind(self, spec: Spec) -> str:
        """What holds magnitudes exactly: of 3 x 3 bytes float32."""
        small = spec.dtype == "u1" and self.asked.size == "3"
        return "f4" if small or spec.dtype == "f4" else "f8"


class Joined(GlobalStep):
    """Hysteresis over the map, in its own memory: what is joined to something strong becomes strong."""

    name = "canny"

    made: Spec

    def measure(self, spec: Spec, run: Run) -> Callable[[Pixels], object]:
        """Each band by itself; what crosses from band to band is left to `resolve`."""
        stack = Vector.zeros(STACK, "i8")

        def look(band: Pixels) -> Pixels:
            hysteresis.flood(band, 0, band.height, band.width, stack)
            return band

        return look

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        """From both sides of each seam through the whole map."""
        top, stack = parts[0], Vector.zeros(STACK, "i8")
        rows = Pixels(top.address, spec.height, spec.width, 1, "u1", top.stride, top.owner)
        for seam in accumulate(part.height for part in parts[:-1]):
            hysteresis.flood(rows, seam - 1, seam + 1, spec.width, stack)
        return Marked(made=self.made)


class Marked(Step):
    """The map as an image."""

    name = "canny"

    made: Spec

    def infer(self, spec: Spec) -> Spec:
        return self.made

    def bind(self, context: Context) -> Compute:
        def compute(out: Pixels, source: Pixels, row: int) -> None:
            hysteresis.marked(out, source, self.made.full, out.width)

        return compute
