"""Intrinsics in LLVM code for histograms of 16 bins: a column's has 8-bit counts, a window's 16-bit counts.

Each is one vector, and a window's stays in a register from pixel to pixel. Imported by the compiler alone.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir
import numba.core.types
import numba.extending

from imgconv.jit.intrinsics import ITEM, SIZE, VECTOR, WIDE, array_of, broadcast

ir: Any = llvmlite.ir
types: Any = numba.core.types
BYTE = ir.IntType(8)
BYTES = ir.VectorType(BYTE, WIDE)


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def raised(typing: Any, words: Any, segment: Any, x: Any, steps: Any, place: Any) -> Any:
    """`loops.rank.sliding_histogram_u8.raised`."""
    return types.void(words, types.uint64, types.uint64, steps, types.uint64), _changed("add")


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def lowered(typing: Any, words: Any, segment: Any, x: Any, steps: Any, place: Any) -> Any:
    """`loops.rank.sliding_histogram_u8.lowered`."""
    return types.void(words, types.uint64, types.uint64, steps, types.uint64), _changed("sub")


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def gathered(typing: Any, window: Any, words: Any, segment: Any, x: Any, width: Any) -> Any:
    """`loops.rank.sliding_histogram_u8.gathered`."""
    return types.void(window, words, types.int64, types.int64, types.int64), _gathered


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def not_above(typing: Any, window: Any, rest: Any) -> Any:
    """`loops.rank.sliding_histogram_u8.not_above`."""
    return types.int64(window, types.int64), _not_above


@numba.extending.intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def follow(
    typing: Any, out: Any, x: Any, n: Any, words: Any, below: Any, window: Any, segment: Any, rest: Any, width: Any,
    step: Any,
) -> Any:  # fmt: skip
    """`loops.rank.sliding_histogram_u8.follow`."""
    argument_types = (out, *[types.int64] * 2, words, below, window, *[types.int64] * 4)
    return types.UniTuple(types.int64, 2)(*argument_types), _follow


INTRINSICS: dict[str, Any] = {
    "raised": raised,
    "lowered": lowered,
    "gathered": gathered,
    "not_above": not_above,
    "follow": follow,
}


def _changed(operation: str) -> Any:
    """Emit the addition or subtraction of a step to a column's counts."""

    def body(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        words, steps = (array_of(context, builder, signature, args, i) for i in (0, 3))
        address = _column(builder, _row(builder, words, args[1]), args[2])
        step = builder.load(_column(builder, steps.data, args[4]), align=1)
        builder.store(getattr(builder, operation)(builder.load(address, align=1), step), address, align=1)
        return context.get_dummy_value()

    return body


def _gathered(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    window, words = (array_of(context, builder, signature, args, i) for i in (0, 1))
    row, end = _row(builder, words, args[2]), builder.add(args[3], args[4])
    before, columns, after = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.branch(columns)
    builder.position_at_end(columns)
    x, counts = builder.phi(SIZE), builder.phi(VECTOR)
    following, total = builder.add(x, _number(1)), builder.add(counts, _counts(builder, row, x))
    builder.cbranch(builder.icmp_signed("<", following, end), columns, after)
    for phi, begin, again in ((x, args[3], following), (counts, ir.Constant(VECTOR, [0] * WIDE), total)):
        phi.add_incoming(begin, before)
        phi.add_incoming(again, columns)
    builder.position_at_end(after)
    builder.store(total, _window_address(builder, window), align=2)
    return context.get_dummy_value()


def _not_above(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    window = array_of(context, builder, signature, args, 0)
    return _count(builder, builder.load(_window_address(builder, window), align=2), args[1])


def _follow(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    out, words, below, window = (array_of(context, builder, signature, args, i) for i in (0, 3, 4, 5))
    _, first, end, _, _, _, segment, rest, width, step = args
    row, under = _row(builder, words, segment), _row(builder, below, segment)
    least = builder.trunc(builder.mul(segment, _number(WIDE)), BYTE)
    stored = builder.load(_window_address(builder, window), align=2)
    before = builder.block
    test, seen, counted, beyond, found, after = (builder.append_basic_block() for _ in range(6))
    builder.branch(test)

    builder.position_at_end(test)
    x, left, counts = builder.phi(SIZE), builder.phi(SIZE), builder.phi(VECTOR)
    builder.cbranch(builder.icmp_signed("<", x, end), seen, after)

    builder.position_at_end(seen)  # the rank within the segment, after the values below it
    new, old = builder.add(x, builder.sub(width, _number(1))), builder.sub(x, _number(1))
    come, gone = (builder.zext(builder.load(builder.gep(under, [column])), SIZE) for column in (new, old))
    now = builder.sub(left, builder.sub(come, gone))
    builder.cbranch(builder.icmp_signed("<", now, _number(0)), after, counted)

    builder.position_at_end(counted)
    change = builder.add(counts, _counts(builder, row, new))
    moved = builder.sub(change, _counts(builder, row, old))
    bin_index = _count(builder, moved, now)
    builder.cbranch(builder.icmp_signed("==", bin_index, _number(WIDE)), beyond, found)

    builder.position_at_end(beyond)
    builder.store(moved, _window_address(builder, window), align=2)
    builder.branch(after)

    builder.position_at_end(found)
    value = builder.add(least, builder.trunc(bin_index, BYTE))
    builder.store(value, builder.gep(out.data, [builder.mul(x, step)]))
    following = builder.add(x, _number(1))
    builder.branch(test)
    for phi, begin, again in ((x, first, following), (left, rest, now), (counts, stored, moved)):
        phi.add_incoming(begin, before)
        phi.add_incoming(again, found)

    builder.position_at_end(after)
    where, what = builder.phi(SIZE), builder.phi(SIZE)
    for block, rest_there in ((test, left), (seen, now), (beyond, now)):
        where.add_incoming(x, block)
        what.add_incoming(rest_there, block)
    return context.make_tuple(builder, signature.return_type, [where, what])


def _number(value: int) -> Any:
    return ir.Constant(SIZE, value)


def _row(builder: Any, rows: Any, index: Any) -> Any:
    """The address of a row of bytes."""
    return builder.gep(rows.data, [builder.mul(index, builder.extract_value(rows.strides, 0))])


def _column(builder: Any, row: Any, x: Any) -> Any:
    return builder.bitcast(builder.gep(row, [builder.mul(x, _number(WIDE))]), BYTES.as_pointer())


def _counts(builder: Any, row: Any, x: Any) -> Any:
    """The counts of a column's histogram, widened to 16 bits."""
    return builder.zext(builder.load(_column(builder, row, x), align=1), VECTOR)


def _window_address(builder: Any, window: Any) -> Any:
    return builder.bitcast(window.data, VECTOR.as_pointer())


def _count(builder: Any, counts: Any, rest: Any) -> Any:
    """How many counts do not exceed `rest`."""
    few = builder.icmp_unsigned("<=", counts, broadcast(builder, builder.trunc(rest, ITEM)))
    return builder.zext(builder.ctpop(builder.bitcast(few, ITEM)), SIZE)
