"""Compile a loop once, keep its machine code, and load it without Numba.

A *loop* is a plain function over rows of numbers, marked with `@loop(SIGNATURE)`. Calling it looks at the
dtypes of the arrays handed in and runs the machine code for that signature: from the store if it is there
(no Numba, no llvmlite, no NumPy is imported then), else compiled now and kept for next time.

Modes (`IMGCONV_JIT`): `auto`; `object`, machine code always through llvmlite; `numba`, Numba's ordinary path
(also what every platform gets where loading was not shown to work); `python`, the plain functions.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock, allocate_lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FunctionType
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

MODES = ("auto", "object", "numba", "python")
NAMES = {
    "u1": "uint8",
    "u2": "uint16",
    "u8": "uint64",
    "i2": "int16",
    "i4": "int32",
    "i8": "int64",
    "f4": "float32",
    "f8": "float64",
}
SIZES = {"u1": 1, "u2": 2, "u8": 8, "i2": 2, "i4": 4, "i8": 8, "f4": 4, "f8": 8}
FEW = 4096  # items: for less a call keeps the GIL
ENTRY = "imgconv_loop"  # what machine code is called in an entry of the store

_lock = RLock()
loops: list[Loop] = []


def _new_lock() -> None:
    """A child that was forked while another thread compiled must not wait for that thread."""
    global _lock
    _lock = RLock()
    _gates.clear()


os.register_at_fork(after_in_child=_new_lock)


class _Later:
    """Stands for NumPy in the files of loops, whose import would cost 80 to 110 ms; loops get the real one."""

    def __getattr__(self, name: str) -> Any:
        import numpy

        return getattr(numpy, name)


np = _Later()
real = float  # in a loop: the type of computed values, float32, or float64 in signatures that have an f8


class Helper:
    """A plain function that loops call; compiled into them."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str]) -> None:
        self.function = function
        self.fastmath = fastmath
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


class Written(Helper):
    """A helper that `lanes` has in LLVM's own words; the function says the same."""


class Choice(Helper):
    """Helpers of which the dtype of the first argument, an array, picks one."""

    def __init__(self, variants: dict[str, Helper]) -> None:
        super().__init__(next(iter(variants.values())).function, frozenset())
        self.variants = variants

    def joined(self, bodies: dict[str, Any]) -> Any:
        """One function that picks among bodies."""
        if any(hasattr(body, "py_func") for body in bodies.values()):
            from imgconv.compiler import by_dtype

            return by_dtype(bodies)
        return lambda out, *args: bodies[out.dtype.str[1:]](out, *args)


class Gate:
    """Shut while one thread compiles for others: Numba deadlocks where one compiles and another imports."""

    PAUSE = 0.005  # seconds between looks

    def __init__(self) -> None:
        self.is_shut = True
        self.lock = allocate_lock()
        self.lock.acquire()

    def open(self) -> None:
        if self.is_shut:
            self.is_shut = False
            self.lock.release()

    def beside(self, job: Callable[[], None]) -> None:
        """Do a job whose loops are compiled by another thread until the gate opens."""
        _gates[get_ident()] = self
        try:
            job()
        finally:
            del _gates[get_ident()]

    def wait(self, entries: dict[str, Any], codes: str) -> None:
        """Until there is an entry, or the gate is open."""
        while codes not in entries and self.is_shut:
            if self.lock.acquire(timeout=self.PAUSE):
                self.lock.release()


_gates: dict[int, Gate] = {}  # of the threads beside another


class Loop(Helper):
    """A function over rows of numbers, with the signatures that it is compiled for."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str], signatures: tuple[str, ...]) -> None:
        super().__init__(function, fastmath)
        self._texts = signatures
        self._entries: dict[str, Callable[..., None]] = {}
        loops.append(self)

    @property
    def signatures(self) -> list[str]:
        """Every signature, the alternatives in braces written out."""
        return [one for text in self._texts for one in expand(text)]

    @property
    def title(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.__name__}"

    def __call__(self, *args: Any) -> None:
        codes = ""
        for arg in args:
            codes += getattr(arg, "dtype", "")
        entry = self._entries.get(codes)
        if entry is None:
            entry = self.load(self._signature(codes))
        entry(*args)

    def _signature(self, codes: str) -> str:
        for signature in self.signatures:
            if dtypes(signature) == codes:
                return signature
        raise TypeError(f"loop {self.title} has no signature for arrays of {codes}")

    def flags(self, signature: str) -> frozenset[str]:
        """LLVM's freedoms: none in double precision, which promises the bits of OpenCV and SciPy."""
        return frozenset() if "f8" in signature else self.fastmath

    def load(self, signature: str) -> Callable[..., None]:
        """The callable for one signature; compiles it if the store does not hold it."""
        codes = dtypes(signature)
        if gate := _gates.get(get_ident()):
            gate.wait(self._entries, codes)
        with _lock:
            if codes not in self._entries:
                self._entries[codes] = _make(self, signature)
            return self._entries[codes]


def loop(*signatures: str, fastmath: tuple[str, ...] = ("contract",)) -> Callable[[FunctionType], Loop]:
    """Mark a function as a loop, e.g. `@loop("f4[:,:], {u1,u2,f4}[:,:], f4[:], i8")`.

    Arrays are rows x items (`T[:,:]`) or items (`T[:]`); the rest are numbers (`i8`, `f4`, `f8`). Braces list
    alternatives. `fastmath` are LLVM's flags; `contract` alone (fused multiply-add) keeps the order of sums.
    """

    def mark(function: FunctionType) -> Loop:
        return Loop(function, frozenset(fastmath), signatures)

    return mark


def helper(function: FunctionType) -> Helper:
    """Mark a function that loops call."""
    return Helper(function, frozenset(("contract",)))


def written(function: FunctionType) -> Written:
    """Mark a function that `lanes` has in LLVM's own words, under the same name."""
    return Written(function, frozenset())


def expand(text: str) -> Iterator[str]:
    """`{a,b}[:], i8` -> `a[:], i8` and `b[:], i8`."""
    head, brace, rest = text.partition("{")
    if not brace:
        yield text
        return
    inside, _, tail = rest.partition("}")
    for choice in inside.split(","):
        yield from expand(head + choice.strip() + tail)


def arguments(signature: str) -> list[tuple[str, int]]:
    """Each argument's dtype and number of axes: 0 for a number."""
    parts = signature.replace("[:,:]", "#2").replace("[:]", "#1").split(",")
    return [(code, int(axes or 0)) for code, _, axes in (part.strip().partition("#") for part in parts)]


def dtypes(signature: str) -> str:
    """The arrays' dtypes in order: what tells the signatures of one loop apart."""
    return "".join(code for code, axes in arguments(signature) if axes)


def mode() -> str:
    """How loops run in this process."""
    wanted = os.environ.get("IMGCONV_JIT", "auto").strip().lower() or "auto"
    if wanted not in MODES:
        from imgconv.errors import UsageError

        raise UsageError(f"IMGCONV_JIT is '{wanted}'; it takes one of {', '.join(MODES)}")
    if _is_set("NUMBA_DISABLE_JIT"):
        return "python"
    if _is_set("NUMBA_BOUNDSCHECK"):  # it makes loops raise, which kept machine code cannot
        return "python" if wanted == "python" else "numba"
    if wanted in ("auto", "object"):
        from imgconv.store import loadable

        return wanted if loadable() else "numba"
    return wanted


def _is_set(name: str) -> bool:
    return os.environ.get(name, "0") not in ("", "0")


def _make(loop: Loop, signature: str) -> Callable[..., None]:
    how = mode()
    if how == "python":
        return _on_arrays(rebuild(loop, signature, lambda function, part: function, {}), exact=True)
    if how != "numba":
        address = _address(loop, signature, how)
        if address is not None:
            return _native(address, signature)
    say_once("loops")
    from imgconv.compiler import dispatcher

    return _on_arrays(dispatcher(loop, signature), exact=False)


def rebuild(
    part: Helper, signature: str, finish: Callable[[FunctionType, Helper], Any], done: dict[Helper, Any]
) -> Any:
    """The function with `real` set for this signature and its helpers rebuilt too, each once; `finish` ends each."""
    if part not in done:
        if isinstance(part, Choice):
            bodies = {code: rebuild(one, signature, finish, done) for code, one in part.variants.items()}
            done[part] = part.joined(bodies)
        else:
            done[part] = finish(_rebuilt(part.function, signature, finish, done), part)
    return done[part]


def _rebuilt(function: FunctionType, signature: str, finish: Any, done: dict[Helper, Any]) -> FunctionType:
    import numpy

    given = function.__globals__
    names = {name: given[name] for name in _names(function.__code__) & given.keys()}
    for name, value in names.items():
        if isinstance(value, Helper):
            names[name] = rebuild(value, signature, finish, done)
    names["np"] = numpy
    names["real"] = numpy.float64 if "f8" in signature else numpy.float32
    return type(function)(function.__code__, names, function.__name__, function.__defaults__)


def _names(code: Any) -> set[str]:
    return set(code.co_names).union(*(_names(part) for part in code.co_consts if hasattr(part, "co_names")))


def _address(loop: Loop, signature: str, how: str) -> int | None:
    """Where the machine code lies in memory: from the store, or compiled now. None: it cannot be loaded here."""
    from imgconv import store

    key = store.key(loop, signature)
    address = store.load(key, how)
    if address is not None:
        return address
    say_once("loops for this machine, once")
    from imgconv import build

    with build.alone(key):
        address = store.load(key, how)
        return build.built(loop, signature, key, how) if address is None else address


_said = False


def say_once(what: str) -> None:
    """Tell a person at a terminal why this run takes seconds."""
    global _said
    if not _said and sys.stderr is not None and sys.stderr.isatty():
        from imgconv.report import say

        say(f"compiling {what} (a few seconds) ...")
    _said = True


def _on_arrays(function: Any, exact: bool) -> Callable[..., None]:
    """Call a function over NumPy arrays that look at the same memory."""

    def call(*args: Any) -> None:
        function(*(arg.items(exact) if hasattr(arg, "items") else arg for arg in args))

    return call


def _native(address: int, signature: str) -> Callable[..., None]:
    """Call machine code at an address. ctypes lets go of the GIL, so strips run side by side.

    Not for a few items: to get it back takes longer than the work, as another thread took it meanwhile.
    """
    import ctypes

    kinds: list[Any] = []
    for code, axes in arguments(signature):
        number = {"f4": ctypes.c_float, "f8": ctypes.c_double}.get(code, ctypes.c_int64)
        kinds += [ctypes.c_void_p, *[ctypes.c_int64] * axes] if axes else [number]
    freely = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(address)
    holding = ctypes.PYFUNCTYPE(ctypes.c_int, *kinds)(address)

    def call(*args: Any) -> None:
        flat: list[Any] = []
        most = 0
        for arg in args:
            if hasattr(arg, "memory"):
                flat += arg.memory
                most = max(most, arg.size)
            else:
                flat.append(arg)
        function = holding if most < FEW else freely
        if function(*flat):
            raise RuntimeError(f"a loop failed: {signature}")

    return call
