"""Convolution with a kernel."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Integer, Numbers, Size
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.step import Context, Padded
from imgconv.kernels.option_types import RANK, Divisor, KernelType
from imgconv.kernels.planner import MOST_TERMS, Place, Plan, describe, plan
from imgconv.loops.convolution import direct, separable
from imgconv.steps.registry import register

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from imgconv.core.spec import Spec
    from imgconv.engine.run_options import Run
    from imgconv.engine.step import Compute, Step
    from imgconv.kernels.kernel import Kernel
    from imgconv.kernels.low_rank import LowRank


@register("conv", "convolve with a kernel: weights, a preset's name or a file")
class Conv(Padded):
    """out(x, y) = bias + sum of kernel(i, j) in(x + i, y + j): the lecture's form, with no flip.

    Each channel by itself; the sums are float32 in row-major order of the weights (float64 with
    `--precision double`, then bit for bit SciPy's and OpenCV's). Large dense kernels go by Fourier transforms, within
    1e-5 of full scale where the absolute weights sum to 1; `--algorithm direct` forces the sums.

    Kernels can be put together: 'box3 * box3' (one after the other), 'identity - gaussian5' (center on center),
    '[1 2 1] ^ 3 / auto' (powers; divided by the sum), '2 sobel-x'. + and - stand between spaces. Two kernels of even
    size put together by * lie one pixel off what two steps in a row give: the center of the whole is its K//2.

    `--rank R` takes the nearest kernel that is a sum of R products column x row and has the same sum: faster, and off
    by no more than `explain` and `show KERNEL --rank R` say. A kernel of that rank or a lower one stays as it is.
    """

    example = "imgconv open sample_images/camera.png conv '0 -1 0; -1 5 -1; 0 -1 0' save sharp.png"
    is_linear = True
    rounds = True

    kernel: Any = argument(
        KernelType(),
        "weights with rows split by ';', a preset's name, a file, or several put together",
        default=None,
    )
    stride: tuple[int, int] = option((1, 1), "distance of neighboring outputs", Size(), unit="pixels")
    dilation: tuple[int, int] = option((1, 1), "distance of neighboring taps", Size(1, 4096), unit="pixels")
    bias: float = option(0.0, "added to every result")
    divisor: str = option("1", "what the weights are divided by; auto: their sum", Divisor())
    flip: bool = option(False, "turn the kernel by 180 degrees: the mathematical convolution")
    anchor: Any = option(
        None, "the kernel's center, from its top left corner; K//2 by default", Numbers("X,Y", Integer(0))
    )
    rank: Any = option(None, "filter with the nearest kernel of that rank, a sum of R products", RANK)
    size: Any = option(None, "under `shape`, where weights do not matter: the kernel's size", Size())
    out_channels: int = option(0, "under `shape`: kernels in the layer", low=0, high=1 << 20, whole=True)

    def check(self) -> None:
        if (self.kernel is None) == (self.size is None):
            raise UsageError(
                "conv needs KERNEL, for example conv '1 0 -1' (or --size N under `shape`); one of the two"
            )
        if self.anchor is not None:
            x, y = self.anchor
            height, width = self.shape
            if x >= width or y >= height:
                raise UsageError(
                    f"conv: --anchor {x},{y} lies outside a kernel of {height}x{width} (rows x columns)"
                )
        if self.rank is not None and self.kernel is None:
            raise UsageError("conv: --rank goes with the weights of a KERNEL, not with --size")
        self.divided()

    @property
    def shape(self) -> tuple[int, int]:
        """The kernel's rows and columns."""
        if self.kernel is None:
            height, width = self.size
            return height, width
        return self.kernel.height, self.kernel.width

    def effective(self) -> Kernel | None:
        """The weights that are used: divided, of a lower rank, and flipped."""
        kernel = self.divided()
        found = kernel and self.approximation(kernel)
        kernel = found.kernel if found else kernel
        return kernel.flipped() if kernel and self.flip else kernel

    def divided(self) -> Kernel | None:
        kernel: Kernel | None = self.kernel
        return kernel if kernel is None or self.divisor == "1" else kernel.divided(self.divisor)

    def approximation(self, kernel: Kernel) -> LowRank | None:
        """The kernel of `--rank`; None where that is not given or no lower."""
        if self.rank is None:
            return None
        from imgconv.kernels.low_rank import approximate

        return approximate(kernel, self.rank)

    def infer(self, spec: Spec) -> Spec:
        found = super().infer(spec)
        if not self.out_channels:
            return found
        if self.kernel is not None:
            raise UsageError("conv: --out-channels goes with --size, under `shape`")
        return found.replace(channels=self.out_channels, space="none", alpha=False)

    def window(self, spec: Spec) -> Window:
        (height, width), (down, across), (below, beside) = self.shape, self.stride, self.dilation
        return self.around(Axis(height, down, below), Axis(width, across, beside), self.anchor)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        kernel = self.effective()
        plan = kernel and self.plan(kernel, spec, run, True)
        if not kernel or not plan or not plan.length:
            return (self,)
        from imgconv.steps.convolution.fft import Fourier

        seen = self.window(spec)
        return (Fourier(kernel=kernel, seen=seen, length=plan.length, bias=self.bias, edge=self.edge),)

    def bind(self, context: Context) -> Compute:
        kernel = self.effective()
        if kernel is None:
            raise UsageError(
                "conv: --size stands for a kernel under `shape` only; give its weights to filter pixels"
            )
        chosen = self.plan(kernel, context.spec, context.run)
        if self.stride[1] == 1:
            return self.apply(kernel, chosen, context, context.out.width * context.spec.channels)
        full = (
            self.window(context.spec).columns.replace(stride=1).output(context.spec.width)
            * context.spec.channels
        )
        inner = self.apply(kernel, chosen, context.replace(out=context.out.computed), full)
        return thinned(inner, context, full, self.stride[1])

    def plan(self, kernel: Kernel, spec: Spec, run: Run, transforms: bool = False) -> Plan:
        """`transforms`: they may be picked, as no stride skips what they compute."""
        place = None
        if transforms and self.stride == (1, 1):
            (below, beside), (height, width) = self.dilation, self.sizes(spec)
            place = Place(
                height=height, items=width * spec.channels, below=below, beside=beside * spec.channels
            )
        most = max(MOST_TERMS, self.rank or 0)
        return plan(kernel, run.algorithm, spec.working == "f8", place, most)

    def apply(self, kernel: Kernel, chosen: Plan, context: Context, n: int) -> Compute:
        """The loop of the chosen algorithm over rows of n items."""
        return apply(kernel, chosen, context, n, self.stride[0], self.dilation, self.bias)

    def explain(self, spec: Spec, run: Run) -> str:
        kernel = self.effective()
        if kernel is None:
            return ""
        sum_ = f"sum {kernel.sum:g}"
        divisor = "" if self.divisor == "1" else f", divisor {self.divisor}"
        chosen = self.plan(kernel, spec, run, True)
        return f"{describe(kernel, chosen)}; {sum_}{divisor}{self.reduced(chosen, spec, run)}"

    def reduced(self, chosen: Plan, spec: Spec, run: Run) -> str:
        """What `--rank` costs and saves."""
        whole = self.divided()
        if whole is None or self.rank is None:
            return ""
        from imgconv.kernels.low_rank import describe as described

        before = self.replace(rank=None).plan(whole, spec, run, True)
        found = self.approximation(whole)
        return f"; {described(found, whole, self.rank, before.cost, chosen.cost)}"


def apply(
    kernel: Kernel,
    chosen: Plan,
    context: Context,
    n: int,
    stride: int,
    dilation: tuple[int, int],
    bias: float,
) -> Compute:
    """`compute` for a kernel by the chosen algorithm, over n items a row."""
    if chosen.terms:
        return by_products(chosen, context, n, stride, dilation, bias)
    if chosen.algorithm == "sparse":
        return by_taps(kernel, context, n, stride, dilation, bias)
    kind, count, step = context.spec.working, context.clipped, dilation[1] * context.spec.channels
    weights, (room, scratch) = matrix(kernel.weights, kind), rooms(n, (kernel.width - 1) * step, kind)

    def by_rows(out: Pixels, source: Pixels, row: int) -> None:
        direct.dense(out, source, weights, dilation[0], stride, step, n, bias, room, scratch, count)

    return by_rows


def by_products(
    chosen: Plan, context: Context, n: int, stride: int, dilation: tuple[int, int], bias: float
) -> Compute:
    """The sum of products column x row; a column that is symmetric needs half its conversions."""
    kind, count, step = context.spec.working, context.clipped, dilation[1] * context.spec.channels
    column, row = chosen.terms[0]
    room, scratch = rooms(n, (len(row) - 1) * step, kind)
    if len(chosen.terms) == stride == dilation[0] == 1 and len(column) % 2 and column == column[::-1]:
        half, across = Vector(column[len(column) // 2 :], kind), Vector(row, kind)

        def symmetric(out: Pixels, source: Pixels, row: int) -> None:
            separable.symmetric(out, source, half, across, step, n, bias, room, scratch, count)

        return symmetric
    columns, rows = (matrix([term[i] for term in chosen.terms], kind) for i in range(2))

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        separable.products(
            out, source, columns, rows, dilation[0], stride, step, n, bias, room, scratch, count
        )

    return compute


def by_taps(
    kernel: Kernel, context: Context, n: int, stride: int, dilation: tuple[int, int], bias: float
) -> Compute:
    """The taps that are not zero, one by one."""
    kind, count, step = context.spec.working, context.clipped, dilation[1] * context.spec.channels
    taps = [
        (w, i * dilation[0], j * step) for i, row in enumerate(kernel.weights) for j, w in enumerate(row) if w
    ]
    weights = Vector([w for w, _, _ in taps], kind)
    tops, items = (Vector([tap[i] for tap in taps], "i8") for i in (1, 2))
    _, scratch = rooms(n, 0, kind)

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        direct.sparse(out, source, weights, tops, items, stride, n, bias, scratch, count)

    return compute


def rooms(n: int, halo: int, kind: str) -> tuple[Vector, Vector]:
    """Scratch memory for a row with its flanks, and for a result.

    As many items at a time as the first-level cache holds; more where the flanks, which each block computes again,
    are wide.
    """
    span = min(n, max(direct.BLOCK, 8 * halo))
    return Vector.zeros(span + halo, kind), Vector.zeros(span, kind)


def thinned(inner: Compute, context: Context, n: int, stride: int) -> Compute:
    """Compute every pixel of a row, keep every stride-th: the vector loops are faster than a loop that skips."""
    channels, kind, width = context.spec.channels, context.spec.working, context.out.width
    scratch = Vector.zeros(width * channels, kind)
    wide: list[Pixels] = []

    def compute(out: Pixels, source: Pixels, row: int) -> None:
        if not wide or wide[0].height < out.height:
            wide[:] = [Pixels.empty(out.height, n // channels, channels, kind)]
        full = wide[0].band(0, out.height)
        inner(full, source, row)
        direct.thin(out, full, stride, channels, width, scratch, context.clipped)

    return compute


def matrix(rows: Any, kind: str) -> Pixels:
    """Weights as rows x items for a loop."""
    return Pixels.of_numbers(rows, 1, kind)
