"""Presets as steps, and the one place where a word's meaning is looked up: built-in steps first, then presets.

A preset holds a kernel (then it is `conv` with that kernel) or steps, with options of its own. It can name no path,
run no code and lift no limit: sources and sinks are not among its words.
"""

from __future__ import annotations

from imgconv.core.errors import UsageError, did_you_mean
from imgconv.core.option_types import Choice, Number, OptionType
from imgconv.core.options import Option
from imgconv.kernels import library
from imgconv.pipeline.grammar import Form, Lookup, of_step, parse, split
from imgconv.steps.registry import find, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from imgconv.engine.step import Step

KEYS = ("summary", "source", "steps", "options")
OPTION_KEYS = ("default", "min", "max", "above", "choices", "help", "unit")
DEEPEST = 8  # presets within presets
MOST_WORDS = 4096  # that the presets of one command may expand to, all together


class Budget:
    """The words that presets may still expand to."""

    def __init__(self) -> None:
        self.left = MOST_WORDS

    def take(self, words: int, path: str) -> None:
        """Errors: UsageError where there are no more."""
        self.left -= words
        if self.left < 0:
            raise UsageError(
                f"{path}: steps: presets may expand to {MOST_WORDS} words in all; these are more"
            )


class Names(Lookup):
    """Every word that names something. `also`: further words for did-you-mean lines."""

    def __init__(self, also: Sequence[str] = ()) -> None:
        self.also = also
        self.budget = Budget()

    def known(self, word: str) -> bool:
        return word in table() or word in library.paths()

    def names(self) -> Iterable[str]:
        return [*table(), *library.paths(), *self.also]

    def form(self, name: str) -> Form:
        cls = find(name)
        if cls is not None:
            return of_step(cls)
        return of_preset(name, 1, self.budget)


class Inside(Names):
    """The words that a preset may use: no sources, no sinks."""

    def __init__(self, path: str, depth: int, budget: Budget) -> None:
        super().__init__()
        self.path, self.depth, self.budget = path, depth, budget

    def form(self, name: str) -> Form:
        cls = find(name)
        if cls is None:
            return of_preset(name, self.depth + 1, self.budget)
        if cls.role != "step":
            raise UsageError(
                f"{self.path}: steps: '{name}' may not stand in a preset; it reads or writes files"
            )
        return of_step(cls)


def summary(name: str) -> str:
    """A preset's one line of help."""
    return str(library.entries(name).get("summary", ""))


def of_preset(name: str, depth: int, budget: Budget) -> Form:
    """The form of a preset. Errors: UsageError that names file and key."""
    path = library.paths()[name]
    if depth > DEEPEST:
        raise UsageError(f"{path}: presets within presets go {DEEPEST} deep; does one name itself?")
    if library.is_kernel(name):
        return _of_kernel(name)
    entries = library.entries(name)
    unknown = [key for key in entries if key not in KEYS]
    if unknown:
        raise UsageError(
            f"{path}: unknown key '{unknown[0]}'{did_you_mean(unknown[0], (*KEYS, 'kernel', 'divisor'))}"
        )
    text = entries.get("steps")
    if not isinstance(text, str) or not text.strip() or not isinstance(entries.get("summary"), str):
        raise UsageError(f'{path}: a preset needs summary = "..." and either kernel = ... or steps = "..."')
    options = _options(path, entries.get("options", {}))

    def build(values: dict[str, Any]) -> list[Step]:
        texts = {key: field.type.text(values.get(key, field.default)) for key, field in options.items()}
        try:
            words = [_filled(word, texts) for word in split(text)]
        except ValueError as error:
            raise UsageError(f"{path}: steps: {error}") from None
        budget.take(len(words), path)
        try:
            return parse(words, Inside(path, depth, budget))
        except UsageError as error:
            raise error if str(error).startswith(path) else UsageError(f"{path}: steps: {error}") from None

    return Form(name, options, build)


def _filled(word: str, texts: dict[str, str]) -> str:
    """A word with the options' values in place of their fields. Errors: ValueError."""
    from imgconv.core.template import pieces

    found = pieces(word)
    for _, field in found:
        if field and field not in texts:
            known = ", ".join(f"{{{name}}}" for name in texts) or "none"
            raise ValueError(f"{{{field}}} is not an option of this preset; its options: {known}")
    return "".join(text + texts.get(field, "") for text, field in found)


def _of_kernel(name: str) -> Form:
    """`conv` with the kernel given, and the rest of its options."""
    cls = find("conv")
    assert cls is not None
    form = of_step(cls)
    options = {
        key: field for key, field in form.options.items() if key not in ("kernel", "size", "out_channels")
    }
    return Form(name, options, lambda values: form.build({"kernel": library.kernel(name), **values}))


def _options(path: str, entries: object) -> dict[str, Option]:
    if not isinstance(entries, dict):
        raise UsageError(f"{path}: options is a table of tables: [options.NAME]")
    return {
        key.replace("-", "_"): _option(f"{path}: options.{key}", key, value) for key, value in entries.items()
    }


def _option(where: str, key: str, entries: object) -> Option:
    if not isinstance(entries, dict) or "default" not in entries:
        raise UsageError(f"{where}: an option needs a default")
    if not key.replace("-", "").replace("_", "").isalnum() or not key[0].isalpha():
        raise UsageError(f"{where}: an option's name is letters, digits and hyphens")
    unknown = [entry for entry in entries if entry not in OPTION_KEYS]
    if unknown:
        raise UsageError(f"{where}: unknown key '{unknown[0]}'{did_you_mean(unknown[0], OPTION_KEYS)}")
    option = Option(
        entries["default"],
        _type(where, entries),
        str(entries.get("help", "")),
        str(entries.get("unit", "")),
        False,
        False,
    )
    option.declare(key.replace("-", "_"), "")
    option.default = option.read(entries["default"], where)
    return option


def _type(where: str, entries: dict[str, object]) -> OptionType:
    choices = entries.get("choices")
    if choices is not None:
        if not isinstance(choices, list) or not all(isinstance(entry, str) for entry in choices):
            raise UsageError(f"{where}: choices is a list of words")
        return Choice(choices)
    if isinstance(entries["default"], str):
        raise UsageError(f"{where}: an option that is a word needs choices")
    bounds = [entries.get(key) for key in ("min", "max", "above")]
    if any(not (entry is None or isinstance(entry, (int, float))) for entry in bounds):
        raise UsageError(f"{where}: min, max and above are numbers")
    return Number(*bounds)  # type: ignore[arg-type]
