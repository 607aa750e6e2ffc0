"""Completion for bash, zsh and fish: Click's scripts, our grammar's words."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from imgconv.cli.tool_commands import TOOLS
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


def answer(top: click.Group, instruction: str) -> int:
    """Print the shell's script (`bash_source`) or completions (`bash_complete`)."""
    shell, _, what = instruction.partition("_")
    found = get_completion_class(shell)
    if found is None or what not in ("source", "complete"):
        raise UsageError(f"completion: '{shell}' is none of bash, zsh, fish")

    class Ours(found):  # type: ignore[valid-type, misc]
        def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
            return list(completions(args, incomplete))

    shown = Ours(top, {}, "imgconv", "_IMGCONV_COMPLETE")
    click.echo(shown.source() if what == "source" else shown.complete())
    return 0


def completions(words: Sequence[str], incomplete: str) -> Iterator[CompletionItem]:
    """What may stand next after these words."""
    for item in _all(words, incomplete):
        if item.type != "plain" or item.value.startswith(incomplete):
            yield item


def _all(words: Sequence[str], incomplete: str) -> Iterator[CompletionItem]:
    form, given = _place(words)
    waiting = _waiting(form, words)
    if waiting is not None:
        yield from _values(waiting.kind, incomplete)
        return
    if incomplete.startswith("-"):
        for key, field in form.options.items():
            if not field.argument and key not in given:
                yield CompletionItem(field.word, help=field.help)
        return
    for key in form.arguments:
        if key not in given or form.options[key].many:
            yield from _values(form.options[key].kind, incomplete)
    yield from _names(words)


def _place(words: Sequence[str]) -> tuple[Form, set[str]]:
    """The step that the cursor is in, and what it has been given."""
    names = Names()
    at = next((at for at in range(len(words) - 1, -1, -1) if names.known(words[at])), -1)
    form = names.form(words[at]) if at >= 0 else Form("imgconv", run_options(), lambda values: [])
    given = {
        form.by_word[word.partition("=")[0]]
        for word in words[at + 1 :]
        if word.partition("=")[0] in form.by_word
    }
    plain = [
        word
        for n, word in enumerate(words[at + 1 :], at + 1)
        if not is_option(word) and not _is_value(form, words, n)
    ]
    return form, given | set(form.arguments[: len(plain)])


def _is_value(form: Form, words: Sequence[str], at: int) -> bool:
    """Whether word `at` is the value of the option before it."""
    return at > 0 and _waiting(form, words[:at]) is not None


def _waiting(form: Form, words: Sequence[str]) -> Option | None:
    """The option that still waits for its value."""
    if not words or "=" in words[-1]:
        return None
    key = form.by_word.get(SHORT.get(words[-1], words[-1]))
    return form.options[key] if key is not None and not form.options[key].is_flag else None


def _values(kind: OptionType, incomplete: str) -> Iterator[CompletionItem]:
    if isinstance(kind, Choice):
        for word in kind.words:
            yield CompletionItem(word)
    elif isinstance(kind, Path):
        yield CompletionItem(incomplete, type="file")
    elif kind.metavar == "KERNEL":
        for name in sorted(library.paths()):
            yield CompletionItem(name)


def _names(words: Sequence[str]) -> Iterator[CompletionItem]:
    started = any(Names().known(word) for word in words)
    for row in table().values():
        if (row.role == "source") != started:
            yield CompletionItem(row.name, help=row.summary)
    if started:
        for name in sorted(library.paths()):
            yield CompletionItem(name, help="preset")
    elif not words:
        for name, tool in TOOLS.items():
            yield CompletionItem(name, help=tool.get_short_help_str(80))
