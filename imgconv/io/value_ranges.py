"""Where an image's values lie: beyond the range, not finite, outside of what sRGB can show; and their histogram."""

from __future__ import annotations

from imgconv.core.color_spaces import SPACES, is_scaled
from imgconv.core.dtypes import LEVELS
from imgconv.engine.chain import Chain
from imgconv.engine.evaluate import compute
from imgconv.steps.color.convert import convert
from imgconv.steps.tone.histogram import BINS, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image
    from imgconv.engine.run_options import Run
    from imgconv.engine.run_report import RunContext

HALF = 510  # of full scale in half a level of 8 bits: what rounding takes back is not outside


def ranges(image: Image, context: RunContext) -> dict[str, object]:
    """For each channel how many samples are below 0, above full scale, NaN, infinite; and pixels out of gamut.

    null: a space whose values have no such bounds.
    """
    import numpy as np

    spec = image.spec
    none = [0] * spec.channels
    if spec.dtype in LEVELS:
        gamut = out_of_gamut(image, context)
        return {"below": none, "above": none, "nan": none, "infinite": none, "out_of_gamut": gamut}
    values = np.asarray(image.pixels).reshape(-1, spec.channels)
    bounded = spec.white is not None and is_scaled(spec.space)
    return {
        "below": np.count_nonzero(values < 0, axis=0).tolist() if bounded else None,
        "above": np.count_nonzero(values > spec.full, axis=0).tolist() if bounded else None,
        "nan": np.count_nonzero(np.isnan(values), axis=0).tolist(),
        "infinite": np.count_nonzero(np.isinf(values), axis=0).tolist(),
        "out_of_gamut": out_of_gamut(image, context),
    }


def out_of_gamut(image: Image, context: RunContext) -> int | None:
    """Pixels of which a channel, as sRGB, lies more than half an 8-bit level below 0 or above full scale.

    None: the numbers are no colors, or have no full scale.
    """
    import numpy as np

    spec = image.spec
    if spec.space == "none" or (spec.white is None and is_scaled(spec.space)):
        return None
    if spec.dtype in LEVELS and is_scaled(spec.space):
        return 0
    if not SPACES[spec.space].is_picture:
        image = compute(image, Chain(spec, convert(spec, "rgb")), context)
        spec = image.spec
    values = np.asarray(image.pixels)[:, :, : spec.colors]
    slack = spec.full / HALF
    outside = (values < -slack) | (values > spec.full + slack)
    return int(np.count_nonzero(outside.any(axis=2)))


def histograms(image: Image, run: Run) -> dict[str, object]:
    """Counts of each color channel in 256 bins between the ends of its range, as `steps.histogram.Counts` says."""
    counts = counted(image, run)
    ends = [[_plain(value) for value in pair] for pair in counts.ranges]
    return {"bins": BINS, "ranges": ends, "counts": [list(channel) for channel in counts.bins]}


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value
