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


@register_sink("info", "Print size, depth, color space, value range and metadata as JSON")
class Info(Sink):
    """Print what the image is, as JSON, one line per image.

    `min`, `max`, `mean`: of each channel. `below`, `above`, `nan`, `infinite`: samples of each channel below 0, above
    full scale, NaN and infinite; null where the values have no full scale. `out_of_gamut`: pixels with a channel that
    lies, converted to sRGB, more than half an 8-bit level outside the range. `profile`: the file's ICC profile; the
    values are those after its conversion to sRGB.

    `--histogram` adds the counts of each color channel in 256 bins, and the range that the bins divide evenly: 0 to
    full scale (one value per bin for 8 bits, 256 for 16), or minimum to maximum where there is no full scale. Values
    outside are in the first and the last bin.

    For inks (CMYK): `most_ink`, the largest C + M + Y + K of a pixel in percent (0 to 400), and how many pixels are
    above `--ink-limit`.
    """

    example = "imgconv open sample_images/coffee.jpg info"

    histogram: bool = option(False, "add the counts of values in 256 bins")
    ink_limit: float = option(300, "total ink in one pixel that is too much, percent", low=0, high=400)

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
