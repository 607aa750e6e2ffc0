"""Numba without what only Numba's own calls need: it types and lowers a loop, and LLVM sees the whole of it once.

Numba optimizes each function that a loop calls by itself, twice, links all of them into each caller, adds its memory
manager and makes machine code for a process that will never run it. Without that a loop compiles in half the time.
No other code that uses Numba in this process notices: its own generator is put back, under Numba's own lock.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import llvmlite.binding as llvm
import numba.core.cpu
import numba.core.fastmathpass
from numba.core import codegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

if TYPE_CHECKING:
    from collections.abc import Iterator


class Library(codegen.JITCodeLibrary):  # type: ignore[misc, unused-ignore]
    """What was lowered for one Python function, and the libraries that it calls."""

    def add_ir_module(self, ir_module: Any) -> None:
        self._final_module.link_in(llvm.parse_assembly(str(ir_module)))

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self.finalize()
        return 0

    def _get_module_for_linking(self) -> Any:
        """For code outside imgconv that comes to share a part of Numba that was lowered here."""
        if self._shared_module is None:
            module = whole(self)
            for function in module.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
            self._shared_module = module
        return self._shared_module


class Generator(codegen.JITCPUCodegen):  # type: ignore[misc, unused-ignore]
    _library_class = Library

    def set_env(self, env_name: str, env: Any) -> None:
        """Python calls nothing here, so nothing needs Python's environment."""


generator: Any = Generator
cpu: Any = numba.core.cpu
fastmathpass: Any = numba.core.fastmathpass


class _NoRuntime:
    """Stands for Numba's memory manager, which it would compile first of all."""

    def initialize(self, context: Any) -> None: ...


def _fused(context: Any, module: Any, library: Any) -> None:
    """What is left of Numba's `post_lowering`: LLVM's freedoms, without which nothing is fused; no memory manager."""
    if context.fastmath:
        fastmathpass.rewrite_module(module, context.fastmath)


@contextmanager
def lean() -> Iterator[None]:
    """Numba compiles with `Generator` meanwhile."""
    context: Any = cpu_target.target_context
    kind: Any = type(context)
    with global_compiler_lock:
        own, manager, collects = context._internal_codegen, cpu.rtsys, gc.isenabled()
        lowering = kind.post_lowering
        context._internal_codegen = generator("imgconv")
        kind.post_lowering = _fused
        cpu.rtsys = _NoRuntime()
        gc.disable()  # a tenth of the time
        try:
            yield
        finally:
            context._internal_codegen, cpu.rtsys = own, manager
            kind.post_lowering = lowering
            if collects:
                gc.enable()


def whole(library: Any) -> Any:
    """One module of a library and all that it calls."""
    found: dict[Any, None] = {}
    waiting = [library]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting += one._linking_libraries
    module = library._final_module.clone()
    for one in list(found)[1:]:
        module.link_in(one._final_module, preserve=True)
    return module
