"""explain: what a chain does, step by step: shapes, windows, receptive fields, algorithms."""

from __future__ import annotations

from math import ceil, floor

from imgconv.core.messages import emit
from imgconv.core.window import ReceptiveField, Window
from imgconv.engine.endpoints import Sink
from imgconv.engine.step import Bordered, GlobalStep
from imgconv.steps.on_channels import On
from imgconv.steps.registry import register_sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.spec import Spec
    from imgconv.engine.chain import Chain
    from imgconv.engine.lazy_image import LazyImage
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Step


@register_sink("explain", "Print what each step does and how it would run")
class Explain(Sink):
    """Print a table: each step with its output shape, dtype, color space, receptive field, algorithm and border.

    Nothing is computed.
    """

    example = "imgconv open sample_images/astronaut.png gray gaussian --sigma 2 sobel explain"
    needs_pixels = False

    def take(self, image: LazyImage, last: bool) -> None:
        emit(table(image.history, image.context.run, image.image.path))

    def take_all(self, images: Sequence[LazyImage], last: bool) -> None:
        """The frames of a file go the same way: told once."""
        self.take(images[0], last)


HEAD = ("step", "out (CxHxW)", "dtype", "space", "sees", "apart", "from", "how")


def table(chain: Chain, run: Run, path: str = "") -> str:
    """A line a step: what comes out, the receptive field (size, distance, start) and how it runs."""
    spec = chain.source
    rows = [HEAD, (path or "source", spec.shape, spec.dtype, _space(spec), "1x1", "1x1", "0,0", "")]
    fields = (ReceptiveField(), ReceptiveField())
    for link in chain.links:
        step, spec = link.step, link.out
        window = step.window(link.spec)
        how = _how(step, link.spec, run, window)
        fields = (fields[0].through(window.rows), fields[1].through(window.columns))
        rows.append((_words(step), spec.shape, spec.dtype, _space(spec), *_field(*fields), how))
    return _aligned(rows)


def _space(spec: Spec) -> str:
    """`rgb`, `linear+alpha` ..."""
    return spec.space + "+alpha" * spec.alpha


def _words(step: Step) -> str:
    text = " ".join(f"'{word}'" if " " in word else word for word in step.words())
    return text if len(text) <= 60 else text[:57] + "..."


def _field(down: ReceptiveField, across: ReceptiveField) -> tuple[str, str, str]:
    sees = f"{ceil(down.size)}x{ceil(across.size)}"
    return sees, f"{down.jump:.6g}x{across.jump:.6g}", f"{floor(down.start)},{floor(across.start)}"


def _how(step: Step, spec: Spec, run: Run, window: Window) -> str:
    parts = [step.explain(spec, run)]
    if isinstance(step, GlobalStep):
        parts.append("sees the whole image first")
    if step.is_linear and spec.alpha:
        parts.append("alpha taken straight" if run.alpha == "straight" else "weighted by alpha")
    rows, columns = window.rows, window.columns
    if isinstance(step.step if isinstance(step, On) else step, Bordered) and any(
        side > 0 for axis in (rows, columns) for side in (axis.before, axis.after)
    ):
        parts.append(f"edge {step.border(spec)}")
    return "; ".join(part for part in parts if part)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join(lines) + "\n"
