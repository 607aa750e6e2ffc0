"""The store of machine code: one file an entry, in the user's own cache directory, checked before it is loaded.

What is promised: the directory is real, the user's own and closed to others; an entry's name is the sha256 of
everything that shapes the code; its last 32 bytes are the sha256 of name and content; the bytes that were checked
are the bytes that are loaded (they are copied to anonymous memory first). Any doubt, and the loop is compiled in
memory: slower, never wrong, at most one line of warning.
"""

from __future__ import annotations

import os
import sys

try:  # `hashlib` loads all of OpenSSL: 3 to 5 ms
    from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from imgconv.jit import Helper, Loop

KNOWN_LLVMLITE = ("0.44", "0.45", "0.46", "0.47", "0.48", "0.49", "0.50")
WAIT = 10.0  # seconds for another process that compiles the same loop
DIGEST = 32
LIMIT = 4 << 20  # bytes; the largest loop has some 30 kB

_open: list[int] = []  # descriptors behind loaded libraries; the C library knows a library by its path
_engines: list[object] = []  # llvmlite's owners of loaded objects
_warned = False


def loadable() -> bool:
    """Whether machine code may be kept and loaded here: shown to work on 64-bit Linux on x86 only."""
    return (
        sys.platform == "linux"
        and os.uname().machine == "x86_64"
        and sys.maxsize > 2**32
        and hasattr(os, "memfd_create")
        and _version("llvmlite").rpartition(".")[0] in KNOWN_LLVMLITE
    )


# ---- the key ---------------------------------------------------------------------------------------------------


def key(loop: Loop, signature: str) -> str:
    """sha256 of everything that shapes the code."""
    here = os.path.dirname(__file__)
    files = sorted({f"{here}/compiler.py", f"{here}/jit.py", *_sources(loop)})
    parts = [loop.title, signature, *sorted(loop.flags(signature)), _machine(), *map(_file_digest, files)]
    return sha256("\0".join(parts).encode()).hexdigest()


def _sources(part: Helper) -> Iterator[str]:
    """The files of a loop and of the helpers that its module names."""
    from imgconv.jit import Helper

    module = sys.modules[part.function.__module__]
    yield str(module.__file__)
    for value in vars(module).values():
        if isinstance(value, Helper) and value.function.__module__ != module.__name__:
            yield from _sources(value)


_digests: dict[str, str] = {}


def _file_digest(path: str) -> str:
    if path not in _digests:
        _digests[path] = sha256(_read(path)).hexdigest()
    return _digests[path]


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()


_known_machine = ""


def _machine() -> str:
    """Versions, processor and settings, found without importing Numba or llvmlite."""
    global _known_machine
    if not _known_machine:
        numba_settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_"))
        versions = [_version("numba"), _version("llvmlite"), sys.version, sys.platform, os.uname().machine]
        _known_machine = "\n".join([*versions, _processor(), *numba_settings])
    return _known_machine


def _processor() -> str:
    """Name and features of the processor, as the kernel tells them of the first core."""
    with open("/proc/cpuinfo", "rb", buffering=0) as file:
        first = file.read(8192).decode(errors="replace").partition("\n\n")[0]
    wanted = ("vendor_id", "cpu family", "model", "stepping", "flags")
    return "\n".join(line for line in first.splitlines() if line.startswith(wanted))


def _version(package: str) -> str:
    """A package's version out of its `_version.py`, without importing it (Numba takes 300 to 500 ms)."""
    for place in sys.path:
        path = os.path.join(place or ".", package, "_version.py")
        try:
            text = _read(path).decode()
        except OSError:
            continue
        return _first_version(text)
    return ""


def _first_version(text: str) -> str:
    """`"version": "1.2.3"` (versioneer) or `version = '1.2.3'`."""
    for line in text.splitlines():
        name, found, value = line.replace('"', "").replace("'", "").partition("version:" if ":" in line else "version =")
        if found and value.strip()[:1].isdigit():
            return value.strip().rstrip(",")
    return ""


# ---- the directory ---------------------------------------------------------------------------------------------


def directory() -> str:
    """Where entries lie: `IMGCONV_CACHE_DIR`, or the platform's cache directory for the user."""
    chosen = os.environ.get("IMGCONV_CACHE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(os.path.expanduser(chosen)), "code")
    if sys.platform == "linux":  # what platformdirs answers, without its 20 to 40 ms; a test holds the two together
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")
        return os.path.join(base, "imgconv", "code")
    import platformdirs

    return os.path.join(platformdirs.user_cache_dir("imgconv", appauthor=False), "code")


def trusted(path: str) -> bool:
    """A real directory, the user's own, that nobody else may write."""
    try:
        info = os.lstat(path)
    except OSError:
        return False
    return (info.st_mode & 0o170000) == 0o040000 and info.st_uid == os.geteuid() and not info.st_mode & 0o022


def _made() -> str | None:
    """The directory, made if need be; None where that cannot be done safely."""
    path = directory()
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        warn(f"cannot keep compiled loops in {path}: {error.strerror}")
        return None
    if not trusted(path):
        warn(f"{path} is not a directory of yours alone; loops are compiled anew each time")
        return None
    return path


def warn(text: str) -> None:
    global _warned
    if not _warned and sys.stderr is not None:
        print(f"imgconv: {text} (set IMGCONV_CACHE_DIR to another place)", file=sys.stderr)
    _warned = True


# ---- entries ---------------------------------------------------------------------------------------------------


def load(key: str, how: str) -> int | None:
    """Address of the kept loop, or None if there is none that can be trusted."""
    if how == "auto":
        library = checked(key, "so")
        if library is not None:
            return _load_library(library)
    code = checked(key, "o")
    return None if code is None else _load_object(code)


def checked(key: str, kind: str) -> bytes | None:
    """An entry's content, if the entry is whole, the user's own and the one that was asked for."""
    path = directory()
    if not trusted(path):
        return None
    try:
        descriptor = os.open(f"{path}/{key}.{kind}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        info = os.fstat(descriptor)
        regular = (info.st_mode & 0o170000) == 0o100000
        own = info.st_uid == os.geteuid() and info.st_nlink == 1 and not info.st_mode & 0o022
        if not (regular and own and DIGEST < info.st_size <= LIMIT):
            return None
        content = os.read(descriptor, info.st_size)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    body, digest = content[:-DIGEST], content[-DIGEST:]
    return body if digest == _digest(key, kind, body) else None


def _digest(key: str, kind: str, body: bytes) -> bytes:
    return sha256(f"{key}.{kind}\n".encode() + body).digest()


def keep(key: str, code: bytes, how: str) -> int:
    """Write an entry for next time, and load it now."""
    library = _link(code) if how == "auto" else None
    place = _made()
    if place is not None:
        _write(place, key, *(("o", code) if library is None else ("so", library)))
    address = None if library is None else _load_library(library)
    return _load_object(code) if address is None else address


def _write(place: str, key: str, kind: str, body: bytes) -> None:
    temporary = f"{place}/{key}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(body + _digest(key, kind, body))
            os.replace(temporary, f"{place}/{key}.{kind}")
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        warn(f"cannot keep compiled loops in {place}: {error.strerror}")


def _link(code: bytes) -> bytes | None:
    """The object as a shared library, where a linker is at hand."""
    import shutil
    import subprocess
    import tempfile

    linker = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if linker is None:
        return None
    with tempfile.TemporaryDirectory(prefix="imgconv-") as room:
        source, target = os.path.join(room, "loop.o"), os.path.join(room, "loop.so")
        with open(source, "wb") as file:
            file.write(code)
        words = [linker, "-shared", "-nostdlib", "-Wl,-z,noexecstack", "-o", target, source]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            return None
        with open(target, "rb") as file:
            return file.read()


def _load_library(body: bytes) -> int | None:
    """The loop's address in a shared library, opened from anonymous memory that holds the checked bytes."""
    import ctypes

    descriptor = os.memfd_create("imgconv")
    os.write(descriptor, body)
    _open.append(descriptor)
    try:
        library = ctypes.CDLL(f"/proc/self/fd/{descriptor}")
        address = ctypes.cast(library.imgconv_loop, ctypes.c_void_p).value
    except (OSError, AttributeError):
        return None
    return address


def _load_object(code: bytes) -> int:
    """The loop's address in an object, loaded through llvmlite."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(opt=3)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address("imgconv_loop"))


# ---- one builder at a time -------------------------------------------------------------------------------------


class _Building:
    """Holds a lock for one key; after `WAIT` seconds goes on without it."""

    def __init__(self, key: str) -> None:
        self.at = int(key[:15], 16)
        self.descriptor: int | None = None

    def __enter__(self) -> None:
        place = _made()
        if place is None:
            return
        import fcntl
        import time

        try:
            self.descriptor = os.open(f"{place}/locks", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            try:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self.at)
                return
            except OSError:
                time.sleep(0.05)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


def building(key: str) -> AbstractContextManager[None]:
    """A lock a key, so that many processes on an empty store compile each loop once."""
    return _Building(key)
