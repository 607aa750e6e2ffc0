"""Write docs/reference.md from what steps, presets and the run declare: `make docs`; a test holds it fresh."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from imgconv.cli.app import parameter
from imgconv.core.options import Option
from imgconv.engine.run_options import options as run_options
from imgconv.kernels import library
from imgconv.pipeline.presets import Names, summary
from imgconv.steps.registry import find, table

TARGET = Path(__file__).with_name("reference.md")
ROLES = {"source": "Sources", "step": "Steps", "sink": "Sinks"}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Reference"
    yield "\nMade by `make docs` from the declarations in the code; do not edit.\n"
    yield "## Options of the run\n\nBefore the source, or in the environment as `IMGCONV_<NAME>`.\n"
    yield from _options(run_options())
    for role, title in ROLES.items():
        yield f"\n## {title}"
        for name in sorted(table()):
            if find(name).role == role:
                yield from _step(name)
    yield "\n## Presets\n"
    yield "| preset | |\n|---|---|"
    for name in sorted(library.paths()):
        yield f"| `{name}` | {summary(name)} |"


def _step(name: str) -> Iterator[str]:
    cls = find(name)
    yield f"\n### {name}\n"
    yield "\n".join(line.strip() for line in cls.__doc__.strip().splitlines())
    options = Names().form(name).options
    if options:
        yield ""
        yield from _options(options)
    yield f"\n    {cls.example}"


def _options(options: dict[str, Option]) -> Iterator[str]:
    for field in options.values():
        shown = parameter(field)
        kind = "" if field.argument or field.is_flag else f" {field.type.metavar}"
        text = field.help if field.argument else shown.help
        yield f"- `{field.word}{kind}` {text}"


def main() -> None:
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text() == page() else "docs/reference.md is stale: make docs")
    TARGET.write_text(page())


if __name__ == "__main__":
    main()
