"""The facts of an image, for `info`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.image import Image, Spec

DTYPES = {"u1": "uint8", "u2": "uint16", "f4": "float32", "f8": "float64"}

EXACT = 1e-6  # of the ink limit: what rounding adds to a sum of inks


def facts(image: Image, ink_limit: float = 300) -> dict[str, object]:
    """Size, depth, colour, the range of each channel, how much ink there is, and the metadata."""
    import numpy as np

    spec, meta = image.spec, image.meta
    values = np.asarray(image.pixels).reshape(-1, spec.channels)
    return {
        "path": image.path,
        "width": spec.width,
        "height": spec.height,
        "channels": spec.channels,
        "dtype": DTYPES[spec.dtype],
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

    total = values[:, : spec.colours].sum(axis=1, dtype=np.float64) * (100 / spec.full)
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
    from imgconv.cms.profile import read

    found = read(data)
    return found.name if found else None


def _plain(value: object) -> float | int | None:
    number = float(value)  # type: ignore[arg-type]
    if number - number != 0:
        return None
    return int(number) if number == int(number) else round(number, 6)
