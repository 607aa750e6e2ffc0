"""Write docs/gallery.md: every step that makes a picture, by its own example, and every preset of steps; `make docs`.

The pictures are what the commands save, made small; a test holds the page's text fresh.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from imgconv.kernels import library
from imgconv.pipeline.presets import summary
from imgconv.steps.registry import find, table

HERE = Path(__file__).parent
PAGE, PICTURES = HERE / "gallery.md", HERE / "gallery"
WIDTH, COLUMNS = 320, 3
PRESET = "imgconv open sample_images/astronaut.png {name} save {name}.png"


def commands() -> Iterator[tuple[str, str, str]]:
    """Name, summary and command of everything that is shown."""
    for name in sorted(table()):
        step = find(name)
        if step is not None and step.role != "source" and " save " in step.example and name != "save":
            yield name, step.summary, step.example
    for name in sorted(library.paths()):
        if not library.is_kernel(name):
            yield name, summary(name), PRESET.format(name=name)


def page() -> str:
    """The text: pictures in rows of three, each under its name and over its command."""
    cells = [
        f'<td valign="top"><b>{name}</b>: {what}<br><img src="gallery/{name}.jpg" width="{WIDTH}"><br>'
        f"<code>{command}</code></td>"
        for name, what, command in commands()
    ]
    rows = ["<tr>" + "\n".join(cells[at : at + COLUMNS]) + "</tr>" for at in range(0, len(cells), COLUMNS)]
    head = "# Gallery\n\nMade by `make docs` from each step's example and the presets; do not edit.\n"
    return head + "\n<table>\n" + "\n".join(rows) + "\n</table>\n"


def draw(command: str, target: Path) -> None:
    """Run the command with another target, and make what it saved small."""
    words = shlex.split(command)[1:]
    save = len(words) - words[::-1].index("save")
    at = next(at for at in range(save, len(words)) if Path(words[at]).suffix)  # options may stand before it
    with tempfile.TemporaryDirectory() as room:
        made = f"{room}/full.png"
        run([*words[:at], made, *words[at + 1 :]])
        run(
            [
                "open",
                made,
                "resize",
                "--width",
                str(WIDTH),
                "--only-shrink",
                "save",
                str(target),
                "--quality",
                "85",
            ]
        )


def run(words: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "imgconv", "-q", *words], check=True, cwd=HERE.parent)


def check() -> None:
    """Whether the page says what the code declares, and each picture is there."""
    names = {f"{name}.jpg" for name, _, _ in commands()}
    if PAGE.read_text(encoding="utf-8") != page() or names != {path.name for path in PICTURES.glob("*")}:
        sys.exit(f"{PAGE} is stale: run `make docs`")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.jpg"):
        old.unlink()
    for name, _, command in commands():
        draw(command, PICTURES / f"{name}.jpg")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    check() if "--check" in sys.argv else main()
