"""Alpha: color weighted by it and back, and an image laid on a background. No word names these steps."""

from __future__ import annotations

from imgconv.core.pixels import Pixels
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.tone import alpha

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute


class Premultiply(Step):
    """color x alpha / full scale: linear filters work on it, so that what is transparent does not bleed."""

    name = "premultiply"

    def bind(self, context: Context) -> Compute:
        spec, scratch = context.spec, block(context.spec)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            alpha.premultiply(out, source, spec.full, spec.channels, spec.width, scratch, context.clipped)

        return compute


class Unpremultiply(Step):
    """color x full scale / alpha; 0 where alpha is 0 or less."""

    name = "unpremultiply"
    rounds = True

    def bind(self, context: Context) -> Compute:
        spec, scratch = context.spec, block(context.spec)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            alpha.unpremultiply(out, source, spec.full, spec.channels, spec.width, scratch, context.clipped)

        return compute


class Flatten(Step):
    """The image laid on a background, for files that hold no alpha: white, as a browser shows it."""

    name = "flatten"
    rounds = True

    background: float = 1.0  # of full scale

    def infer(self, spec: Spec) -> Spec:
        return spec.replace(channels=spec.channels - 1, alpha=False, dtype=spec.working)

    def bind(self, context: Context) -> Compute:
        spec, scratch = context.spec, block(context.spec)
        behind = self.background * spec.full

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            alpha.flatten(out, source, spec.full, behind, spec.channels, spec.width, scratch, context.clipped)

        return compute


def weighted(spec: Spec, steps: Sequence[Step], run: Run) -> list[Step]:
    """The steps, with color weighted by alpha around each run of linear ones."""
    if not spec.alpha or run.alpha == "straight":
        return list(steps)

    found: list[Step] = []
    inside = False
    for step in steps:
        wants = step.is_linear and spec.alpha
        if wants != inside:
            found.append(Premultiply() if wants else Unpremultiply())
            inside = wants
        found.append(step)
        spec = step.infer(spec)
    if inside:
        found.append(Unpremultiply())
    return found
