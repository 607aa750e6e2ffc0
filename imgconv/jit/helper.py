"""Helpers, the functions that are compiled into loops; the definition of a loop; and the builder of both."""

from __future__ import annotations

from imgconv.jit.signature import alternatives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any


class Helper:
    """A plain function that loops call, and that is compiled into them."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str]) -> None:
        self.function = function
        self.fastmath = fastmath
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


class Intrinsic(Helper):
    """A helper whose LLVM code is written by hand in `intrinsics`; its Python function computes the same."""


class Overload(Helper):
    """A helper with variants: the dtype of the first argument, an array, selects one."""

    def __init__(self, variants: dict[str, Helper]) -> None:
        super().__init__(next(iter(variants.values())).function, frozenset())
        self.variants = variants


class LoopDefinition(Helper):
    """A function over rows of numbers and the signatures that it is compiled for; `Loop` can also be called."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str], signatures: tuple[str, ...]) -> None:
        super().__init__(function, fastmath)
        self._texts = signatures

    @property
    def signatures(self) -> list[str]:
        """Every signature, with the alternatives in braces expanded."""
        return [signature for text in self._texts for signature in alternatives(text)]

    @property
    def title(self) -> str:
        """The last part of its module's name, and its own name: unique among loops."""
        return f"{self.function.__module__.rpartition('.')[2]}.{self.__name__}"

    def flags(self, signature: str) -> frozenset[str]:
        """LLVM's fast-math flags: none in double precision, which promises the bits of OpenCV and SciPy."""
        return frozenset() if "f8" in signature else self.fastmath


class Builder:
    """Rebuilds functions for one signature, each once, with `real` set and with their helpers rebuilt too.

    `finish(function, helper)` compiles a rebuilt function, or returns it as it is. `select(variants)` makes one
    function of the variants of an `Overload`, which it is given by dtype. `done`: what was built before.
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
                variants = {dtype: self.build(variant) for dtype, variant in helper.variants.items()}
                self.done[helper] = self.select(variants)
            else:
                self.done[helper] = self.finish(self._with_globals(helper.function), helper)
        return self.done[helper]

    def _with_globals(self, function: FunctionType) -> FunctionType:
        import numpy

        old = function.__globals__
        new = {name: old[name] for name in _names(function.__code__) & old.keys()}
        for name, value in new.items():
            if isinstance(value, Helper):
                new[name] = self.build(value)
        new["np"] = numpy
        new["real"] = numpy.float64 if "f8" in self.signature else numpy.float32
        return type(function)(function.__code__, new, function.__name__, function.__defaults__)


def _names(code: Any) -> set[str]:
    """The global names used by a code object and by those nested in it."""
    return set(code.co_names).union(*(_names(part) for part in code.co_consts if hasattr(part, "co_names")))
