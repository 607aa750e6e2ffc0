"""Words to steps: the one grammar of the shell, of preset files and of Python."""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import ChannelNames
from imgconv.core.options import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from imgconv.core.options import Option
    from imgconv.engine.step import Step

ON: Option = option(None, "work on these channels, and leave the others as they are", ChannelNames())
ON.declare("on", "")


class Form:
    """What may stand behind a name: its options, and what the values build."""

    def __init__(
        self, name: str, options: dict[str, Option], build: Callable[[dict[str, Any]], list[Step]]
    ) -> None:
        self.name = name
        self.where = f"{name}: " if name else ""  # how a message begins
        self.options = options
        self.build = build
        self.by_word = {field.word: key for key, field in options.items() if not field.argument}
        self.former = {field.former_word: key for key, field in options.items() if field.former_name}
        self.arguments = [key for key, field in options.items() if field.argument]

    def make(self, values: dict[str, Any]) -> list[Step]:
        """Steps from values, each checked; an error says which option of which step."""
        checked = {key: self.options[key].read(value, self.name) for key, value in values.items()}
        for key in self.arguments:
            if self.options[key].required and key not in checked:
                raise UsageError(f"{self.name} needs {self.options[key].word}: {self.options[key].help}")
        return self.build(checked)


class Lookup:
    """Where names are found; `presets.Names` is the real one."""

    def known(self, word: str) -> bool:
        """Whether a word names a step or a preset."""
        raise NotImplementedError

    def form(self, name: str) -> Form:
        raise NotImplementedError

    def names(self) -> Iterable[str]:
        raise NotImplementedError


def of_step(cls: type[Step]) -> Form:
    """The form of a built-in step; filters take `--on` besides their own options."""
    options = cls.options()
    if cls.role == "step" and cls.selects_channels:
        options["on"] = ON

    def build(values: dict[str, Any]) -> list[Step]:
        settings = {key: values.get(key, field.default) for key, field in options.items()}
        channels = settings.pop("on", None)
        step = cls(**settings)
        step.check()
        if channels is None:
            return [step]
        from imgconv.steps.on_channels import on

        return [on(step, channels)]

    return Form(cls.name, options, build)


def parse(words: Sequence[str], lookup: Lookup) -> list[Step]:
    """The steps that the words say. Errors: UsageError, in the step's own words."""
    steps: list[Step] = []
    index = 0
    while index < len(words):
        if not lookup.known(words[index]):
            raise UsageError(f"unknown step '{words[index]}'{_hint(words, index, lookup)}")
        form = lookup.form(words[index])
        values, index = _values(form, words, index + 1, lookup)
        steps += form.make(values)
    return steps


def parse_run(words: Sequence[str], options: dict[str, Option]) -> tuple[dict[str, Any], int]:
    """The values of the run's options at the front of the words, and how many words they took."""
    form = Form("", options, lambda values: [])
    values: dict[str, Any] = {}
    index = 0
    while index < len(words) and is_option(words[index]):
        index = _option(form, values, words, index)
    return {key: options[key].read(value, "") for key, value in values.items()}, index


def is_option(word: str) -> bool:
    """`--name` or `-q`; not `-`, not `--`, and not a number or a kernel such as `-1 0 1`."""
    return word[:1] == "-" and word.lstrip("-")[:1].isalpha()


def _values(form: Form, words: Sequence[str], index: int, lookup: Lookup) -> tuple[dict[str, Any], int]:
    """The values of one step, and where the next step begins."""
    values: dict[str, Any] = {}
    while index < len(words):
        word = words[index]
        if word == "--" and index + 1 < len(words):  # the next word is an argument, whatever it looks like
            _takes(form, values, words[index + 1], True, lookup)
            index += 2
        elif is_option(word):
            index = _option(form, values, words, index)
        elif _takes(form, values, word, False, lookup):
            index += 1
        else:
            break
    return values, index


def _takes(form: Form, values: dict[str, Any], word: str, literal: bool, lookup: Lookup) -> bool:
    """Give a word to the step as its argument; False if it is the next step's name (or nothing that fits)."""
    for key in form.arguments:
        field = form.options[key]
        if key in values and not field.many:
            continue
        if not literal and lookup.known(word) and not (key not in values and field.type.accepts_name(word)):
            return False
        if field.many:
            if key in values and not literal and not field.type.is_plausible(word):
                raise UsageError(f"'{word}' is neither a step nor a file{did_you_mean(word, lookup.names())}")
            values.setdefault(key, []).append(word)
        else:
            values[key] = word
        return True
    if not literal and lookup.known(word):
        return False
    raise UsageError(f"unknown step '{word}'{did_you_mean(word, lookup.names())}{_surplus(form)}")


def _surplus(form: Form) -> str:
    takes = " ".join(form.options[key].word for key in form.arguments)
    return f" ({form.name} takes {takes or 'no argument'}; its options begin with --)"


def _option(form: Form, values: dict[str, Any], words: Sequence[str], index: int) -> int:
    """Read the option at `index`; returns where it ends."""
    word, equals, value = words[index].partition("=")
    key = form.by_word.get(SHORT.get(word, word)) or form.former.get(word)
    if key is None:
        raise UsageError(
            f"{form.where}unknown option '{word}'{did_you_mean(word, form.by_word)}{_known(form)}"
        )
    field = form.options[key]
    if key in values:
        raise UsageError(f"{form.where}{field.word} is given twice")
    if field.is_flag:
        values[key] = value if equals else True
        return index + 1
    if not equals:
        if index + 1 >= len(words):
            raise UsageError(f"{form.where}{field.word} needs a value: {field.help}")
        index, value = index + 1, words[index + 1]
    values[key] = value
    return index + 1


SHORT = {"-q": "--quiet", "-t": "--threads"}


def _known(form: Form) -> str:
    return f" (its options: {' '.join(form.by_word) or 'none'})"


def _hint(words: Sequence[str], index: int, lookup: Lookup) -> str:
    if index == 0:
        return f"{did_you_mean(words[index], lookup.names())}; a pipeline begins with `open PATH` or `shape CxHxW`"
    return did_you_mean(words[index], lookup.names())


def split(text: str) -> Iterator[str]:
    """Words of a preset's text, as a shell would split them: blanks, and quotes around what holds blanks.

    Errors: ValueError.
    """
    import shlex

    try:
        return iter(shlex.split(text))
    except ValueError:
        raise ValueError("a quotation mark without the one that closes it") from None
