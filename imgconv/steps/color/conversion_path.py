"""Way: from a color space to another along a path, in one loop."""

from __future__ import annotations

from imgconv.core.color_spaces import COLORS
from imgconv.core.dtypes import LEVELS
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.convert import Cast
from imgconv.engine.step import Context, Step
from imgconv.loops.color import conversion
from imgconv.loops.color.cie import WHITE_X, WHITE_Z
from imgconv.steps.pointwise import chained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BY_SCALE = ("rgb", "linear", "cmyk")  # their white is full scale; the others have units of their own
PLANES = 5  # four colors and alpha
RANGES = {  # of each channel of the spaces with units of their own, where they are stretched to full scale
    "xyz": ((0.0, WHITE_X), (0.0, 1.0), (0.0, WHITE_Z)),
    "lab": ((0.0, 100.0), (-128.0, 127.0), (-128.0, 127.0)),
    "luv": ((0.0, 100.0), (-134.0, 220.0), (-140.0, 122.0)),
    "lch": ((0.0, 100.0), (0.0, 182.0), (0.0, 360.0)),
    "hcl": ((0.0, 360.0), (0.0, 182.0), (0.0, 100.0)),
    "oklab": ((0.0, 1.0), (-128 / 255, 127 / 255), (-128 / 255, 127 / 255)),
    "oklch": ((0.0, 1.0), (0.0, 0.5), (0.0, 360.0)),
    "hcy": ((0.0, 360.0), (0.0, 1.0), (0.0, 1.0)),
    "hsv": ((0.0, 360.0), (0.0, 1.0), (0.0, 1.0)),
    "hsl": ((0.0, 360.0), (0.0, 1.0), (0.0, 1.0)),
    "ycbcr": ((0.0, 1.0), (-128 / 255, 127 / 255), (-128 / 255, 127 / 255)),
}


class ColorConversion(Step):
    """From space to space along a path, in one loop. No word names it.

    `unpacks`, `packs`: the numbers that come in, or go out, are stretched to full scale by `RANGES`.
    """

    name = "to"
    rounds = True

    path: tuple[str, ...]
    gcr: float = 1.0
    unpacks: bool = False
    packs: bool = False

    def infer(self, spec: Spec) -> Spec:
        space = self.path[-1]
        named = "none" if self.packs else space
        channels = COLORS[space] + spec.alpha
        return spec.replace(channels=channels, space=named, dtype=spec.working, profile=None)

    def bind(self, context: Context) -> Compute:
        spec, out, kind = context.spec, context.out, context.spec.working
        if spec.dtype not in (kind, *LEVELS):
            return chained([Cast(dtype=kind), self], context)
        decoded = spec.dtype in LEVELS and self.path[:2] == ("rgb", "linear")
        loop = conversion.way(self.path, decoded)
        values = Vector(table(spec) if decoded else (0.0,), kind)
        into, onto = self._units(spec)
        planes = Pixels.empty(PLANES, conversion.BLOCK, 1, kind)
        stored = Pixels.empty(PLANES, conversion.BLOCK, 1, out.dtype)
        ends = (values, Vector(into, kind), Vector(onto, kind))
        numbers = (*ends, self.gcr, spec.colors, out.colors, int(spec.alpha), spec.width)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            loop(out, source, *numbers, planes, stored, context.clipped)

        return compute

    def words(self) -> list[str]:
        return [self.name, self.path[-1]]

    def explain(self, spec: Spec, run: Run) -> str:
        return " - ".join(self.path)

    def _units(self, spec: Spec) -> tuple[list[float], list[float]]:
        """Times and plus of each channel, from the pixels to the formulas and from the formulas to the pixels."""
        first, last = self.path[0], self.path[-1]
        into = stretches(first, spec) if self.unpacks else [(one, 0.0) for one in scales(first, spec)]
        onto = stretches(last, spec) if self.packs else [(one, 0.0) for one in scales(last, spec)]
        inverse = [(1 / times, -plus / times) for times, plus in into]
        return flat(inverse), flat(onto)


def flat(pairs: list[tuple[float, float]]) -> list[float]:
    """All factors, then all summands."""
    return [times for times, _ in pairs] + [plus for _, plus in pairs]


def scales(space: str, spec: Spec) -> list[float]:
    """What 1 of the formulas is in each channel of the pixels."""
    if space == "xyz":
        return [WHITE_X, 1.0, WHITE_Z]
    return [spec.full if space in BY_SCALE else 1.0] * COLORS[space]


def stretches(space: str, spec: Spec) -> list[tuple[float, float]]:
    """Times and plus of each channel, from the formulas to full scale."""
    units = scales(space, spec)
    pairs = []
    for unit, (low, high) in zip(units, RANGES[space], strict=True):
        times = spec.full / (high - low)
        pairs.append((unit * times, -low * times))
    return pairs


def path(source: str, target: str) -> tuple[str, ...]:
    """The shortest way along the formulas, both ends counted."""
    found: dict[str, tuple[str, ...]] = {source: (source,)}
    for here in (queue := [source]):
        for before, after in conversion.FORMULAS:
            if before == here and after not in found:
                found[after] = (*found[here], after)
                queue.append(after)
    return found[target]


_tables: dict[tuple[str, float], list[float]] = {}


def table(spec: Spec) -> list[float]:
    """Each whole number as linear light."""
    key = spec.dtype, spec.full
    if key not in _tables:
        _tables[key] = [light(value / spec.full) for value in range(LEVELS[spec.dtype])]
    return _tables[key]


def light(v: float) -> float:
    """sRGB's curve."""
    low: float = v / 12.92
    high: float = ((v + 0.055) / 1.055) ** 2.4
    return low if v <= 0.04045 else high
