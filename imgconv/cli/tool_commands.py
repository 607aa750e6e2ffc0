"""Tools that are no pipeline: list, show, cache, doctor, completion."""

from __future__ import annotations

import click

from imgconv.core.errors import UsageError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("list")
@click.argument("what", default="all", metavar="[steps|presets|kernels|formats]")
def list_(what: str) -> None:
    """Name every step, preset, kernel or format, with a line of help.

    \b
    Example:
      imgconv list kernels
    """
    parts = {"steps": _steps, "presets": _presets, "kernels": _kernels, "formats": _formats}
    if what not in (*parts, "all"):
        raise UsageError(f"list: '{what}' is none of {', '.join(parts)}{did_you_mean(what, parts)}")
    for title, rows in parts.items():
        if what in (title, "all"):
            _section(title if what == "all" else "", list(rows()))


def _section(title: str, rows: list[tuple[str, str]]) -> None:
    if title:
        click.secho(title, bold=True)
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"  {name:{width}}  {text}")
    if title:
        click.echo()


def _steps() -> Iterator[tuple[str, str]]:
    from imgconv.steps.registry import table

    for row in sorted(table().values(), key=lambda row: row.name):
        yield row.name, row.summary


def _presets() -> Iterator[tuple[str, str]]:
    yield from _library(kernels=False)


def _kernels() -> Iterator[tuple[str, str]]:
    yield from _library(kernels=True)


def _library(kernels: bool) -> Iterator[tuple[str, str]]:
    from imgconv.kernels import library
    from imgconv.pipeline.presets import summary

    for name in sorted(library.paths()):
        try:
            if library.is_kernel(name) == kernels:
                yield name, summary(name)
        except UsageError as error:
            click.echo(f"imgconv: {error}", err=True)


def _formats() -> Iterator[tuple[str, str]]:
    from imgconv.formats.registry import FORMATS

    for one in FORMATS.values():
        yield one.name, " ".join(one.suffixes)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option(
    "--rank", metavar="R", help="Of a kernel: the nearest of that rank, how far off it is, how fast."
)
@click.option("--response", metavar="FILE.png", help="Of a kernel: a picture of its frequency response.")
def show(name: str, rank: str | None, response: str | None) -> None:
    """Show a step, a preset or a kernel: its weights, sum, rank, factors and cost.

    \b
    Example:
      imgconv show sobel-x
    """
    from imgconv.tools.show import of, shown

    if rank is None and response is None:
        click.echo(shown(name))
        return
    text, kernel = of(name, None if rank is None else _rank(rank))
    if response is not None:
        from imgconv.tools.response_chart import write

        write(kernel, response)
    click.echo(text)


def _rank(text: str) -> int:
    from imgconv.kernels.option_types import RANK

    try:
        return int(RANK.read(text))
    except UsageError as error:
        raise UsageError(f"show: --rank: {error}") from None


@click.group()
def cache() -> None:
    """The compiled loops that are kept: info, warm, clear.

    \b
    Example:
      imgconv cache info
    """


@cache.command()
def info() -> None:
    """Where compiled loops lie, how many, how large."""
    from imgconv.tools import cache

    place, entries = cache.entries()
    total = sum(size for _, size in entries)
    click.echo(f"{place}\n{len(entries)} compiled loops, {total / 1024:.0f} kB")


@cache.command()
def warm() -> None:
    """Compile every loop now, so that no later run has to."""
    from imgconv.tools import cache

    for done, total, title in cache.warm():
        click.echo(f"{done}/{total} {title}", err=True)


@cache.command()
def clear() -> None:
    """Remove every compiled loop."""
    from imgconv.tools import cache

    click.echo(f"{cache.clear()} compiled loops removed")


@click.command()
def doctor() -> None:
    """Check this installation: versions, loading of machine code, presets.

    \b
    Example:
      imgconv doctor
    """
    from imgconv.tools.doctor import checks

    failed = False
    for name, fine, text in checks():
        failed |= not fine
        click.echo(f"{'ok  ' if fine else 'FAIL'}  {name:12}  {text}")
    if failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Example:
      eval "$(imgconv completion bash)"
    """
    from imgconv.cli.app import group
    from imgconv.cli.completion import answer

    answer(group(), f"{shell}_source")


TOOLS: dict[str, click.Command] = {
    "list": list_,
    "show": show,
    "cache": cache,
    "doctor": doctor,
    "completion": completion,
}
