"""The facts of an image, for `info`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.image import Image

DTYPES = {"u1": "uint8", "u2": "uint16", "f4": "float32", "f8": "float64"}


def facts(image: Image) -> dict[str, object]:
    """Size, depth, colour, the range of each channel, and the metadata."""
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
        "frame": meta.frame,
        "frames": meta.frames,
        "duration": meta.duration,
        "loop": meta.loop,
        "dpi": list(meta.dpi) if meta.dpi else None,
        "icc": len(meta.icc) if meta.icc else None,
        "exif": len(meta.exif) if meta.exif else None,
        "xmp": len(meta.xmp) if meta.xmp else None,
        "text": dict(meta.text),
    }


def _plain(value: object) -> float | int | None:
    number = float(value)  # type: ignore[arg-type]
    if number - number != 0:
        return None
    return int(number) if number == int(number) else round(number, 6)
