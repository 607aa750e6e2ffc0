"""The Click side of the tools list, show, cache and doctor; what they do stands in `tools/`."""

from __future__ import annotations

import click

from imgconv.core.errors import Exit, UsageError
from imgconv.core.messages import say


@click.command("list")
@click.argument("what", default="all", metavar="[steps|presets|kernels|formats|FAMILY|WORD]")
def list_(what: str) -> None:
    """List steps by family, presets, kernels and formats: all, some, or those with a word in their line of help.

    \b
    Example:
      imgconv list blur
    """
    from imgconv.tools.listing import sections

    found = sections(what, warn=say)
    for title, rows in found:
        _print_rows(title if len(found) > 1 else "", rows)


def _print_rows(title: str, rows: list[tuple[str, str]]) -> None:
    if title:
        click.secho(title, bold=True)
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"  {name:{width}}  {text}")
    if title:
        click.echo()


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option(
    "--rank", metavar="R", help="Show the best approximation of the kernel by this rank, its error and speed."
)
@click.option(
    "--response", metavar="FILE.png", help="Write a chart of the kernel's frequency response to a PNG."
)
def show(name: str, rank: str | None, response: str | None) -> None:
    """Show a step, a preset or a kernel: its weights, sum, rank, factors and cost.

    \b
    Example:
      imgconv show sobel-x
    """
    from imgconv.tools.show import describe_name, described_kernel

    if rank is None and response is None:
        click.echo(describe_name(name))
        return
    text, kernel = described_kernel(name, None if rank is None else _rank(rank))
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
    """Manage the cache of compiled loops: info, warm, clear.

    \b
    Example:
      imgconv cache info
    """


@cache.command()
def info() -> None:
    """Show where compiled loops are stored, how many there are, and their size."""
    from imgconv.tools import cache

    directory, entries = cache.entries()
    total = sum(size for _, size in entries)
    click.echo(f"{directory}\n{len(entries)} compiled loops, {total / 1024:.0f} kB")


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
    for name, passed, text in checks():
        failed |= not passed
        click.echo(f"{'ok  ' if passed else 'FAIL'}  {name:12}  {text}")
    if failed:
        raise click.exceptions.Exit(Exit.SOME_FAILED)
