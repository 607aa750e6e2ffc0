"""Points: what the points of a coarse grid take from the pixels of an axis, each by the spline around it.

Beyond the border stand copies of pixels inside, so the weights that lie there are added to those of the pixels
themselves, and nothing is copied: at sigma 200 the padding would be twice the image.
"""

from __future__ import annotations

from imgconv.held import remembered
from imgconv.pixels import Pixels, Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgconv.edges import Edge

    Points = tuple[Vector, Vector, Pixels, Vector]

KEPT = 16  # axes that are folded once: 3 ms at sigma 200
_folded: dict[tuple[int, int, int, int, Edge, str], Points] = {}


def padded(first: int, h: int, count: int, kind: str) -> Points:
    """For loops: of each point the first pixel that it looks at, here each h-th, and -1: the spline itself."""
    return (
        Vector(range(first, first + h * count, h), "i8"),
        Vector([-1] * count, "i8"),
        Pixels.empty(1, 1, 1, kind),
        Vector([0], "i8"),
    )


def folded(
    spline: Sequence[float], h: int, begin: int, stop: int, length: int, edge: Edge, kind: str
) -> Points:
    """The same for points `begin` to `stop` of an axis that is not padded, point k at pixel k h.

    Points that see the border have a row of the table, and a number of weights in it; none are left far out in zeros.
    """
    key = h, begin, stop, length, edge, kind
    return remembered(_folded, KEPT, key, lambda: _fold(spline, h, begin, stop, length, edge, kind))


def _fold(
    spline: Sequence[float], h: int, begin: int, stop: int, length: int, edge: Edge, kind: str
) -> Points:
    half = len(spline) - 1
    low = min(max(-(-half // h), begin), stop)  # the first point that sees no border
    high = max((length - 1 - half) // h + 1, low)  # the next that does
    rows: dict[tuple[int, tuple[float, ...]], int] = {}
    firsts, kinds = [k * h - half for k in range(begin, stop)], [-1] * (stop - begin)
    for points in (range(begin, low), range(min(high, stop), stop)):
        for k, (first, weights) in zip(points, _inside(spline, h, points, length, edge), strict=True):
            firsts[k - begin] = first
            kinds[k - begin] = rows.setdefault((first, weights), len(rows))
    table = [list(weights) for _, weights in rows] or [[]]
    wide = max(1, *map(len, table))
    return (
        Vector(firsts, "i8"),
        Vector(kinds, "i8"),
        Pixels.of_numbers([weights + [0.0] * (wide - len(weights)) for weights in table], 1, kind),
        Vector(map(len, table), "i8"),
    )


def _inside(
    spline: Sequence[float], h: int, points: range, length: int, edge: Edge
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """The first pixel inside that each point looks at, and the weights from there on."""
    half, whole = len(spline) - 1, [*spline[:0:-1], *spline]
    first = points.start * h - half
    places = [edge.source(x, length) for x in range(first, first + len(points) * h + len(whole))]
    for at in range(0, len(points) * h, h):
        mine = places[at : at + len(whole)]
        inside = [x for x in mine if x >= 0]
        if not inside:
            yield 0, ()
            continue
        low = min(inside)
        sums = [0.0] * (max(inside) + 1 - low)
        for x, weight in zip(mine, whole, strict=True):
            if x >= 0:
                sums[x - low] += weight
        yield low, tuple(sums)
