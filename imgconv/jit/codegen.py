"""A lean code generator for Numba, which only types and lowers a loop; LLVM then optimizes the whole of it once.

By itself Numba optimizes each function that a loop calls separately and twice, links all of them into each caller, adds
its memory manager, and makes machine code for a process that will never run it. Without that a loop compiles in half
the time. Other users of Numba in this process are not affected: its own generator is put back, under Numba's own lock.
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
    """The lowered code of one Python function, and the libraries that it calls."""

    def add_ir_module(self, ir_module: Any) -> None:
        self._final_module.link_in(llvm.parse_assembly(str(ir_module)))

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self.finalize()
        return 0

    def _get_module_for_linking(self) -> Any:
        """For code outside imgconv that links to a part of Numba which was lowered here."""
        if self._shared_module is None:
            module = linked_module(self)
            for function in module.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
            self._shared_module = module
        return self._shared_module


class Generator(codegen.JITCPUCodegen):  # type: ignore[misc, unused-ignore]
    """Numba's code generator with the lean library."""

    _library_class = Library

    def set_env(self, env_name: str, env: Any) -> None:
        """Nothing: Python does not call this code, so it needs no Python environment."""


generator: Any = Generator
cpu: Any = numba.core.cpu
fastmathpass: Any = numba.core.fastmathpass


class _NoRuntime:
    """In place of Numba's memory manager, which Numba would compile first."""

    def initialize(self, context: Any) -> None: ...


def _fused(context: Any, module: Any, library: Any) -> None:
    """In place of Numba's `post_lowering`: sets fast-math flags, which allow fusing; adds no memory manager."""
    if context.fastmath:
        fastmathpass.rewrite_module(module, context.fastmath)


@contextmanager
def lean() -> Iterator[None]:
    """Let Numba compile with `Generator` inside the `with` block."""
    context: Any = cpu_target.target_context
    context_class: Any = type(context)
    with global_compiler_lock:
        own, manager, collects = context._internal_codegen, cpu.rtsys, gc.isenabled()
        lowering = context_class.post_lowering
        context._internal_codegen = generator("imgconv")
        context_class.post_lowering = _fused
        cpu.rtsys = _NoRuntime()
        gc.disable()  # a tenth of the time
        try:
            yield
        finally:
            context._internal_codegen, cpu.rtsys = own, manager
            context_class.post_lowering = lowering
            if collects:
                gc.enable()


def linked_module(library: Any) -> Any:
    """One LLVM module of a library and of all libraries that it calls."""
    libraries: dict[Any, None] = {}  # a set in the order of insertion
    waiting = [library]
    while waiting:
        called = waiting.pop()
        if called not in libraries:
            libraries[called] = None
            waiting += called._linking_libraries
    module = library._final_module.clone()
    for called in list(libraries)[1:]:
        module.link_in(called._final_module, preserve=True)
    return module
