"""Loading machine code: a shared library by the dynamic linker, an object by llvmlite."""

from __future__ import annotations

import os

ENTRY = "imgconv_loop"  # the symbol of the loop in its machine code
_libraries = 0  # number of those opened


def load_library(body: bytes) -> int | None:
    """The loop's address in a shared library, opened from anonymous memory with the checked bytes; None: it failed.

    The dynamic linker tells libraries apart by their paths, so each path has one slash more than the one before.
    """
    global _libraries
    from _ctypes import dlopen, dlsym  # `ctypes.CDLL` makes a class for each library

    _libraries += 1
    try:
        descriptor = _in_memory(body)
        try:
            handle = dlopen(f"/proc/self/fd{'/' * _libraries}{descriptor}", os.RTLD_NOW)
        finally:
            os.close(descriptor)
        return dlsym(handle, ENTRY)
    except OSError:
        return None


def _in_memory(body: bytes) -> int:
    """A descriptor of anonymous memory with these bytes."""
    descriptor = os.memfd_create("imgconv")
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return descriptor


_engines: list[object] = []  # llvmlite's owners of loaded objects


def load_object(code: bytes) -> int | None:
    """The loop's address in an object that llvmlite loads; None: it failed."""
    import llvmlite.binding as llvm

    try:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(opt=3)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        _engines.append(engine)
        return int(engine.get_function_address(ENTRY)) or None
    except RuntimeError:
        return None
