"""Helpers, which loops call and which are compiled into them; what a loop is; and both rebuilt for a signature."""

from __future__ import annotations

from imgconv.jit.signature import alternatives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any


class Helper:
    """A plain function that loops call; compiled into them."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str]) -> None:
        self.function = function
        self.fastmath = fastmath
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


class Intrinsic(Helper):
    """A helper whose machine code is written out in `intrinsics`; the Python function computes the same."""


class Overload(Helper):
    """Helpers of which the dtype of the first argument, an array, picks one."""

    def __init__(self, variants: dict[str, Helper]) -> None:
        super().__init__(next(iter(variants.values())).function, frozenset())
        self.variants = variants


class LoopDefinition(Helper):
    """A function over rows of numbers, with the signatures that it is compiled for; how it is called is `Loop`'s."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str], signatures: tuple[str, ...]) -> None:
        super().__init__(function, fastmath)
        self._texts = signatures

    @property
    def signatures(self) -> list[str]:
        """Every signature, the alternatives in braces written out."""
        return [signature for text in self._texts for signature in alternatives(text)]

    @property
    def title(self) -> str:
        """The last part of its module's name, and its own: unique among loops."""
        return f"{self.function.__module__.rpartition('.')[2]}.{self.__name__}"

    def flags(self, signature: str) -> frozenset[str]:
        """LLVM's fast-math flags: none in double precision, which promises the bits of OpenCV and SciPy."""
        return frozenset() if "f8" in signature else self.fastmath


class Builder:
    """Functions rebuilt for one signature, each once, with `real` set and with their helpers rebuilt too.

    `finish(function, helper)` compiles a function, or leaves it as it is; `select(bodies)` makes one function of the
    variants of an `Overload`, by dtype.
    """

    def __init__(
        self,
        signature: str,
        finish: Callable[[FunctionType, Helper], Any],
        select: Callable[[dict[str, Any]], Any],
        done: dict[Helper, Any] | None = None,
    ) -> None:
        self.signature, self.finish, self.select = signature, finish, select
        self.done = {} if done is None else done

    def build(self, helper: Helper) -> Any:
        """The helper as a function for this signature."""
        if helper not in self.done:
            if isinstance(helper, Overload):
                self.done[helper] = self.select(
                    {code: self.build(one) for code, one in helper.variants.items()}
                )
            else:
                self.done[helper] = self.finish(self._with_globals(helper.function), helper)
        return self.done[helper]

    def _with_globals(self, function: FunctionType) -> FunctionType:
        import numpy

        given = function.__globals__
        names = {name: given[name] for name in _names(function.__code__) & given.keys()}
        for name, value in names.items():
            if isinstance(value, Helper):
                names[name] = self.build(value)
        names["np"] = numpy
        names["real"] = numpy.float64 if "f8" in self.signature else numpy.float32
        return type(function)(function.__code__, names, function.__name__, function.__defaults__)


def _names(code: Any) -> set[str]:
    """The global names that a code object and those inside it use."""
    return set(code.co_names).union(*(_names(part) for part in code.co_consts if hasattr(part, "co_names")))
