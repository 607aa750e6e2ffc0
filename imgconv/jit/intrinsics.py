"""Loops in LLVM's own words, for what it does not find in Python's: vectors of 16 bits and the upper half of products.

LLVM takes the widest number of a loop for the width of its vectors, so a product of 32 bits, of which 16 are wanted,
halves them. Imported by the compiler alone.
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
WIDE, VECTORS = 16, 4  # items of a vector of 256 bits, and how many of those are computed side by side
SIZE, INDEX, ITEM = ir.IntType(64), ir.IntType(32), ir.IntType(16)
VECTOR, DOUBLED = ir.VectorType(ITEM, WIDE), ir.VectorType(INDEX, WIDE)


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def fold(typing: Any, out: Any, at: Any, src: Any, center: Any, step: Any, weights: Any, begin: Any) -> Any:
    """`loops.fixed.fold`: the sums stay in registers while the terms come one by one."""
    return types.void(out, types.int64, src, types.int64, types.int64, weights, types.int64), _fold


INTRINSICS: dict[str, Any] = {"fold": fold}


def _fold(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    out, src, weights = (array_of(context, builder, signature, given, i) for i in (0, 2, 5))
    count = builder.extract_value(weights.shape, 0)
    center, step = builder.gep(src.data, [given[3]]), given[4]
    first = everywhere(builder, builder.load(weights.data))
    begin = everywhere(builder, builder.trunc(given[6], ITEM))
    sums = [builder.add(begin, _upper(builder, _load(builder, center, i), first)) for i in range(VECTORS)]

    def add(term: Any, sums: list[Any]) -> list[Any]:
        weight = everywhere(builder, builder.load(builder.gep(weights.data, [term])))
        far = builder.mul(term, step)
        up, down = builder.gep(center, [builder.neg(far)]), builder.gep(center, [far])
        pairs = (builder.add(_load(builder, up, i), _load(builder, down, i)) for i in range(VECTORS))
        return [
            builder.add(total, _upper(builder, pair, weight)) for total, pair in zip(sums, pairs, strict=True)
        ]

    target = builder.gep(out.data, [given[1]])
    for i, total in enumerate(_counted(builder, count, sums, add)):
        builder.store(total, _place(builder, target, i), align=2)
    return context.get_dummy_value()


def array_of(context: Any, builder: Any, signature: Any, given: Any, at: int) -> Any:
    """An argument that is an array: its `data`, `shape` and `strides`."""
    return context.make_array(signature.args[at])(context, builder, given[at])


def _counted(
    builder: Any, count: Any, begin: list[Any], body: Callable[[Any, list[Any]], list[Any]]
) -> list[Any]:
    """What comes of `values = body(term, values)` for terms 1 to count - 1; the values live in registers."""
    before, terms, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
    one = ir.Constant(SIZE, 1)
    builder.cbranch(builder.icmp_signed("<", one, count), terms, after)
    builder.position_at_end(terms)
    term = builder.phi(SIZE)
    values = [builder.phi(value.type) for value in begin]
    found = body(term, values)
    following = builder.add(term, one)
    builder.cbranch(builder.icmp_signed("<", following, count), terms, after)
    for phi, start, again in zip([term, *values], [one, *begin], [following, *found], strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(again, terms)
    builder.position_at_end(after)
    ends = [builder.phi(value.type) for value in begin]
    for phi, start, again in zip(ends, begin, found, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(again, terms)
    return ends


def _place(builder: Any, address: Any, vector: int) -> Any:
    return builder.bitcast(builder.gep(address, [ir.Constant(SIZE, vector * WIDE)]), VECTOR.as_pointer())


def _load(builder: Any, address: Any, vector: int) -> Any:
    return builder.load(_place(builder, address, vector), align=2)


def everywhere(builder: Any, item: Any) -> Any:
    """A vector that holds the item in each place."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    single = builder.insert_element(empty, item, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(single, empty, ir.Constant(DOUBLED, [0] * WIDE))


def _upper(builder: Any, one: Any, two: Any) -> Any:
    """The upper 16 bits of products: one instruction where the machine has it."""
    product = builder.mul(builder.zext(one, DOUBLED), builder.zext(two, DOUBLED))
    return builder.trunc(builder.lshr(product, ir.Constant(DOUBLED, [16] * WIDE)), VECTOR)
