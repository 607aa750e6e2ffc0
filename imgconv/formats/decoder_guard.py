"""Guard around third-party decoders: warnings are suppressed, and any exception becomes a FileError of one line."""

from __future__ import annotations

import warnings
from _thread import RLock

from imgconv.core.errors import FileError, ImgconvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from imgconv.formats.options import ReadOptions

_one_at_a_time = RLock()  # warning filters belong to the process


class DecoderGuard:
    """A context in which a decoder works. `strict` are warnings that are raised as errors."""

    def __init__(self, options: ReadOptions, *strict: type[Warning]) -> None:
        self.options = options
        self.strict = strict
        self.filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        _one_at_a_time.acquire()
        self.filters.__enter__()
        warnings.simplefilter("ignore")
        for category in self.strict:
            warnings.simplefilter("error", category)

    def __exit__(
        self, exception: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.filters.__exit__(exception, error, trace)
        _one_at_a_time.release()
        if isinstance(error, Exception) and not isinstance(error, ImgconvError):
            raise fault(error, self.options) from None


def fault(error: Exception, options: ReadOptions) -> FileError:
    """The error for what a decoder raised, in one line."""
    if isinstance(error, MemoryError):
        return options.fault("not enough memory")
    message = str(error).partition("\n")[0] or type(error).__name__
    is_cut = isinstance(error, EOFError) or any(
        word in message.lower() for word in ("truncated", "failed to read")
    )
    return options.fault(f"{'truncated' if is_cut else 'damaged'}: {message}")
