"""CLAHE: contrast-limited adaptive histogram equalization, tile by tile."""

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
MOST = 1 << 26  # counts held in memory


@register("local-contrast", "CLAHE: contrast-limited adaptive histogram equalization")
class LocalContrast(GlobalStep):
    """Each value equalized by the lookup tables of the four tiles around it, interpolated bilinearly.

    A tile's table is full scale x (counts up to v) / area, after counts above limit x area / bins are clipped and what
    was clipped is spread evenly over all bins. Each channel by itself, in the dtype that comes in; for hues that stay
    use `to lab local-contrast --on L`. Alpha is kept. Where the tiles do not divide the image, mirrored columns and
    rows are counted too, as OpenCV does. 8-bit and 16-bit results equal OpenCV's createCLAHE bit for bit; floats are
    counted in 256 bins of full scale, and mapped linearly between their centers; NaN stays NaN. Errors: more tiles
    than memory has space for.

    S. M. Pizer et al., Adaptive histogram equalization and its variations, CVGIP 1987; K. Zuiderveld, Graphics
    Gems IV, 1994.
    """

    example = "imgconv open sample_images/camera.png local-contrast --limit 3 save detail.png"
    needs_row = True

    tiles: tuple[int, int] = option((8, 8), "number of tiles, down and across", Size(1, 256))
    limit: float = option(
        2.0, "clip limit: most counts of a bin, as a multiple of the mean; 0 is no limit", low=0, high=65536
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
        rest = spec.height % self.down, spec.width % self.across
        if rest == (0, 0):
            return spec.height // self.down, spec.width // self.across
        return spec.height // self.down + 1, spec.width // self.across + 1

    def measure(self, spec: Spec, run: Run) -> Callable[..., object]:
        height, width = self.extent(spec)
        counts = Pixels.empty(self.down * self.across * spec.colors, bins(spec), 1, "i4")
        mirrored = Vector(beyond(spec.width, width * self.across), "i8")
        below = list(enumerate(beyond(spec.height, height * self.down), spec.height))
        scale = (BINS - 1) / spec.full

        def measure(band: Pixels, start: int) -> Pixels:
            rows = [(y, (start + y) // height) for y in range(band.height)]
            rows += [(y - start, row // height) for row, y in below if 0 <= y - start < band.height]
            of_band, of_tiles = [Vector(numbers, "i8") for numbers in zip(*rows, strict=True)]
            clahe.count(
                *(band, of_band, of_tiles, spec.channels, spec.colors),
                *(self.across, width, mirrored, scale, counts),
            )
            return counts

        return measure

    def resolve(self, spec: Spec, parts: Sequence[Any]) -> Step:
        counts, *others = distinct(parts)
        for other in others:
            clahe.add(counts, other)
        height, width = self.extent(spec)
        most = int(self.limit * (height * width) / bins(spec))
        is_integer = spec.dtype in LEVELS
        full = bins(spec) - 1 if is_integer else spec.full
        tables = Pixels.unset(counts.height, counts.width, 1, spec.working)
        limit = max(most, 1) if self.limit > 0 else 0
        clahe.equalize(tables, counts, limit, full / (height * width), int(is_integer))
        return BlendTiles(tables=tables, across=self.across, tile=(height, width))

    def explain(self, spec: Spec, run: Run) -> str:
        height, width = self.extent(spec)
        return (
            f"{self.down}x{self.across} tiles of {height}x{width} pixels (rows x columns), {bins(spec)} bins"
        )


def bins(spec: Spec) -> int:
    return LEVELS.get(spec.dtype, BINS)


def beyond(length: int, stop: int) -> list[int]:
    """The positions in the image that mirror those from length to stop."""
    mirror = Border("reflect101")
    return [mirror.map_index(index, length) for index in range(length, stop)]


class BlendTiles(Step):
    """The second half of `local-contrast`: values by `tables`, one for each tile of each channel. An internal step."""

    name = "local-contrast"

    tables: Pixels
    across: int
    tile: tuple[int, int]

    def output_dtype(self, spec: Spec) -> str:
        return spec.dtype

    def bind(self, context: Context) -> Compute:
        spec, dtype = context.spec, context.spec.working
        tops, top_shares = interpolation(spec.height, self.tile[0], dtype)
        lefts, left_shares = interpolation(spec.width, self.tile[1], dtype)
        firsts = [bisect_left(lefts.block, tile - 1) for tile in range(self.across + 1)]
        segments = Vector([*firsts, spec.width], "i8")
        if spec.dtype == "u1" and dtype == "f4":
            return self.of_bytes(context, segments, left_shares, tops, top_shares)
        scratch = Vector.zeros(spec.width * spec.channels, dtype)
        scale = (BINS - 1) / spec.full

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            clahe.blend(
                *(out, source, self.tables, segments, lefts, left_shares, tops, top_shares),
                *(row, spec.channels, spec.colors, self.across, scale, scratch, context.clipped),
            )

        return compute

    def of_bytes(
        self, context: Context, segments: Vector, left_shares: Vector, tops: Vector, top_shares: Vector
    ) -> Compute:
        """`compute` by one lookup a value in place of four."""
        spec, across = context.spec, self.across
        down = self.tables.height // (across * spec.colors)
        quads = Pixels.empty(spec.colors * (down + 1) * (across + 1), self.tables.width, 1, "i4")
        clahe.pack(quads, self.tables, down, across)
        line = Vector.zeros(spec.width, "i4")

        def compute(out: Pixels, source: Pixels, row: int) -> None:
            clahe.blend_bytes(
                *(out, source, quads, segments, left_shares, tops, top_shares),
                *(row, spec.channels, spec.colors, down, across, line),
            )

        return compute


def interpolation(length: int, tile: int, dtype: str) -> tuple[Vector, Vector]:
    """For each position the tile whose center is at or before it, and the share of the next tile."""
    before, shares = Vector.zeros(length, "i8"), Vector.zeros(length, dtype)
    clahe.interpolation(before, shares, tile)
    return before, shares
