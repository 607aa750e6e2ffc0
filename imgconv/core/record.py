"""Record: a frozen dataclass without `import dataclasses`, which alone costs 20 to 30 ms of a 50 ms process."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda cls: cls


class Field:
    """A field's name and default; the subclass `options.Option` adds type and help."""

    name = ""

    def __init__(self, default: Any = ...) -> None:
        self.default = default

    def declare(self, name: str, annotation: str) -> None:
        """Take the name and the annotation that the field has in its class."""
        self.name = name


@dataclass_transform(frozen_default=True)
class Record:
    """A frozen dataclass: its fields are the annotated names of the class and its bases, in order.

    Of several bases the last one's fields come first, and the first one's declaration of a name counts.
    """

    fields: dict[str, Field] = {}

    def __init_subclass__(cls) -> None:
        fields: dict[str, Field] = {}
        for base in reversed(cls.__bases__):
            fields.update(getattr(base, "fields", {}))
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if annotation.startswith("ClassVar"):
                continue
            value = cls.__dict__.get(name, ...)
            field = value if isinstance(value, Field) else Field(value)
            field.declare(name, annotation)
            fields[name] = field
            if value is not ...:
                setattr(cls, name, field.default)
        cls.fields = fields

    def __init__(self, *args: Any, **values: Any) -> None:
        mine = self.__dict__
        mine.update(zip(self.fields, args, strict=False))
        if len(args) > len(self.fields):
            raise TypeError(f"{type(self).__name__} takes {len(self.fields)} values, not {len(args)}")
        for name, value in values.items():
            if name not in self.fields or name in mine:
                raise TypeError(f"{type(self).__name__} has no field '{name}', or got it twice")
            mine[name] = value
        for name, field in self.fields.items():
            if name not in mine:
                if field.default is ...:
                    raise TypeError(f"{type(self).__name__} needs '{name}'")
                mine[name] = field.default

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; `replace({name}=...)` makes a changed copy")

    def values(self) -> dict[str, Any]:
        """The names and values of all fields, in order."""
        return {name: self.__dict__[name] for name in self.fields}

    def replace(self, **changes: Any) -> Self:
        """A copy with some values changed."""
        if unknown := changes.keys() - self.fields.keys():
            raise TypeError(f"{type(self).__name__} has no field '{min(unknown)}'")
        copy = object.__new__(type(self))
        copy.__dict__.update(self.values(), **changes)
        return copy

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash((type(self), *self.values().values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({inside})"
