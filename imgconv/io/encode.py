"""From a computed image to what a file holds: the last steps, and the rows on their way."""

from __future__ import annotations

from imgconv.core.color_spaces import white_of
from imgconv.core.dtypes import DTYPES
from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels
from imgconv.engine.convert import Cast, Quantize
from imgconv.engine.evaluate import Target
from imgconv.engine.lazy_image import infer
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Spec
    from imgconv.formats.registry import Writer


class FileSink(Target):
    """Rows on their way into a file."""

    def __init__(self, writer: Writer, spec: Spec) -> None:
        self.writer = writer
        self.spec = spec
        self.rows = writer.rows

    def room(self, start: int, stop: int) -> Pixels:
        return Pixels.unset(stop - start, self.spec.width, self.spec.channels, self.spec.dtype)

    def done(self, start: int, band: Pixels) -> None:
        self.writer.write(start, band)


def encoding_steps(spec: Spec, held: Spec, range: str = "clip") -> list[Step]:
    """The steps from a computed image to what a file holds."""
    steps = _colors(spec, held) if white_of(spec.space) is None else []
    made = infer(spec, steps)
    if spec.alpha and not held.alpha:
        from imgconv.engine.alpha import Flatten

        background = white_of(made.space)
        assert background is not None
        steps.append(Flatten(background=background))
        made = infer(spec, steps)
    steps += _colors(made, held)
    return steps + _numbers(infer(spec, steps), held, range)


def _colors(spec: Spec, held: Spec) -> list[Step]:
    if spec.space == held.space and spec.colors == held.colors:
        return []
    from imgconv.steps.color.convert import convert

    return convert(spec, held.space)


def _numbers(spec: Spec, held: Spec, range: str) -> list[Step]:
    scale = held.full / spec.full if spec.white and held.white else 1.0
    if DTYPES[held.dtype].is_float:
        if range != "clip":
            raise UsageError(f"save: --range {range} is for whole numbers; this file holds fractions")
        return [] if spec.dtype == held.dtype else [Cast(dtype=held.dtype)]
    if range == "fit":
        from imgconv.steps.tone.levels import Fit

        return [Fit(white=held.full), Quantize(dtype=held.dtype)]
    shift = float((held.full + 1) // 2) if range == "offset" else 0.0
    if spec.dtype == held.dtype and scale == 1 and range == "clip":
        return []
    return [Quantize(dtype=held.dtype, scale=scale, shift=shift, absolute=range == "abs")]
