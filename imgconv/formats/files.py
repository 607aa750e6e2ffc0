"""Opening inputs, and outputs that are whole or absent.

An output is written beside its target under a temporary name and put in place by `os.replace`; on any
exception, and on a signal (`discard_all`), the temporary is removed and the old target stays as it was.
"""

from __future__ import annotations

import os
import sys

from imgconv.core.errors import FileError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Buffer, Callable  # type: ignore[attr-defined]
    from types import TracebackType
    from typing import Self

MAPPED = 64 << 20  # bytes from which a file is mapped; a smaller one is read, and may be cut meanwhile
PIPED = 1 << 30  # bytes taken from a pipe at most
SUFFIX = ".imgconv-tmp"
REGULAR, DIRECTORY = 0o100000, 0o040000

CLOSED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
CREATED = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | CLOSED

_live: dict[str, int] = {}  # temporaries and the processes that made them


def shown(path: str) -> str:
    """A file's name for a message: quoted, with control characters escaped."""
    inside = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
    return f"'{inside}'"


# ---- inputs ------------------------------------------------------------------------------------------------


def read_input(path: str) -> bytes:
    """A file's bytes (a map of them, for a large file), or all of stdin for `-`."""
    try:
        data = _stdin() if path == "-" else _file(path)
    except OSError as error:
        raise FileError(f"cannot open {shown(path)}: {_reason(error).lower()}") from None
    except ValueError:
        raise FileError(f"cannot open {shown(path)}: no such file") from None
    if not len(data):
        raise FileError(f"cannot open {shown(path)}: it is empty")
    return data


def _stdin() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise FileError("cannot open '-': stdin is closed")
    if sys.stdin.isatty():
        raise UsageError("'-' reads an image from stdin, which is a terminal here: give it a file or a pipe")
    return _all(sys.stdin.fileno(), "-")


def _file(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | CLOSED)
    try:
        info = os.fstat(descriptor)
        kind = info.st_mode & 0o170000
        if kind == DIRECTORY:
            raise IsADirectoryError(21, "is a directory")
        if kind != REGULAR or info.st_size == 0:
            return _all(descriptor, path)
        return _mapped(descriptor) if info.st_size > MAPPED else _read(descriptor, info.st_size)
    finally:
        os.close(descriptor)


def _mapped(descriptor: int) -> bytes:
    import mmap

    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)  # type: ignore[return-value]  # bytes, as far as we go


def _read(descriptor: int, size: int) -> bytes:
    """A regular file of a known size, in one piece if it can be."""
    first = os.read(descriptor, size)
    return first if len(first) == size else first + _all(descriptor, "")


def _all(descriptor: int, path: str) -> bytes:
    pieces, size = [], 0
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > PIPED:
            raise FileError(f"cannot open {shown(path)}: more than {PIPED} bytes; save them to a file first")
    return b"".join(pieces)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).replace(" or directory", "")


# ---- outputs -----------------------------------------------------------------------------------------------


class Output:
    """Bytes on their way to a file, or to stdout for `-`. Leaving `with` uncommitted discards them."""

    def __init__(self, path: str, no_clobber: bool = False) -> None:
        self.path = path
        self.no_clobber = no_clobber
        self.temporary = ""
        self.target = path
        self.descriptor = -1
        try:
            self._open()
        except OSError as error:
            self.discard()
            raise self._fault(error) from None
        except BaseException:
            self.discard()
            raise

    def _open(self) -> None:
        if self.path == "-":
            self.descriptor = _stdout()
            return
        info = _stat(self.path)
        kind = info.st_mode & 0o170000 if info else REGULAR
        if info and kind != REGULAR:
            self.descriptor = os.open(self.path, os.O_WRONLY | CLOSED)
            return
        self._check_target(info)
        self.temporary = temporary_name(self.target)
        _live[self.temporary] = os.getpid()
        self.descriptor = os.open(self.temporary, CREATED, 0o600 if info else 0o666)
        if info and hasattr(os, "fchmod"):
            os.fchmod(self.descriptor, info.st_mode & 0o777)

    def _check_target(self, info: os.stat_result | None) -> None:
        """Follow links to the file that is to be replaced; see that it may be."""
        self.target = os.path.realpath(self.path)
        if os.path.islink(self.target):
            raise OSError(40, "Too many levels of symbolic links")
        if not os.path.basename(self.path):
            raise IsADirectoryError(21, "Is a directory")
        if info and self.no_clobber:
            raise self._exists()
        if info and not os.access(self.target, os.W_OK):
            raise PermissionError(13, "Permission denied")

    def write(self, data: Buffer) -> None:
        """All of these bytes, in order."""
        left = memoryview(data).cast("B")
        try:
            while left:
                left = left[os.write(self.descriptor, left) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._fault(error) from None

    def commit(self) -> None:
        """Put the file in its place."""
        try:
            self._close()
            if self.temporary:
                self._place()
        except OSError as error:
            self.discard()
            raise self._fault(error) from None
        _live.pop(self.temporary, None)
        self.temporary = ""

    def _place(self) -> None:
        if not self.no_clobber:
            os.replace(self.temporary, self.target)
            return
        try:
            os.link(self.temporary, self.target)
        except FileExistsError:
            self.discard()
            raise self._exists() from None
        os.unlink(self.temporary)

    def discard(self) -> None:
        """Remove what was written; the old target stays. Harmless after `commit`."""
        _quietly(self._close)
        if self.temporary:
            _remove(self.temporary)
            self.temporary = ""

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0 and self.path != "-":
            os.close(descriptor)

    def _exists(self) -> FileError:
        return FileError(f"cannot write {shown(self.path)}: it exists (--no-clobber)")

    def _fault(self, error: OSError) -> FileError:
        folder = os.path.dirname(self.target)
        if isinstance(error, FileNotFoundError) and folder and not os.path.isdir(folder):
            return FileError(
                f"cannot write {shown(self.path)}: no directory {shown(folder)}; make it with mkdir -p"
            )
        return FileError(f"cannot write {shown(self.path)}: {_reason(error)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except ValueError:
        raise OSError(22, "No file can have this name") from None


def _stdout() -> int:
    if sys.stdout is None or sys.stdout.closed:
        raise FileError("cannot write '-': stdout is closed")
    if sys.stdout.isatty():
        raise UsageError("'-' writes the image to stdout, which is a terminal here: give it a file or a pipe")
    sys.stdout.flush()
    return sys.stdout.fileno()


# ---- temporaries -------------------------------------------------------------------------------------------


def temporary_name(target: str) -> str:
    """`.NAME.PID.RANDOM.imgconv-tmp` beside the target; RANDOM begins with what tells this machine."""
    folder, name = os.path.split(target)
    short = os.fsdecode(os.fsencode(name)[:150])
    return os.path.join(folder, f".{short}.{os.getpid()}.{_machine()}{os.urandom(6).hex()}{SUFFIX}")


def _machine() -> str:
    import zlib

    name = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{zlib.crc32(name.encode(errors='replace')):08x}"


def is_stale(name: str) -> bool:
    """Whether a file's name is that of a temporary whose process, of this machine, is gone."""
    if os.name != "posix" or not name.startswith(".") or not name.endswith(SUFFIX):
        return False
    parts = name.split(".")
    process, random = parts[-3:-1] if len(parts) > 3 else ("", "")
    if not process.isdecimal() or random[:8] != _machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def sweep(folder: str) -> int:
    """Remove the stale temporaries of a directory; how many there were."""
    try:
        stale = [name for name in os.listdir(folder or ".") if is_stale(name)]
    except OSError:
        return 0
    for name in stale:
        _remove(os.path.join(folder, name))
    return len(stale)


def discard_all() -> None:
    """Remove every temporary of this process: for signal handlers."""
    for temporary, process in list(_live.items()):
        if process == os.getpid():
            _remove(temporary)


def _remove(temporary: str) -> None:
    _live.pop(temporary, None)
    _quietly(os.unlink, temporary)


def _quietly(action: Callable[..., None], *args: object) -> None:
    """What can only fail where nothing can be done about it."""
    try:
        action(*args)
    except OSError:
        return
