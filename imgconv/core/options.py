"""Options: the fields of steps and of the run, declared once.

From one declaration come the word on the command line, the preset's key, the Python argument, help and checks.
"""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Choice, Flag, Integer, Number, OptionType
from imgconv.core.record import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Option(Field):
    """A field's default, kind and help. An argument is an option that is given by place and must be there."""

    def __init__(
        self, default: Any, kind: OptionType | None, help: str, unit: str, argument: bool, many: bool
    ) -> None:
        super().__init__(default)
        self.kind = kind or OptionType()
        self.inferred = kind is None
        self.help = help
        self.unit = unit
        self.argument = argument
        self.many = many

    def declare(self, name: str, kind: str) -> None:
        super().declare(name, kind)
        if self.inferred:
            kinds = {"float": Number(), "int": Integer(), "bool": Flag()}
            self.kind = kinds.get(kind.partition(" ")[0], OptionType())

    @property
    def word(self) -> str:
        """`--count-include-pad`, or the argument's name in capitals."""
        return self.name.upper() if self.argument else "--" + self.name.replace("_", "-")

    @property
    def is_flag(self) -> bool:
        return isinstance(self.kind, Flag)

    @property
    def required(self) -> bool:
        return self.default is ...

    def read(self, value: Any, where: str) -> Any:
        """The checked value; an error says at which step and option."""
        try:
            if self.many:
                return tuple(self.kind.read(one) for one in ([value] if isinstance(value, str) else value))
            return None if value is None and self.default is None else self.kind.read(value)
        except UsageError as error:
            raise UsageError(f"{where}: {self.word}: {error}") from None

    def words(self, value: Any) -> list[str]:
        """What would be typed to give this value."""
        if self.argument:
            return [self.kind.text(one) for one in value] if self.many else [self.kind.text(value)]
        return [self.word] if self.is_flag else [self.word, self.kind.text(value)]


def option(
    default: Any,
    help: str,
    kind: OptionType | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: Sequence[str] = (),
    unit: str = "",
    whole: bool = False,
) -> Any:
    """Declare an option; the kind comes from the bounds, the choices or the annotation, unless it is given."""
    if choices:
        kind = Choice(choices)
    elif (low, high, above) != (None, None, None):
        kind = (Integer if whole else Number)(low, high, above)
    return Option(default, kind, help, unit, argument=False, many=False)


def argument(kind: OptionType, help: str, *, default: Any = ..., many: bool = False, unit: str = "") -> Any:
    """Declare an argument: given by its place, with no word before it."""
    return Option(default, kind, help, unit, argument=True, many=many)
