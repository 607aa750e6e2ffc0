"""The cache of machine code: whatever is in it or in its way, results are right, and nothing foreign is loaded."""

import os
import random
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import platformdirs
import pytest

import imgconv
from imgconv.core.pixels import Vector
from imgconv.jit import cache, cache_writer, call, loader
from imgconv.jit import loop as jit
from imgconv.jit.loop import Loop
from imgconv.loops.round_and_store import finish
from imgconv.tools.cache import clear, entries
from tests.support import probe
from tests.support.command import ROOT, SAMPLES, process

RIGHT = [4.0, 8.0, 12.0]
SIGNATURE = "f4[:], i8"
ROOT_USER = os.geteuid() == 0
KINDS = ["so", "o"] if any(map(shutil.which, cache_writer.LINKERS)) else ["o"]

pytestmark = pytest.mark.skipif(not cache.loadable(), reason="machine code is not kept on this platform")

for one in (probe.doubled, probe.planted):
    jit.loops.remove(one)


@pytest.fixture(scope="session")
def codes(tmp_path_factory):
    """Object and library of both loops, compiled once; and the object in a file, for processes."""
    from imgconv.jit.compiler import machine_code

    made = {}
    for name in ("doubled", "planted"):
        code = machine_code(getattr(probe, name), SIGNATURE)
        made[name, "o"], made[name, "so"] = code, cache_writer.linked(code)
    path = tmp_path_factory.mktemp("codes") / "doubled.o"
    path.write_bytes(made["doubled", "o"])
    made["path"] = str(path)
    return made


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty store."""
    monkeypatch.setenv("IMGCONV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache_writer, "_warned", False)
    return tmp_path / "cache" / "code"


@pytest.fixture
def compiled(codes, monkeypatch):
    """Signatures that were compiled: in no time, as the code is there already."""
    import imgconv.jit.compiler

    done = []

    def machine_code(one, signature):
        done.append(signature)
        return codes["doubled", "o"]

    monkeypatch.setattr(imgconv.jit.compiler, "machine_code", machine_code)
    return done


def result():
    """The loop's result in a process that has loaded nothing yet, as far as jit knows."""
    one = Loop(probe.doubled.function, probe.doubled.fastmath, probe.doubled._texts)
    jit.loops.remove(one)
    return probe.result(one)


def key(one=probe.doubled):
    return cache.key(one, SIGNATURE)


def entry(codes, place, kind):
    """A whole entry, as `build` writes it."""
    cache_writer.write_entry(key(), kind, codes["doubled", kind])
    return place / f"{key()}.{kind}"


# ---- entries ---------------------------------------------------------------------------------------------------


def test_an_entry_is_made_once_and_found_again(place, compiled, codes):
    assert result() == RIGHT and len(compiled) == 1
    assert result() == RIGHT and len(compiled) == 1
    (found,) = (path for path in place.iterdir() if path.name != "locks")
    assert found.name == f"{key()}.{KINDS[0]}" and stat.S_IMODE(found.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_objects_are_found_again_by_llvmlite(place, compiled, codes, monkeypatch):
    monkeypatch.setenv("IMGCONV_JIT", "object")
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 1
    assert [path.suffix for path in place.iterdir() if path.name != "locks"] == [".o"]


def replaced(path):
    path.unlink()
    return path


def foreign(path):
    if not ROOT_USER:
        pytest.skip("only root can give a file away")
    os.chown(path, 12345, -1)


DAMAGE = {
    "empty": lambda path, codes: path.write_bytes(b""),
    "a digest alone": lambda path, codes: path.write_bytes(path.read_bytes()[-32:]),
    "a directory": lambda path, codes: replaced(path).mkdir(),
    "a FIFO": lambda path, codes: os.mkfifo(replaced(path)),
    "a symlink": lambda path, codes: path.symlink_to(path.rename(path.with_suffix(".elsewhere"))),
    "a hard link": lambda path, codes: os.link(path, path.with_suffix(".second")),
    "foreign": lambda path, codes: foreign(path),
    "writable by the group": lambda path, codes: path.chmod(0o620),
    "writable by all": lambda path, codes: path.chmod(0o602),
    "too large": lambda path, codes: path.write_bytes(_whole(path, bytes(cache.MAX_ENTRY + 1))),
    "another loop without a digest": lambda path, codes: path.write_bytes(_planted(path, codes)),
    "another loop with this digest": lambda path, codes: path.write_bytes(
        _planted(path, codes) + path.read_bytes()[-32:]
    ),
    "another loop's entry": lambda path, codes: path.write_bytes(_swapped(path, codes)),
    "the other kind's entry": lambda path, codes: path.write_bytes(
        codes["doubled", "o"]
        + cache.digest(key(), "o" if path.suffix == ".so" else "so", codes["doubled", "o"])
    ),
}


def _whole(path, body):
    return body + cache.digest(key(), path.suffix[1:], body)


def _planted(path, codes):
    return codes["planted", path.suffix[1:]]


def _swapped(path, codes):
    body = _planted(path, codes)
    return body + cache.digest(key(probe.planted), path.suffix[1:], body)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_not_loaded(damage, kind, place, compiled, codes, monkeypatch):
    monkeypatch.setenv("IMGCONV_JIT", "auto" if kind == "so" else "object")
    path = entry(codes, place, kind)
    assert cache.checked(key(), kind) == codes["doubled", kind]
    DAMAGE[damage](path, codes)
    assert cache.checked(key(), kind) is None
    assert result() == RIGHT and len(compiled) == 1
    if damage != "a directory":  # which nothing may replace
        assert result() == RIGHT and len(compiled) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_entry_is_not_loaded(kind, place, codes):
    path = entry(codes, place, kind)
    whole = path.read_bytes()
    for part in range(32):
        path.write_bytes(whole[: len(whole) * part // 32])
        assert cache.checked(key(), kind) is None
        assert cache.load(key(), "auto") is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_with_a_flipped_bit_is_not_loaded(kind, place, codes):
    path = entry(codes, place, kind)
    whole = path.read_bytes()
    for bit in random.Random(5).sample(range(len(whole) * 8), 200):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert cache.checked(key(), kind) is None


def test_short_reads_are_read_on(place, codes, monkeypatch):
    entry(codes, place, "o")
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, size: read(descriptor, min(size, 1000)))
    assert cache.checked(key(), "o") == codes["doubled", "o"]


def test_a_file_that_shrinks_while_it_is_read(place, codes, monkeypatch):
    path = entry(codes, place, "o")
    read = os.read

    def shrinking(descriptor, size):
        path.write_bytes(b"")
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", shrinking)
    assert cache.checked(key(), "o") is None


# ---- what the key holds ----------------------------------------------------------------------------------------


def _longer(name, read=cache._read):
    """Reading that finds one more byte in the file of that name."""
    return lambda path: read(path) + b"#" * path.endswith(name)


CHANGES = {
    "another processor": lambda patch: patch.setattr(cache, "processor", lambda: "i386"),
    "another Numba": lambda patch: patch.setitem(cache._versions, "numba", "0.99.0"),
    "another llvmlite": lambda patch: patch.setitem(cache._versions, "llvmlite", "0.50.99"),
    "another Python": lambda patch: patch.setattr(sys, "version", "3.99"),
    "a setting of Numba": lambda patch: patch.setenv("NUMBA_OPT", "1"),
    "another compiler": lambda patch: patch.setattr(cache, "_read", _longer("jit/intrinsics.py")),
    "another flag": lambda patch: patch.setattr(probe.doubled, "fastmath", frozenset({"reassoc"})),
    "a constant": lambda patch: patch.setattr(probe, "SIZE", 3, raising=False),
    "another helper": lambda patch: patch.setattr(probe, "finish", finish, raising=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_key_changes_with(change, monkeypatch):
    def now():
        monkeypatch.setattr(cache, "_machine", "")
        monkeypatch.setattr(cache, "_modules", {})
        return key()

    before = now()
    assert now() == before
    CHANGES[change](monkeypatch)
    assert now() != before


def test_the_key_changes_with_the_source_of_a_helper(monkeypatch):
    monkeypatch.setattr(probe, "finish", finish, raising=False)
    monkeypatch.setattr(cache, "_modules", {})
    before = key()
    monkeypatch.setattr(cache, "_read", _longer("loops/round_and_store.py"))
    monkeypatch.setattr(cache, "_modules", {})
    assert key() != before


def test_the_key_holds_loop_and_signature():
    assert len({key(), key(probe.planted), cache.key(probe.doubled, "f8[:], i8")}) == 3


def test_versions_are_those_that_would_be_imported():
    import llvmlite
    import numba

    assert (cache.version("numba"), cache.version("llvmlite")) == (numba.__version__, llvmlite.__version__)


@pytest.mark.parametrize("missing", ["processor", "version", "_read"])
def test_what_cannot_be_known_is_not_kept(missing, place, compiled, codes, monkeypatch):
    monkeypatch.setattr(cache, "_machine", "")
    monkeypatch.setattr(cache, "_modules", {})
    monkeypatch.setattr(cache, "loadable", lambda: True)
    if missing == "version":
        monkeypatch.setattr(cache, "version", lambda package: "")
    else:
        monkeypatch.setattr(cache, missing, _refuse)
    assert key() is None
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 2
    assert not place.exists()


def _refuse(*args, **options):
    raise PermissionError(13, "Permission denied")


def test_one_processor_is_told_from_another():
    assert len(cache.processor()) > 100
    assert cache.processor() == cache.processor()


# ---- the directory ---------------------------------------------------------------------------------------------


DIRECTORIES = {
    "writable by the group": lambda place: place.chmod(0o770),
    "writable by all": lambda place: place.chmod(0o707),
    "sticky and writable by all": lambda place: place.chmod(0o1777),
    "foreign": foreign,
    "a symlink": lambda place: place.symlink_to(place.rename(place.with_name("elsewhere"))),
    "a file": lambda place: replaced_tree(place).write_bytes(b""),
    "a FIFO": lambda place: os.mkfifo(replaced_tree(place)),
}


def replaced_tree(place):
    place.rename(place.with_name("elsewhere"))
    return place


@pytest.mark.parametrize("case", DIRECTORIES)
def test_a_directory_that_is_not_the_users_alone(case, place, compiled, codes, capsys):
    entry(codes, place, "so" if "so" in KINDS else "o")
    DIRECTORIES[case](place)
    assert not cache.trusted(place)
    before = sorted(os.listdir(place)) if place.is_dir() else None
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 2
    lines = capsys.readouterr().err.splitlines()
    assert (
        len(lines) == 1
        and "must be a directory that only you can write" in lines[0]
        and "IMGCONV_CACHE_DIR" in lines[0]
    )
    assert before == (sorted(os.listdir(place)) if place.is_dir() else None)


def test_a_foreign_parent_is_no_matter(place, compiled, codes):
    """It can take the store away; it cannot put anything into it."""
    place.parent.mkdir()
    place.parent.chmod(0o1777)
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 1


@pytest.mark.skipif(not ROOT_USER, reason="only root can give a directory away")
def test_root_leaves_no_directory_with_another_user(tmp_path, place, compiled, codes, capsys):
    os.chown(tmp_path, 12345, -1)
    assert result() == RIGHT
    assert not place.parent.exists()
    assert "another user" in capsys.readouterr().err


def test_a_directory_that_cannot_be_made(place, compiled, codes, capsys):
    place.parent.write_bytes(b"a file")
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_store_that_cannot_be_written(place, compiled, codes, monkeypatch, capsys):
    place.mkdir(0o700, parents=True)
    opened = os.open

    def read_only(path, flags, *args, **options):
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return opened(path, flags, *args, **options)

    monkeypatch.setattr(cache, "load_library", loader.load_library if "so" in KINDS else lambda body: None)
    monkeypatch.setattr(cache_writer, "linked", lambda code: codes["doubled", "so"])
    monkeypatch.setattr(os, "open", read_only)
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"imgconv: cannot store compiled loops in {place}: Read-only file system "
        "(set IMGCONV_CACHE_DIR to use another directory)"
    ]


def test_a_disk_that_fills_up_leaves_nothing(place, codes, monkeypatch, capsys):
    cache_writer.write_entry(key(), "o", codes["doubled", "o"])
    replaced(place / f"{key()}.o")

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache_writer.write_entry(key(), "o", codes["doubled", "o"])
    assert list(place.iterdir()) == []
    assert "No space left" in capsys.readouterr().err


def test_what_killed_runs_left_goes_after_an_hour(place, codes):
    old, young = place / "a.1.ff.tmp", place / "b.2.ff.tmp"
    entry(codes, place, "o")
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    os.utime(old, (time.time() - 4000,) * 2)
    entry(codes, place, "o")
    assert not old.exists() and young.exists()


SET = ["", "  ", "relative/place", "/absolute/place", "/with a space "]


@pytest.mark.skipif(sys.platform != "linux", reason="the shortcut past platformdirs is Linux's")
@pytest.mark.parametrize("home", ["/home/someone", None])
@pytest.mark.parametrize("value", [None, *SET])
def test_the_place_is_what_platformdirs_says(value, home, monkeypatch):
    monkeypatch.delenv("IMGCONV_CACHE_DIR")
    for name, text in (("XDG_CACHE_HOME", value), ("HOME", home)):
        monkeypatch.delenv(name, raising=False)
        if text is not None:
            monkeypatch.setenv(name, text)
    found = cache.directory()
    if value == "relative/place":  # the XDG standard has it ignored; platformdirs does so from 4.9 on
        monkeypatch.delenv("XDG_CACHE_HOME")
    assert found == platformdirs.user_cache_dir("imgconv", appauthor=False) + "/code"


def test_no_place_at_all(monkeypatch, compiled, codes, capsys):
    import pwd

    monkeypatch.delenv("IMGCONV_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: {}[uid])
    monkeypatch.setattr(cache_writer, "_warned", False)
    assert cache.directory() is None
    assert result() == RIGHT and len(compiled) == 1
    assert "there is no directory" in capsys.readouterr().err
    assert clear() == 0 and entries() == ("no directory", [])


def test_the_place_may_be_named_relative_or_by_a_tilde(monkeypatch):
    monkeypatch.setenv("IMGCONV_CACHE_DIR", "here")
    assert cache.directory() == os.path.join(os.getcwd(), "here", "code")
    monkeypatch.setenv("IMGCONV_CACHE_DIR", "~/there")
    assert cache.directory() == os.path.expanduser("~/there/code")


def test_clearing(place, codes, compiled):
    assert result() == RIGHT
    (place / "x.tmp").write_bytes(b"")
    (place / "not ours").write_bytes(b"")
    assert entries()[1][0][1] > 1000
    assert clear() == 1
    assert sorted(path.name for path in place.iterdir()) == ["locks", "not ours"]


# ---- machines that refuse --------------------------------------------------------------------------------------


def refused(monkeypatch, what):
    import _ctypes

    owner = {"memfd_create": os, "dlopen": _ctypes}[what]
    monkeypatch.setattr(owner, what, _refuse)


@pytest.mark.parametrize("what", ["memfd_create", "dlopen"])
def test_a_library_that_cannot_be_opened(what, place, compiled, codes, monkeypatch):
    """The library stays for others; the object is compiled once, kept, and loaded through llvmlite from then on."""
    if "so" in KINDS:
        entry(codes, place, "so")
    refused(monkeypatch, what)
    assert result() == RIGHT and len(compiled) == 1
    assert result() == RIGHT and len(compiled) == 1
    assert cache.checked(key(), "o") == codes["doubled", "o"]


def test_no_library_is_taken_for_another(codes):
    """Descriptors' numbers come back, and the C library knows a library by its path."""
    if "so" not in KINDS:
        pytest.skip("no linker")
    found = {}
    for name in ("doubled", "planted", "doubled", "planted"):
        numbers = Vector([1], "f4")
        call.native(loader.load_library(codes[name, "so"]), SIGNATURE)(numbers, 1)
        found.setdefault(name, []).append(numbers[0])
    assert found == {"doubled": [2, 2], "planted": [666, 666]}


def test_open_files_stay_constant(codes):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        assert loader.load_library(codes["doubled", KINDS[0]]) is not None or KINDS == ["o"]
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_library_without_the_loop(place, compiled, codes):
    if "so" not in KINDS:
        pytest.skip("no linker")
    cache_writer.write_entry(key(), "so", codes["doubled", "so"].replace(b"imgconv_loop", b"imgconv_pool"))
    assert result() == RIGHT and len(compiled) == 1


def test_rubbish_with_a_right_digest(place, compiled, codes):
    """Not even the user's own rubbish stops a run."""
    cache_writer.write_entry(key(), "so", b"rubbish" * 100)
    assert result() == RIGHT and len(compiled) == 1


@pytest.mark.parametrize("linker", ["false", "missing", None])
def test_a_linker_that_fails(linker, place, compiled, codes, monkeypatch):
    monkeypatch.setattr(cache_writer, "LINKERS", (linker,) if linker else ())
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 1
    assert cache.checked(key(), "o") == codes["doubled", "o"]


def test_no_room_for_the_linker(place, compiled, codes, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "TemporaryDirectory", _refuse)
    assert result() == RIGHT and result() == RIGHT and len(compiled) == 1


def probed(codes, *before, **options):
    """The loop in a process of its own: its result, how often it compiled, what it imported; and its warnings."""
    words = [*before, sys.executable, str(ROOT / "tests" / "support" / "probe.py"), codes["path"]]
    env = {**os.environ, "PYTHONPATH": str(Path(imgconv.__file__).parent.parent), **options}
    done = subprocess.run(words, check=False, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr.splitlines()


def shell(text):
    """Words before a command: it runs in namespaces of its own after `text`."""
    return ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-ec", f'{text}; exec "$0" "$@"']


def allowed(text):
    try:
        words = [*shell(text), "true"]
        return subprocess.run(words, check=False, capture_output=True, timeout=20).returncode == 0
    except OSError:
        return False


PROBED = ["4.0", "8.0", "12.0"]


def test_a_warm_process_imports_neither_numba_nor_llvmlite(place, codes):
    if "so" not in KINDS:
        pytest.skip("no linker")
    assert probed(codes) == ([*PROBED, "1"], [])
    assert probed(codes) == ([*PROBED, "0"], [])
    assert probed(codes, IMGCONV_JIT="object") == ([*PROBED, "1", "llvmlite"], [])


def test_without_a_linker_llvmlite_loads(place, codes, tmp_path):
    assert probed(codes, PATH=str(tmp_path)) == ([*PROBED, "1", "llvmlite"], [])
    assert probed(codes, PATH=str(tmp_path)) == ([*PROBED, "0", "llvmlite"], [])


def test_files_may_not_grow(place, codes):
    words = "import resource as r, os, sys; r.setrlimit(r.RLIMIT_FSIZE, (64, 64)); os.execv(sys.argv[1], sys.argv[1:])"
    found, warnings = probed(codes, sys.executable, "-c", words)
    assert found == [*PROBED, "1", "llvmlite"]
    assert len(warnings) == 1 and "File too large" in warnings[0]
    assert [path.name for path in place.iterdir()] == ["locks"]


@pytest.mark.parametrize(
    "mounted, why",
    [
        ("mount -t tmpfs -o ro none {}", "Read-only"),
        ("mount -t tmpfs -o size=4k,mode=700 none {}", "No space left"),
    ],
)
def test_a_file_system_that_refuses(mounted, why, place, codes):
    place.parent.mkdir()
    mounted = mounted.format(place.parent)
    if not allowed(mounted):
        pytest.skip("file systems cannot be mounted here")
    found, warnings = probed(codes, *shell(mounted))
    assert found[:4] == [*PROBED, "1"]
    assert len(warnings) == 1 and why in warnings[0]


def test_a_read_only_store_is_read(place, codes):
    mounted = f"mount --bind {place.parent} {place.parent}; mount -o remount,bind,ro {place.parent}"
    assert probed(codes)[0][:4] == [*PROBED, "1"]
    if not allowed(mounted):
        pytest.skip("file systems cannot be mounted here")
    found, warnings = probed(codes, *shell(mounted))
    assert (found[:4], warnings) == ([*PROBED, "0"], [])


@pytest.mark.parametrize("level", [1, 2])
def test_a_kernel_that_refuses_executable_memory_files(level, place, codes):
    refusal = f"echo {level} > /proc/sys/vm/memfd_noexec"
    if not allowed(refusal):
        pytest.skip("vm.memfd_noexec cannot be set here")
    assert probed(codes, *shell(refusal))[0][:4] == [*PROBED, "1"]
    assert probed(codes, *shell(refusal))[0][:4] == [*PROBED, "0"]


def test_no_proc(place, codes):
    hidden = "mount -t tmpfs none /proc"
    if not allowed(hidden):
        pytest.skip("file systems cannot be mounted here")
    assert probed(codes, *shell(hidden))[0] == [*PROBED, "1", "llvmlite"]
    assert probed(codes, *shell(hidden))[0] == [*PROBED, "0", "llvmlite"]


# ---- many at once ----------------------------------------------------------------------------------------------


HOLDER = """
import sys, time, imgconv.jit.cache_writer as cache_writer
cache_writer.WAIT = float(sys.argv[2])
with cache_writer.compile_lock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


def holder(name, wait):
    """A process that holds the lock, once it has it."""
    words = [sys.executable, "-c", HOLDER, name, str(wait)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)


def test_a_lock_is_waited_for(place, monkeypatch):
    monkeypatch.setattr(cache_writer, "WAIT", 0.3)
    with holder(key(), 0.3) as other:
        other.stdout.readline()
        began = time.monotonic()
        with cache_writer.compile_lock(key()):
            waited = time.monotonic() - began
        with cache_writer.compile_lock("0" * 64), cache_writer.compile_lock("f" * 64):
            assert time.monotonic() - began - waited < 0.2
        other.kill()
        with cache_writer.compile_lock(key()):
            pass
    assert 0.3 <= waited < 5


def test_one_more_compiles_at_a_time(place, monkeypatch):
    """Two processes hold places; the third waits until there is a third place."""
    with holder(key(), 0.1) as one, holder(key(), 0.1) as two:
        one.stdout.readline()
        two.stdout.readline()
        monkeypatch.setattr(cache_writer, "WAIT", 0.5)
        began = time.monotonic()
        with cache_writer.compile_lock(key()):
            waited = time.monotonic() - began
        one.kill()
        two.kill()
    assert 1.0 <= waited < 5


def test_a_file_system_without_locks(place, monkeypatch):
    import fcntl

    def refuse(*args):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    began = time.monotonic()
    with cache_writer.compile_lock(key()):
        assert time.monotonic() - began < 5


def at_once(count, tmp_path, steps):
    """Processes that start together on an empty store; each one's picture must be the one that a filled store gives."""
    names = ["camera.png", "gradient16.png", "astronaut.png", "transparent.png"]
    env = {**os.environ, "IMGCONV_CACHE_DIR": str(tmp_path / "empty")}
    running = []
    for number in range(count):
        source, target = str(SAMPLES / names[number % len(names)]), str(tmp_path / f"{number}.png")
        words = [sys.executable, "-m", "imgconv", "-q", "open", source, *steps, "save", target]
        running.append(subprocess.Popen(words, cwd=ROOT, env=env, stderr=subprocess.PIPE))
    for number, one in enumerate(running):
        assert (one.communicate(timeout=600)[1], one.returncode) == (b"", 0)
        right = tmp_path / f"right-{names[number % len(names)]}"
        if not right.exists():
            assert (
                process("-q", "open", str(SAMPLES / right.name[6:]), *steps, "save", str(right)).returncode
                == 0
            )
        assert (tmp_path / f"{number}.png").read_bytes() == right.read_bytes()


def test_eight_processes_on_an_empty_store(tmp_path):
    at_once(8, tmp_path, [])


@pytest.mark.slow
@pytest.mark.parametrize("round", range(20))
def test_fifty_processes_on_an_empty_store(round, tmp_path):
    at_once(50, tmp_path, ["gaussian", "--sigma", "2"])


def test_readers_while_an_entry_is_written(place, codes):
    """A reader sees a whole entry or none."""
    body, stop, seen = codes["doubled", "o"], threading.Event(), []

    def write():
        while not stop.is_set():
            cache_writer.write_entry(key(), "o", body)

    writer = threading.Thread(target=write)
    cache_writer.write_entry(key(), "o", body)
    writer.start()
    for _ in range(300):
        seen.append(cache.checked(key(), "o"))
    stop.set()
    writer.join()
    assert set(seen) <= {body}
    assert np.mean([one is not None for one in seen]) > 0.5
