"""Calling machine code, or a function over NumPy arrays."""

from __future__ import annotations

from imgconv.jit.signature import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FEW = 4096  # items: for less a call keeps the GIL


def on_arrays(function: Any, exact: bool) -> Callable[..., None]:
    """Call a function over NumPy arrays that look at the same memory."""

    def call(*args: Any) -> None:
        function(*(arg.items(exact) if hasattr(arg, "items") else arg for arg in args))

    return call


def native(address: int, signature: str) -> Callable[..., None]:
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
