"""open: read images from files or stdin."""

from __future__ import annotations

import os

from imgconv.core.errors import FileError, quote_path
from imgconv.core.option_types import Path
from imgconv.core.options import argument, option
from imgconv.engine.endpoints import Source
from imgconv.steps.registry import register_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.core.image import Image
    from imgconv.engine.run_options import Run
    from imgconv.engine.run_report import RunContext
    from imgconv.engine.step import Step


@register_source("open", "Read images: files, quoted globs, or - for stdin")
class Open(Source):
    """Read images.

    The format is recognized by the content. 8-bit, 16-bit and float values keep their range; the EXIF orientation is
    applied. All frames of an animation (GIF, WebP, APNG) and all pages of a TIFF are read, each as it is shown; steps
    work on one frame at a time, and `save` puts them into one file again.

    Colors with an ICC profile other than sRGB are converted to sRGB (relative colorimetric, black point
    compensation), and `save` writes an sRGB profile. Colors of more than 8 bits are converted only with imagecodecs:
    pip install 'imgconv[icc]'. CMYK stays CMYK; its profile is used when it becomes RGB. A profile that is damaged or
    for another color space is ignored with a warning.
    """

    example = "imgconv open sample_images/astronaut.png gaussian --sigma 2 sobel save edges.png"

    paths: tuple[str, ...] = argument(Path(), "files, globs in quotes, or - for stdin", many=True)
    format: str = option("", "the format, if the content does not say it")
    frame: int | None = option(
        None, "the number of the one frame to read; all frames without it", low=0, high=1 << 24, whole=True
    )
    linear: bool = option(False, "work in linear light; save converts back")
    keep_profile: bool = option(False, "keep colors in the ICC profile of the file, and save it with them")
    white: float | None = option(None, "the value of white, for floats and text", above=0)
    layout: str = option(
        "hwc",
        "order of an array's axes: rows x columns x channels, or channels first",
        choices=("hwc", "chw"),
    )

    def for_input(self, name: str) -> Open:
        return self.replace(paths=(name,))

    def inputs(self) -> list[str]:
        """The files, globs expanded."""
        return [file for path in self.paths for file in expand_glob(path)]

    def read(self, name: str, run: Run) -> list[Image]:
        """A file's picture, or all of its frames."""
        from imgconv.formats.options import ReadOptions
        from imgconv.formats.registry import read_all

        options = ReadOptions(
            frame=self.frame,
            white=self.white,
            layout=self.layout,
            working=run.working,
            max_pixels=run.max_pixels,
            max_frames=run.max_frames,
        )
        return read_all(name, options, self.format)

    def begin(self, image: Image, context: RunContext) -> tuple[Image, list[Step]]:
        """The image with its color profile understood; steps that convert it to sRGB and to linear light."""
        steps: list[Step] = []
        if image.meta.describes_colors:
            from imgconv.io.color_management import honored

            image, steps = honored(image, self.keep_profile, context.report)
        if self.linear:
            from imgconv.steps.color.convert import convert

            steps += convert(image.spec, "linear")
        return image, steps


def expand_glob(path: str) -> list[str]:
    """A quoted glob's files, in order; any other path is itself."""
    if not any(mark in path for mark in "*?[") or os.path.lexists(path):
        return [path]
    import glob

    files = sorted(glob.glob(path, recursive=True))
    if not files:
        raise FileError(f"cannot open {quote_path(path)}: no file matches")
    return files
