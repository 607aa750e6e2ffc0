"""shape: the arithmetic of sizes, without pixels."""

from __future__ import annotations

from imgconv.core.color_spaces import space_of
from imgconv.core.errors import UsageError
from imgconv.core.image import Image
from imgconv.core.option_types import Integer, OptionType
from imgconv.core.options import argument
from imgconv.core.rows import RowSource
from imgconv.core.spec import Spec
from imgconv.engine.endpoints import Sink, Source
from imgconv.steps.registry import register_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.engine.run_options import Run


class Shape(OptionType):
    """Channels x height x width, as layers write it; or height x width."""

    metavar = "CxHxW"

    def read(self, value: Any) -> tuple[int, int, int]:
        parts = str(value).lower().split("x") if isinstance(value, str) else list(value)
        if len(parts) == 2:
            parts = [1, *parts]
        if len(parts) != 3:
            raise UsageError(
                f"'{value}' is not a shape; write channels x height x width, for example 3x224x224"
            )
        channels, height, width = (int(Integer(1, 1 << 31).read(part)) for part in parts)
        return channels, height, width

    def text(self, value: Any) -> str:
        return "x".join(map(str, value))


@register_source("shape", "No pixels: calculate sizes and receptive fields of a chain")
class ShapeSource(Source):
    """A source without pixels: prints the output size and the receptive field of each step behind it.

    Size: floor((W + 2P - D (K - 1) - 1) / S) + 1. Field: r + (K - 1) D j, then j S, from the first step to the last.
    """

    example = "imgconv shape 3x224x224 conv --size 7 --out-channels 64 --stride 2 --padding 3 relu max-pool --size 2"

    size: tuple[int, int, int] = argument(Shape(), "channels x height x width, for example 3x224x224")

    has_pixels = False

    def inputs(self) -> list[str]:
        return [""]

    def read(self, name: str, run: Run) -> list[Image]:
        channels, height, width = self.size
        space = space_of(channels)
        return [Image(SpecRows(Spec(height, width, channels, run.working, space, working=run.working)))]

    def default_sink(self) -> Sink:
        from imgconv.io.explain import Explain

        return Explain()


class SpecRows(RowSource):
    """A spec without rows."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
