"""Read inputs; write outputs whole or not at all.

An output is written beside its target under a temporary name and renamed by `os.replace`. On any exception, and on a
signal (`discard_all`), the temporary is removed and the old target stays as it was. Temporaries of runs that were
killed outright are removed by the next run that writes into their directory (`sweep`).
"""

from __future__ import annotations

import os
import sys

from imgconv.core.errors import FileError, UsageError, quote_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Buffer, Callable  # type: ignore[attr-defined]
    from types import TracebackType
    from typing import Self

MAPPED = 64 << 20  # bytes from which a file is mapped; a smaller one is read, and may be truncated meanwhile
PIPED = 1 << 30  # bytes read from a pipe at most
SUFFIX = ".imgconv-tmp"
REGULAR, DIRECTORY = 0o100000, 0o040000
SCANNED = 1000  # entries of a directory, at most, that are searched for stale temporaries: 0.5 ms
FOREIGN = 7 * 86400.0  # seconds until a temporary of another machine is stale: its process cannot be asked

CLOSED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
CREATED = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | CLOSED

_live: dict[str, int] = {}  # temporaries and the processes that made them
_swept: set[str] = set()  # directories that this process has searched for stale temporaries


# ---- inputs ------------------------------------------------------------------------------------------------


def read_input(path: str) -> bytes:
    """A file's bytes (a memory map for a large file), or all of stdin for `-`. Errors: FileError."""
    try:
        data = _stdin() if path == "-" else _file(path)
    except OSError as error:
        raise FileError(f"cannot open {quote_path(path)}: {_reason(error).lower()}") from None
    except ValueError:
        raise FileError(f"cannot open {quote_path(path)}: no such file") from None
    if not len(data):
        raise FileError(f"cannot open {quote_path(path)}: it is empty")
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
        file_type = info.st_mode & 0o170000
        if file_type == DIRECTORY:
            raise IsADirectoryError(21, "is a directory")
        if file_type != REGULAR or info.st_size == 0:
            return _all(descriptor, path)
        return _mapped(descriptor) if info.st_size > MAPPED else _read(descriptor, info.st_size)
    finally:
        os.close(descriptor)


def _mapped(descriptor: int) -> bytes:
    import mmap

    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)  # type: ignore[return-value]  # read like bytes


def _read(descriptor: int, size: int) -> bytes:
    """A regular file of a known size, by one call if possible."""
    first = os.read(descriptor, size)
    return first if len(first) == size else first + _all(descriptor, "")


def _all(descriptor: int, path: str) -> bytes:
    pieces, size = [], 0
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > PIPED:
            raise FileError(
                f"cannot open {quote_path(path)}: it is above {PIPED} bytes; save it to a file first"
            )
    return b"".join(pieces)


def _reason(error: OSError) -> str:
    """The system's words: 'No such file'."""
    return (error.strerror or str(error)).replace(" or directory", "")


# ---- outputs -----------------------------------------------------------------------------------------------


class Output:
    """A file being written, or stdout for `-`. Leaving `with` without `commit` discards what was written."""

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
        file_type = info.st_mode & 0o170000 if info else REGULAR
        if info and file_type != REGULAR:
            self.descriptor = os.open(self.path, os.O_WRONLY | CLOSED)
            return
        self._check_target(info)
        self.temporary = temporary_name(self.target)
        _live[self.temporary] = os.getpid()
        self.descriptor = os.open(self.temporary, CREATED, 0o600 if info else 0o666)
        if info and hasattr(os, "fchmod"):
            os.fchmod(self.descriptor, info.st_mode & 0o777)

    def _check_target(self, info: os.stat_result | None) -> None:
        """Follow links to the file that will be replaced, and refuse one that must not be."""
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
        """Append all of these bytes."""
        left = memoryview(data).cast("B")
        try:
            while left:
                left = left[os.write(self.descriptor, left) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._fault(error) from None

    def commit(self) -> None:
        """Rename the temporary to the target: from now on the file is there, and whole."""
        try:
            self._close()
            if self.temporary:
                self._rename()
        except OSError as error:
            self.discard()
            raise self._fault(error) from None
        temporary, self.temporary = self.temporary, ""
        if temporary:
            _live.pop(temporary, None)
            sweep_once(os.path.dirname(temporary))

    def _rename(self) -> None:
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
        return FileError(f"cannot write {quote_path(self.path)}: it exists (--no-clobber)")

    def _fault(self, error: OSError) -> FileError:
        directory = os.path.dirname(self.target)
        if isinstance(error, FileNotFoundError) and directory and not os.path.isdir(directory):
            return FileError(
                f"cannot write {quote_path(self.path)}: there is no directory {quote_path(directory)}; "
                "make it with mkdir -p"
            )
        return FileError(f"cannot write {quote_path(self.path)}: {_reason(error)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exception: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except ValueError:
        raise OSError(22, "A file name cannot hold a null character") from None


def _stdout() -> int:
    if sys.stdout is None or sys.stdout.closed:
        raise FileError("cannot write '-': stdout is closed")
    if sys.stdout.isatty():
        raise UsageError("'-' writes the image to stdout, which is a terminal here: give it a file or a pipe")
    sys.stdout.flush()
    return sys.stdout.fileno()


# ---- temporaries -------------------------------------------------------------------------------------------


def temporary_name(target: str) -> str:
    """`.NAME.PID.START.MACHINE_AND_RANDOM.imgconv-tmp` beside the target: who made it, and when that process began."""
    directory, name = os.path.split(target)
    short = os.fsdecode(os.fsencode(name)[:140])
    process = os.getpid()
    unique = f"{short}.{process}.{_started(process)}.{_machine()}{os.urandom(6).hex()}"
    return os.path.join(directory, f".{unique}{SUFFIX}")


def _machine() -> str:
    """Where process ids mean the same processes: the machine's name and, on Linux, the namespace of ids."""
    import zlib

    name = os.uname().nodename if hasattr(os, "uname") else ""
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return f"{zlib.crc32(f'{name} {namespace}'.encode(errors='replace')):08x}"


def _started(process: int) -> int:
    """When a process began, in ticks since the machine did; 0 where that cannot be told."""
    try:
        descriptor = os.open(f"/proc/{process}/stat", os.O_RDONLY | CLOSED)
        try:
            return int(os.read(descriptor, 4096).rpartition(b")")[2].split()[19])
        finally:
            os.close(descriptor)
    except (OSError, IndexError, ValueError):
        return 0


def is_stale(name: str, age: float = 0.0) -> bool:
    """Whether a file's name is that of a temporary whose process is gone; `age`: seconds since it was written to.

    Of a process of another machine or container only the age tells. A file of a live process is never stale.
    """
    if os.name != "posix" or not name.startswith(".") or not name.endswith(SUFFIX):
        return False
    parts = name[: -len(SUFFIX)].rsplit(".", 3)
    if len(parts) != 4 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return False
    process, start, where = int(parts[1]), int(parts[2]), parts[3]
    if where[:8] != _machine():
        return age > FOREIGN
    return not _is_running(process, start)


def _is_running(process: int, start: int) -> bool:
    """Whether the process lives that began then; another one may have got its id since."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    now = _started(process)
    return not start or not now or start == now


def sweep_once(directory: str) -> None:
    """`sweep`, for each directory once a process."""
    if directory not in _swept:
        _swept.add(directory)
        sweep(directory)


def sweep(directory: str) -> int:
    """Remove the stale temporaries among the first entries of a directory; how many there were."""
    import time

    removed = 0
    try:
        with os.scandir(directory or ".") as entries:
            for _, entry in zip(range(SCANNED), entries, strict=False):
                if entry.name.endswith(SUFFIX):
                    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                    if is_stale(entry.name, age):
                        os.unlink(entry.path)
                        removed += 1
    except OSError:
        pass  # the output is there; what others left can wait
    return removed


def discard_all() -> None:
    """Remove every temporary of this process: for signal handlers."""
    for temporary, process in list(_live.items()):
        if process == os.getpid():
            _remove(temporary)


def _remove(temporary: str) -> None:
    _live.pop(temporary, None)
    _quietly(os.unlink, temporary)


def _quietly(action: Callable[..., None], *args: object) -> None:
    """Call what can fail only where nothing can be done about it."""
    try:
        action(*args)
    except OSError:
        return
