"""print: the numbers of an image as text on stdout."""

from __future__ import annotations

from imgconv.core.messages import emit
from imgconv.engine.endpoints import Sink
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.engine.lazy_image import LazyImage


@register_sink("print", "Print the values as text, one row per line")
class Print(Sink):
    """Print the values: one row per line, whole numbers without decimals, one channel after the other."""

    example = "imgconv open sample_images/chart.png crop 0,0,4,4 print"

    def take(self, image: LazyImage, last: bool) -> None:
        from imgconv.formats.text import matrix_text

        emit(matrix_text(image.evaluate(last).pixels))
