"""print, info and explain: what is told of an image on stdout."""

from __future__ import annotations

import sys

from imgconv.errors import FileError
from imgconv.options import option
from imgconv.step import Sink, step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.work import Work


def emit(text: str) -> None:
    """Data on stdout."""
    if sys.stdout is None:
        raise FileError("cannot write to stdout: it is closed")
    sys.stdout.flush()
    left = memoryview(text.encode())
    try:
        while left:  # an unbuffered stdout (PYTHONUNBUFFERED) may take a part
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot write to stdout: {(error.strerror or str(error)).lower()}") from None


@step("print", "the numbers as text: a row a line")
class Print(Sink):
    """Print the numbers: a row a line, whole numbers without decimals, channels one after the other."""

    example = "imgconv open sample_images/chart.png crop 0,0,4,4 print"

    def take(self, work: Work, last: bool) -> None:
        from imgconv.formats.text import matrix_text

        image = work.settled(last)
        image.ready(image.spec.height)
        emit(matrix_text(image.pixels))


@step("info", "size, depth, colour, range and metadata as JSON")
class Info(Sink):
    """Print what the image is, as JSON, a line an image.

    below, above, nan, infinite: samples of each channel beneath 0 and beyond full scale, and those that are no
    numbers; out_of_gamut: pixels of which a channel, brought to sRGB, is more than half an 8-bit level outside. null
    where values have no such bounds. `--histogram` adds counts in 256 bins for each colour channel, with the range
    that the bins divide evenly: 0 to full scale (a bin a value for 8 bits, 256 values for 16), or from the least to
    the largest value where there is no full scale; values beyond are in the first and the last bin.

    Of inks: `most_ink`, the largest C + M + Y + K of a pixel in percent (0 to 400), and how many pixels are above the
    limit of the press. `profile` is the file's ICC profile; the values are those after its conversion to sRGB.
    """

    example = "imgconv open sample_images/coffee.jpg info"

    histogram: bool = option(False, "add the counts of values in 256 bins")
    ink_limit: float = option(300, "of inks: how much in one pixel is too much, percent", low=0, high=400)

    def take(self, work: Work, last: bool) -> None:
        import json

        from imgconv.ends.facts import facts
        from imgconv.ends.ranges import histograms, ranges

        image = work.settled(last)
        image.ready(image.spec.height)
        told = facts(image, self.ink_limit) | ranges(image, work.run)
        if self.histogram:
            told["histogram"] = histograms(image, work.run)
        emit(json.dumps(told, ensure_ascii=False) + "\n")


@step("explain", "what would run, and how")
class Explain(Sink):
    """Print each step with the shapes, the border, the algorithm and the receptive field; nothing is computed."""

    example = "imgconv open sample_images/astronaut.png gray gaussian --sigma 2 sobel explain"

    def take(self, work: Work, last: bool) -> None:
        from imgconv.ends.tell import table

        emit(table(work.source, work.all_steps, work.run, work.image.path))

    def take_all(self, works: Sequence[Work], last: bool) -> None:
        """The frames of a file go the same way: told once."""
        self.take(works[0], last)
