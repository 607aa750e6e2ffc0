"""Intrinsics in LLVM code, where LLVM's vectorizer does badly: sums of the upper halves of 16-bit products.

The vectorizer takes the widest number of a loop for the width of its vectors, so a product of 32 bits, of which only 16
are used, halves the number of items in a vector. Imported by the compiler alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import llvmlite.ir
import numba.core.types
import numba.extending

if TYPE_CHECKING:
    from collections.abc import Callable

ir: Any = llvmlite.ir
types: Any = numba.core.types
WIDE, VECTORS = 16, 4  # items in a vector of 256 bits; vectors that are computed side by side
SIZE, INDEX, ITEM = ir.IntType(64), ir.IntType(32), ir.IntType(16)
VECTOR, DOUBLED = ir.VectorType(ITEM, WIDE), ir.VectorType(INDEX, WIDE)


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def fold(typing: Any, out: Any, at: Any, src: Any, center: Any, step: Any, weights: Any, begin: Any) -> Any:
    """`loops.blur.gaussian_fixed_point.fold`: sums of symmetric terms, which stay in registers from term to term."""
    return types.void(out, types.int64, src, types.int64, types.int64, weights, types.int64), _fold


INTRINSICS: dict[str, Any] = {"fold": fold}


def _fold(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    out, src, weights = (array_of(context, builder, signature, args, i) for i in (0, 2, 5))
    count = builder.extract_value(weights.shape, 0)
    center, step = builder.gep(src.data, [args[3]]), args[4]
    first = broadcast(builder, builder.load(weights.data))
    begin = broadcast(builder, builder.trunc(args[6], ITEM))
    sums = [builder.add(begin, _upper(builder, _load(builder, center, i), first)) for i in range(VECTORS)]

    def add(term: Any, sums: list[Any]) -> list[Any]:
        weight = broadcast(builder, builder.load(builder.gep(weights.data, [term])))
        distance = builder.mul(term, step)
        up, down = builder.gep(center, [builder.neg(distance)]), builder.gep(center, [distance])
        pairs = (builder.add(_load(builder, up, i), _load(builder, down, i)) for i in range(VECTORS))
        return [
            builder.add(total, _upper(builder, pair, weight)) for total, pair in zip(sums, pairs, strict=True)
        ]

    target = builder.gep(out.data, [args[1]])
    for i, total in enumerate(_counted(builder, count, sums, add)):
        builder.store(total, _vector_address(builder, target, i), align=2)
    return context.get_dummy_value()


def array_of(context: Any, builder: Any, signature: Any, args: Any, index: int) -> Any:
    """An argument that is an array: its `data`, `shape` and `strides`."""
    return context.make_array(signature.args[index])(context, builder, args[index])


def _counted(
    builder: Any, count: Any, begin: list[Any], body: Callable[[Any, list[Any]], list[Any]]
) -> list[Any]:
    """Emit a loop: `values = body(term, values)` for terms 1 to count - 1, with the values in registers."""
    before, terms, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
    one = ir.Constant(SIZE, 1)
    builder.cbranch(builder.icmp_signed("<", one, count), terms, after)
    builder.position_at_end(terms)
    term = builder.phi(SIZE)
    values = [builder.phi(value.type) for value in begin]
    results = body(term, values)
    following = builder.add(term, one)
    builder.cbranch(builder.icmp_signed("<", following, count), terms, after)
    for phi, start, again in zip([term, *values], [one, *begin], [following, *results], strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(again, terms)
    builder.position_at_end(after)
    ends = [builder.phi(value.type) for value in begin]
    for phi, start, again in zip(ends, begin, results, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(again, terms)
    return ends


def _vector_address(builder: Any, address: Any, vector: int) -> Any:
    return builder.bitcast(builder.gep(address, [ir.Constant(SIZE, vector * WIDE)]), VECTOR.as_pointer())


def _load(builder: Any, address: Any, vector: int) -> Any:
    return builder.load(_vector_address(builder, address, vector), align=2)


def broadcast(builder: Any, item: Any) -> Any:
    """A vector with the item in every lane."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    single = builder.insert_element(empty, item, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(single, empty, ir.Constant(DOUBLED, [0] * WIDE))


def _upper(builder: Any, a: Any, b: Any) -> Any:
    """The upper 16 bits of the products: one instruction on processors that have it."""
    product = builder.mul(builder.zext(a, DOUBLED), builder.zext(b, DOUBLED))
    return builder.trunc(builder.lshr(product, ir.Constant(DOUBLED, [16] * WIDE)), VECTOR)
