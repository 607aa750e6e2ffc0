"""How long a frame of an animation is shown: what each format can hold."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgconv.core.image import Meta

TIMES = {"gif": (10, 655_350), "webp": (1, 16_777_215), "png": (1, 65_535_000)}  # unit and most, ms
USUAL = 100  # ms where nothing says: what browsers make of a GIF without durations
ONCE = 1  # how often an animation runs that says nothing, in a format that has to


def held(ms: float | None, format: str) -> int:
    """The nearest duration in ms that a file of this format can hold; only 0 becomes 0.

    >>> held(25, "gif"), held(3, "gif"), held(1e9, "gif"), held(None, "webp")
    (30, 10, 655350, 100)
    """
    unit, most = TIMES[format]
    if ms is None:
        return USUAL
    ticks = int(ms / unit + 0.5)
    return min(max(ticks, 1 if ms > 0 else 0) * unit, most)


def warning(metas: Sequence[Meta], format: str) -> str:
    """What to tell where durations change by more than half of what the format counts in; else nothing."""
    if format not in TIMES:
        return ""
    unit, most = TIMES[format]
    given = [meta.duration for meta in metas if meta.duration is not None]
    count = sum(abs(held(ms, format) - ms) > unit / 2 for ms in given)
    span = f"{unit} to {most} ms" + (f" in steps of {unit}" if unit > 1 else "")
    return f"{count} durations were changed: a {format} file holds {span}" if count else ""
