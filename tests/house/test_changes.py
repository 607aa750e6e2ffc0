"""Changes of CONTRIBUTING.md, each made in a scratch copy by the files that it names alone: a step and a tool.

A color space, an edge mode and a file format that are added so: `tests/core/test_color_spaces.py`,
`tests/core/test_border.py` and `tests/formats/test_registry.py`.
"""

import shutil

from tests.support.command import ROOT
from tests.support.scratch import scratch_copy

STEP = """
from __future__ import annotations

from imgconv.core.options import option
from imgconv.engine.step import Step
from imgconv.steps.pointwise import Affine
from imgconv.steps.registry import register


@register("mirror-tone", "Mirror tones: bright becomes dark, by a factor")
class MirrorTone(Step):
    \"\"\"out = full scale - factor in.\"\"\"

    example = "imgconv open a.csv --white 255 mirror-tone --factor 0.5 print"
    factor: float = option(1.0, "how steep the mirrored curve is", low=0, high=4)

    def expand(self, spec, run):
        return [Affine(factor=-self.factor, shift=spec.full)]
"""
USE = """
import imgconv, numpy as np
a = np.array([[0, 10, 255]], np.uint8)
chain = imgconv.open(a).mirror_tone(factor=0.5)
print(chain.array().tolist(), chain.words()[-3:])
"""
TOOL = """
from __future__ import annotations


def greeting(name: str) -> str:
    \"\"\"A greeting.\"\"\"
    return f"good day, {name}"
"""
COMMAND = """

@click.command()
@click.argument("name")
def greet(name: str) -> None:
    \"\"\"Greet somebody by name.\"\"\"
    from imgconv.tools.greet import greeting

    click.echo(greeting(name))
"""


def test_a_step_is_one_file(tmp_path):
    """It appears in the list, in help, in Python, in presets and on the reference page."""
    changed = scratch_copy(tmp_path)
    (tmp_path / "imgconv/steps/tone/mirror_tone.py").write_text(STEP)
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("gallery", "pictures"))
    (tmp_path / "a.csv").write_text("0,10,255\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/twice.toml").write_text('summary = "x"\nsteps = "mirror-tone mirror-tone"\n')
    assert "mirror-tone" in changed("-m", "imgconv", "list", "steps")
    help = changed("-m", "imgconv", "mirror-tone", "--help")
    assert "--factor" in help and "how steep" in help and "print" in help
    words = ["-q", "open", "a.csv", "--white", "255", "mirror-tone", "--factor", "0.5", "print"]
    assert changed("-m", "imgconv", *words) == "255 250 127.5\n"
    assert "too large; the most is 4" in changed(
        "-m", "imgconv", "shape", "9x9", "mirror-tone", "--factor", "5"
    )
    assert "did you mean 'mirror-tone'" in changed("-m", "imgconv", "open", "a.csv", "miror-tone", "print")
    assert changed("-c", USE) == "[[255.0, 250.0, 127.5]] ['mirror-tone', '--factor', '0.5']\n"
    preset = "import os; os.environ['IMGCONV_PRESETS'] = 'mine'\n" + USE.replace(
        ".mirror_tone(factor=0.5)", ".twice()"
    )
    assert changed("-c", preset).startswith("[[0.0, 10.0, 255.0]]")
    assert changed("docs/reference.py") == ""
    page = (tmp_path / "docs/reference.md").read_text()
    assert "### mirror-tone" in page and "how steep the mirrored curve is" in page


def test_a_tool_is_a_file_a_command_and_a_row(tmp_path):
    commands = (ROOT / "imgconv/cli/tool_commands.py").read_text()
    changed = scratch_copy(
        tmp_path,
        *("imgconv/cli/main.py", "\nTOOLS = {", '\n    "greet": "imgconv.cli.tool_commands:greet",'),
        *("imgconv/cli/tool_commands.py", commands[-60:], COMMAND),
    )
    (tmp_path / "imgconv/tools/greet.py").write_text(TOOL)
    assert changed("-m", "imgconv", "greet", "reader") == "good day, reader\n"
    assert "Greet somebody by name" in changed("-m", "imgconv", "--help")
    assert "Greet somebody by name" in changed("-m", "imgconv", "greet", "--help")
    assert "did you mean 'greet'" in changed("-m", "imgconv", "gret", "reader")
