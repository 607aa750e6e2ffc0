"""Numba at work: from a loop and a signature to machine code. Imported only when something must be compiled."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core import types

from imgconv.jit import NAMES, Helper, Loop, arguments, rebuild

ENTRY = "imgconv_loop"
# What a loop may leave to the C library. Anything else (an allocation, an exception, Python itself) means that
# the loop is no plain loop; it is refused rather than loaded.
MAY_NEED = frozenset(
    "memcpy memset memmove "
    "expf exp logf log log2f log2 powf pow cbrtf cbrt sinf sin cosf cos atan2f atan2 fmodf fmod rintf rint".split()
)


def jitted(loop: Loop, signature: str) -> Any:
    """The loop under `njit`, with the helpers that it names compiled too."""
    flags = set(loop.flags(signature))

    def finish(function: FunctionType, part: Helper) -> Any:
        function.__module__ = part.function.__module__
        return numba.njit(function, fastmath=flags, error_model="numpy", nogil=True, _nrt=False)

    return rebuild(loop, signature, finish)


def by_dtype(bodies: dict[str, Any]) -> Any:
    """A function for which Numba picks a body by the dtype of the first argument, while it compiles."""
    choices = {_kind(code): body for code, body in bodies.items()}

    def stub(*args: Any) -> None: ...

    @numba.extending.overload(stub, strict=False)
    def pick(*args: Any) -> Any:
        body = choices[args[0].dtype]
        return lambda *args: body(*args)

    return stub


def dispatcher(loop: Loop, signature: str) -> Any:
    """Numba's ordinary path: the loop over NumPy arrays."""
    function = jitted(loop, signature)
    kinds = [
        types.Array(_kind(code), axes, "C") if axes else _kind(code) for code, axes in arguments(signature)
    ]
    function.compile(tuple(kinds))
    return function


def _kind(code: str) -> Any:
    return getattr(types, NAMES[code])


def machine_code(loop: Loop, signature: str) -> bytes:
    """A relocatable object that holds the loop under the name `imgconv_loop`, and nothing that is undefined."""
    module = llvm.parse_assembly(_wrapper(loop, signature))
    entry = module.get_function(_inner_name(module))
    entry.name = ENTRY
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY:
            function.linkage = "internal"
    machine = _machine()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    code: bytes = machine.emit_object(module)
    check_symbols(code, loop.title)
    return code


def _wrapper(loop: Loop, signature: str) -> str:
    """LLVM text of a C function over addresses and sizes that calls the loop over arrays."""
    names: list[str] = []
    arrays: list[str] = []
    kinds: list[Any] = []
    for position, (code, axes) in enumerate(arguments(signature)):
        sizes = [f"n{position}_{axis}" for axis in range(axes)]
        names += [f"a{position}", *sizes]
        arrays.append(f"carray(a{position}, ({', '.join(sizes)},))" if axes else f"a{position}")
        kinds += [types.CPointer(_kind(code)) if axes else _kind(code), *[types.int64] * axes]
    source = f"def entry({', '.join(names)}):\n    body({', '.join(arrays)})\n"
    room: dict[str, Any] = {"body": jitted(loop, signature), "carray": numba.carray}
    exec(source, room)  # the text is made of counted names alone
    compiled = numba.cfunc(types.void(*kinds), error_model="numpy")(room["entry"])
    text: str = compiled.inspect_llvm()
    return text


def _inner_name(module: Any) -> str:
    """The native function behind the C callback: the callback's name without `cfunc.`."""
    (callback,) = [f.name for f in module.functions if f.name.startswith("cfunc.")]
    return str(callback.removeprefix("cfunc."))


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="default")


def undefined_symbols(code: bytes) -> set[str]:
    """Names that an ELF object (64-bit, little-endian) leaves to others."""
    import struct

    sections, (size, count) = struct.unpack_from("<Q", code, 0x28)[0], struct.unpack_from("<HH", code, 0x3A)
    heads = [struct.unpack_from("<IIQQQQII", code, sections + n * size) for n in range(count)]
    found = set()
    for _, kind, _, _, offset, length, link, _ in heads:
        if kind != 2:  # SHT_SYMTAB
            continue
        names = heads[link][4]
        for at in range(offset, offset + length, 24):
            name, _, _, section = struct.unpack_from("<IBBH", code, at)
            if name and section == 0:
                end = code.index(b"\0", names + name)
                found.add(code[names + name : end].decode())
    return found


def check_symbols(code: bytes, title: str) -> None:
    extra = undefined_symbols(code) - MAY_NEED
    if extra:
        raise RuntimeError(f"loop {title} is no plain loop: it needs {', '.join(sorted(extra))}")
