"""Loops: compiled once with Numba, stored as machine code, and loaded from then on without Numba.

A *loop* is a plain function over rows of numbers, marked with `@loop(SIGNATURE)`. A call runs the machine code for the
dtypes of its arrays: from the cache if it is there (Numba, llvmlite and NumPy are not imported then), else compiled now
and stored for next time.

Modes (`IMGCONV_JIT`): `auto`; `object`, machine code is always loaded through llvmlite; `numba`, Numba compiles and
calls the loop by itself (also on every platform where loading machine code was not tested); `python`, the plain
functions.
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
    """A child process forked while another thread compiled must not wait for that thread, which it does not have."""
    global _lock
    _lock = RLock()
    gates.clear()


os.register_at_fork(after_in_child=_new_lock)


class _LazyNumpy:
    """NumPy for the modules of loops, whose import would cost 80 to 110 ms; compiled loops get the real one."""

    def __getattr__(self, name: str) -> Any:
        import numpy

        return getattr(numpy, name)


np = _LazyNumpy()
real = float  # in a loop: the type of computed values, float32, or float64 in signatures with an f8


class Loop(LoopDefinition):
    """A loop that can be called; each signature is loaded or compiled at its first call."""

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
        """The callable for one signature; compiled if the cache does not have it."""
        codes = dtypes(signature)
        if gate := gates.get(get_ident()):
            gate.wait(self._entries, codes)
        with _lock:
            if codes not in self._entries:
                self._entries[codes] = _make(self, signature)
            return self._entries[codes]


def loop(*signatures: str, fastmath: tuple[str, ...] = ("contract",)) -> Callable[[FunctionType], Loop]:
    """Mark a function as a loop, e.g. `@loop("f4[:,:], {u1,u2,f4}[:,:], f4[:], i8")`.

    Arrays are rows x items (`T[:,:]`) or items (`T[:]`); other arguments are numbers (`i8`, `f4`, `f8`). Braces list
    alternatives. `fastmath`: LLVM's flags; `contract` alone allows fused multiply-add and keeps the order of sums.
    """

    def mark(function: FunctionType) -> Loop:
        return Loop(function, frozenset(fastmath), signatures)

    return mark


def helper(function: FunctionType) -> Helper:
    """Mark a function that loops call and that is compiled into them."""
    return Helper(function, frozenset(("contract",)))


def intrinsic(function: FunctionType) -> Intrinsic:
    """Mark a function whose LLVM code is written by hand in `intrinsics`, under the same name."""
    return Intrinsic(function, frozenset())


def mode() -> str:
    """How loops run in this process: one of `MODES`. Errors: UsageError for another IMGCONV_JIT."""
    wanted = os.environ.get("IMGCONV_JIT", "auto").strip().lower() or "auto"
    if wanted not in MODES:
        raise UsageError(f"IMGCONV_JIT is '{wanted}'; it takes one of {', '.join(MODES)}")
    if _is_set("NUMBA_DISABLE_JIT"):
        return "python"
    if _is_set("NUMBA_BOUNDSCHECK"):  # it makes loops raise, which stored machine code cannot
        return "python" if wanted == "python" else "numba"
    if wanted in ("auto", "object"):
        from imgconv.jit.cache import loadable

        return wanted if loadable() else "numba"
    return wanted


def _is_set(name: str) -> bool:
    return os.environ.get(name, "0") not in ("", "0")


def _make(loop: Loop, signature: str) -> Callable[..., None]:
    chosen = mode()
    if chosen == "python":
        plain = Builder(signature, finish=lambda function, helper: function, select=_by_dtype)
        return on_arrays(plain.build(loop), exact=True)
    if chosen != "numba":
        address = _address(loop, signature, chosen)
        if address is not None:
            return native(address, signature)
    say_once("loops")
    from imgconv.jit.compiler import dispatcher

    return on_arrays(dispatcher(loop, signature), exact=False)


def _by_dtype(bodies: dict[str, Any]) -> Any:
    """A function that calls one of the bodies, by the dtype of its first argument."""
    return lambda out, *args: bodies[out.dtype.str[1:]](out, *args)


def _address(loop: Loop, signature: str, mode: str) -> int | None:
    """The address of the machine code, from the cache or compiled now. None: it cannot be loaded here."""
    from imgconv.jit import cache

    key = cache.key(loop, signature)
    address = cache.load(key, mode)
    if address is not None:
        return address
    say_once("loops for this machine, once")
    from imgconv.jit import cache_writer

    with cache_writer.compile_lock(key):
        address = cache.load(key, mode)
        return cache_writer.compile_and_store(loop, signature, key, mode) if address is None else address


_said = False


def say_once(what: str) -> None:
    """Tell a user at a terminal, once, why this run takes seconds."""
    global _said
    if not _said and sys.stderr is not None and sys.stderr.isatty():
        say(f"compiling {what} (a few seconds) ...")
    _said = True
