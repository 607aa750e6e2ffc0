"""From a computed image to what a file holds: the last steps, and the rows on their way."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.pixels import Pixels
from imgconv.core.rows import RowSink
from imgconv.engine.chain import Chain
from imgconv.engine.convert import Cast, Quantize
from imgconv.engine.step import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.spec import Spec
    from imgconv.formats.registry import Writer

FRACTIONS = ("f4", "f8")
WHITES = {
    "gray": 1.0,
    "rgb": 1.0,
    "linear": 1.0,
    "none": 1.0,
    "cmyk": 0.0,
}  # each channel of white, of full scale


class FileSink(RowSink):
    """Rows on their way into a file."""

    def __init__(self, writer: Writer, spec: Spec) -> None:
        self.writer = writer
        self.spec = spec
        self.unit = writer.rows

    def reserve(self, start: int, stop: int) -> Pixels:
        return Pixels.unset(stop - start, self.spec.width, self.spec.channels, self.spec.dtype)

    def commit(self, start: int, band: Pixels) -> None:
        self.writer.write(start, band)


def encoding_steps(spec: Spec, stored: Spec, range: str = "clip") -> Chain:
    """The steps from a computed image to what a file holds."""
    chain = Chain(spec)
    if spec.space not in WHITES:
        _add_conversion(chain, stored)
    if spec.alpha and not stored.alpha:
        from imgconv.engine.alpha import Flatten

        chain.add(Flatten(background=WHITES[chain.spec.space]))
    _add_conversion(chain, stored)
    for step in _numbers(chain.spec, stored, range):
        chain.add(step)
    return chain


def _add_conversion(chain: Chain, stored: Spec) -> None:
    """Put the steps to the file's color space behind the chain."""
    spec = chain.spec
    if spec.space == stored.space and spec.colors == stored.colors:
        return
    from imgconv.steps.color.convert import convert

    for step in convert(spec, stored.space):
        chain.add(step)


def _numbers(spec: Spec, stored: Spec, range: str) -> list[Step]:
    scale = stored.full / spec.full if spec.white and stored.white else 1.0
    if stored.dtype in FRACTIONS:
        if range != "clip":
            raise UsageError(f"save: --range {range} is for whole numbers; this file holds fractions")
        return [] if spec.dtype == stored.dtype else [Cast(dtype=stored.dtype)]
    if range == "fit":
        from imgconv.steps.tone.levels import Fit

        return [Fit(white=stored.full), Quantize(dtype=stored.dtype)]
    shift = float((stored.full + 1) // 2) if range == "offset" else 0.0
    if spec.dtype == stored.dtype and scale == 1 and range == "clip":
        return []
    return [Quantize(dtype=stored.dtype, scale=scale, shift=shift, absolute=range == "abs")]
