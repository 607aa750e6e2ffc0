"""The cache of machine code: one file per entry, in the user's own cache directory, checked before it is loaded.

What is promised: the directory is a real one, owned by the user and writable by nobody else; an entry's name is the
sha256 of everything that shapes the code; its last 32 bytes are the sha256 of name and content; the bytes that were
checked are the bytes that are loaded (they are copied to anonymous memory first). Whoever may write the parent
directory can remove the cache, but put nothing into it. In any doubt the loop is compiled in memory: slower, never
wrong, with at most one line of warning. `cache_writer` writes entries; this module, which every run imports, only reads
them.
"""

from __future__ import annotations

import os
import sys

from imgconv.jit.helper import Helper, LoopDefinition, Overload
from imgconv.jit.loader import load_library

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


KNOWN_LLVMLITE = ("0.44", "0.45", "0.46", "0.47", "0.48", "0.49", "0.50")
DIGEST = 32
MAX_ENTRY = 4 << 20  # bytes; the largest loop has about 50 kB
_versions: dict[str, str] = {}
_modules: dict[str, str] = {}  # digests of the modules of loops
_machine = ""


def loadable() -> bool:
    """Whether machine code may be stored and loaded here: tested on 64-bit Linux on x86 only."""
    return (
        sys.platform == "linux"
        and os.uname().machine == "x86_64"
        and sys.maxsize > 2**32
        and hasattr(os, "memfd_create")
        and version("llvmlite").rpartition(".")[0] in KNOWN_LLVMLITE
    )


def key(loop: LoopDefinition, signature: str) -> str | None:
    """sha256 of everything that shapes the code, or None where some of it cannot be known."""
    try:
        parts = [loop.title, signature, *sorted(loop.flags(signature)), machine(), module_digest(loop)]
    except (OSError, LookupError, AttributeError, ValueError):
        return None
    name: str = sha256("\0".join(parts).encode()).hexdigest()
    return name


def module_digest(loop: LoopDefinition) -> str:
    """The digest of the source and constants of a loop's module and of the modules of its helpers."""
    name = loop.function.__module__
    if name not in _modules:
        sources: dict[str, bytes] = {}
        _collect(name, sources)
        _modules[name] = sha256(b"\0".join(sources[module] for module in sorted(sources))).hexdigest()
    return _modules[name]


def _collect(name: str, sources: dict[str, bytes]) -> None:
    """Add the source, constants and helpers of a module, and of the modules of its helpers."""
    if name in sources:
        return
    module = sys.modules[name]
    sources[name] = _read(str(module.__file__))
    for word, value in vars(module).items():
        if isinstance(value, Helper):
            for helper in _variants(value):
                sources[name] += f"\n{word} {helper.function.__module__}.{helper.__name__}".encode()
                _collect(helper.function.__module__, sources)
        elif isinstance(value, (int, float, str, tuple)) and not word.startswith("__"):
            sources[name] += f"\n{word} {value!r}".encode()


def _variants(helper: Helper) -> Iterator[Helper]:
    if isinstance(helper, Overload):
        yield from helper.variants.values()
    else:
        yield helper


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while piece := os.read(descriptor, 1 << 20):
            content += piece
        return content
    finally:
        os.close(descriptor)


def machine() -> str:
    """Versions, processor, settings and the digests of `jit/`, found without importing Numba or llvmlite."""
    global _machine
    if not _machine:
        versions = [version("numba"), version("llvmlite")]
        if "" in versions:
            raise ValueError("a version is not known")
        settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_"))
        folder = os.path.dirname(__file__)
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
        digests = [sha256(_read(f"{folder}/{name}")).hexdigest() for name in names]
        _machine = "\n".join([*versions, sys.version, os.uname().machine, processor(), *digests, *settings])
    return _machine


def processor() -> str:
    """Name and features of the processor, from the system.

    `/proc/cpuinfo` can take 10 ms and more: before Linux 5.18 opening it measures the frequency of every core.
    """
    try:
        return _read("/sys/devices/system/cpu/modalias").decode()
    except OSError:
        first_core = _read("/proc/cpuinfo").decode(errors="replace").partition("\n\n")[0]
    names = ("vendor_id", "cpu family", "model", "stepping", "flags")
    return "\n".join(line for line in first_core.splitlines() if line.startswith(names))


def version(package: str) -> str:
    """A package's version from its `_version.py`, without importing it (Numba takes 300 to 500 ms); "" if unknown."""
    if package not in _versions:
        _versions[package] = ""
        for folder in sys.path:
            try:
                text = _read(os.path.join(folder or ".", package, "_version.py")).decode()
            except OSError:
                continue
            _versions[package] = _first_version(text)
            break
    return _versions[package]


def _first_version(text: str) -> str:
    """`"version": "1.2.3"` (versioneer) or `version = '1.2.3'`."""
    for line in text.splitlines():
        mark = "version:" if ":" in line else "version ="
        _, separator, value = line.replace('"', "").replace("'", "").partition(mark)
        if separator and value.strip()[:1].isdigit():
            return value.strip().rstrip(",")
    return ""


def directory() -> str | None:
    """The directory of entries: `IMGCONV_CACHE_DIR`, or the platform's one for the user; None if there is none."""
    chosen = os.environ.get("IMGCONV_CACHE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(os.path.expanduser(chosen)), "code")
    if sys.platform == "linux":  # as platformdirs answers, without its 20 to 40 ms; a test compares the two
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if base.startswith("/") else os.path.join(_home(), ".cache")
        return os.path.join(base, "imgconv", "code") if base.startswith("/") else None
    import platformdirs

    return os.path.join(platformdirs.user_cache_dir("imgconv", appauthor=False), "code")


def _home() -> str:
    home = os.environ.get("HOME", "")
    if home.startswith("/"):
        return home
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def trusted(path: str | None) -> bool:
    """Whether the directory is a real one, owned by the user and writable by nobody else."""
    descriptor = open_trusted(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def open_trusted(path: str | None) -> int | None:
    """A descriptor of the directory if it can be trusted (see `trusted`), else None."""
    if path is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    info = os.fstat(descriptor)
    if info.st_uid == os.geteuid() and not info.st_mode & 0o022:
        return descriptor
    os.close(descriptor)
    return None


def load(key: str | None, mode: str) -> int | None:
    """The address of the stored loop, or None if there is none that can be trusted and loaded."""
    if key is None:
        return None
    if mode == "auto":
        library = checked(key, "so")
        address = None if library is None else load_library(library)
        if address is not None:
            return address
    code = checked(key, "o")
    if code is None:
        return None
    from imgconv.jit.loader import load_object

    return load_object(code)


def checked(key: str, suffix: str) -> bytes | None:
    """An entry's content if the entry is complete, owned by the user and the one asked for, else None."""
    folder = open_trusted(directory())
    if folder is None:
        return None
    try:
        content = read_trusted(f"{key}.{suffix}", folder)
    except OSError:
        return None
    finally:
        os.close(folder)
    body = content[:-DIGEST]
    return body if len(content) > DIGEST and content[-DIGEST:] == digest(key, suffix, body) else None


def read_trusted(name: str, folder: int) -> bytes:
    """The content of a regular file owned by the user, with one name only and not too large; else nothing."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    try:
        info = os.fstat(descriptor)
        regular = (info.st_mode & 0o170000) == 0o100000 and info.st_nlink < 2 and info.st_size <= MAX_ENTRY
        if not regular or info.st_uid != os.geteuid() or info.st_mode & 0o022:
            return b""
        content = os.read(descriptor, info.st_size)
        while len(content) < info.st_size and (more := os.read(descriptor, info.st_size - len(content))):
            content += more
        return content
    finally:
        os.close(descriptor)


def digest(key: str, suffix: str, body: bytes) -> bytes:
    """The last 32 bytes of an entry: the sha256 of its name and content."""
    sha = sha256(f"{key}.{suffix}\n".encode())
    sha.update(body)
    result: bytes = sha.digest()
    return result
