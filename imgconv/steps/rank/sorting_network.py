"""Sorting networks that find one rank of a footprint: the programs that `loops.rank.sorting_network.network` runs.

A value is a node and a shift: the node's result at that many columns to the right. Equal nodes are kept once, so that
the windows side by side share what they have in common: a sorted column, two merged columns.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.rank.footprint import Mask

    # (row of the source,), or (larger, node, shift, node, shift): the smaller or the larger of two values
    Node = tuple[int, ...]
    Value = tuple[int, int]


class Network:
    """Nodes by number, and the program that computes one of them."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.numbers: dict[Node, int] = {}

    def value(self, node: Node, shift: int) -> Value:
        """The value of a node, which is added where it is new."""
        number = self.numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number, shift

    def select(self, larger: int, a: Value, b: Value) -> Value:
        """The smaller or the larger of two values."""
        start = min(a[1], b[1])
        return self.value((larger, a[0], a[1] - start, b[0], b[1] - start), start)

    def merge(self, a: list[Value], b: list[Value]) -> list[Value]:
        """Two sorted lists as one (Batcher's odd-even merge)."""
        if not a or not b:
            return a or b
        if len(a) == len(b) == 1:
            return [self.select(0, a[0], b[0]), self.select(1, a[0], b[0])]
        even, odd = self.merge(a[::2], b[::2]), self.merge(a[1::2], b[1::2])
        merged = [even[0]]
        for i in range(max(len(even) - 1, len(odd))):
            pair = [*even[i + 1 : i + 2], *odd[i : i + 1]]
            merged += [self.select(0, *pair), self.select(1, *pair)] if len(pair) == 2 else pair
        return merged

    def merge_all(self, lists: list[list[Value]]) -> list[Value]:
        """Sorted lists as one, neighbors first."""
        while len(lists) > 1:
            pairs = [self.merge(a, b) for a, b in zip(lists[::2], lists[1::2], strict=False)]
            lists = pairs + lists[len(pairs) * 2 :]
        return lists[0]

    def program(self, result: Value) -> tuple[list[list[int]], int]:
        """The operations that compute a value, as `network` reads them, and how many rows of scratch they need."""
        end, _ = result
        uses, extra = self._needs(end)
        slots: dict[int, int] = {}  # the row of each node: of scratch, or -1 - the row of the source
        free: list[int] = []
        operations = []
        for number in sorted(uses):
            node = self.nodes[number]
            if len(node) == 1:
                slots[number] = -1 - node[0]
                continue
            larger, a, shift_a, b, shift_b = node
            operands = [slots[a], shift_a, slots[b], shift_b]
            for operand in {a, b}:
                uses[operand] -= 1
                if not uses[operand] and slots[operand] >= 0:
                    free.append(slots[operand])
            target = -1
            if number != end:
                # not at once the row of an operand that is needed no more: its shift may differ
                target = slots[number] = self._slot(slots, free, {slots[a], slots[b]})
            operations.append([larger, target, *operands, extra[number]])
        return operations, 1 + max(operation[1] for operation in operations)

    def _slot(self, slots: dict[int, int], free: list[int], operands: set[int]) -> int:
        """A row of scratch that nothing needs, and that is not an operand of this operation."""
        for slot in free:
            if slot not in operands:
                free.remove(slot)
                return slot
        return max([*slots.values(), -1]) + 1

    def _needs(self, end: int) -> tuple[dict[int, int], dict[int, int]]:
        """How many operations use each node that matters, and by how many columns it must exceed the output."""
        uses, extra = {end: 0}, {end: 0}
        for number in range(end, -1, -1):
            node = self.nodes[number]
            if number not in uses or len(node) == 1:
                continue
            for operand, shift in {(node[1], node[2]), (node[3], node[4])}:
                extra[operand] = max(extra.get(operand, 0), extra[number] + shift)
            for operand in {node[1], node[3]}:
                uses[operand] = uses.get(operand, 0) + 1
        return uses, extra


def rank_program(footprint: Mask, rank: int) -> tuple[list[list[int]], int]:
    """The program for the value that `rank` others do not exceed, and its scratch rows."""
    network = Network()
    columns = []
    for x in range(len(footprint[0])):
        column = [[network.value((y,), x)] for y in range(len(footprint)) if footprint[y][x]]
        if column:
            columns.append(network.merge_all(column))
    number, shift = network.merge_all(columns)[rank]
    if len(network.nodes[number]) == 1:  # a footprint of one pixel: its value has to be copied
        number, shift = network.select(0, (number, shift), (number, shift))
    if shift:
        number, shift = network.value((0, number, shift, number, shift), 0)
    return network.program((number, shift))
