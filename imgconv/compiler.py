"""Numba at work: from a loop and a signature to machine code. Imported only when something must be compiled."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import llvmlite.binding as llvm
import numba.core.cgutils
import numba.core.types
import numba.np.arrayobj

from imgconv.codegen import lean, whole
from imgconv.jit import ENTRY, NAMES, Helper, Loop, arguments, rebuild

# What a loop may leave to others. Anything else (an allocation, an exception with a value in it, Python itself) means
# that the loop is no plain loop; it is refused rather than loaded.
C_LIBRARY = """
    memcpy memset memmove expf exp logf log log2f log2 powf pow cbrtf cbrt
    sinf sin cosf cos atan2f atan2 fmodf fmod rintf rint
"""
njit: Any = numba.njit
types: Any = numba.core.types
cgutils: Any = numba.core.cgutils
arrayobj: Any = numba.np.arrayobj
BARE = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called by other loops alone


_helpers: dict[Any, dict[Helper, Any]] = {}  # what was compiled already, by all that shapes it


def jitted(loop: Loop, signature: str, **options: bool) -> Any:
    """The loop under `njit`, with the helpers that it names compiled too."""
    flags = set(loop.flags(signature))
    known = _helpers.setdefault(("f8" in signature, frozenset(flags), *options), {})

    def finish(function: FunctionType, part: Helper) -> Any:
        function.__module__ = part.function.__module__
        return njit(function, fastmath=flags, error_model="numpy", nogil=True, **options)

    return rebuild(loop, signature, finish, known)


def by_dtype(bodies: dict[str, Any]) -> Any:
    """A function for which Numba picks a body by the dtype of the first argument, while it compiles."""
    choices = {_kind(code): body for code, body in bodies.items()}
    options = next(iter(bodies.values())).targetoptions

    def stub(*args: Any) -> None: ...

    @numba.extending.overload(stub, strict=False, jit_options=options)
    def pick(*args: Any) -> Any:
        return choices[args[0].dtype].py_func

    return stub


def dispatcher(loop: Loop, signature: str) -> Any:
    """Numba's ordinary path: the loop over NumPy arrays."""
    function = jitted(loop, signature, _nrt=False)
    kinds = [
        types.Array(_kind(code), axes, "C") if axes else _kind(code) for code, axes in arguments(signature)
    ]
    function.compile(tuple(kinds))
    return function


def _kind(code: str) -> Any:
    return getattr(types, NAMES[code])


def machine_code(loop: Loop, signature: str) -> bytes:
    """A relocatable object that holds the loop under the name `imgconv_loop`, and nothing that is undefined."""
    with lean():
        module = _module(loop, signature)
    machine = _machine()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    check_symbols(code, loop.title)
    return code


def _module(loop: Loop, signature: str) -> Any:
    """LLVM's module of the loop, of which nothing but the entry is seen from outside."""
    entry = njit(_entry(loop, signature), error_model="numpy", **BARE)
    entry.compile(_entry_kinds(signature))
    (compiled,) = entry.overloads.values()
    module = whole(compiled.library)
    module.get_function(compiled.fndesc.llvm_func_name).name = ENTRY
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY:
            function.linkage = "internal"
    module.verify()
    return module


def _entry(loop: Loop, signature: str) -> Any:
    """A function over addresses, sizes and numbers that calls the loop over arrays."""
    names: list[str] = []
    values: list[str] = []
    for position, (_, axes) in enumerate(arguments(signature)):
        sizes = [f"n{position}_{axis}" for axis in range(axes)]
        names += [f"a{position}", *sizes]
        values.append(f"array(a{position}, ({', '.join(sizes)},))" if axes else f"a{position}")
    room = {"body": jitted(loop, signature, **BARE), "array": array}
    exec(
        f"def entry({', '.join(names)}):\n    body({', '.join(values)})\n", room
    )  # made of counted names alone
    return room["entry"]


def _entry_kinds(signature: str) -> tuple[Any, ...]:
    kinds: list[Any] = []
    for code, axes in arguments(signature):
        kinds += [types.CPointer(_kind(code)) if axes else _kind(code), *[types.int64] * axes]
    return tuple(kinds)


@numba.extending.intrinsic
def array(typing: Any, address: Any, sizes: Any) -> Any:
    """Packed memory as an array that owns nothing: `numba.carray` without its reference counts."""
    kind = types.Array(address.dtype, len(sizes), "C")

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        shape = cgutils.unpack_tuple(builder, args[1])
        size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(address.dtype)))
        strides = [size]
        for extent in shape[:0:-1]:
            strides.insert(0, builder.mul(strides[0], extent, flags=["nsw"]))
        made = context.make_array(kind)(context, builder)
        arrayobj.populate_array(made, args[0], shape, strides, size, meminfo=None)
        return made._getvalue()

    return kind(address, sizes), emit


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="default")


def check_symbols(code: bytes, title: str) -> None:
    """Refuse a loop that needs more than the C library."""
    extra = undefined_symbols(code) - set(C_LIBRARY.split())
    if extra:
        raise RuntimeError(f"loop {title} is no plain loop: it needs {', '.join(sorted(extra))}")


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
