"""Click's part of the command line: help, completion, and the tools that are not pipelines."""

from __future__ import annotations

import os
import sys

import click

from imgconv.core.errors import Exit, FileError, UsageError, did_you_mean
from imgconv.core.messages import CLOSED, unwritable
from imgconv.core.options import Option
from imgconv.engine.run_options import options as run_options
from imgconv.kernels import library
from imgconv.pipeline.grammar import Form
from imgconv.pipeline.presets import Names, summary
from imgconv.steps.registry import find, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

USAGE = """\
A pipeline is a source, steps and sinks:

\b
  imgconv open photo.jpg gaussian --sigma 2 sobel save edges.png
  imgconv open 'shots/*.png' unsharp save 'out/{stem}.png'
  cat in.png | imgconv open - gray save - > out.png
  imgconv shape 3x224x224 conv --size 7 --stride 2 max-pool

`imgconv STEP --help` explains one step; `imgconv list` names steps, presets, kernels and formats.
Options of the run come before the source."""


class Commands(click.Group):
    """Every step, preset and tool as a command, made when it is asked for.

    `tools`: each tool's name, and `module:name` of its Click command, which is imported when it is used.
    """

    def __init__(self, tools: Mapping[str, str], **settings: Any) -> None:
        super().__init__("imgconv", **settings)
        self.tools = tools

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*table(), *self.tools]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in self.tools:
            return self.tool(name)
        return command(name) if Names().known(name) else None

    def tool(self, name: str) -> click.Command:
        """The Click command of a tool."""
        module, _, attribute = self.tools[name].partition(":")
        loaded: click.Command = getattr(__import__(module, fromlist=[attribute]), attribute)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Sources": [], "Steps": [], "Sinks": []}
        for row in table().values():
            sections[f"{row.role.title()}s"].append((row.name, row.summary))
        sections["Tools"] = [(name, self.tool(name).get_short_help_str(80)) for name in self.tools]
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(sorted(rows))


def group(tools: Mapping[str, str]) -> Commands:
    """The command `imgconv`, with the options of the run."""
    params = [parameter(option) for option in run_options().values()]
    version = click.Option(["--version"], is_flag=True, help="Show the version.")
    return Commands(tools, params=[*params, version], help=USAGE, subcommand_metavar="SOURCE STEP... SINK")


def command(name: str) -> click.Command:
    """A step or a preset as Click shows it."""
    cls = find(name)
    form = Names().form(name)
    text = (cls.__doc__ or cls.summary) if cls else summary(name)
    if cls is None and library.entries(name).get("source"):
        text += f"\n\nSource: {library.entries(name)['source']}."
    example = (cls.example if cls else "") or f"imgconv open sample_images/camera.png {name} save out.png"
    epilog = f"\b\nExample:\n  {example}"
    return click.Command(name, params=_parameters(form), help=_paragraphs(text), epilog=epilog)


def _paragraphs(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _parameters(form: Form) -> list[click.Parameter]:
    return [parameter(option) for option in form.options.values()]


def parameter(option: Option) -> click.Parameter:
    """An option or argument as Click shows it."""
    if option.argument:
        return click.Argument(
            [option.name],
            metavar=_metavar(option),
            required=option.required,
            nargs=-1 if option.many else 1,
        )
    default = "" if option.default in (None, "", False, ...) else f" [{option.type.text(option.default)}]"
    bounds = getattr(option.type, "bounds", "")
    limits = f" ({bounds})" if bounds else ""
    unit = f", {option.unit}" if option.unit else ""
    text = f"{option.help}{unit}{limits}{default}"
    return click.Option([option.word], is_flag=option.is_flag, metavar=option.type.metavar or None, help=text)


def _metavar(option: Option) -> str:
    return option.type.metavar + ("..." if option.many else "")


def main(words: Sequence[str], tools: Mapping[str, str]) -> int:
    """Help, completion, the version or a tool; the exit code.

    Errors: UsageError for an unknown word; FileError where stdout is closed or full; BrokenPipeError.
    """
    if sys.stdout is None:
        raise FileError(CLOSED)
    try:
        code = _answer(words, tools)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None:  # of a file that a tool reads or removes
            raise
        raise unwritable(error) from None
    return code


def _answer(words: Sequence[str], tools: Mapping[str, str]) -> int:
    top = group(tools)
    if "_IMGCONV_COMPLETE" in os.environ:
        from imgconv.cli.completion import answer

        return answer(top, os.environ["_IMGCONV_COMPLETE"])
    if words and words[0] in tools:
        return _tool(top, words)
    if words and words[0] == "--version":
        from imgconv import __version__

        click.echo(f"imgconv {__version__}")
        return Exit.DONE
    return _help(top, words)


def _tool(top: Commands, words: Sequence[str]) -> int:
    try:
        with top.make_context(
            "imgconv", list(words), color=_color()
        ) as context:  # `main` would eat a closed pipe
            code = top.invoke(context)
    except click.UsageError as error:
        raise UsageError(_message(error)) from None
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    return int(code or 0)


def _message(error: click.UsageError) -> str:
    """Click's message in our form: `show: missing argument 'NAME'; see imgconv show --help`."""
    text, context = error.format_message(), error.ctx
    if context is None or text.startswith("Usage:"):  # help, where a tool was called without its word
        return text
    return f"{context.info_name}: {text[:1].lower()}{text[1:].rstrip('.')}; see {context.command_path} --help"


def _help(top: Commands, words: Sequence[str]) -> int:
    """Print help of the last step named before `--help`, or of everything."""
    names = [word for word in words if Names().known(word)]
    context = click.Context(top, info_name="imgconv")
    if words and words[0][:1] != "-" and not Names().known(words[0]):
        near = did_you_mean(words[0], [*Names().names(), *top.tools])
        raise UsageError(f"unknown step '{words[0]}'{near}")
    if names:
        step = command(names[-1])
        click.echo(step.get_help(click.Context(step, info_name=names[-1], parent=context)))
    else:
        click.echo(top.get_help(context))
    return Exit.DONE if words else Exit.USAGE


def _color() -> bool | None:
    """Whether to write colors: what NO_COLOR, FORCE_COLOR and TERM=dumb say, which Click does not read."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None
