"""Options: the fields of steps and of the run, declared once.

One declaration gives the word on the command line, the preset's key, the Python argument, the help and the checks.
"""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, Flag, Integer, Number, OptionType
from imgconv.core.record import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class Option(Field):
    """A field's default, type and help. An argument is an option that is given by its position, without a word."""

    def __init__(
        self,
        default: Any,
        type: OptionType | None,
        help: str,
        unit: str,
        argument: bool,
        many: bool,
        former_name: str = "",
    ) -> None:
        super().__init__(default)
        self.type = type or OptionType()
        self.inferred = type is None
        self.help = help
        self.unit = unit
        self.argument = argument
        self.many = many
        self.former_name = former_name

    def declare(self, name: str, annotation: str) -> None:
        super().declare(name, annotation)
        if self.inferred:
            types = {"float": Number(), "int": Integer(), "bool": Flag()}
            self.type = types.get(annotation.partition(" ")[0], OptionType())

    @property
    def word(self) -> str:
        """`--count-include-pad`, or the argument's name in capitals."""
        return self.name.upper() if self.argument else "--" + self.name.replace("_", "-")

    @property
    def former_word(self) -> str:
        """What it was called before, which still works and is not listed; "" where it had no other name."""
        return self.former_name and "--" + self.former_name.replace("_", "-")

    @property
    def is_flag(self) -> bool:
        return isinstance(self.type, Flag)

    @property
    def required(self) -> bool:
        return self.default is ...

    def read(self, value: Any, where: str) -> Any:
        """The checked value. Errors: UsageError that names the option and `where`, the step ("" for the run)."""
        try:
            if self.many:
                return tuple(self.type.read(item) for item in ([value] if isinstance(value, str) else value))
            return None if value is None and self.default is None else self.type.read(value)
        except UsageError as error:
            raise UsageError(f"{where}: {self.word}: {error}" if where else f"{self.word}: {error}") from None

    def words(self, value: Any) -> list[str]:
        """The words to type for this value."""
        if self.argument:
            return [self.type.text(item) for item in value] if self.many else [self.type.text(value)]
        return [self.word] if self.is_flag else [self.word, self.type.text(value)]


def option(
    default: Any,
    help: str,
    type: OptionType | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: Sequence[str] = (),
    aliases: Mapping[str, str] = {},
    unit: str = "",
    whole: bool = False,
    former_name: str = "",
) -> Any:
    """Declare an option. Its type follows from the choices, the bounds or the annotation, unless it is given."""
    if choices:
        type = Choice(choices, aliases)
    elif (low, high, above) != (None, None, None):
        type = (Integer if whole else Number)(low, high, above)
    return Option(default, type, help, unit, argument=False, many=False, former_name=former_name)


def argument(type: OptionType, help: str, *, default: Any = ..., many: bool = False, unit: str = "") -> Any:
    """Declare an argument: given by its position, without a word before it. `many`: one or more values."""
    return Option(default, type, help, unit, argument=True, many=many)
