"""Messages on stderr, data on stdout."""

from __future__ import annotations

import sys

from imgconv.core.errors import FileError, escape

CLOSED = "cannot write to stdout: it is closed"


def say(text: str) -> None:
    """Print a message on stderr, or nothing where stderr is closed; control characters of words are escaped."""
    if sys.stderr is not None:
        try:
            print("imgconv: " + "\n".join(map(escape, text.split("\n"))), file=sys.stderr, flush=True)
        except OSError:
            pass


def emit(text: str) -> None:
    """Write text on stdout as UTF-8. Errors: FileError where stdout is closed or full; BrokenPipeError."""
    if sys.stdout is None:
        raise FileError(CLOSED)
    sys.stdout.flush()
    rest = memoryview(text.encode())
    try:
        while rest:  # an unbuffered stdout (PYTHONUNBUFFERED) may take only a part
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from None


def unwritable(error: OSError) -> FileError:
    """The message of a stdout that cannot be written to, as on a full disk."""
    return FileError(f"cannot write to stdout: {(error.strerror or str(error)).lower()}")
