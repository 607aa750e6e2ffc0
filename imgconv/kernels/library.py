"""The library of presets: where preset files are, and the kernels that they hold.

A preset is a TOML file and has the file's name. A user's preset replaces one of the package of the same name.
"""

from __future__ import annotations

import os
import sys

from imgconv.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from imgconv.kernels.kernel import Kernel

MAX_PRESET = 1 << 16  # bytes of a preset file
KERNEL_FILES = (".toml", ".txt", ".csv", ".json", ".npy")


def directories() -> list[str]:
    """The directories of presets, from the first searched to the last."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = f"{package}/_presets"
    own = packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(package), "presets")
    chosen = [
        os.path.expanduser(part) for part in os.environ.get("IMGCONV_PRESETS", "").split(os.pathsep) if part
    ]
    return [*chosen, _user_directory(), own]


def _user_directory() -> str:
    if sys.platform == "linux":  # what platformdirs answers, without its 20 to 40 ms
        base = os.environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
        return os.path.join(base, "imgconv", "presets")
    import platformdirs

    return os.path.join(platformdirs.user_config_dir("imgconv", appauthor=False), "presets")


_paths: dict[str, str] = {}
_searched = ""  # the directories that `_paths` was read from


def paths() -> dict[str, str]:
    """The name and the file of each preset."""
    global _searched
    folders = directories()
    if _searched != (key := os.pathsep.join(folders)):
        _paths.clear()
        for folder in reversed(folders):
            _paths.update(_files(folder))
        _searched = key
    return _paths


def _files(folder: str) -> dict[str, str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    return {
        name[:-5]: os.path.join(folder, name) for name in names if name.endswith(".toml") and name[0] != "."
    }


_entries: dict[str, dict[str, object]] = {}


def entries(name: str) -> dict[str, object]:
    """The keys and values in a preset's file. Errors: UsageError with file and line."""
    path = paths()[name]
    if path not in _entries:
        _entries[path] = read_toml(path)
    return _entries[path]


def read_toml(path: str) -> dict[str, object]:
    """The keys and values in a TOML file of bounded size. Errors: UsageError."""
    from imgconv.kernels.files import load_toml

    try:
        with open(path, "rb") as file:
            data = file.read(MAX_PRESET + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(data) > MAX_PRESET:
        raise UsageError(f"{path}: a preset may have {MAX_PRESET} bytes at most")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    return load_toml(text, path)


def is_kernel(name: str) -> bool:
    """Whether the name is that of a preset which holds a kernel."""
    return name in paths() and "kernel" in entries(name)


_open: list[str] = []  # presets whose kernels are being read: one may use others, not itself


def kernel(name: str) -> Kernel:
    """The kernel that a preset holds. Errors: UsageError, also for a preset that uses itself."""
    from imgconv.kernels.files import kernel_from_table

    if name in _open:
        raise UsageError(f"{paths()[name]}: key 'kernel': preset '{name}' uses itself")
    _open.append(name)
    try:
        return kernel_from_table(entries(name), paths()[name], name, named)
    finally:
        _open.remove(name)


def named(name: str) -> Kernel:
    """The kernel of a name in an expression. Errors: UsageError."""
    if is_kernel(name):
        return kernel(name)
    if name in paths():
        raise UsageError(f"preset '{name}' holds steps, not a kernel; use it as a step")
    from imgconv.core.errors import did_you_mean

    near = did_you_mean(name, [known for known in paths() if is_kernel(known)])
    raise UsageError(f"'{name}' is not a kernel{near}; imgconv list kernels shows the names")


def kernel_of(word: str) -> Kernel:
    """The kernel of a word: a preset's name, a file, weights, or an expression of these. Errors: UsageError."""
    if is_kernel(word):
        return kernel(word)
    if word in paths():
        raise UsageError(f"preset '{word}' holds steps, not a kernel; use it as a step")
    if word.lower().endswith(KERNEL_FILES):
        from imgconv.kernels.files import read_kernel

        return read_kernel(word)
    if _may_be_expression(word):
        from imgconv.kernels.expression import evaluate, is_expression

        if is_expression(word, is_kernel):
            return evaluate(word, named)
    if any(letter.isalpha() and letter not in "xeE" for letter in word):
        from imgconv.core.errors import did_you_mean

        near = did_you_mean(word, list(paths()))
        raise UsageError(
            f"'{word}' is not a kernel{near}; give a preset's name (imgconv list kernels), a file "
            f"({' '.join(KERNEL_FILES)}) or weights such as '0 -1 0; -1 5 -1; 0 -1 0'"
        )
    from imgconv.kernels.kernel import parse

    return parse(word)


def _may_be_expression(text: str) -> bool:
    """False for most weights, so that `expression` need not be imported."""
    return any(mark in text for mark in ("*", "^", "+", " - ")) or any(
        letter.isalpha() and letter not in "xeE" for letter in text
    )
