"""Record: a frozen dataclass without `import dataclasses`, which alone costs 20 to 30 ms of a 50 ms process."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_):
        return lambda cls: cls


class Field:
    """A field's default and what is said of it (a subclass, `options.Option`, says more)."""

    name = ""

    def __init__(self, default: Any = ...) -> None:
        self.default = default

    def declare(self, name: str, kind: str) -> None:
        """Learn the name and the annotation that the field stands under."""
        self.name = name


@dataclass_transform(frozen_default=True)
class Record:
    """Fields are the annotated names of the class and its bases, in order; values never change.

    Of several bases the last one's fields come first, and the first one's declaration of a name counts.
    """

    fields: dict[str, Field] = {}

    def __init_subclass__(cls) -> None:
        fields: dict[str, Field] = {}
        for base in reversed(cls.__bases__):
            fields.update(getattr(base, "fields", {}))
        for name, kind in cls.__dict__.get("__annotations__", {}).items():
            if kind.startswith("ClassVar"):
                continue
            value = cls.__dict__.get(name, ...)
            field = value if isinstance(value, Field) else Field(value)
            field.declare(name, kind)
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
                raise TypeError(f"{type(self).__name__} has no field '{name}', or it is given twice")
            mine[name] = value
        for name, field in self.fields.items():
            if name not in mine:
                if field.default is ...:
                    raise TypeError(f"{type(self).__name__} needs '{name}'")
                mine[name] = field.default

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; `replace({name}=...)` makes a changed copy")

    def values(self) -> dict[str, Any]:
        """Field names and values, in order."""
        return {name: self.__dict__[name] for name in self.fields}

    def replace(self, **changes: Any) -> Self:
        """A copy with other values in some fields."""
        if unknown := changes.keys() - self.fields.keys():
            raise TypeError(f"{type(self).__name__} has no field '{min(unknown)}'")
        made = object.__new__(type(self))
        made.__dict__.update(self.values(), **changes)
        return made

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash((type(self), *self.values().values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({inside})"
