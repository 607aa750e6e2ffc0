"""Machine code loaded into this process: a shared library through the C library, an object through llvmlite."""

from __future__ import annotations

import os

ENTRY = "imgconv_loop"  # what machine code is called in an entry of the store
_libraries = 0  # opened so far


def load_library(body: bytes) -> int | None:
    """The loop's address in a shared library, opened from anonymous memory that holds the checked bytes.

    The C library knows a library by its path, so each is opened by a path of its own: a slash more than the one before.
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
    """A descriptor of anonymous memory that holds the bytes."""
    descriptor = os.memfd_create("imgconv")
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return descriptor


_engines: list[object] = []  # llvmlite's owners of loaded objects


def load_object(code: bytes) -> int | None:
    """The loop's address in an object, loaded through llvmlite."""
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
