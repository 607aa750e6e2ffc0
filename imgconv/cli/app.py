"""Click's part: help of everything, completion, and the tools that are no pipeline."""

from __future__ import annotations

import os

import click

from imgconv.cli.tool_commands import TOOLS
from imgconv.core.errors import Exit, UsageError, did_you_mean
from imgconv.core.options import Option
from imgconv.engine.run_options import options as run_options
from imgconv.kernels import library
from imgconv.pipeline.grammar import Form
from imgconv.pipeline.presets import Names, summary
from imgconv.steps.registry import find, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """\
A pipeline is a source, steps and sinks:

\b
  imgconv open photo.jpg gaussian --sigma 2 sobel save edges.png
  imgconv open 'shots/*.png' unsharp save 'out/{stem}.png'
  cat in.png | imgconv open - gray save - > out.png
  imgconv shape 3x224x224 conv --size 7 --stride 2 max-pool

`imgconv STEP --help` tells of one step, `imgconv list` names the presets. Options of the run stand first."""


class Commands(click.Group):
    """Every step, sink and tool is a command, made when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*table(), *TOOLS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return TOOLS.get(name) or (command(name) if Names().known(name) else None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        roles: dict[str, list[tuple[str, str]]] = {"Sources": [], "Steps": [], "Sinks": []}
        for row in table().values():
            roles[f"{row.role.title()}s"].append((row.name, row.summary))
        roles["Tools"] = [(name, tool.get_short_help_str(80)) for name, tool in TOOLS.items()]
        for title, rows in roles.items():
            with formatter.section(title):
                formatter.write_dl(sorted(rows))


def group() -> Commands:
    params = [parameter(field) for field in run_options().values()]
    version = click.Option(["--version"], is_flag=True, help="Show the version.")
    return Commands(
        "imgconv", params=[*params, version], help=USAGE, subcommand_metavar="SOURCE STEP... SINK"
    )


def command(name: str) -> click.Command:
    """A step or a preset as Click shows it."""
    cls = find(name)
    form = Names().form(name)
    text = (cls.__doc__ or cls.summary) if cls else summary(name)
    if cls is None and library.table(name).get("source"):
        text += f"\n\nSource: {library.table(name)['source']}."
    example = (cls.example if cls else "") or f"imgconv open sample_images/camera.png {name} save out.png"
    epilog = f"\b\nExample:\n  {example}"
    return click.Command(name, params=_parameters(form), help=_paragraphs(text), epilog=epilog)


def _paragraphs(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _parameters(form: Form) -> list[click.Parameter]:
    return [parameter(field) for field in form.options.values()]


def parameter(field: Option) -> click.Parameter:
    """One option as Click shows it."""
    if field.argument:
        return click.Argument(
            [field.name], metavar=_metavar(field), required=field.required, nargs=-1 if field.many else 1
        )
    default = "" if field.default in (None, "", False, ...) else f" [{field.kind.text(field.default)}]"
    bounds = getattr(field.kind, "bounds", "")
    limits = f" ({bounds})" if bounds else ""
    unit = f", {field.unit}" if field.unit else ""
    text = f"{field.help}{unit}{limits}{default}"
    return click.Option([field.word], is_flag=field.is_flag, metavar=field.kind.metavar or None, help=text)


def _metavar(field: Option) -> str:
    return field.kind.metavar + ("..." if field.many else "")


def main(words: Sequence[str]) -> int:
    """Help, completion, version or a tool. Errors: UsageError for words that are none of them."""
    top = group()
    if "_IMGCONV_COMPLETE" in os.environ:
        from imgconv.cli.completion import answer

        return answer(top, os.environ["_IMGCONV_COMPLETE"])
    if words and words[0] in TOOLS:
        return _tool(top, words)
    if words and words[0] == "--version":
        from imgconv import __version__

        click.echo(f"imgconv {__version__}")
        return Exit.DONE
    return _help(top, words)


def _tool(top: Commands, words: Sequence[str]) -> int:
    try:
        code = top.main(list(words), "imgconv", standalone_mode=False, color=_color())
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    return int(code or 0)


def _help(top: Commands, words: Sequence[str]) -> int:
    """Help of the last step that is named before `--help`, or of everything."""
    names = [word for word in words if Names().known(word)]
    context = click.Context(top, info_name="imgconv")
    wrong = [word for word in words[:1] if word[:1] != "-" and not Names().known(word)]
    if wrong:
        raise UsageError(f"unknown step '{wrong[0]}'{did_you_mean(wrong[0], [*Names().names(), *TOOLS])}")
    if names:
        made = command(names[-1])
        context = click.Context(made, info_name=names[-1], parent=context)
        click.echo(made.get_help(context))
    else:
        click.echo(top.get_help(context))
    return Exit.DONE if words else Exit.USAGE


def _color() -> bool | None:
    """NO_COLOR, FORCE_COLOR and TERM=dumb, which Click does not look at."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None
