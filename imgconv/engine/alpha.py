"""Alpha: color weighted by it and back, and an image laid on a background. No word names these steps."""

from __future__ import annotations

from imgconv.core.pixels import Pixels
from imgconv.engine.chain import Chain
from imgconv.engine.scratch import block
from imgconv.engine.step import Context, Step
from imgconv.loops.tone import alpha

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
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


def weighted(chain: Chain) -> Chain:
    """The chain with color weighted by alpha around each run of linear steps."""
    result = Chain(chain.source)
    inside = False
    for link in chain.links:
        wants = link.step.is_linear and link.spec.alpha
        if wants != inside:
            result.add(Premultiply() if wants else Unpremultiply())
            inside = wants
        result.append(link)
    if inside:
        result.add(Unpremultiply())
    return result
