"""info: size, depth, color, range and metadata of an image as JSON on stdout."""

from __future__ import annotations

from imgconv.core.dtypes import DTYPES
from imgconv.core.messages import emit
from imgconv.core.options import option
from imgconv.engine.endpoints import Sink
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Image
    from imgconv.core.spec import Spec
    from imgconv.engine.lazy_image import LazyImage


@register_sink("info", "size, depth, color, range and metadata as JSON")
class Info(Sink):
    """Print what the image is, as JSON, a line an image.

    below, above, nan, infinite: samples of each channel beneath 0 and beyond full scale, and those that are no
    numbers; out_of_gamut: pixels of which a channel, brought to sRGB, is more than half an 8-bit level outside. null
    where values have no such bounds. `--histogram` adds counts in 256 bins for each color channel, with the range
    that the bins divide evenly: 0 to full scale (a bin a value for 8 bits, 256 values for 16), or from the least to
    the largest value where there is no full scale; values beyond are in the first and the last bin.

    Of inks: `most_ink`, the largest C + M + Y + K of a pixel in percent (0 to 400), and how many pixels are above the
    limit of the press. `profile` is the file's ICC profile; the values are those after its conversion to sRGB.
    """

    example = "imgconv open sample_images/coffee.jpg info"

    histogram: bool = option(False, "add the counts of values in 256 bins")
    ink_limit: float = option(300, "of inks: how much in one pixel is too much, percent", low=0, high=400)

    def take(self, image: LazyImage, last: bool) -> None:
        import json

        from imgconv.io.value_ranges import histograms, ranges

        picture = image.evaluate(last)
        report = facts(picture, self.ink_limit) | ranges(picture, image.context)
        if self.histogram:
            report["histogram"] = histograms(picture, image.context.run)
        emit(json.dumps(report, ensure_ascii=False) + "\n")


EXACT = 1e-6  # of the ink limit: what rounding adds to a sum of inks


def facts(image: Image, ink_limit: float = 300) -> dict[str, object]:
    """Size, depth, color, the range of each channel, how much ink there is, and the metadata."""
    import numpy as np

    spec, meta = image.spec, image.meta
    values = np.asarray(image.pixels).reshape(-1, spec.channels)
    return {
        "path": image.path,
        "width": spec.width,
        "height": spec.height,
        "channels": spec.channels,
        "dtype": DTYPES[spec.dtype].name,
        "space": spec.space,
        "alpha": spec.alpha,
        "white": spec.white,
        "min": [_plain(v) for v in values.min(axis=0)],
        "max": [_plain(v) for v in values.max(axis=0)],
        "mean": [_plain(v) for v in values.mean(axis=0, dtype=np.float64)],
        **_ink(values, spec, ink_limit),
        "frame": meta.frame,
        "frames": meta.frames,
        "duration": meta.duration,
        "loop": meta.loop,
        "dpi": list(meta.dpi) if meta.dpi else None,
        "icc": len(meta.icc) if meta.icc else None,
        "profile": _profile(image),
        "exif": len(meta.exif) if meta.exif else None,
        "xmp": len(meta.xmp) if meta.xmp else None,
        "text": dict(meta.text),
    }


def _ink(values: Any, spec: Spec, limit: float) -> dict[str, object]:
    """The most ink that one pixel has, in percent of one ink, and how many pixels have more than the limit."""
    if spec.space != "cmyk":
        return {}
    import numpy as np

    total = values[:, : spec.colors].sum(axis=1, dtype=np.float64) * (100 / spec.full)
    above = int((total > limit * (1 + EXACT)).sum())
    return {
        "most_ink": round(_plain(total.max()) or 0, 2),
        "ink_limit": _plain(limit),
        "above_ink_limit": above,
    }


def _profile(image: Image) -> str | None:
    """The name of the ICC profile: of the inks as they are, else of the file."""
    data = (image.spec.profile if image.spec.space == "cmyk" else None) or image.meta.icc
    if not data:
        return None
    from imgconv.steps.color.icc.profile import read

    profile = read(data)
    return profile.name if profile else None


def _plain(value: object) -> float | int | None:
    number = float(value)  # type: ignore[arg-type]
    if number - number != 0:
        return None
    return int(number) if number == int(number) else round(number, 6)
