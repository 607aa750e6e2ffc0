"""Completion for bash, zsh and fish: Click's scripts, with the words of imgconv's grammar."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, OptionType, Path
from imgconv.core.options import Option
from imgconv.engine.run_options import options as run_options
from imgconv.kernels import library
from imgconv.pipeline.grammar import SHORT, Form, is_option
from imgconv.pipeline.presets import Names
from imgconv.steps.registry import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Example:
      eval "$(imgconv completion bash)"
    """
    top = context.find_root().command
    assert isinstance(top, click.Group)
    answer(top, f"{shell}_source")


def answer(top: click.Group, instruction: str) -> int:
    """Print a shell's script (`bash_source`) or what may come next (`bash_complete`)."""
    shell, _, request = instruction.partition("_")
    completer = get_completion_class(shell)
    if completer is None or request not in ("source", "complete"):
        raise UsageError(
            f"completion: '{instruction}' is not one of bash, zsh, fish with _source or _complete"
        )

    class Completer(completer):  # type: ignore[valid-type, misc]
        def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
            return list(completions(top, args, incomplete))

    shell_complete = Completer(top, {}, "imgconv", "_IMGCONV_COMPLETE")
    click.echo(shell_complete.source() if request == "source" else shell_complete.complete())
    return 0


def completions(top: click.Group, words: Sequence[str], incomplete: str) -> Iterator[CompletionItem]:
    """What may come after these words, beginning with the incomplete one."""
    for item in _candidates(top, words, incomplete):
        if item.type != "plain" or item.value.startswith(incomplete):
            yield item


def _candidates(top: click.Group, words: Sequence[str], incomplete: str) -> Iterator[CompletionItem]:
    form, named = _current_step(words)
    waiting = _waiting(form, words)
    if waiting is not None:
        yield from _values(waiting.type, incomplete)
        return
    if incomplete.startswith("-"):
        for key, option in form.options.items():
            if not option.argument and key not in named:
                yield CompletionItem(option.word, help=option.help)
        return
    for key in form.arguments:
        if key not in named or form.options[key].many:
            yield from _values(form.options[key].type, incomplete)
    yield from _names(top, words)


def _current_step(words: Sequence[str]) -> tuple[Form, set[str]]:
    """The step that the cursor is in, and the options and arguments that it has already."""
    names = Names()
    index = next((i for i in range(len(words) - 1, -1, -1) if names.known(words[i])), -1)
    form = names.form(words[index]) if index >= 0 else Form("imgconv", run_options(), lambda values: [])
    rest = words[index + 1 :]
    options = {
        form.by_word[word] for word in (word.partition("=")[0] for word in rest) if word in form.by_word
    }
    positional = [
        word
        for i, word in enumerate(rest, index + 1)
        if not is_option(word) and not _is_value(form, words, i)
    ]
    return form, options | set(form.arguments[: len(positional)])


def _is_value(form: Form, words: Sequence[str], index: int) -> bool:
    """Whether a word is the value of the option before it."""
    return index > 0 and _waiting(form, words[:index]) is not None


def _waiting(form: Form, words: Sequence[str]) -> Option | None:
    """The option that still waits for its value."""
    if not words or "=" in words[-1]:
        return None
    key = form.by_word.get(SHORT.get(words[-1], words[-1]))
    return form.options[key] if key is not None and not form.options[key].is_flag else None


def _values(option_type: OptionType, incomplete: str) -> Iterator[CompletionItem]:
    if isinstance(option_type, Choice):
        for word in option_type.words:
            yield CompletionItem(word)
    elif isinstance(option_type, Path):
        yield CompletionItem(incomplete, type="file")
    elif option_type.metavar == "KERNEL":
        for name in sorted(library.paths()):
            yield CompletionItem(name)


def _names(top: click.Group, words: Sequence[str]) -> Iterator[CompletionItem]:
    """Sources and tools at the beginning; steps, presets and sinks after a source."""
    started = any(Names().known(word) for word in words)
    for row in table().values():
        if (row.role == "source") != started:
            yield CompletionItem(row.name, help=row.summary)
    if started:
        for name in sorted(library.paths()):
            yield CompletionItem(name, help="preset")
    elif not words:
        yield from _tools(top)


def _tools(top: click.Group) -> Iterator[CompletionItem]:
    context = click.Context(top)
    for name in top.list_commands(context):
        tool = None if name in table() else top.get_command(context, name)
        if tool is not None:
            yield CompletionItem(name, help=tool.get_short_help_str(80))
