"""OnGrid: what a filter over a wide Gaussian becomes, so that no border is laid around its source."""

from __future__ import annotations

from imgconv.step import Context, Step
from imgconv.steps.coarse import Grid
from imgconv.window import Axis, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.edges import Edge
    from imgconv.image import Spec
    from imgconv.step import Compute
    from imgconv.steps.bell import Bell


class Inside(Axis):
    """An axis of `given` pixels whose border is folded: nothing beyond it is asked for."""

    given: int = 1

    def output(self, length: int) -> int:
        return self.given

    def needed(self, start: int, stop: int) -> tuple[int, int]:
        reach = self.size // 2
        return max(start - reach, 0), min(stop + reach, self.given)


class OnGrid(Step):
    """A filter over a Gaussian as the grid computes it, without padding around its source."""

    is_linear = True
    rounds = True

    filter: Bell

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.filter.name

    def window(self, spec: Spec) -> Window:
        size = 2 * Grid(self.filter.sigma).reach + 1
        return Window(*(Inside(size, given=length) for length in (spec.height, spec.width)))

    def beyond(self, spec: Spec) -> Edge:
        return self.filter.edge

    def words(self) -> list[str]:
        return self.filter.words()

    def bind(self, context: Context) -> Compute:
        return self.filter.on_grid(Grid(self.filter.sigma), context, self.filter.edge)
