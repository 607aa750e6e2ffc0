"""Local contrast: values spread evenly over the range, tile by tile."""

from __future__ import annotations

from bisect import bisect_left

from imgconv.core.border import Border
from imgconv.core.dtypes import LEVELS
from imgconv.core.errors import UsageError
from imgconv.core.option_types import Size
from imgconv.core.options import option
from imgconv.core.pixels import Pixels, Vector
from imgconv.engine.step import Context, GlobalStep, Step
from imgconv.loops.tone import clahe
from imgconv.steps.registry import register
from imgconv.steps.tone.levels import distinct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute

BINS = 256  # of floats: with 65536 a tile has hardly a value a bin, and the limit would flatten all of them
MOST = 1 << 26  # counts that are kept


@register("local-contrast", "equalize the image tile by tile, within a limit (CLAHE)")
class LocalContrast(GlobalStep):
    """Contrast limited adaptive histogram equalization: each value by the tables of the four tiles around, weighted.

    A tile's table holds full scale x (counts up to v) / area, after what counts beyond limit x area / bins was cut
    off and shared out evenly. Each channel by itself; hues stay with `to lab local-contrast --on L`. Alpha stays.
    8-bit and 16-bit results equal OpenCV's createCLAHE bit for bit, which adds mirrored columns and rows where the
    tiles do not divide the image; float values are counted in 256 bins of full scale, and mapped straight between
    their middles. Errors: more tiles than memory has room for.

    S. M. Pizer et al., Adaptive histogram equalization and its variations, CVGIP 1987; K. Zuiderveld, Graphics
    Gems IV, 1994.
    """

    example = "imgconv open sample_images/camera.png local-contrast --limit 3 save detail.png"
    needs_row = True

    tiles: tuple[int, int] = option((8, 8), "tiles down and across", Size(1, 256))
    limit: float = option(
        2.0, "most values of a bin, as a multiple of the mean; 0 is no limit", low=0, high=65536
    )

    def infer(self, spec: Spec) -> Spec:
        if self.down * self.across * bins(spec) * spec.colors > MOST:
            raise UsageError(
                f"{self.name}: {self.down}x{self.across} tiles of {spec.colors} channels need {bins(spec)} counts "
                f"each, more than {MOST} in all; use fewer --tiles"
            )
        return super().infer(spec)

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    @property
    def down(self) -> int:
        return self.tiles[0]

    @property
    def across(self) -> int:
        return self.tiles[1]

    def extent(self, spec: Spec) -> tuple[int, int]:
        """Rows and columns of a tile. Where the tiles do not divide both sides, OpenCV adds to both."""
        beside = spec.height % self.down, spec.width % self.across
        if beside == (0, 0):
            return spec.height // self.down, spec.width // self.across
        return spec.height // self.down + 1, spec.width // self.across + 1

    def measure(self, spec: Spec, run: Run) -> Callable[..., object]:
        height, width = self.extent(spec)
        counts = Pixels.empty(self.down * self.across * spec.colors, bins(spec), 1, "i4")
        mirrored = Vector(beyond(spec.width, width * self.across), "i8")
        below = list(enumerate(beyond(spec.height, height * self.down), spec.height))
        scale = (BINS - 1) / spec.full

        def look(band: Pixels, start: int) -> Pixels:
            rows = [(y, (start + y) // height) for y in range(band.height)]
            rows += [(at - start, y // height) for y, at in below if 0 <= at - start < band.height]
            pairs = [Vector(each, "i8") for each in zip(*rows, strict=True)]
            frame = spec.channels, spec.colors, self.across, width
            clahe.count(band, *pairs, *frame, mirrored, scale, counts)
            return counts

        return look

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        counts, *more = distinct(parts)
        for each in more:
            clahe.add(counts, each)
        height, width = self.extent(spec)
        most = int(self.limit * (height * width) / bins(spec))
        whole = spec.dtype in LEVELS
        full = bins(spec) - 1 if whole else spec.full
        tables = Pixels.unset(counts.height, counts.width, 1, spec.working)
        limit = max(most, 1) if self.limit > 0 else 0
        clahe.even(tables, counts, limit, full / (height * width), int(whole))
        return Blend(tables=tables, across=self.across, tile=(height, width))

    def explain(self, spec: Spec, run: Run) -> str:
        height, width = self.extent(spec)
        return (
            f"{self.down}x{self.across} tiles of {height}x{width} pixels (rows x columns), {bins(spec)} bins"
        )


def bins(spec: Spec) -> int:
    return LEVELS.get(spec.dtype, BINS)


def beyond(length: int, stop: int) -> list[int]:
    """The positions that stand at those from length to stop."""
    mirror = Border("reflect101")
    return [mirror.map_index(at, length) for at in range(length, stop)]


class Blend(Step):
    """What local-contrast measures, at work: a table for each tile of each channel. No word names it."""

    name = "local-contrast"

    tables: Pixels
    across: int
    tile: tuple[int, int]

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def bind(self, context: Context) -> Compute:
        spec, kind = context.spec, context.spec.working
        ups, downs = middles(spec.height, self.tile[0], kind)
        lefts, shares = middles(spec.width, self.tile[1], kind)
        cuts = [bisect_left(lefts.block, s - 1) for s in range(self.across + 1)]
        if spec.dtype == "u1" and kind == "f4":
            return self.of_bytes(context, Vector([*cuts, spec.width], "i8"), shares, ups, downs)
        places = Vector([*cuts, spec.width], "i8"), lefts, shares, ups, downs
        scratch = Vector.zeros(spec.width * spec.channels, kind)
        scale = (BINS - 1) / spec.full

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            frame = row, spec.channels, spec.colors, self.across, scale
            clahe.blend(out, source, self.tables, *places, *frame, scratch, context.clipped)

        return compute

    def of_bytes(self, context: Context, *places: Vector) -> Compute:
        """`compute` by one look-up a value in place of four."""
        spec, across = context.spec, self.across
        down = self.tables.height // (across * spec.colors)
        quads = Pixels.empty(spec.colors * (down + 1) * (across + 1), self.tables.width, 1, "i4")
        clahe.pack(quads, self.tables, down, across)
        line = Vector.zeros(spec.width, "i4")

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            frame = row, spec.channels, spec.colors, down, across
            clahe.blend_bytes(out, source, quads, *places, *frame, line)

        return compute


def middles(length: int, tile: int, kind: str) -> tuple[Vector, Vector]:
    """For each position the tile whose middle is at or before it, and the share of the next."""
    before, shares = Vector.zeros(length, "i8"), Vector.zeros(length, kind)
    clahe.between(before, shares, tile)
    return before, shares
