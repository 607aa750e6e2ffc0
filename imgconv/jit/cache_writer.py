"""Writing the cache of machine code: compile a loop, link it where there is a linker, store it, load it.

Nothing here may stop a run: where the cache cannot be written, the compiled loop is loaded from memory all the same,
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


WAIT = 10.0  # seconds to wait for a process that compiles the same loop, before one more may compile it too
STALE = 3600.0  # seconds after which a temporary file belongs to a run that was killed
LINKERS = ("cc", "gcc", "clang")
LINK = ("-shared", "-nostdlib", "-s", "-Wl,-z,noexecstack,-z,noseparate-code,--build-id=none")
_warned = False


def compile_and_store(loop: LoopDefinition, signature: str, key: str | None, mode: str) -> int | None:
    """Compile, store for next time, and load now: the loop's address; None where the code cannot be loaded.

    A library that cannot be opened here (no `/proc`, or memory that may not be executed) is not worth storing: the
    object is stored instead, and llvmlite loads it.
    """
    from imgconv.jit.compiler import machine_code

    code = machine_code(loop, signature)
    library = linked(code) if mode == "auto" else None
    address = None if library is None else load_library(library)
    if library is not None and address is not None:
        write_entry(key, "so", library)
        return address
    write_entry(key, "o", code)
    return load_object(code)


def linked(code: bytes) -> bytes | None:
    """The object as a shared library; None where there is no linker, or it fails."""
    import shutil
    import subprocess
    import tempfile

    linker = next(filter(None, map(shutil.which, LINKERS)), None)
    if linker is None:
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="imgconv-") as folder:
            source, target = os.path.join(folder, "loop.o"), os.path.join(folder, "loop.so")
            with open(source, "wb") as file:
                file.write(code)
            words = [linker, *LINK, "-o", target, source]
            subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=30)
            with open(target, "rb") as file:
                return file.read()
    except (OSError, subprocess.SubprocessError):
        return None


def write_entry(key: str | None, suffix: str, body: bytes) -> None:
    """Write an entry, or warn that it cannot be written."""
    path = cache.directory()
    if key is None or path is None:
        warn("cannot store compiled loops: there is no directory for them")
        return
    try:
        folder = ensure_directory(path)
        try:
            _write(folder, f"{key}.{suffix}", body + cache.digest(key, suffix, body))
        finally:
            os.close(folder)
    except OSError as error:
        warn(f"cannot store compiled loops in {path}: {error.strerror}")


def ensure_directory(path: str) -> int:
    """A descriptor of the directory, which is made if it is missing. Errors: OSError where that is not safe."""
    if not os.path.lexists(path):
        _refuse_another_users(path)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass  # another process was faster
    folder = cache.open_trusted(path)
    if folder is None:
        raise PermissionError(errno.EPERM, "it must be a directory that only you can write")
    return folder


def _refuse_another_users(path: str) -> None:
    """`sudo` with a user's HOME must not leave a directory of root's there."""
    above = os.path.dirname(path)
    while not os.path.exists(above) and above != "/":
        above = os.path.dirname(above)
    if os.geteuid() == 0 and os.stat(above).st_uid != 0:
        raise PermissionError(errno.EPERM, "it belongs to another user")


def _write(folder: int, name: str, content: bytes) -> None:
    """Write a file completely or not at all."""
    temporary = f"{name}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    _sweep(folder)
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(temporary, dir_fd=folder)
        raise


def _sweep(folder: int) -> None:
    """Remove temporary files that killed runs left."""
    import time

    for name in os.listdir(folder):
        if name.endswith(".tmp"):
            try:
                if time.time() - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > STALE:
                    os.unlink(name, dir_fd=folder)
            except OSError:
                pass


def warn(text: str) -> None:
    """Print a warning, the first time in a process."""
    global _warned
    if not _warned:
        say(f"{text} (set IMGCONV_CACHE_DIR to use another directory)")
    _warned = True


@contextmanager
def compile_lock(key: str | None) -> Iterator[None]:
    """A lock per key: of many processes that need a loop one compiles it, and after each `WAIT` seconds one more may.

    So a process that hangs delays the others by no more than that, and a slow machine does not run fifty compilers.
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
    """A descriptor of the file whose bytes are locked, or None where it cannot be made."""
    path = cache.directory()
    if path is None:
        return None
    try:
        folder = ensure_directory(path)
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            return os.open("locks", flags, 0o600, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError:
        return None


def _wait(descriptor: int, offset: int) -> None:
    """Wait until one of the bytes from `offset` on, beyond the file's end, is locked; one more may be every `WAIT`."""
    import time

    began = time.monotonic()
    slots = 1
    while not any(_locked(descriptor, offset + slot) for slot in range(slots)):
        time.sleep(0.05)
        slots = 1 + int((time.monotonic() - began) / WAIT)


def _locked(descriptor: int, offset: int) -> bool:
    import fcntl

    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN)  # a file system without locks
    return True
