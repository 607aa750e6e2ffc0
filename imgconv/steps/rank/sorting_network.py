"""Networks of exchanges that find one rank of a neighborhood: what `loops.rank_network.network` runs.

A value is a node and a shift: what the node is at that many columns to the right. Nodes are kept once, so that the
windows side by side share what they have in common: a sorted column, two columns put together.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.steps.rank.footprint import Cells

    Node = tuple[
        int, ...
    ]  # (row of the source,), or (larger, node, shift, node, shift) with numbers of nodes
    Value = tuple[int, int]


class Network:
    """Nodes by number, and the program that computes the last of them."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.numbers: dict[Node, int] = {}

    def value(self, node: Node, shift: int) -> Value:
        number = self.numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number, shift

    def pick(self, larger: int, a: Value, b: Value) -> Value:
        """The smaller or larger of two."""
        start = min(a[1], b[1])
        return self.value((larger, a[0], a[1] - start, b[0], b[1] - start), start)

    def merged(self, a: list[Value], b: list[Value]) -> list[Value]:
        """Two sorted lists as one (Batcher's odd-even merge)."""
        if not a or not b:
            return a or b
        if len(a) == len(b) == 1:
            return [self.pick(0, a[0], b[0]), self.pick(1, a[0], b[0])]
        even, odd = self.merged(a[::2], b[::2]), self.merged(a[1::2], b[1::2])
        found = [even[0]]
        for i in range(max(len(even) - 1, len(odd))):
            pair = [*even[i + 1 : i + 2], *odd[i : i + 1]]
            found += [self.pick(0, *pair), self.pick(1, *pair)] if len(pair) == 2 else pair
        return found

    def together(self, lists: list[list[Value]]) -> list[Value]:
        """Sorted lists as one, neighbors first."""
        while len(lists) > 1:
            pairs = [self.merged(a, b) for a, b in zip(lists[::2], lists[1::2], strict=False)]
            lists = pairs + lists[len(pairs) * 2 :]
        return lists[0]

    def program(self, last: Value) -> tuple[list[list[int]], int]:
        """Operations that compute a value, and how many rows of scratch they need."""
        end, _ = last
        uses, further = self._uses(end)
        places: dict[int, int] = {}
        free: list[int] = []
        lines = []
        for number in sorted(uses):
            node = self.nodes[number]
            if len(node) == 1:
                places[number] = -1 - node[0]
                continue
            larger, a, shift, b, beside = node
            sources = [places[a], shift, places[b], beside]
            for part in {a, b}:
                uses[part] -= 1
                if not uses[part] and places[part] >= 0:
                    free.append(places[part])
            # the place of an operand that is not needed any more is not taken at once: its shift may differ
            lines.append([larger, -1, *sources, further[number]])
            if number != end:
                places[number] = lines[-1][1] = self._place(places, free, {places[a], places[b]})
        return lines, 1 + max([line[1] for line in lines])

    def _place(self, places: dict[int, int], free: list[int], taken: set[int]) -> int:
        """A row of scratch that nothing needs, and that is no operand of this operation."""
        for at in free:
            if at not in taken:
                free.remove(at)
                return at
        return max([*places.values(), -1]) + 1

    def _uses(self, end: int) -> tuple[dict[int, int], dict[int, int]]:
        """How many operations look at each node that matters, and how many more columns than the output it needs."""
        uses, further = {end: 0}, {end: 0}
        for number in range(end, -1, -1):
            node = self.nodes[number]
            if number not in uses or len(node) == 1:
                continue
            for part, shift in {(node[1], node[2]), (node[3], node[4])}:
                further[part] = max(further.get(part, 0), further[number] + shift)
            for part in {node[1], node[3]}:
                uses[part] = uses.get(part, 0) + 1
        return uses, further


def network(cells: Cells, rank: int) -> tuple[list[list[int]], int]:
    """The program for the value that `rank` others do not exceed, and its scratch rows."""
    net = Network()
    columns = []
    for x in range(len(cells[0])):
        column = [[net.value((y,), x)] for y in range(len(cells)) if cells[y][x]]
        if column:
            columns.append(net.together(column))
    number, shift = net.together(columns)[rank]
    value = net.pick(0, (number, shift), (number, shift)) if len(net.nodes[number]) == 1 else (number, shift)
    if value[1]:
        value = net.value((0, value[0], value[1], value[0], value[1]), 0)
    return net.program(value)
