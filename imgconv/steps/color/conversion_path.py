"""Color conversion along a path of formulas: from one color space to another in one loop."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS, SPACES, srgb_to_linear
from imgconv.core.dtypes import LEVELS
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context, Step
from imgconv.loops.color import conversion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

PLANES = 5  # four colors and alpha


class ColorConversion(Step):
    """From the first space of a path to the last, in one loop; an internal step.

    In: the channels of the first space, and perhaps one more, which is alpha and kept. Out: the channels of the last
    space in the working float, or rounded where the next step only rounds. `from_scaled`, `to_scaled`: what comes in,
    or goes out, is stretched from the ranges of its channels to full scale (`ColorSpace.ranges`).
    """

    name = "to"
    rounds = True

    path: tuple[str, ...]
    gcr: float = 1.0
    from_scaled: bool = False
    to_scaled: bool = False

    def infer(self, spec: Spec) -> Spec:
        space, alpha = self.path[-1], self._has_alpha(spec)
        result = spec.replace(channels=COLORS[space] + alpha, alpha=alpha, dtype=spec.working, profile=None)
        return result.replace(space="none" if self.to_scaled else space)

    def input_spec(self, spec: Spec) -> Spec:
        return spec if spec.dtype in LEVELS else spec.computed

    def bind(self, context: Context) -> Compute:
        spec, out, dtype = context.spec, context.out, context.spec.working
        decoded = spec.dtype in LEVELS and self.path[:2] == ("rgb", "linear")
        loop = conversion.conversion_loop(self.path, decoded)
        before, after = self._stretches(spec)
        numbers = conversion.arguments(
            table=Vector(light_table(spec) if decoded else (0.0,), dtype),
            before=Vector(before, dtype),
            after=Vector(after, dtype),
            gcr=self.gcr,
            colors_in=COLORS[self.path[0]],
            colors_out=COLORS[self.path[-1]],
            alpha=int(self._has_alpha(spec)),
            width=spec.width,
        )
        planes = Pixels.empty(PLANES, conversion.BLOCK, 1, dtype)
        stored = Pixels.empty(PLANES, conversion.BLOCK, 1, out.dtype)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            loop(out, source, *numbers, planes, stored, context.clipped)

        return compute

    def words(self) -> list[str]:
        return [self.name, self.path[-1]]

    def explain(self, spec: Spec, run: Run) -> str:
        return " - ".join(self.path)

    def _has_alpha(self, spec: Spec) -> bool:
        return spec.channels > COLORS[self.path[0]]

    def _stretches(self, spec: Spec) -> tuple[list[float], list[float]]:
        """Factors, then summands, of each channel: from pixels to formulas, and from formulas to pixels."""
        first, last = self.path[0], self.path[-1]
        before = stretches(first, spec) if self.from_scaled else [(unit, 0.0) for unit in units(first, spec)]
        after = stretches(last, spec) if self.to_scaled else [(unit, 0.0) for unit in units(last, spec)]
        inverse = [(1 / factor, -summand / factor) for factor, summand in before]
        return flat(inverse), flat(after)


def flat(pairs: list[tuple[float, float]]) -> list[float]:
    """All factors, then all summands."""
    return [factor for factor, _ in pairs] + [summand for _, summand in pairs]


def units(space: str, spec: Spec) -> list[float]:
    """What 1 of the formulas is in each channel of the pixels."""
    row = SPACES[space]
    return [spec.full] * COLORS[space] if row.is_scaled else list(row.units)


def stretches(space: str, spec: Spec) -> list[tuple[float, float]]:
    """Factor and summand of each channel, from the formulas to full scale."""
    pairs = []
    for unit, (low, high) in zip(units(space, spec), SPACES[space].ranges, strict=True):
        factor = spec.full / (high - low)
        pairs.append((unit * factor, -low * factor))
    return pairs


def conversion_path(source: str, target: str) -> tuple[str, ...]:
    """The spaces on the shortest way along the formulas, both ends counted. Found breadth first."""
    paths: dict[str, tuple[str, ...]] = {source: (source,)}
    queue = [source]
    while target not in paths:
        space = queue.pop(0)
        for before, after in conversion.FORMULAS:
            if before == space and after not in paths:
                paths[after] = (*paths[space], after)
                queue.append(after)
    return paths[target]


_light_tables: dict[tuple[str, float], list[float]] = {}


def light_table(spec: Spec) -> list[float]:
    """Each whole number of the dtype as linear light, 0 to 1 at full scale."""
    key = spec.dtype, spec.full
    if key not in _light_tables:
        _light_tables[key] = [srgb_to_linear(value / spec.full) for value in range(LEVELS[spec.dtype])]
    return _light_tables[key]
