"""The types of options that hold the weights of a convolution."""

from __future__ import annotations

from imgconv.core.option_types import Integer, Number, OptionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from imgconv.kernels.kernel import Kernel


class KernelType(OptionType):
    """A convolution kernel: a preset's name, a file, or the weights themselves."""

    metavar = "KERNEL"

    def read(self, value: Any) -> Kernel:
        from imgconv.kernels.kernel import Kernel
        from imgconv.kernels.library import kernel_of

        if isinstance(value, Kernel):
            return value
        if isinstance(value, str):
            return kernel_of(value)
        rows = value.tolist() if hasattr(value, "tolist") else list(value)
        return Kernel.from_rows(rows if rows and isinstance(rows[0], (list, tuple)) else [rows])

    def text(self, value: Kernel) -> str:
        return value.text()

    def accepts_name(self, word: str) -> bool:
        from imgconv.kernels.library import is_kernel

        return is_kernel(word)


class Divisor(OptionType):
    """A number that divides the weights, or `auto`: what makes them sum to 1."""

    metavar = "N|auto"

    def read(self, value: Any) -> str:
        text = str(value).strip()
        if text != "auto":
            Number().read(text)
        return text


class Rank(Integer):
    """The rank of a matrix."""

    metavar = "R"


RANK = Rank(1, 4095)
