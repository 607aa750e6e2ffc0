"""imgconv: image filters from the command line, from preset files and from Python, in one grammar."""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.api import Pipeline, open, shape
    from imgconv.core.errors import FileError, ImgconvError, UsageError

__all__ = ["FileError", "ImgconvError", "Pipeline", "UsageError", "open", "shape"]


def __getattr__(name: str) -> object:
    if name in ("Pipeline", "open", "shape"):
        from imgconv import api

        return getattr(api, name)
    if name in ("FileError", "ImgconvError", "UsageError"):
        from imgconv.core import errors

        return getattr(errors, name)
    raise AttributeError(f"module 'imgconv' has no attribute '{name}'")
