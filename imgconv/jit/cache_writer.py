"""An entry for the store: compile a loop, link it where a linker is at hand, write it, load it.

Nothing here may stop a run: where the store cannot be written, what was compiled is loaded from memory all the same,
with one line of warning.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager

from imgconv.core.messages import say
from imgconv.jit import cache
from imgconv.jit.loader import load_library, load_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgconv.jit.helper import LoopDefinition


WAIT = 10.0  # seconds for another process that compiles the same loop, before one more may compile it too
STALE = 3600.0  # seconds after which a temporary file belongs to a run that was killed
LINKERS = ("cc", "gcc", "clang")
LINK = ("-shared", "-nostdlib", "-s", "-Wl,-z,noexecstack,-z,noseparate-code,--build-id=none")
_warned = False


def compile_and_keep(loop: LoopDefinition, signature: str, key: str | None, how: str) -> int | None:
    """Compile, keep for next time, and load now; None where the code cannot be loaded.

    A library that cannot be opened here (no `/proc`, or memory that may not be executed) is no use to keep: the
    object is kept instead, and llvmlite loads it.
    """
    from imgconv.jit.compiler import machine_code

    code = machine_code(loop, signature)
    library = linked(code) if how == "auto" else None
    address = None if library is None else load_library(library)
    if library is not None and address is not None:
        write_entry(key, "so", library)
        return address
    write_entry(key, "o", code)
    return load_object(code)


def linked(code: bytes) -> bytes | None:
    """The object as a shared library, where a linker is at hand."""
    import shutil
    import subprocess
    import tempfile

    linker = next(filter(None, map(shutil.which, LINKERS)), None)
    if linker is None:
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="imgconv-") as room:
            source, target = os.path.join(room, "loop.o"), os.path.join(room, "loop.so")
            with open(source, "wb") as file:
                file.write(code)
            words = [linker, *LINK, "-o", target, source]
            subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=30)
            with open(target, "rb") as file:
                return file.read()
    except (OSError, subprocess.SubprocessError):
        return None


def write_entry(key: str | None, kind: str, body: bytes) -> None:
    """Write an entry; a warning if that cannot be done."""
    path = cache.directory()
    if key is None or path is None:
        warn("cannot keep compiled loops: there is no place for them")
        return
    try:
        place = ensure_directory(path)
        try:
            _write(place, f"{key}.{kind}", body + cache.digest(key, kind, body))
        finally:
            os.close(place)
    except OSError as error:
        warn(f"cannot keep compiled loops in {path}: {error.strerror}")


def ensure_directory(path: str) -> int:
    """A descriptor of the directory, made if need be. OSError where that cannot be done safely."""
    if not os.path.lexists(path):
        _not_for_another(path)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass  # another process was faster
    place = cache.open_trusted(path)
    if place is None:
        raise PermissionError(errno.EPERM, "it is not a directory of yours alone")
    return place


def _not_for_another(path: str) -> None:
    """`sudo` with a user's HOME must not leave a directory there that is root's."""
    above = os.path.dirname(path)
    while not os.path.exists(above) and above != "/":
        above = os.path.dirname(above)
    if os.geteuid() == 0 and os.stat(above).st_uid != 0:
        raise PermissionError(errno.EPERM, "it is another user's")


def _write(place: int, name: str, content: bytes) -> None:
    """Whole or not at all."""
    temporary = f"{name}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    _sweep(place)
    descriptor = os.open(temporary, flags, 0o600, dir_fd=place)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:
        os.unlink(temporary, dir_fd=place)
        raise


def _sweep(place: int) -> None:
    """Remove what killed runs left."""
    import time

    for name in os.listdir(place):
        if name.endswith(".tmp"):
            try:
                if time.time() - os.stat(name, dir_fd=place, follow_symlinks=False).st_mtime > STALE:
                    os.unlink(name, dir_fd=place)
            except OSError:
                pass


def warn(text: str) -> None:
    """Once a process."""
    global _warned
    if not _warned:
        say(f"{text} (IMGCONV_CACHE_DIR names another place)")
    _warned = True


@contextmanager
def compile_lock(key: str | None) -> Iterator[None]:
    """A lock a key: of many processes on an empty store one compiles, and after each `WAIT` seconds one more.

    A process that hangs holds nobody up for longer, and a slow machine does not get fifty compilers at once.
    """
    descriptor = _lock_file() if key is not None else None
    try:
        if key is not None and descriptor is not None:
            _wait(descriptor, int(key[:12], 16) * 256)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock_file() -> int | None:
    path = cache.directory()
    if path is None:
        return None
    try:
        place = ensure_directory(path)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            return os.open("locks", flags, 0o600, dir_fd=place)
        finally:
            os.close(place)
    except OSError:
        return None


def _wait(descriptor: int, at: int) -> None:
    """Lock one of the bytes from `at` on, far beyond the file's end; each `WAIT` there is one more to choose from."""
    import time

    began = time.monotonic()
    places = 1
    while not any(_locked(descriptor, at + place) for place in range(places)):
        time.sleep(0.05)
        places = 1 + int((time.monotonic() - began) / WAIT)


def _locked(descriptor: int, at: int) -> bool:
    import fcntl

    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)  # a file system without locks
    return True
