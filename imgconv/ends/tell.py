"""What a chain does, step by step: shapes, windows, receptive fields, algorithms. For `explain` and `shape`."""

from __future__ import annotations

from math import ceil, floor

from imgconv.step import GlobalStep, Padded
from imgconv.steps.on import On
from imgconv.window import Field, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.image import Spec
    from imgconv.run import Run
    from imgconv.step import Step

HEAD = ("step", "out (CxHxW)", "dtype", "space", "sees", "apart", "from", "how")


def table(spec: Spec, steps: Sequence[Step], run: Run, path: str = "") -> str:
    """A line a step: what comes out, the receptive field (size, distance, start) and how it runs."""
    rows = [HEAD, (path or "source", spec.shape, spec.dtype, _space(spec), "1x1", "1x1", "0,0", "")]
    fields = (Field(), Field())
    for step in steps:
        window = step.window(spec)
        how = _how(step, spec, run, window)
        fields = (fields[0].through(window.rows), fields[1].through(window.columns))
        spec = step.infer(spec)
        rows.append((_words(step), spec.shape, spec.dtype, _space(spec), *_field(*fields), how))
    return _aligned(rows)


def _space(spec: Spec) -> str:
    """`rgb`, `linear+alpha` ..."""
    return spec.space + "+alpha" * spec.alpha


def _words(step: Step) -> str:
    text = " ".join(f"'{word}'" if " " in word else word for word in step.words())
    return text if len(text) <= 60 else text[:57] + "..."


def _field(down: Field, across: Field) -> tuple[str, str, str]:
    sees = f"{ceil(down.size)}x{ceil(across.size)}"
    return sees, f"{down.jump:.6g}x{across.jump:.6g}", f"{floor(down.start)},{floor(across.start)}"


def _how(step: Step, spec: Spec, run: Run, window: Window) -> str:
    parts = [step.explain(spec, run)]
    if isinstance(step, GlobalStep):
        parts.append("sees the whole image first")
    if step.is_linear and spec.alpha:
        parts.append("alpha taken straight" if run.alpha == "straight" else "weighted by alpha")
    rows, columns = window.rows, window.columns
    if isinstance(step.step if isinstance(step, On) else step, Padded) and any(
        side > 0 for axis in (rows, columns) for side in (axis.before, axis.after)
    ):
        parts.append(f"edge {step.beyond(spec)}")
    return "; ".join(part for part in parts if part)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join(lines) + "\n"
