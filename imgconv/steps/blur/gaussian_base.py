"""Bell: what filters have in common that look at a Gaussian; and what a loop that samples it needs."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.options import option
from imgconv.core.pixels import Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded, Step
from imgconv.steps.blur.gaussian_fixed_point import given, whole
from imgconv.steps.blur.gaussian_grid import LEAST, Grid, bell
from imgconv.steps.convolution.conv import rooms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.border import Border
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute
    from imgconv.steps.blur.gaussian_fixed_point import Given

MOST = 4095  # taps a side, as for every kernel


class GaussianFilter(Padded):
    """A filter over the Gaussian of its sigma: on a grid where that may be, else with sampled weights."""

    is_linear = True
    rounds = True

    sigma: float = option(1.0, "standard deviation of the Gaussian", above=0, unit="pixels")

    @property
    def radius(self) -> int:
        """Of the sampled weights."""
        return int(4 * self.sigma + 0.5)

    @property
    def weights(self) -> list[float]:
        """From the center outwards."""
        return bell(self.sigma, self.radius)

    @property
    def is_plain(self) -> bool:
        """Whether a grid may take the place of the sampled weights, as far as the options go."""
        return bool(self.padding == "keep")

    def grid(self) -> Grid | None:
        return Grid(self.sigma) if self.is_plain and self.sigma >= LEAST else None

    def window(self, spec: Spec) -> Window:
        grid = self.grid()
        size = 2 * (grid.reach if grid else self.radius) + 1
        return self.around(Axis(size), Axis(size))

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        """A grid that folds its border, where the border allows that."""
        return (OnGrid(self),) if self.grid() and self.edge.folds and may_approximate(spec, run) else (self,)

    def bind(self, context: Context) -> Compute:
        grid = self.grid()
        if grid and may_approximate(context.spec, context.run):
            return self.on_grid(grid, context)
        if weights := self.small(context):
            margin = self.radius + 1 - len(weights)
            return self.fixed_point(given(weights, context.out), margin, context)
        return self.sampled(grid.reach - self.radius if grid else 0, context)

    def on_grid(self, grid: Grid, context: Context, edge: Border | None = None) -> Compute:
        """`compute` by the grid, over a source that is padded, or has the edge beyond its border."""
        raise NotImplementedError(self.name)

    def sampled(self, margin: int, context: Context) -> Compute:
        """`compute` by the weights, over a source that reaches further than they do by a margin."""
        raise NotImplementedError(self.name)

    def small(self, context: Context) -> list[int] | None:
        """The weights in whole numbers, where the sums may be taken in 16 bits."""
        bytes_ = context.spec.dtype == context.out.dtype == "u1"
        if bytes_ and self.sigma < LEAST and self.is_plain and may_approximate(context.spec, context.run):
            found = whole(self.weights)
            return found if len(found) > 1 else None
        return None

    def fixed_point(self, given: Given, margin: int, context: Context) -> Compute:
        """The same by whole weights, with what the loops want of them."""
        raise NotImplementedError(self.name)

    def explain(self, spec: Spec, run: Run) -> str:
        grid = self.grid()
        if grid and may_approximate(spec, run):
            return f"on a grid of every {grid.h} pixels, {2 * grid.radius + 1} taps there"
        return f"sampled, {2 * self.radius + 1} taps down and as many across"


def may_approximate(spec: Spec, run: Run) -> bool:
    """Whether the run leaves it to us how a Gaussian is computed."""
    return run.algorithm == "auto" and spec.working == "f4"


def check_radius(name: str, sigma: float, truncate: float) -> None:
    """Errors: UsageError where the weights would reach too far."""
    if 2 * (truncate * sigma + 0.5) + 1 > MOST + 1:
        most = (MOST // 2) / truncate
        raise UsageError(
            f"{name}: sigma {sigma:g} cut off at {truncate:g} sigmas needs more than {MOST} taps a side; "
            f"sigma can be up to {most:g}, or make the image smaller first"
        )


def blurring(weights: list[float], context: Context) -> tuple[Vector, Vector, Vector, Vector]:
    """What a loop that blurs needs: the column from its center, the row, room for a row and for a result."""
    kind, halo = context.spec.working, 2 * (len(weights) - 1) * context.spec.channels
    room, scratch = rooms(context.out.width * context.spec.channels, halo, kind)
    return Vector(weights, kind), Vector(weights[:0:-1] + weights, kind), room, scratch


class Inside(Axis):
    """An axis of `given` pixels whose border is folded: nothing beyond it is asked for."""

    given: int = 1

    def output(self, length: int) -> int:
        return self.given

    def input_range(self, start: int, stop: int) -> tuple[int, int]:
        reach = self.size // 2
        return max(start - reach, 0), min(stop + reach, self.given)


class OnGrid(Step):
    """A filter over a Gaussian as the grid computes it, without padding around its source."""

    is_linear = True
    rounds = True

    filter: GaussianFilter

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.filter.name

    def window(self, spec: Spec) -> Window:
        size = 2 * Grid(self.filter.sigma).reach + 1
        return Window(*(Inside(size, given=length) for length in (spec.height, spec.width)))

    def border(self, spec: Spec) -> Border:
        return self.filter.edge

    def words(self) -> list[str]:
        return self.filter.words()

    def bind(self, context: Context) -> Compute:
        return self.filter.on_grid(Grid(self.filter.sigma), context, self.filter.edge)
