"""Compiling with Numba: from a loop and a signature to machine code. Imported only when a loop must be compiled."""

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
from imgconv.jit.codegen import lean, linked_module
from imgconv.jit.helper import Builder, Helper, Intrinsic, LoopDefinition
from imgconv.jit.loader import ENTRY
from imgconv.jit.signature import arguments

INTRINSICS = {**intrinsics.INTRINSICS, **histogram_intrinsics.INTRINSICS}

# The functions that a loop may call in other libraries. Any other symbol (an allocation, an exception with a value,
# Python itself) means that it is not a plain loop; it is refused and not loaded.
C_LIBRARY = """
    memcpy memset memmove expf exp logf log log2f log2 powf pow cbrtf cbrt
    sinf sin cosf cos atan2f atan2 fmodf fmod rintf rint
"""
njit: Any = numba.njit
types: Any = numba.core.types
ir: Any = llvmlite.ir
arrayobj: Any = numba.np.arrayobj
BARE = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # only other loops call it


_helpers: dict[Any, dict[Helper, Any]] = {}  # helpers that were compiled, by the options that shape them


def jitted(loop: LoopDefinition, signature: str, **options: bool) -> Any:
    """The loop under `njit`, with its helpers compiled too."""
    flags = set(loop.flags(signature))
    known = _helpers.setdefault(("f8" in signature, frozenset(flags), *options), {})

    def finish(function: FunctionType, helper: Helper) -> Any:
        if isinstance(helper, Intrinsic):
            return INTRINSICS[helper.__name__]
        function.__module__ = helper.function.__module__
        return njit(function, fastmath=flags, error_model="numpy", nogil=True, **options)

    return Builder(signature, finish, by_dtype, known).build(loop)


def by_dtype(bodies: dict[str, Any]) -> Any:
    """A function whose body Numba picks by the dtype of the first argument while it compiles."""
    choices = {_number_type(code): body for code, body in bodies.items()}
    options = next(iter(bodies.values())).targetoptions

    def stub(*args: Any) -> None: ...

    @numba.extending.overload(stub, strict=False, jit_options=options)
    def pick(*args: Any) -> Any:
        return choices[args[0].dtype].py_func

    return stub


def dispatcher(loop: LoopDefinition, signature: str) -> Any:
    """The loop over NumPy arrays, as Numba itself compiles and calls it."""
    function = jitted(loop, signature, _nrt=False)
    function.compile(_argument_types(signature))
    return function


def _argument_types(signature: str) -> tuple[Any, ...]:
    """Numba's types of the arguments."""
    return tuple(
        types.Array(_number_type(code), axes, "C") if axes else _number_type(code)
        for code, axes in arguments(signature)
    )


def _number_type(code: str) -> Any:
    return getattr(types, DTYPES[code].name)


def machine_code(loop: LoopDefinition, signature: str) -> bytes:
    """A relocatable object with the loop as `imgconv_loop` and no undefined symbols but the C library's."""
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
    """The LLVM module of the loop, with the entry as its only external function."""
    body = jitted(loop, signature, **BARE)
    argument_types = _argument_types(signature)
    body.compile(argument_types)
    compiled = body.overloads[argument_types]
    module = linked_module(compiled.library)
    module.link_in(llvm.parse_assembly(_entry(compiled.target_context, compiled.fndesc)))
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY:
            function.linkage = "internal"
    module.verify()
    return module


def _entry(context: Any, body: Any) -> str:
    """LLVM text of a function of addresses, sizes and numbers that calls a loop over arrays; 0 means success."""
    flat_types: list[Any] = []
    for argument_type in body.argtypes:
        flat_types += _flat(context, argument_type)
    module = context.create_module("imgconv_entry")
    entry = ir.Function(module, ir.FunctionType(ir.IntType(32), flat_types), ENTRY)
    called = ir.Function(
        module, context.call_conv.get_function_type(body.restype, body.argtypes), body.llvm_func_name
    )
    builder = ir.IRBuilder(entry.append_basic_block())
    rest = list(entry.args)
    values = []
    for argument_type in body.argtypes:
        flat = [rest.pop(0) for _ in _flat(context, argument_type)]
        is_array = isinstance(argument_type, types.Array)
        values.append(_view(context, builder, argument_type, *flat) if is_array else flat[0])
    status, _ = context.call_conv.call_function(builder, called, body.restype, body.argtypes, values)
    builder.ret(status.code)
    return str(module)


def _flat(context: Any, argument_type: Any) -> list[Any]:
    """LLVM's types of the values that `call.native` passes for one argument."""
    if isinstance(argument_type, types.Array):
        pointer = context.get_data_type(argument_type.dtype).as_pointer()
        return [pointer, *[ir.IntType(64)] * argument_type.ndim]
    return [context.get_value_type(argument_type)]


def _view(context: Any, builder: Any, array_type: Any, address: Any, *shape: Any) -> Any:
    """Packed memory as a Numba array that does not own it."""
    item = context.get_data_type(array_type.dtype)
    size = context.get_constant(types.intp, context.get_abi_sizeof(item))
    strides = [size]
    for extent in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], extent, flags=["nsw"]))
    array = context.make_array(array_type)(context, builder)
    arrayobj.populate_array(array, address, shape, strides, size, meminfo=None)
    return array._getvalue()


def _machine() -> Any:
    """LLVM's description of this processor."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="default")


def check_symbols(code: bytes, title: str) -> None:
    """Refuse a loop that calls more than the C library. Errors: RuntimeError."""
    extra = undefined_symbols(code) - set(C_LIBRARY.split())
    if extra:
        raise RuntimeError(f"loop {title} is not a plain loop: it needs {', '.join(sorted(extra))}")


def undefined_symbols(code: bytes) -> set[str]:
    """The undefined symbols of an ELF object (64-bit, little-endian)."""
    import struct

    sections, (size, count) = struct.unpack_from("<Q", code, 0x28)[0], struct.unpack_from("<HH", code, 0x3A)
    headers = [struct.unpack_from("<IIQQQQII", code, sections + n * size) for n in range(count)]
    symbols = set()
    for _, section_type, _, _, offset, length, link, _ in headers:
        if section_type != 2:  # SHT_SYMTAB
            continue
        names = headers[link][4]
        for entry in range(offset, offset + length, 24):
            name, _, _, section = struct.unpack_from("<IBBH", code, entry)
            if name and section == 0:
                end = code.index(b"\0", names + name)
                symbols.add(code[names + name : end].decode())
    return symbols
