"""Run: the options that stand before the first source, or in the environment as `IMGCONV_<NAME>`."""

from __future__ import annotations

import os

from imgconv.core.options import Option, option
from imgconv.core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Run(Record):
    """How the whole run behaves."""

    threads: int = option(0, "number of threads; 0: one per core", low=0, high=1024, whole=True)
    strip: int = option(
        0, "rows computed at a time; 0: chosen automatically", low=0, high=1 << 24, whole=True, unit="rows"
    )
    precision: str = option(
        "single", "floating-point precision of computed values", choices=("single", "double")
    )
    algorithm: str = option(
        "auto",
        "how kernels are applied",
        choices=("auto", "direct", "sparse", "separable", "low-rank", "fft"),
    )
    alpha: str = option(
        "weighted",
        "whether linear filters weight colors by alpha, or filter each channel by itself",
        choices=("weighted", "straight"),
    )
    strict: bool = option(False, "exit 1 when samples were clipped")
    fail_fast: bool = option(False, "stop at the first input that fails")
    no_clobber: bool = option(False, "refuse to overwrite files")
    quiet: bool = option(False, "print no warnings")
    debug: bool = option(False, "show tracebacks")
    max_pixels: int = option(
        1 << 28,
        "largest input, all frames together",
        low=1,
        high=1 << 40,
        whole=True,
        unit="pixels",
    )
    max_frames: int = option(10_000, "most frames in one input", low=1, high=1 << 24, whole=True)

    @property
    def working(self) -> str:
        """The dtype of computed values."""
        return "f8" if self.precision == "double" else "f4"

    @property
    def workers(self) -> int:
        return self.threads or (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )


def options() -> dict[str, Option]:
    """The run's options by name."""
    return {name: field for name, field in Run.fields.items() if isinstance(field, Option)}


def run_of(values: dict[str, Any]) -> Run:
    """The run that these values ask for, over `IMGCONV_THREADS` and so on. Errors: UsageError for a bad variable."""
    from_environment = {}
    for name, field in options().items():
        variable = f"IMGCONV_{name.upper()}"
        if variable in os.environ:
            from_environment[name] = field.read(os.environ[variable], variable)
    return Run(**{**from_environment, **values})
