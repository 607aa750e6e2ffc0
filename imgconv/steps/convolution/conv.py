"""Convolution with a kernel."""

from __future__ import annotations

from imgconv.core.errors import UsageError
from imgconv.core.option_types import Integer, Numbers, Size
from imgconv.core.options import argument, option
from imgconv.core.pixels import Pixels, Vector
from imgconv.core.window import Axis, Window
from imgconv.engine.scratch import Scratch, matrix, row_and_result
from imgconv.engine.step import Context, Padded
from imgconv.kernels.option_types import RANK, Divisor, KernelType
from imgconv.kernels.planner import MAX_TERMS, Plan, Workload, describe_plan, plan
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
    from imgconv.kernels.planner import Term


@register("conv", "Convolution with a kernel: weights, the name of a preset, or a file")
class Conv(Padded):
    """Convolution: out(x, y) = bias + sum of kernel(i, j) in(x + i, y + j), without flipping the kernel.

    Each channel by itself; takes any channels and gives floats whose range depends on the kernel. `--edge` fills the
    border. The sums are float32, in row-major order of the weights (float64 with `--precision double`, then equal to
    SciPy and OpenCV bit for bit). Large dense kernels are applied by Fourier transforms, within 1e-5 of full scale
    where the absolute weights sum to 1; `--algorithm direct` forces the sums.

    Kernels can be combined: 'box3 * box3' (one after the other), 'identity - gaussian5' (center on center),
    '[1 2 1] ^ 3 / auto' (powers; divided by the sum), '2 sobel-x'. Put spaces around + and -. The product of two
    kernels of even size lies one pixel off the result of two steps in a row: the center of the whole is its K//2.

    `--rank R` uses the nearest kernel that is a sum of R products column x row and has the same sum: faster, and off
    by no more than `explain` and `show KERNEL --rank R` say. A kernel of that rank or a lower one stays as it is.
    """

    example = "imgconv open sample_images/camera.png conv '0 -1 0; -1 5 -1; 0 -1 0' save sharp.png"
    is_linear = True
    rounds = True

    kernel: Any = argument(
        KernelType(),
        "weights, rows separated by ';'; the name of a preset; a file; or a combination of these",
        default=None,
    )
    stride: tuple[int, int] = option((1, 1), "distance of neighboring outputs", Size(), unit="pixels")
    dilation: tuple[int, int] = option((1, 1), "distance of neighboring taps", Size(1, 4096), unit="pixels")
    bias: float = option(0.0, "added to every result")
    divisor: str = option("1", "divide the weights by this; auto: by their sum", Divisor())
    flip: bool = option(False, "rotate the kernel by 180 degrees, as in the mathematical convolution")
    anchor: Any = option(
        None, "center of the kernel, from its top left corner; K//2 by default", Numbers("X,Y", Integer(0))
    )
    rank: Any = option(None, "use the nearest kernel of this rank, a sum of R products", RANK)
    size: Any = option(None, "size of the kernel, under `shape` where weights do not matter", Size())
    out_channels: int = option(
        0, "number of kernels in the layer, under `shape`", low=0, high=1 << 20, whole=True
    )

    def check(self) -> None:
        if (self.kernel is None) == (self.size is None):
            raise UsageError(
                "conv needs either a KERNEL, for example conv '1 0 -1', or (under `shape`) --size N"
            )
        if self.anchor is not None:
            x, y = self.anchor
            height, width = self.shape
            if x >= width or y >= height:
                raise UsageError(
                    f"conv: --anchor {x},{y} lies outside a kernel of {height}x{width} (rows x columns)"
                )
        if self.rank is not None and self.kernel is None:
            raise UsageError("conv: --rank needs the weights of a KERNEL; it does not work with --size")
        self.divided()

    @property
    def shape(self) -> tuple[int, int]:
        """The kernel's rows and columns."""
        if self.kernel is None:
            height, width = self.size
            return height, width
        return self.kernel.height, self.kernel.width

    def effective(self) -> Kernel | None:
        """The weights in use: divided, of a lower rank, and flipped. None under `shape`, where there are none."""
        kernel = self.divided()
        low_rank = kernel and self.approximation(kernel)
        kernel = low_rank.kernel if low_rank else kernel
        return kernel.flipped() if kernel and self.flip else kernel

    def divided(self) -> Kernel | None:
        kernel: Kernel | None = self.kernel
        return kernel if kernel is None or self.divisor == "1" else kernel.divided(self.divisor)

    def approximation(self, kernel: Kernel) -> LowRank | None:
        """The kernel of `--rank`; None where that option is absent or does not lower the rank."""
        if self.rank is None:
            return None
        from imgconv.kernels.low_rank import approximate

        return approximate(kernel, self.rank)

    def infer(self, spec: Spec) -> Spec:
        out = super().infer(spec)
        if not self.out_channels:
            return out
        if self.kernel is not None:
            raise UsageError("conv: --out-channels works with --size only, under `shape`")
        return out.replace(channels=self.out_channels, space="none", alpha=False)

    def window(self, spec: Spec) -> Window:
        (height, width), (down, across), (below, beside) = self.shape, self.stride, self.dilation
        return self.around(Axis(height, down, below), Axis(width, across, beside), self.anchor)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        kernel = self.effective()
        plan = kernel and self.plan(kernel, spec, run, True)
        if not kernel or not plan or not plan.length:
            return (self,)
        from imgconv.steps.convolution.fft import Fourier

        window = self.window(spec)
        length, bias = plan.length, self.bias
        return (Fourier(kernel=kernel, kernel_window=window, length=length, bias=bias, edge=self.edge),)

    def bind(self, context: Context) -> Compute:
        kernel = self.effective()
        if kernel is None:
            raise UsageError(
                "conv: --size stands for a kernel under `shape` only; give the weights of a KERNEL to filter pixels"
            )
        chosen = self.plan(kernel, context.spec, context.run)
        if self.stride[1] == 1:
            return self.apply(kernel, chosen, context, context.out.width * context.spec.channels)
        columns = self.window(context.spec).columns.replace(stride=1)
        width = columns.output(context.spec.width)
        every = self.apply(
            kernel, chosen, context.replace(out=context.out.computed), width * context.spec.channels
        )
        return subsampled(every, context, width, self.stride[1])

    def plan(self, kernel: Kernel, spec: Spec, run: Run, transforms: bool = False) -> Plan:
        """The algorithm. `transforms`: Fourier transforms may be chosen, where no stride skips what they compute."""
        workload = None
        if transforms and self.stride == (1, 1):
            (below, beside), (height, width) = self.dilation, self.sizes(spec)
            items, item_spacing = width * spec.channels, beside * spec.channels
            workload = Workload(height, items, below, item_spacing)
        max_terms = max(MAX_TERMS, self.rank or 0)
        return plan(kernel, run.algorithm, spec.working == "f8", workload, max_terms)

    def apply(self, kernel: Kernel, chosen: Plan, context: Context, n: int) -> Compute:
        """`compute` by the chosen algorithm, n items a row."""
        loop, operands = self.loop(kernel, chosen, context, n)

        def compute(out: Pixels, source: Pixels, y: int) -> None:
            loop(out, source, *operands)

        return compute

    def loop(self, kernel: Kernel, chosen: Plan, context: Context, n: int) -> tuple[Any, tuple[Any, ...]]:
        """The loop of the chosen algorithm, and what it takes after `out` and `src`."""
        if chosen.terms:
            return self.separable_loop(chosen.terms, context, n)
        if chosen.algorithm == "sparse":
            return self.sparse_loop(kernel, context, n)
        dtype, dilation, stride = context.spec.working, self.dilation[0], self.stride[0]
        channel_stride = self.dilation[1] * context.spec.channels
        weights = matrix(kernel.weights, dtype)
        scratch = row_and_result(n, (kernel.width - 1) * channel_stride, dtype)
        numbers = dilation, stride, channel_stride, n, self.bias
        return direct.dense, (weights, *numbers, *scratch, context.clipped)

    def separable_loop(self, terms: Sequence[Term], context: Context, n: int) -> tuple[Any, tuple[Any, ...]]:
        """For a sum of products column x row; a single symmetric column needs half as many conversions."""
        dtype, dilation, stride = context.spec.working, self.dilation[0], self.stride[0]
        channel_stride = self.dilation[1] * context.spec.channels
        column, row = terms[0]
        scratch = row_and_result(n, (len(row) - 1) * channel_stride, dtype)
        if len(terms) == stride == dilation == 1 and len(column) % 2 and column == column[::-1]:
            weights = Vector(column[len(column) // 2 :], dtype), Vector(row, dtype)
            return separable.symmetric, (*weights, channel_stride, n, self.bias, *scratch, context.clipped)
        columns, rows = (matrix([term[i] for term in terms], dtype) for i in range(2))
        numbers = dilation, stride, channel_stride, n, self.bias
        return separable.products, (columns, rows, *numbers, *scratch, context.clipped)

    def sparse_loop(self, kernel: Kernel, context: Context, n: int) -> tuple[Any, tuple[Any, ...]]:
        """For the taps that are not zero, one by one."""
        dtype, channel_stride = context.spec.working, self.dilation[1] * context.spec.channels
        taps = [
            (weight, i * self.dilation[0], j * channel_stride)
            for i, row in enumerate(kernel.weights)
            for j, weight in enumerate(row)
            if weight
        ]
        weights = Vector([weight for weight, _, _ in taps], dtype)
        rows, items = (Vector([tap[i] for tap in taps], "i8") for i in (1, 2))
        _, scratch = row_and_result(n, 0, dtype)
        return direct.sparse, (weights, rows, items, self.stride[0], n, self.bias, scratch, context.clipped)

    def explain(self, spec: Spec, run: Run, transforms: bool = True) -> str:
        kernel = self.effective()
        if kernel is None:
            return ""
        sum_ = f"sum {kernel.sum:g}"
        divisor = "" if self.divisor == "1" else f", divisor {self.divisor}"
        chosen = self.plan(kernel, spec, run, transforms)
        return f"{describe_plan(kernel, chosen)}; {sum_}{divisor}{self.reduced(chosen, spec, run)}"

    def reduced(self, chosen: Plan, spec: Spec, run: Run) -> str:
        """What `--rank` costs and saves."""
        kernel = self.divided()
        if kernel is None or self.rank is None:
            return ""
        from imgconv.kernels.low_rank import describe_approximation

        before = self.replace(rank=None).plan(kernel, spec, run, True)
        low_rank = self.approximation(kernel)
        return f"; {describe_approximation(low_rank, kernel, self.rank, before.cost, chosen.cost)}"


class KernelFilter(Padded):
    """A step that is a convolution with a kernel that it makes from its options."""

    def kernel(self) -> Kernel:
        raise NotImplementedError(self.name)

    def conv(self) -> Conv:
        return Conv(kernel=self.kernel(), edge=self.edge, padding=self.padding)

    def window(self, spec: Spec) -> Window:
        return self.conv().window(spec)

    def expand(self, spec: Spec, run: Run) -> Sequence[Step]:
        return self.conv().expand(spec, run)

    def explain(self, spec: Spec, run: Run) -> str:
        return self.conv().explain(spec, run)


def subsampled(every: Compute, context: Context, width: int, stride: int) -> Compute:
    """`compute` that keeps every stride-th of the `width` columns that `every` computes.

    Vector loops over all columns are faster than a loop that skips.
    """
    channels, dtype, clipped = context.spec.channels, context.spec.working, context.clipped
    scratch, buffer = Vector.zeros(context.out.width * channels, dtype), Scratch(width, channels, dtype)

    def compute(out: Pixels, source: Pixels, y: int) -> None:
        src = buffer.rows(out.height)
        every(src, source, y)
        direct.subsample(out, src, stride, channels, out.width, scratch, clipped)

    return compute
