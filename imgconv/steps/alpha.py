"""Alpha: colour weighted by it and back, and an image laid on a background. No words name these steps."""

from __future__ import annotations

from imgconv.loops import alpha
from imgconv.pixels import Pixels
from imgconv.step import Context, Step
from imgconv.steps.tone import block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Spec
    from imgconv.step import Compute


class Premultiply(Step):
    """colour x alpha / full scale: linear filters work on it, so that what is transparent does not bleed."""

    name = "premultiply"

    def bind(self, context: Context) -> Compute:
        spec, scratch = context.spec, block(context.spec)

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            alpha.premultiply(out, source, spec.full, spec.channels, spec.width, scratch, context.clipped)

        return compute


class Unpremultiply(Step):
    """colour x full scale / alpha; 0 where alpha is 0 or less."""

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
        return spec.but(channels=spec.channels - 1, alpha=False, dtype=spec.working)

    def bind(self, context: Context) -> Compute:
        spec, scratch = context.spec, block(context.spec)
        behind = self.background * spec.full

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            alpha.flatten(out, source, spec.full, behind, spec.channels, spec.width, scratch, context.clipped)

        return compute
