"""JPEG through Pillow: gray, RGB and inks (CMYK)."""

from __future__ import annotations

from imgconv.formats.pillow import format

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.core.image import Meta
    from imgconv.core.spec import Spec
    from imgconv.formats.files import Output
    from imgconv.formats.options import WriteOptions

MARKER = 65000  # bytes of metadata that JPEG can hold in one piece

read = format.read


def storable_spec(spec: Spec, options: WriteOptions) -> Spec:
    """Gray, RGB or CMYK of 8 bits."""
    if spec.space == "cmyk":
        return options.stored(spec.replace(channels=4, alpha=False))
    return format.storable_spec(spec, options)


def writer(output: Output, spec: Spec, meta: Meta, options: WriteOptions) -> JpegWriter:
    return JpegWriter(output, spec, meta, options)


class JpegWriter(format.PillowWriter):
    """Encodes with the quality, and as much of the metadata as JPEG's markers can hold."""

    def settings(self) -> dict[str, Any]:
        comment = "\n".join(value for key, value in self.meta.text if key == "Comment").encode()[:MARKER]
        return {
            "quality": self.options.number("quality"),
            **format.described(self.meta, MARKER),
            **format.resolution(self.meta),
            **({"comment": comment} if comment else {}),
        }
