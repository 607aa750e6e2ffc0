"""How loops are called: as machine code, or as functions over NumPy arrays."""

from __future__ import annotations

from imgconv.jit.signature import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FEW = 4096  # items; a call with fewer keeps the GIL


def on_arrays(function: Any, exact: bool) -> Callable[..., None]:
    """A callable that hands a function its `Pixels` and `Vector`s as NumPy arrays of the same memory."""

    def call(*args: Any) -> None:
        function(*(arg.items(exact) if hasattr(arg, "items") else arg for arg in args))

    return call


def native(address: int, signature: str) -> Callable[..., None]:
    """A callable for the machine code at an address. ctypes releases the GIL, so that strips run in parallel.

    With few items it keeps the GIL: another thread would take it, and getting it back takes longer than the work.
    """
    import ctypes

    types: list[Any] = []
    for code, axes in arguments(signature):
        number = {"f4": ctypes.c_float, "f8": ctypes.c_double}.get(code, ctypes.c_int64)
        types += [ctypes.c_void_p, *[ctypes.c_int64] * axes] if axes else [number]
    releasing = ctypes.CFUNCTYPE(ctypes.c_int, *types)(address)
    keeping = ctypes.PYFUNCTYPE(ctypes.c_int, *types)(address)

    def call(*args: Any) -> None:
        flat: list[Any] = []
        largest = 0
        for arg in args:
            if hasattr(arg, "memory"):
                flat += arg.memory
                largest = max(largest, arg.size)
            else:
                flat.append(arg)
        function = keeping if largest < FEW else releasing
        if function(*flat):
            raise RuntimeError(f"a loop failed: {signature}")

    return call
