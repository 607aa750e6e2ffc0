"""Messages on stderr, data on stdout."""

from __future__ import annotations

import sys

from imgconv.core.errors import FileError


def say(text: str) -> None:
    """One message on stderr, if there is one."""
    if sys.stderr is not None:
        try:
            print(f"imgconv: {text}", file=sys.stderr, flush=True)
        except OSError:
            pass


def emit(text: str) -> None:
    """Data on stdout."""
    if sys.stdout is None:
        raise FileError("cannot write to stdout: it is closed")
    sys.stdout.flush()
    left = memoryview(text.encode())
    try:
        while left:  # an unbuffered stdout (PYTHONUNBUFFERED) may take a part
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot write to stdout: {(error.strerror or str(error)).lower()}") from None
