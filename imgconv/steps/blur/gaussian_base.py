"""The base of filters over a Gaussian blur, and the one choice of how the blur runs."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded, Step
from imgconv.steps.blur.gaussian_sampled import Sampled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_sampled import Variant

MAX_TAPS = 4095  # per side, as for every kernel
GRID_SIGMA = 4.0  # from here on a grid takes over; below, its own pixels would show


class GaussianFilter(Padded):
    """A filter that looks at the Gaussian blur of its input; `choose` says how that runs."""

    is_linear = True
    rounds = True

    sigma: float = option(1.0, "standard deviation of the Gaussian", above=0, unit="pixels")

    @property
    def radius(self) -> int:
        """How many pixels on each side the sampled weights reach."""
        return int(4 * self.sigma + 0.5)

    @property
    def may_approximate(self) -> bool:
        """Whether the options allow another blur than the sampled weights, within 0.4 of an 8-bit level of them."""
        return bool(self.padding == "keep")

    @property
    def allows_fixed_point(self) -> bool:
        """Whether the error of 16-bit sums is small enough for the result."""
        return True

    def choose(self, spec: Spec, out: Spec | None = None, run: Run | None = None) -> Variant:
        """How the blur runs over an image with that spec.

        `out` is the spec that is written, None if that is not known yet; `run`: None if no algorithm is asked for.
        """
        sampled = Sampled(sigma=self.sigma, radius=self.radius)
        asked = run is not None and run.algorithm != "auto"
        if asked or not self.may_approximate or spec.working != "f4":
            return sampled
        if self.sigma >= GRID_SIGMA:
            from imgconv.steps.blur.gaussian_grid import Grid, OnGrid

            return OnGrid(grid=Grid(self.sigma))
        if self.allows_fixed_point and out and spec.dtype == out.dtype == "u1":
            from imgconv.steps.blur.gaussian_fixed_point import FixedPoint, fixed_point_weights

            weights = fixed_point_weights(sampled.weights)
            return FixedPoint(weights=weights) if len(weights) > 1 else sampled
        return sampled

    def apply(self, blur: Variant, context: Context, margin: int) -> Compute:
        """`compute` by the chosen blur, over a source that reaches `margin` pixels further than the blur looks."""
        raise NotImplementedError(self.name)

    def reach(self, spec: Spec) -> int:
        """How many pixels on each side the window looks at, whatever algorithm the run asks for."""
        return self.choose(spec).reach

    def window(self, spec: Spec) -> Window:
        size = 2 * self.reach(spec) + 1
        return self.around(Axis(size), Axis(size))

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        """A step without padding, where the blur can fold the border itself."""
        blur = self.choose(spec, run=run).folding(self.edge)
        return (Unpadded(filter=self, blur=blur),) if blur else (self,)

    def bind(self, context: Context) -> Compute:
        blur = self.choose(context.spec, context.out, context.run)
        return self.apply(blur, context, self.reach(context.spec) - blur.reach)

    def explain(self, spec: Spec, run: Run) -> str:
        usual, to_bytes = self.choose(spec, run=run), self.choose(spec, out=spec, run=run)
        words = usual.explain()
        return words if type(to_bytes) is type(usual) else f"{words}; saved with 8 bits: {to_bytes.explain()}"


def check_radius(name: str, sigma: float, truncate: float) -> None:
    """Errors: UsageError where the weights would reach too far."""
    if 2 * (truncate * sigma + 0.5) + 1 > MAX_TAPS + 1:
        largest = (MAX_TAPS // 2) / truncate
        raise UsageError(
            f"{name}: sigma {sigma:g} truncated at {truncate:g} sigmas needs more than {MAX_TAPS} taps a side; "
            f"use a sigma of at most {largest:g}, or make the image smaller first"
        )


class ClippedAxis(Axis):
    """An axis of `length` pixels without padding: a window never asks for pixels outside the image."""

    length: int = 1

    def output(self, length: int) -> int:
        return self.length

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        reach = self.size // 2
        return max(start - reach, 0), min(stop + reach, self.length)


class Unpadded(Step):
    """Internal step: a filter whose blur folds the border itself, so that its source needs no padding."""

    is_linear = True
    rounds = True

    filter: GaussianFilter
    blur: Variant

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.filter.name

    def window(self, spec: Spec) -> Window:
        size = 2 * self.blur.reach + 1
        return Window(*(ClippedAxis(size, length=length) for length in (spec.height, spec.width)))

    def border(self, spec: Spec) -> Border:
        return self.filter.edge

    def words(self) -> list[str]:
        return self.filter.words()

    def bind(self, context: Context) -> Compute:
        return self.filter.apply(self.blur, context, 0)
