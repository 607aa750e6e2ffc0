"""The store of machine code: one file an entry, in the user's own cache directory, checked before it is loaded.

What is promised: the directory is real, the user's own and closed to others; an entry's name is the sha256 of
everything that shapes the code; its last 32 bytes are the sha256 of name and content; the bytes that were checked
are the bytes that are loaded (they are copied to anonymous memory first). Who may write the parent directory can
take the store away, but put nothing into it. Any doubt, and the loop is compiled in memory: slower, never wrong, at
most one line of warning. `cache_writer` makes entries; this module, which every run imports, only finds them.
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
LIMIT = 4 << 20  # bytes; the largest loop has some 50 kB
_versions: dict[str, str] = {}
_modules: dict[str, str] = {}  # digests of the files of loops
_machine = ""


def loadable() -> bool:
    """Whether machine code may be kept and loaded here: shown to work on 64-bit Linux on x86 only."""
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
    """Of the source of a loop's module and of those that its helpers come from, with the constants in them."""
    name = loop.function.__module__
    if name not in _modules:
        found: dict[str, bytes] = {}
        _collect(name, found)
        _modules[name] = sha256(b"\0".join(found[one] for one in sorted(found))).hexdigest()
    return _modules[name]


def _collect(name: str, found: dict[str, bytes]) -> None:
    if name in found:
        return
    module = sys.modules[name]
    found[name] = _read(str(module.__file__))
    for word, value in vars(module).items():
        if isinstance(value, Helper):
            for one in _parts(value):
                found[name] += f"\n{word} {one.function.__module__}.{one.__name__}".encode()
                _collect(one.function.__module__, found)
        elif isinstance(value, (int, float, str, tuple)) and not word.startswith("__"):
            found[name] += f"\n{word} {value!r}".encode()


def _parts(value: Helper) -> Iterator[Helper]:
    if isinstance(value, Overload):
        yield from value.variants.values()
    else:
        yield value


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
    """Versions, processor, settings and imgconv's own part, found without importing Numba or llvmlite."""
    global _machine
    if not _machine:
        versions = [version("numba"), version("llvmlite")]
        if "" in versions:
            raise ValueError("a version is not known")
        settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_"))
        here = os.path.dirname(__file__)
        names = sorted(name for name in os.listdir(here) if name.endswith(".py"))
        own = [sha256(_read(f"{here}/{name}")).hexdigest() for name in names]
        _machine = "\n".join([*versions, sys.version, os.uname().machine, processor(), *own, *settings])
    return _machine


def processor() -> str:
    """Name and features of the processor, as the system tells them.

    `/proc/cpuinfo` can take 10 ms and more: before Linux 5.18 opening it measures the frequency of every core.
    """
    try:
        return _read("/sys/devices/system/cpu/modalias").decode()
    except OSError:
        first = _read("/proc/cpuinfo").decode(errors="replace").partition("\n\n")[0]
    wanted = ("vendor_id", "cpu family", "model", "stepping", "flags")
    return "\n".join(line for line in first.splitlines() if line.startswith(wanted))


def version(package: str) -> str:
    """A package's version out of its `_version.py`, without importing it (Numba takes 300 to 500 ms)."""
    if package not in _versions:
        _versions[package] = ""
        for place in sys.path:
            try:
                text = _read(os.path.join(place or ".", package, "_version.py")).decode()
            except OSError:
                continue
            _versions[package] = _first_version(text)
            break
    return _versions[package]


def _first_version(text: str) -> str:
    """`"version": "1.2.3"` (versioneer) or `version = '1.2.3'`."""
    for line in text.splitlines():
        mark = "version:" if ":" in line else "version ="
        _, found, value = line.replace('"', "").replace("'", "").partition(mark)
        if found and value.strip()[:1].isdigit():
            return value.strip().rstrip(",")
    return ""


def directory() -> str | None:
    """Where entries lie: `IMGCONV_CACHE_DIR`, or the platform's cache directory for the user; None if there is none."""
    chosen = os.environ.get("IMGCONV_CACHE_DIR")
    if chosen:
        return os.path.join(os.path.abspath(os.path.expanduser(chosen)), "code")
    if (
        sys.platform == "linux"
    ):  # what platformdirs answers, without its 20 to 40 ms; a test holds the two together
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
    """Whether the directory is real, the user's own, and nobody else may write it."""
    descriptor = open_trusted(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def open_trusted(path: str | None) -> int | None:
    """A descriptor of the directory, if it is to be trusted."""
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


def load(key: str | None, how: str) -> int | None:
    """Address of the kept loop, or None if there is none that can be trusted and loaded."""
    if key is None:
        return None
    if how == "auto":
        library = checked(key, "so")
        address = None if library is None else load_library(library)
        if address is not None:
            return address
    code = checked(key, "o")
    if code is None:
        return None
    from imgconv.jit.loader import load_object

    return load_object(code)


def checked(key: str, kind: str) -> bytes | None:
    """An entry's content, if the entry is whole, the user's own and the one that was asked for."""
    place = open_trusted(directory())
    if place is None:
        return None
    try:
        content = read_trusted(f"{key}.{kind}", place)
    except OSError:
        return None
    finally:
        os.close(place)
    body = content[:-DIGEST]
    return body if len(content) > DIGEST and content[-DIGEST:] == digest(key, kind, body) else None


def read_trusted(name: str, place: int) -> bytes:
    """A regular file of the user's own, with no other name and not too large; else nothing."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=place)
    try:
        info = os.fstat(descriptor)
        regular = (info.st_mode & 0o170000) == 0o100000 and info.st_nlink < 2 and info.st_size <= LIMIT
        if not regular or info.st_uid != os.geteuid() or info.st_mode & 0o022:
            return b""
        content = os.read(descriptor, info.st_size)
        while len(content) < info.st_size and (more := os.read(descriptor, info.st_size - len(content))):
            content += more
        return content
    finally:
        os.close(descriptor)


def digest(key: str, kind: str, body: bytes) -> bytes:
    """What an entry ends with."""
    mark = sha256(f"{key}.{kind}\n".encode())
    mark.update(body)
    found: bytes = mark.digest()
    return found
