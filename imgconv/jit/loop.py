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
from _thread import RLock, get_ident

from imgconv.core.errors import UsageError
from imgconv.core.messages import say
from imgconv.jit.call import native, on_arrays
from imgconv.jit.gate import gates
from imgconv.jit.helper import Builder, Helper, Intrinsic, LoopDefinition
from imgconv.jit.signature import dtypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

MODES = ("auto", "object", "numba", "python")
_lock = RLock()
loops: list[Loop] = []


def _new_lock() -> None:
    """A child that was forked while another thread compiled must not wait for that thread."""
    global _lock
    _lock = RLock()
    gates.clear()


os.register_at_fork(after_in_child=_new_lock)


class _Later:
    """Stands for NumPy in the files of loops, whose import would cost 80 to 110 ms; loops get the real one."""

    def __getattr__(self, name: str) -> Any:
        import numpy

        return getattr(numpy, name)


np = _Later()
real = float  # in a loop: the type of computed values, float32, or float64 in signatures that have an f8


class Loop(LoopDefinition):
    """A loop that can be called: each signature is loaded, or compiled, when it is called first."""

    def __init__(self, function: FunctionType, fastmath: frozenset[str], signatures: tuple[str, ...]) -> None:
        super().__init__(function, fastmath, signatures)
        self._entries: dict[str, Callable[..., None]] = {}
        loops.append(self)

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

    def load(self, signature: str) -> Callable[..., None]:
        """The callable for one signature; compiles it if the store does not hold it."""
        codes = dtypes(signature)
        if gate := gates.get(get_ident()):
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


def intrinsic(function: FunctionType) -> Intrinsic:
    """Mark a function whose machine code is written out in `intrinsics`, under the same name."""
    return Intrinsic(function, frozenset())


def mode() -> str:
    """How loops run in this process."""
    wanted = os.environ.get("IMGCONV_JIT", "auto").strip().lower() or "auto"
    if wanted not in MODES:
        raise UsageError(f"IMGCONV_JIT is '{wanted}'; it takes one of {', '.join(MODES)}")
    if _is_set("NUMBA_DISABLE_JIT"):
        return "python"
    if _is_set("NUMBA_BOUNDSCHECK"):  # it makes loops raise, which kept machine code cannot
        return "python" if wanted == "python" else "numba"
    if wanted in ("auto", "object"):
        from imgconv.jit.cache import loadable

        return wanted if loadable() else "numba"
    return wanted


def _is_set(name: str) -> bool:
    return os.environ.get(name, "0") not in ("", "0")


def _make(loop: Loop, signature: str) -> Callable[..., None]:
    how = mode()
    if how == "python":
        plain = Builder(signature, finish=lambda function, helper: function, select=_by_dtype)
        return on_arrays(plain.build(loop), exact=True)
    if how != "numba":
        address = _address(loop, signature, how)
        if address is not None:
            return native(address, signature)
    say_once("loops")
    from imgconv.jit.compiler import dispatcher

    return on_arrays(dispatcher(loop, signature), exact=False)


def _by_dtype(bodies: dict[str, Any]) -> Any:
    """One function that picks among bodies by the dtype of its first argument."""
    return lambda out, *args: bodies[out.dtype.str[1:]](out, *args)


def _address(loop: Loop, signature: str, how: str) -> int | None:
    """Where the machine code lies in memory: from the store, or compiled now. None: it cannot be loaded here."""
    from imgconv.jit import cache

    key = cache.key(loop, signature)
    address = cache.load(key, how)
    if address is not None:
        return address
    say_once("loops for this machine, once")
    from imgconv.jit import cache_writer

    with cache_writer.compile_lock(key):
        address = cache.load(key, how)
        return cache_writer.compile_and_keep(loop, signature, key, how) if address is None else address


_said = False


def say_once(what: str) -> None:
    """Tell a person at a terminal why this run takes seconds."""
    global _said
    if not _said and sys.stderr is not None and sys.stderr.isatty():
        say(f"compiling {what} (a few seconds) ...")
    _said = True
