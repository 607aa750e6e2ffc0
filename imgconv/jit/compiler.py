"""Numba at work: from a loop and a signature to machine code. Imported only when something must be compiled."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir
import numba
import numba.core.types
import numba.np.arrayobj

from imgconv.core.dtypes import DTYPES
from imgconv.jit import histogram_intrinsics, intrinsics
from imgconv.jit.codegen import lean, whole
from imgconv.jit.helper import Builder, Helper, Intrinsic, LoopDefinition
from imgconv.jit.loader import ENTRY
from imgconv.jit.signature import arguments

INTRINSICS = {**intrinsics.INTRINSICS, **histogram_intrinsics.INTRINSICS}

# What a loop may leave to others. Anything else (an allocation, an exception with a value in it, Python itself) means
# that the loop is no plain loop; it is refused rather than loaded.
C_LIBRARY = """
    memcpy memset memmove expf exp logf log log2f log2 powf pow cbrtf cbrt
    sinf sin cosf cos atan2f atan2 fmodf fmod rintf rint
"""
njit: Any = numba.njit
types: Any = numba.core.types
ir: Any = llvmlite.ir
arrayobj: Any = numba.np.arrayobj
BARE = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called by other loops alone


_helpers: dict[Any, dict[Helper, Any]] = {}  # what was compiled already, by all that shapes it


def jitted(loop: LoopDefinition, signature: str, **options: bool) -> Any:
    """The loop under `njit`, with the helpers that it names compiled too."""
    flags = set(loop.flags(signature))
    known = _helpers.setdefault(("f8" in signature, frozenset(flags), *options), {})

    def finish(function: FunctionType, part: Helper) -> Any:
        if isinstance(part, Intrinsic):
            return INTRINSICS[part.__name__]
        function.__module__ = part.function.__module__
        return njit(function, fastmath=flags, error_model="numpy", nogil=True, **options)

    return Builder(signature, finish, by_dtype, known).build(loop)


def by_dtype(bodies: dict[str, Any]) -> Any:
    """A function for which Numba picks a body by the dtype of the first argument, while it compiles."""
    choices = {_kind(code): body for code, body in bodies.items()}
    options = next(iter(bodies.values())).targetoptions

    def stub(*args: Any) -> None: ...

    @numba.extending.overload(stub, strict=False, jit_options=options)
    def pick(*args: Any) -> Any:
        return choices[args[0].dtype].py_func

    return stub


def dispatcher(loop: LoopDefinition, signature: str) -> Any:
    """Numba's ordinary path: the loop over NumPy arrays."""
    function = jitted(loop, signature, _nrt=False)
    function.compile(_kinds(signature))
    return function


def _kinds(signature: str) -> tuple[Any, ...]:
    """Numba's types of the arguments."""
    return tuple(
        types.Array(_kind(code), axes, "C") if axes else _kind(code) for code, axes in arguments(signature)
    )


def _kind(code: str) -> Any:
    return getattr(types, DTYPES[code].name)


def machine_code(loop: LoopDefinition, signature: str) -> bytes:
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


def _module(loop: LoopDefinition, signature: str) -> Any:
    """LLVM's module of the loop, of which nothing but the entry is seen from outside."""
    body = jitted(loop, signature, **BARE)
    kinds = _kinds(signature)
    body.compile(kinds)
    compiled = body.overloads[kinds]
    module = whole(compiled.library)
    module.link_in(llvm.parse_assembly(_entry(compiled.target_context, compiled.fndesc)))
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY:
            function.linkage = "internal"
    module.verify()
    return module


def _entry(context: Any, body: Any) -> str:
    """LLVM text of a function over addresses, sizes and numbers that calls a loop over arrays; 0 means success."""
    given: list[Any] = []
    for kind in body.argtypes:
        given += _flat(context, kind)
    module = context.create_module("imgconv_entry")
    entry = ir.Function(module, ir.FunctionType(ir.IntType(32), given), ENTRY)
    called = ir.Function(
        module, context.call_conv.get_function_type(body.restype, body.argtypes), body.llvm_func_name
    )
    builder = ir.IRBuilder(entry.append_basic_block())
    rest = list(entry.args)
    values = []
    for kind in body.argtypes:
        mine = [rest.pop(0) for _ in _flat(context, kind)]
        values.append(_view(context, builder, kind, *mine) if isinstance(kind, types.Array) else mine[0])
    status, _ = context.call_conv.call_function(builder, called, body.restype, body.argtypes, values)
    builder.ret(status.code)
    return str(module)


def _flat(context: Any, kind: Any) -> list[Any]:
    """LLVM's types of what `jit` hands over for one argument."""
    if isinstance(kind, types.Array):
        return [context.get_data_type(kind.dtype).as_pointer(), *[ir.IntType(64)] * kind.ndim]
    return [context.get_value_type(kind)]


def _view(context: Any, builder: Any, kind: Any, address: Any, *shape: Any) -> Any:
    """Packed memory as an array that owns nothing."""
    size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size]
    for extent in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], extent, flags=["nsw"]))
    made = context.make_array(kind)(context, builder)
    arrayobj.populate_array(made, address, shape, strides, size, meminfo=None)
    return made._getvalue()


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
