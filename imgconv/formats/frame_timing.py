"""How long a frame of an animation is shown: what each format can store."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Meta
    from imgconv.formats.options import FormatRow

USUAL = 100  # ms of a frame without a duration: what browsers make of a GIF without durations
ONCE = 1  # loops of an animation without a number of loops, in a format that must store one


def storable_duration(ms: float | None, row: FormatRow) -> int:
    """The nearest duration in ms that a file of this format can store; only 0 becomes 0.

    >>> from imgconv.formats.registry import FORMATS
    >>> [storable_duration(ms, FORMATS["gif"]) for ms in (25, 3, 1e9, None)]
    [30, 10, 655350, 100]
    """
    if row.duration is None:
        raise ValueError(f"frames of a {row.name} file have no duration")
    unit, longest = row.duration
    if ms is None:
        return USUAL
    ticks = int(ms / unit + 0.5)
    return min(max(ticks, 1 if ms > 0 else 0) * unit, longest)


def warning(metas: Sequence[Meta], row: FormatRow) -> str:
    """The warning about durations that changed by more than half of the format's unit; "" where none did."""
    if row.duration is None:
        return ""
    unit, longest = row.duration
    durations = [meta.duration for meta in metas if meta.duration is not None]
    changed = sum(abs(storable_duration(ms, row) - ms) > unit / 2 for ms in durations)
    span = f"{unit} to {longest} ms" + (f" in steps of {unit}" if unit > 1 else "")
    return f"{changed} durations were changed: a {row.name} file holds {span}" if changed else ""
